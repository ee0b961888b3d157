/**
 * @file The best evaluation of a run: by each metric in its direction, without values that cannot be compared.
 */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { BEST_METRICS, selectBest } from '../../src/evaluation/best.js';
import type { MetricName } from '../../src/evaluation/registry.js';
import { diagnosisOf } from '../study/diagnoses.js';

/** Evaluations of iterations 1, 2, 3, … with these values. */
function evaluations(metric: MetricName, values: readonly (number | null)[]) {
  return values.map((value, index) => diagnosisOf({ iteration: index + 1, [metric]: value }));
}

test('checkpoints are selected by Fréchet distance, recall and coverage', () => {
  assert.equal([...BEST_METRICS], ['frechet', 'recall', 'coverage']);
});

for (const [metric, values, best] of [
  ['frechet', [9, 3, 5], 2],
  ['coverage', [0.1, 0.4, 0.3], 2],
  ['recall', [0.5, 0.4, 0.3], 1],
  ['variety', [0.5, 1.2, 1.3], 2],
] as const) {
  test(`${metric}: ${values.join(', ')} has its best at ${best}`, () => {
    const value = values[best - 1]!;
    assert.equal(selectBest(metric, evaluations(metric, values)), { metric, iteration: best, value });
  });
}

test('of equal values the latest is the best', () => {
  assert.is(selectBest('recall', evaluations('recall', [0, 0.2, 0.2, 0.1]))?.iteration, 3);
});

test('a value that is missing or not finite is never the best', () => {
  const values = [NaN, -Infinity, 7, null, 8];
  assert.is(selectBest('frechet', evaluations('frechet', values))?.iteration, 3);
  assert.is(selectBest('frechet', evaluations('frechet', [null, NaN])), undefined);
  assert.is(selectBest('frechet', []), undefined);
});

test('evaluations of another number of images than the last one do not count', () => {
  const [few, many] = [{ samples: 100 }, { samples: 1000 }];
  const all = evaluations('frechet', [3, 9, 8, 10]).map((each, index) => ({ ...each, ...(index < 1 ? few : many) }));
  assert.is(selectBest('frechet', all)?.iteration, 3);
  assert.is(selectBest('frechet', [...all, { ...all[0]!, iteration: 5, real: 100 }])?.iteration, 5);
});

test('a metric of which no direction is better selects nothing', () => {
  assert.throws(() => selectBest('gap', evaluations('gap', [1])), /no direction of gap is better/);
});

test.run();
