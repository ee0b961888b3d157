/**
 * @file The charts of a study and of a comparison, out of their SVG: what shows of a single evaluation, and what tells
 * dimensions apart.
 */
import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { comparisonFigure } from '../../src/study/comparison/comparisonFigure.js';
import { ComparisonResults } from '../../src/study/comparison/comparisonResults.js';
import { logarithmic } from '../../src/study/figures/axes.js';
import { dimensionsFigure } from '../../src/study/figures/dimensionCharts.js';
import type { Figure } from '../../src/study/figures/figure.js';
import { chooseMarked, DASHES, lineEncoding, SHAPES } from '../../src/study/figures/lines.js';
import { lossSignFigure } from '../../src/study/figures/lossSignChart.js';
import { spectrumFigure } from '../../src/study/figures/spectrumChart.js';
import { signsFigure, trainingFigure } from '../../src/study/figures/trainingChart.js';
import { Results } from '../../src/study/measure/results.js';
import {
  betterKey,
  betterSign,
  headingOf,
  METRIC_NAMES,
  SUMMARY_METRICS,
} from '../../src/study/measure/summaryMetrics.js';

const docs = new URL('../../docs/', import.meta.url);

function read(name: string): unknown {
  return JSON.parse(readFileSync(new URL(name, docs), 'utf8'));
}

/** Runs of one dimension and one seed, with one look each: all lines have a single point. */
function single(zDims: readonly number[]): Results {
  const all = Results.parse(read('study/results.json'));
  return {
    ...all,
    settings: { ...all.settings, zDims: [...zDims], seeds: ['1'] },
    dimensions: all.dimensions.filter(({ zDim }) => zDims.includes(zDim)),
    runs: all.runs
      .filter(({ zDim, seed }) => zDims.includes(zDim) && seed === '1')
      .map((run) => ({ ...run, looks: run.looks.slice(-1) })),
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
  const { looks } = results.runs[0]!;
  const told = (names: readonly (keyof (typeof looks)[0]['metrics'])[]): number =>
    names.filter((name) => looks[0]!.metrics[name] !== null).length;
  const training = await trainingFigure(results);
  assert.is(marksOf(training!), told(['frechet', 'modes', 'switched']));
  const signs = await signsFigure(results);
  assert.is(marksOf(signs!), 9);
  const spectrum = await spectrumFigure(results);
  assert.is(marksOf(spectrum!), 1);
  const dimensions = await dimensionsFigure(results);
  assert.is(marksOf(dimensions!), 9);
  const wasserstein = Results.parse(read('compare/wasserstein.json'));
  const runs = wasserstein.runs.map((run) => ({ ...run, looks: run.looks.slice(0, 1) }));
  // Both estimates and the distance.
  assert.is(marksOf((await lossSignFigure({ ...wasserstein, runs }))!), 3);
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

test('which values are better is as docs/metrics.md has it, for each measurement', () => {
  const text = readFileSync(new URL('metrics.md', docs), 'utf8');
  for (const name of METRIC_NAMES) {
    const { title, better } = SUMMARY_METRICS[name];
    const word = better === undefined ? 'neither' : typeof better === 'number' ? `nearer to ${better}` : better;
    const row = new RegExp(`^\\| ${word} +\\| (.*?) *\\|$`, 'm').exec(text)?.[1] ?? '';
    assert.ok(row.split(', ').includes(title), `${title}: ${word}`);
  }
  // A real set: its variety and density are 1, its pairs are as alike as real ones, one image in a hundred lies near a training image.
  const targets = METRIC_NAMES.filter((name) => typeof SUMMARY_METRICS[name].better === 'number');
  assert.equal(
    targets.map((name) => [name, SUMMARY_METRICS[name].better]),
    [
      ['variety', 1],
      ['density', 1],
      ['similarity', 0],
      ['memorised', 0.01],
    ],
  );
});

test('signs, headings and their key', () => {
  assert.equal([betterSign('more'), betterSign('less'), betterSign(1), betterSign(undefined)], ['↑', '↓', '→ 1', '']);
  assert.is(headingOf(SUMMARY_METRICS.variety), 'variety within a digit → 1');
  assert.is(headingOf(SUMMARY_METRICS.effectiveDimension), 'effective dimension');
  assert.is(betterKey([1, 'less', undefined, 0, 'less']), '↓: less is better, → 0: best at 0, → 1: best at 1');
  assert.is(betterKey([undefined]), '');
});

test.run();
