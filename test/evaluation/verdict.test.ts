/**
 * @file Tests the verdict's rule on made-up diagnoses; test/evaluation/evaluator.test.ts tests it on generators with known faults.
 */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Diagnosis } from '../../src/evaluation/diagnosis.js';
import { METRICS, worseOf } from '../../src/evaluation/registry.js';
import { CLASSES_COUNT, FALL, judge, LEARNING, SIGNS } from '../../src/evaluation/verdict.js';
import { diagnosisOf } from '../study/diagnoses.js';

const GOOD = diagnosisOf();
/** Too few images that the classifier is sure of. */
const POOR = { sure: 0.1 };

test('a diagnosis like that of real images is healthy, with its reasons', () => {
  assert.equal(judge(GOOD), { name: 'healthy', reasons: ['modes 10', 'coverage 0.50'] });
});

test('samples are not learned if the classifier is unsure of them, or if they lie apart from the real ones', () => {
  assert.equal(judge(diagnosisOf(POOR)), { name: 'not learning', reasons: ['sure 0.10'] });
  assert.equal(judge(diagnosisOf({ precision: 0.1 })).reasons, ['precision 0.10']);
  assert.equal(judge(diagnosisOf({ variety: 3 })).reasons, ['variety 3']);
  const noise = diagnosisOf({ similarities: { generated: 0.04, real: 0.16 } });
  assert.equal(judge(noise), { name: 'not learning', reasons: ['MS-SSIM 0.04 (real: 0.16)'] });
});

test('poor samples are being learned while their distance falls, and no longer when it stops', () => {
  const before = diagnosisOf({ ...POOR, frechet: 100 });
  assert.equal(judge(diagnosisOf({ ...POOR, frechet: 80 }), [before]), {
    name: 'healthy',
    reasons: ['learning: Fréchet distance from 100 to 80'],
  });
  assert.is(judge(diagnosisOf({ ...POOR, frechet: 100 * (LEARNING + 0.01) }), [before]).name, 'not learning');
});

test('a single picture among the real ones is a collapse, even if the classifier is not sure of it', () => {
  assert.is(judge(diagnosisOf({ ...POOR, variety: 0 })).name, 'collapsed');
});

test('poor samples that are all alike are not learned even if their distance falls; after good ones they are a collapse', () => {
  const alike = diagnosisOf({ ...POOR, precision: 0, variety: 0, frechet: 50 });
  assert.is(judge(alike, [diagnosisOf({ ...POOR, frechet: 100 })]).name, 'not learning');
  assert.equal(judge(alike, [GOOD]), { name: 'collapsed', reasons: ['variety 0'] });
});

test('the signs are those of docs/metrics.md', () => {
  assert.equal(
    SIGNS.map(([name]) => name),
    ['modes', 'totalVariation', 'variety', 'recall', 'duplicates'],
  );
});

for (const [name, { collapsed, collapsing, usesLowerEnd }] of SIGNS) {
  const { title } = METRICS[name];
  const moved = (limit: number): Diagnosis => {
    const value = limit + (worseOf(name) === 'less' ? -1e-3 : 1e-3);
    if (usesLowerEnd === true) return diagnosisOf({ [name]: value, leastTotalVariation: value });
    return diagnosisOf({ [name]: name === 'modes' ? Math.floor(value) : value });
  };
  test(`${title} decides by itself`, () => {
    assert.is(judge(moved(collapsed)).name, 'collapsed');
    const losing = judge(moved(collapsing));
    assert.is(losing.name, 'collapsing');
    assert.ok(losing.reasons[0]?.startsWith(title), losing.reasons.join());
  });
}

test('an unknown variety, for too few images of each class, is no sign', () => {
  assert.is(judge(diagnosisOf({ variety: null })).name, 'healthy');
});

test('classes are no sign while the classifier is sure of few images; signs without classes still are', () => {
  const few = { modes: 3, totalVariation: 0.7, leastTotalVariation: 0.7 };
  assert.is(judge(diagnosisOf({ ...few, sure: CLASSES_COUNT })).name, 'collapsed');
  const young = { ...few, sure: CLASSES_COUNT - 0.01 };
  assert.is(judge(diagnosisOf(young)).name, 'healthy');
  assert.equal(judge(diagnosisOf({ ...young, duplicates: 1 })).reasons, ['duplicates 1']);
});

test('coverage well below its best is the beginning of a collapse', () => {
  const fallen = (coverage: number): Diagnosis => diagnosisOf({ coverage });
  const history = [fallen(0.3), fallen(0.8), fallen(0.7)];
  assert.equal(judge(fallen(0.8 * FALL - 0.01), history), {
    name: 'collapsing',
    reasons: ['coverage fell from 0.80 to 0.47'],
  });
  assert.is(judge(fallen(0.8 * FALL + 0.01), history).name, 'healthy');
});

test('evaluations of different sample sizes are not compared, but show the course of training', () => {
  const small = (frechet: number, coverage: number): Diagnosis => ({
    ...diagnosisOf({ ...POOR, frechet, coverage }),
    samples: 1000,
  });
  const now = diagnosisOf({ ...POOR, frechet: 50 });
  // Compared with the last evaluation alone, which has fewer samples, the distance would seem to fall.
  assert.is(judge(now, [small(100, 0.5)]).name, 'not learning');
  assert.equal(judge(now, [small(120, 0.5), small(100, 0.5)]).reasons, ['learning: Fréchet distance from 120 to 100']);
  const good = (coverage: number): Diagnosis => ({ ...diagnosisOf({ coverage }), samples: 1000 });
  assert.is(judge(GOOD, [good(0.95)]).name, 'healthy');
  assert.is(judge(GOOD, [good(0.95), good(0.4)]).name, 'collapsing');
});

test.run();
