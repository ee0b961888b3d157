/**
 * @file `data`: which images training would take, and what they look like.
 */
import { resolve } from 'node:path';
import { Command, Option } from 'commander';
import type { ImageDataset } from '../data/dataset.js';
import type { MnistSplit } from '../data/published.js';
import { encodePng } from '../figures/png.js';
import { integer } from './arguments.js';
import { chooseDataset, type DataKind, dataOption } from './data.js';
import { Output } from './output.js';
import { writeOutput } from './outputFile.js';

interface DataFlags {
  readonly data: DataKind;
  readonly dataDir?: string;
  readonly seed: string;
  readonly split: MnistSplit;
  readonly sheet?: string;
  readonly rows: number;
  readonly json?: boolean;
}

interface ClassCount {
  readonly label: number;
  readonly name: string;
  readonly count: number;
}

/** The command with its flags. */
export function dataCommand(): Command {
  return new Command('data')
    .description('tell which images training would take, downloading them where need be')
    .addOption(dataOption())
    .option('--data-dir <folder>', 'folder of the four IDX files, gzipped or plain; only that is looked into')
    .option('--seed <text>', 'of the built-in digits: the same seed gives the same images anywhere', '1')
    .addOption(
      new Option('--split <name>', 'the images to learn from, or those held back')
        .choices(['train', 'test'])
        .default('train'),
    )
    .option('--sheet <file>', 'write a PNG with the first images of each class, a column a class')
    .addOption(
      new Option('--rows <count>', 'images of each class on the sheet').default(10).argParser(integer(1, 1000)),
    )
    .option('--json', 'print one JSON object on stdout, and messages on stderr')
    .addHelpText(
      'after',
      '\nExamples:\n  node dist/cli data\n  node dist/cli data --data digits --sheet digits.png --rows 20',
    )
    .action((flags: DataFlags) => data(flags));
}

async function data(flags: DataFlags): Promise<void> {
  const output = new Output(flags.json === true);
  const { say } = output;
  const { seed, split } = flags;
  const chosen = await chooseDataset({ kind: flags.data, folder: flags.dataDir, seed, split, say });
  const { dataset, kind, origin } = chosen;
  const classes = countClasses(dataset, chosen.classes);
  const sheet = flags.sheet === undefined ? undefined : resolve(flags.sheet);
  if (sheet !== undefined) {
    const { contactSheet } = await import('./contactSheet.js');
    const what = kind === 'digits' ? `the built-in digits, seed ${seed}` : dataset.name;
    const caption = `${what}: the first ${flags.rows} images of each class`;
    writeOutput(sheet, encodePng(contactSheet(dataset, classes.length, flags.rows, caption)));
  }
  const { name, count, height, width, channels, sha256 } = dataset;
  output.result(
    { name, kind, origin, count, height, width, channels, sha256, classes, ...(sheet === undefined ? {} : { sheet }) },
    () => [
      line('data', `${name}, ${count} images of ${height} × ${width}`),
      line('from', origin),
      line('sha256', `${sha256} (of the pixels, then the labels)`),
      ...classLines(classes),
      ...(sheet === undefined ? [] : [line('sheet', sheet)]),
    ],
  );
}

function line(name: string, value: string): string {
  return `${name.padEnd(9)}${value}`;
}

function classLines(classes: readonly ClassCount[]): string[] {
  const widest = Math.max(...classes.map(({ name }) => name.length));
  return classes.map(({ name, count }, index) => {
    return line(index === 0 ? 'classes' : '', `${name.padEnd(widest)}  ${count}`);
  });
}

function countClasses({ labels }: ImageDataset, classes: readonly string[]): ClassCount[] {
  const counts = new Uint32Array(classes.length);
  for (const label of labels) counts[label]!++;
  return classes.map((name, label) => ({ label, name, count: counts[label]! }));
}
