/**
 * @file Writes the results of the recipes as a page: a table for each dataset, dimension of z and number of iterations.
 */
import { formatMetric, headingOf } from '../../src/evaluation/metricText.js';
import { METRICS } from '../../src/evaluation/registry.js';
import { COMPARED, grouped, type Results, type Row, summarise } from './results.js';

/** A part of the page: results made by one program. */
export interface Part {
  readonly title: string;
  readonly about: string;
  readonly results: Results;
}

/** What the tables below show. Read them again when results are added. */
const FOUND = [
  '## What was found',
  '',
  '`--hidden 256 --ema 0.99`, which `npm start` uses, gives better digits in the same time at z 100: a step takes 1.2 times as long, so ' +
    'its 2,000 iterations are compared with 2,400 of the default. Two seeds of the ' +
    'recipe lie 1.2 apart in Fréchet distance, and the default lies 24 away. The screening agrees at z 100 and 10 and on ' +
    'Fashion-MNIST. At z 2 no recipe is better than another by more than its seeds differ, so the default of `--arch dcgan` stays ' +
    'without both. The average of weights alone changes nothing beyond noise. The aim, a coverage of 0.5 and a Fréchet distance of 25 in two ' +
    'minutes, was not reached: 0.41 and 42. The default was trained with one seed here; three of each are still to be trained.',
];

/** The page in Markdown. @param parts made by different programs, whose numbers are not in one table */
export function pageOf(parts: readonly Part[]): string {
  return [
    '# Recipes: the best digits in a given time',
    '',
    'Each number is measured after the last iteration, on as many generated as real images. With several seeds it is their mean ' +
      "and half of its 95 % interval (Student's t over the seeds); with one seed it has no interval and is a lead, not a finding. " +
      'Distances and coverage depend on the number of samples, so compare within a table. [metrics.md](metrics.md) explains the ' +
      'metrics; two sets of 10,000 real images have a coverage of 0.97. Flags: [losses.md](losses.md).',
    '',
    ...FOUND,
    '',
    ...parts.flatMap(({ title, about, results }) => [
      `## ${title}`,
      '',
      about,
      '',
      ...results.commands.map((command) => `    ${command}`),
      '',
      `Device: ${results.device}.`,
      '',
      ...[...grouped(results.rows, settingOf)].flatMap(([setting, rows]) => [`### ${setting}`, '', ...table(rows), '']),
    ]),
  ].join('\n');
}

function settingOf({ dataset, zDim, iterations, samples }: Row): string {
  return `${dataset}, z ${zDim}, ${iterations.toLocaleString('en')} iterations, ${samples.toLocaleString('en')} samples`;
}

function table(rows: readonly Row[]): string[] {
  const heads = COMPARED.map((name) => headingOf(METRICS[name]));
  return [
    cells(['recipe', 'seeds', ...heads]),
    cells(['---', '---:', ...COMPARED.map(() => '---:')]),
    ...[...grouped(rows, ({ recipe }) => recipe)].map(([recipe, same]) => {
      const values = COMPARED.map((name) => valueOf(name, same));
      return cells([recipe, same.map(({ seed }) => seed).join(', '), ...values]);
    }),
  ];
}

function valueOf(name: (typeof COMPARED)[number], rows: readonly Row[]): string {
  const { mean, half } = summarise(rows.map((row) => row[name]));
  return half === undefined ? formatMetric(name, mean) : `${formatMetric(name, mean)} ± ${formatMetric(name, half)}`;
}

function cells(all: readonly string[]): string {
  return `| ${all.join(' | ')} |`;
}
