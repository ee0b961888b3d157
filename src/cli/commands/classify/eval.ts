/**
 * @file `classify eval`: evaluates a classifier on test images.
 */
import { type Command, createCommand } from 'commander';
import { printable } from '../../../data/printable.js';
import type { EvaluationDescription } from '../../../training/classifier/classifierDescription.js';
import {
  confusionSubtitle,
  confusionTitle,
  describeEvaluation,
} from '../../../training/classifier/classifierMetadata.js';
import { type DataKind, dataOption, testImages } from '../../options/dataOptions.js';
import { type DeviceFlags, openWanted, withDeviceFlags } from '../../options/deviceOptions.js';
import { writeOutput } from '../../options/outputFile.js';
import { UsageError } from '../../options/usageError.js';
import { Output } from '../../terminal/output.js';
import { style } from '../../terminal/style.js';
import { TextTable } from '../../terminal/table.js';

interface ClassifyEvalFlags extends DeviceFlags {
  readonly data: DataKind;
  readonly dataDir?: string;
  readonly seed: string;
  readonly out?: string;
  readonly json?: boolean;
}

/** The command with its flags. */
export function evalCommand(): Command {
  return withDeviceFlags(createCommand('eval'))
    .description('evaluate a classifier on test images')
    .argument('[classifier]', "a classifier or its folder (default: the project's own for the images)")
    .addOption(dataOption())
    .option('--data-dir <folder>', 'folder of the four IDX files, gzipped or plain')
    .option('--seed <text>', 'seed of the built-in digits', '1')
    .option('--out <file>', 'write the confusion matrix as a PNG')
    .option('--json', 'print the result as JSON on stdout')
    .addHelpText(
      'after',
      '\nExamples:\n  node dist/cli classify eval --data-dir path/to/mnist --out confusion.png' +
        '\n  node dist/cli classify eval runs/my-classifier --json' +
        '\n\nWith a named classifier, auto uses the kind of images that it was trained on.',
    )
    .action((path: string | undefined, flags: ClassifyEvalFlags) => evaluateClassifier(path, flags));
}

/** Evaluates the classifier at `path`, or the project's own for the images. */
async function evaluateClassifier(path: string | undefined, flags: ClassifyEvalFlags): Promise<void> {
  const { Engine } = await import('../../../autograd/engine.js');
  const { bundledClassifier, findClassifier, loadClassifier, readMetadata } =
    await import('../../../training/checkpoint/trainedClassifier.js');
  const { evaluateClassifier: evaluate } = await import('../../../training/classifier/classifierEvaluation.js');
  const output = new Output(flags.json === true);
  const { say } = output;
  const { file: named, skipped = [] } = path === undefined ? {} : findClassifier(path);
  for (const { message } of skipped) say(`skipped: ${message}`, true);
  const kind = flags.data === 'auto' && named !== undefined ? kindOf(readMetadata(named).get('dataset')) : flags.data;
  const { dataset, classes } = await testImages({ kind, folder: flags.dataDir, seed: flags.seed, say, output });
  const file = named ?? bundledClassifier(dataset.name);
  if (file === undefined) throw new UsageError(`the project has no classifier for ${dataset.name}: name one`);
  output.phase('opening the device');
  const device = await openWanted(flags);
  try {
    const engine = new Engine(device);
    const { model, name, metadata } = loadClassifier(engine, file);
    const evaluation = await evaluate(engine, model, dataset, (done, total) => {
      output.phase('classifying images', done, total);
    });
    model.dispose();
    const described = describeEvaluation(evaluation, dataset, classes);
    const title = confusionTitle(evaluation, dataset.name);
    const subtitle = confusionSubtitle(name, printable(metadata.get('dataset') ?? 'unknown images'));
    if (flags.out !== undefined) {
      output.phase('drawing the confusion matrix');
      const { renderChart } = await import('../../../figures/chart.js');
      const { confusionChart } = await import('../../../figures/confusion.js');
      const chart = await renderChart(confusionChart({ ...described, title, subtitle }));
      writeOutput(flags.out, chart.png);
    }
    output.result({ classifier: file, ...described, ...(flags.out === undefined ? {} : { out: flags.out }) }, () => [
      `${style.bold(title)}, ${subtitle} (${file})`,
      ...table(described),
      ...(flags.out === undefined ? [] : [`confusion matrix: ${flags.out}`]),
    ]);
  } finally {
    device.destroy();
  }
}

/** The kind of images that a classifier was trained on; `auto` if unknown. */
function kindOf(dataset = ''): DataKind {
  const [name = ''] = dataset.split('/');
  const kinds: Readonly<Record<string, DataKind>> = { mnist: 'mnist', digits: 'digits', 'fashion-mnist': 'fashion' };
  return kinds[name] ?? 'auto';
}

function table({ perClass, confusion, classes }: EvaluationDescription): string[] {
  const rows = new TextTable(
    [
      ['class', 'left'],
      ['images', 'right'],
      ['correct', 'right'],
      ['mistaken for', 'left'],
    ],
    true,
  );
  confusion.forEach((row, label) => {
    const mistakes = row
      .map((count, given) => ({ count, given }))
      .filter(({ count, given }) => count > 0 && given !== label)
      .sort((a, b) => b.count - a.count);
    const right = perClass[label] ?? null;
    rows.push([
      classes[label] ?? label.toString(),
      row.reduce((sum, count) => sum + count, 0).toLocaleString('en'),
      right === null ? '–' : `${(100 * right).toFixed(2)} %`,
      mistakes.map(({ count, given }) => `${classes[given] ?? given} (${count}×)`).join(', '),
    ]);
  });
  return rows.lines;
}
