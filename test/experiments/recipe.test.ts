/**
 * @file The comparison of recipes: the interval over seeds, the tables of the page, and recipes that make valid objectives.
 */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { pageOf } from '../../experiments/recipe/page.js';
import { RECIPES } from '../../experiments/recipe/recipes.js';
import { type Row, summarise } from '../../experiments/recipe/results.js';
import { objectiveOf } from '../../src/gan/objective.js';
import { ARCHITECTURES } from '../../src/models/networks/architectures.js';

test('several seeds have a mean with the half of its 95 % interval, one seed has none', () => {
  assert.equal(summarise([3]), { mean: 3, half: undefined });
  const { mean, half = NaN } = summarise([1, 2, 3]);
  assert.is(mean, 2);
  // Student's t for two degrees of freedom; the standard deviation is 1.
  assert.ok(Math.abs(half - 4.303 / Math.sqrt(3)) < 1e-12, `${half}`);
});

test('the page has a table for each setting, and a line for each recipe', () => {
  const shares = { precision: 0.5, recall: 0.75, sure: 0.9 };
  const row = { recipe: 'plain', dataset: 'mnist/train', iterations: 2000, samples: 1000, ...shares };
  const rows: Row[] = [
    { ...row, zDim: 100, seed: '1', frechet: 40, coverage: 0.4 },
    { ...row, zDim: 100, seed: '2', frechet: 44, coverage: 0.4 },
    { ...row, zDim: 2, seed: '1', frechet: 100, coverage: 0.1 },
  ];
  const page = pageOf([
    { title: 'Part', about: 'Made by', results: { commands: ['run it'], device: 'a device', rows } },
  ]);
  const lines = page.split('\n');
  assert.ok(lines.includes('    run it'), page);
  assert.equal(
    lines.filter((line) => line.startsWith('### ')),
    [
      '### mnist/train, z 100, 2,000 iterations, 1,000 samples',
      '### mnist/train, z 2, 2,000 iterations, 1,000 samples',
    ],
  );
  assert.ok(
    lines.some((line) => line.startsWith('| plain | 1, 2 | 42.0 ± 25.4 | 0.40 ± 0.00 | 0.50 ± 0.00 |')),
    page,
  );
  assert.ok(
    lines.some((line) => line.startsWith('| plain | 1 | 100.0 | 0.10 | 0.50 |')),
    page,
  );
});

test('each recipe is an objective of dcgan', () => {
  for (const { objective } of RECIPES.values()) objectiveOf(ARCHITECTURES.dcgan, objective);
});

test.run();
