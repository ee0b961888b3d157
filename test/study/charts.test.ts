/**
 * @file The charts of a study and of a comparison, out of their SVG: what shows of a single evaluation, and what tells
 * dimensions apart.
 */
import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { metricsWith } from '../../src/evaluation/registry.js';
import { comparisonFigure } from '../../src/study/comparison/comparisonFigure.js';
import { ComparisonResults } from '../../src/study/comparison/comparisonResults.js';
import { logarithmic } from '../../src/study/figures/axes.js';
import { dimensionsFigure } from '../../src/study/figures/dimensionCharts.js';
import type { Figure } from '../../src/study/figures/figure.js';
import { chooseMarked, DASHES, lineEncoding, SHAPES } from '../../src/study/figures/lines.js';
import { lossFigure } from '../../src/study/figures/lossChart.js';
import { spectrumFigure } from '../../src/study/figures/spectrumChart.js';
import { signsFigure, trainingFigure } from '../../src/study/figures/trainingChart.js';
import { Results } from '../../src/study/measure/results.js';

const docs = new URL('../../docs/', import.meta.url);

function read(name: string): unknown {
  return JSON.parse(readFileSync(new URL(name, docs), 'utf8'));
}

/** Runs of one dimension and one seed, with one evaluation each: all lines have a single point. */
function single(zDims: readonly number[]): Results {
  const all = Results.parse(read('study/results.json'));
  return {
    ...all,
    settings: { ...all.settings, zDims: [...zDims], seeds: ['1'] },
    dimensions: all.dimensions.filter(({ zDim }) => zDims.includes(zDim)),
    runs: all.runs
      .filter(({ zDim, seed }) => zDims.includes(zDim) && seed === '1')
      .map((run) => ({ ...run, evaluations: run.evaluations.slice(-1) })),
  };
}

/** How many marks each panel has that are drawn and have a size, by panels. */
function marksOf({ svg = '' }: Figure): number {
  const groups = svg.matchAll(/<g class="mark-symbol role-mark[^>]*>(.*?)<\/g>/gs);
  return Array.from(
    groups,
    ([, group = '']) => [...group.matchAll(/<path [^>]*d="M[^"]+"[^>]*fill="#/g)].length,
  ).reduce((sum, count) => sum + count, 0);
}

test('one evaluation of one run shows in each panel of each chart', async () => {
  const results = single([1]);
  const { metrics } = results.runs[0]!.evaluations[0]!;
  const panels = (size: 'large' | 'small'): number =>
    metricsWith(({ chart }) => chart?.size === size).filter((name) => metrics[name] !== null).length;
  const training = await trainingFigure(results);
  assert.is(marksOf(training!), panels('large'));
  const signs = await signsFigure(results);
  assert.is(marksOf(signs!), panels('small'));
  const spectrum = await spectrumFigure(results);
  assert.is(marksOf(spectrum!), 1);
  const dimensions = await dimensionsFigure(results);
  const ofDimensions = metricsWith(({ table, ofRun }) => table !== undefined && ofRun !== true);
  const { metrics: found } = results.runs[0]!;
  assert.is(marksOf(dimensions!), ofDimensions.filter((name) => (found?.[name] ?? null) !== null).length);
  const wasserstein = Results.parse(read('compare/wasserstein.json'));
  const runs = wasserstein.runs.map((run) => ({ ...run, evaluations: run.evaluations.slice(0, 1) }));
  // Both estimates and the distance.
  assert.is(marksOf((await lossFigure({ ...wasserstein, runs }))!), 3);
});

test('a long line has marks on so many of its points, and on its last', () => {
  assert.equal(chooseMarked([7]), [7]);
  const long = Array.from({ length: 99 }, (_, index) => index);
  const marked = chooseMarked(long);
  assert.ok(marked.length >= 8 && marked.length <= 16, `${marked.length}`);
  assert.is(marked.at(-1), 98);
});

test('each of 20 lines has a look of its own beside colours: shape and dashes', () => {
  const names = Array.from({ length: 20 }, (_, index) => `z_dim ${index + 1}`);
  const { dashes } = lineEncoding(names, 'right');
  const looks = names.map((name, index) => `${SHAPES[index % SHAPES.length]} ${dashes.get(name)?.join()}`);
  assert.is(new Set(looks).size, 20);
  assert.is(new Set(looks.slice(0, 8).map((look) => look.split(' ')[0])).size, 8, 'eight shapes');
  assert.is(new Set(DASHES.map(String)).size, DASHES.length);
});

test('a comparison says each point’s z_dim beside it, and its direction in words', async () => {
  const results = ComparisonResults.parse(read('compare/remedies.json'));
  const { svg = '' } = (await comparisonFigure({ ...results, rows: results.rows.slice(0, 1) }))!;
  const labels = [...svg.matchAll(/font-size="10px"[^>]*>2<\/text>/g)];
  assert.is(labels.length, marksOf({ name: '', alt: '', caption: '', png: new Uint8Array(), svg }));
  assert.ok(labels.length >= 5);
  assert.match(svg, '>more is better<');
  assert.match(svg, '>less is better<');
  assert.not.match(svg, /[→←]/);
});

test('a short logarithmic axis has gridlines enough to tell its scale', () => {
  assert.equal(logarithmic([24, 80]).ticks, [30, 40, 50, 60, 70, 80]);
  assert.equal(logarithmic([1, 100]).ticks, [1, 2, 5, 10, 20, 50, 100]);
});

test.run();
