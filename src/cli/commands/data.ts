/**
 * @file `data`: describes the images that training would use, and draws a contact sheet.
 */
import { resolve } from 'node:path';
import { Command, Option } from 'commander';
import type { ImageDataset } from '../../data/dataset.js';
import { redDigit } from '../../data/stackedMnist.js';
import type { MnistSplit } from '../../datasets/published.js';
import { encodeLargePng } from '../../figures/png.js';
import { integer } from '../options/arguments.js';
import { chooseDataset, DATA_KINDS, type DataKind, dataOption } from '../options/dataOptions.js';
import { writeOutput } from '../options/outputFile.js';
import { Output } from '../terminal/output.js';

interface DataFlags {
  readonly data: DataKind;
  readonly dataDir?: string;
  readonly seed: string;
  readonly split: MnistSplit;
  readonly sheet?: string;
  readonly rows: number;
  readonly json?: boolean;
}

/** Digits of the red channel. */
const STACKED_COLUMNS = 10;

const HASHED_OF_STACKED = "the digits' own hash, then the choice of stacked digits";

/** More classes than this are printed in one line. */
const MOST_LINES = 100;

interface ClassCount {
  readonly label: number;
  readonly name: string;
  readonly count: number;
}

/** The command with its flags. */
export function dataCommand(): Command {
  return new Command('data')
    .description('describe the images that training would use; download them if needed')
    .addOption(dataOption(DATA_KINDS))
    .option('--data-dir <folder>', 'folder of the four IDX files, gzipped or plain; no other place is searched')
    .option(
      '--seed <text>',
      'seed of the built-in digits and of the choice of stacked digits: the same seed gives the same images',
      '1',
    )
    .addOption(
      new Option('--split <name>', 'training images or test images').choices(['train', 'test']).default('train'),
    )
    .option(
      '--sheet <file>',
      'write a PNG of the first images of each class, a column per class; of stacked images, per red digit',
    )
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
  const chosen = await chooseDataset({ kind: flags.data, folder: flags.dataDir, seed, split, say, output });
  const { dataset, kind, origin } = chosen;
  output.phase('counting the classes');
  const classes = countClasses(dataset, chosen.classes);
  const sheet = flags.sheet === undefined ? undefined : resolve(flags.sheet);
  if (sheet !== undefined) {
    output.phase('drawing the sheet');
    const { contactSheet } = await import('../../figures/contactSheet.js');
    const what = kind === 'digits' ? `the built-in digits, seed ${seed}` : dataset.name;
    const isStacked = kind === 'stacked';
    const caption = `${what}: the first ${flags.rows} images of each ${isStacked ? 'red digit' : 'class'}`;
    const columns = isStacked ? { count: STACKED_COLUMNS, of: redDigit } : { count: classes.length };
    const picture = contactSheet(dataset, columns, flags.rows, caption);
    const png = await encodeLargePng(picture, (done, total) => output.phase('writing the sheet', done, total));
    writeOutput(sheet, png);
  }
  const { name, count, height, width, channels, sha256 } = dataset;
  output.result(
    { name, kind, origin, count, height, width, channels, sha256, classes, ...(sheet === undefined ? {} : { sheet }) },
    () => [
      line('data', `${name}, ${count} images of ${height} × ${width}${channels === 1 ? '' : ` × ${channels}`}`),
      line('from', origin),
      line('sha256', `${sha256} (of ${kind === 'stacked' ? HASHED_OF_STACKED : 'the pixels, then the labels'})`),
      ...classLines(classes),
      ...(sheet === undefined ? [] : [line('sheet', sheet)]),
    ],
  );
}

function line(name: string, value: string): string {
  return `${name.padEnd(9)}${value}`;
}

function classLines(classes: readonly ClassCount[]): string[] {
  if (classes.length > MOST_LINES) {
    const counts = classes.map(({ count }) => count);
    const [least, most] = [Math.min(...counts), Math.max(...counts)];
    return [line('classes', `${classes.length}, with ${least} to ${most} images each`)];
  }
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
