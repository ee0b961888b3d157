/**
 * @file `classify eval`: how a classifier does on images that it was not trained on.
 */
import { Engine } from '../../../autograd/engine.js';
import { renderChart } from '../../../figures/chart.js';
import { confusionChart } from '../../../figures/confusion.js';
import { printable } from '../../../data/printable.js';
import {
  confusionSubtitle,
  confusionTitle,
  describeEvaluation,
} from '../../../training/classifier/classifierMetadata.js';
import type { EvaluationDescription } from '../../../training/classifier/classifierDescription.js';
import { evaluate } from '../../../training/classifier/classifierTraining.js';
import {
  bundledClassifier,
  findClassifier,
  loadClassifier,
  readAbout,
} from '../../../training/checkpoint/trainedClassifier.js';
import type { ClassifyEvalFlags } from '../../options/classifyFlags.js';
import { testImages } from './train.js';
import type { DataKind } from '../../options/dataOptions.js';
import { openWanted } from '../../options/deviceOptions.js';
import { Output } from '../../terminal/output.js';
import { writeOutput } from '../../options/outputFile.js';
import { UsageError } from '../../options/usageError.js';
import { style } from '../../terminal/style.js';
import { TextTable } from '../../terminal/table.js';

/** Evaluates the classifier at `path`, or the project's own for the images. */
export async function evaluateClassifier(path: string | undefined, flags: ClassifyEvalFlags): Promise<void> {
  const output = new Output(flags.json === true);
  const { say } = output;
  const { file: named, skipped = [] } = path === undefined ? {} : findClassifier(path);
  for (const { message } of skipped) say(`skipped: ${message}`, true);
  const kind = flags.data === 'auto' && named !== undefined ? kindOf(named) : flags.data;
  const { dataset, classes } = await testImages({ kind, folder: flags.dataDir, seed: flags.seed, say, output });
  const file = named ?? bundledClassifier(dataset.name);
  if (file === undefined) throw new UsageError(`the project comes with no classifier for ${dataset.name}: name one`);
  output.phase('opening the device');
  const device = await openWanted(flags);
  try {
    const engine = new Engine(device);
    const { model, name, about } = loadClassifier(engine, file);
    const evaluation = await evaluate(engine, model, dataset, (done, total) => {
      output.phase('classifying images', done, total);
    });
    model.dispose();
    const described = describeEvaluation(evaluation, dataset, classes);
    const title = confusionTitle(evaluation, dataset.name);
    const subtitle = confusionSubtitle(name, printable(about.get('dataset') ?? 'images that are not told'));
    if (flags.out !== undefined) {
      output.phase('drawing the confusion matrix');
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

/** The images that a classifier was trained on; `auto` where it does not tell. */
function kindOf(path: string): DataKind {
  const [name = ''] = (readAbout(path).get('dataset') ?? '').split('/');
  const kinds: Readonly<Record<string, DataKind>> = { mnist: 'mnist', digits: 'digits', 'fashion-mnist': 'fashion' };
  return kinds[name] ?? 'auto';
}

function table({ perClass, confusion, classes }: EvaluationDescription): string[] {
  const rows = new TextTable(
    [
      ['class', 'left'],
      ['images', 'right'],
      ['right', 'right'],
      ['taken for others', 'left'],
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
