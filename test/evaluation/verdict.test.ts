/**
 * @file The verdict's rule on diagnoses that are made up; on generators that are made on purpose see
 * test/evaluation/evaluator.test.ts.
 */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Diagnosis } from '../../src/evaluation/diagnosis.js';
import { CLASSES_COUNT, FALL, judge, LEARNING, SIGNS } from '../../src/evaluation/verdict.js';
import { diagnosisOf as plausible } from '../study/diagnoses.js';

type Parts = Pick<Diagnosis, 'labels' | 'variety' | 'features' | 'images'>;

/** A good diagnosis, but for some numbers. */
function diagnosisOf(changes: { readonly [Part in keyof Parts]?: Partial<Parts[Part]> }): Diagnosis {
  const good = plausible();
  return {
    ...good,
    labels: { ...good.labels, ...changes.labels },
    variety: { ...good.variety, ...changes.variety },
    features: { ...good.features, ...changes.features },
    images: { ...good.images, ...changes.images },
  };
}

const GOOD = diagnosisOf({});
const POOR = { labels: { sure: 0.1 } };

const withFrechet = (frechet: number, more: Parameters<typeof diagnosisOf>[0] = {}): Diagnosis => {
  return diagnosisOf({ ...more, features: { ...more.features, frechet } });
};

test('a diagnosis like that of real images is healthy, and says why', () => {
  assert.equal(judge(GOOD), { name: 'healthy', reasons: ['10 modes', 'coverage 0.50'] });
});

test('samples that the classifier is not sure of, or that lie apart from the real ones, are nothing learned', () => {
  assert.equal(judge(diagnosisOf(POOR)), { name: 'not learning', reasons: ['sure of 0.10'] });
  assert.equal(judge(diagnosisOf({ features: { precision: 0.1 } })).reasons, ['precision 0.10']);
  assert.equal(judge(diagnosisOf({ variety: { mean: 3 } })).reasons, ['variety 3, which is noise']);
  const noise = { similarity: 0.04, realSimilarity: 0.16 };
  assert.equal(judge(diagnosisOf({ images: noise })).reasons, ['similarity 0.04, which is noise']);
});

test('poor samples are being learned while their distance falls, and no longer when it stops', () => {
  const before = withFrechet(100, POOR);
  assert.equal(judge(withFrechet(80, POOR), [before]), {
    name: 'healthy',
    reasons: ['learning: Fréchet distance from 100 to 80'],
  });
  assert.is(judge(withFrechet(100 * (LEARNING + 0.01), POOR), [before]).name, 'not learning');
});

test('one picture among the real ones is a collapse, even if the classifier is not sure of it', () => {
  assert.is(judge(diagnosisOf({ ...POOR, variety: { mean: 0 } })).name, 'collapsed');
});

test('poor samples that are all alike are nothing learned, however their distance falls; after good ones a collapse', () => {
  const alike = { ...POOR, features: { precision: 0 }, variety: { mean: 0 } };
  assert.is(judge(withFrechet(50, alike), [withFrechet(100, POOR)]).name, 'not learning');
  assert.equal(judge(withFrechet(50, alike), [GOOD]), { name: 'collapsed', reasons: ['variety 0'] });
});

for (const { name, collapsed, collapsing, worse } of SIGNS) {
  const moved = (limit: number): Diagnosis => {
    const value = limit + (worse === 'less' ? -1e-3 : 1e-3);
    const estimate = { value, low: value, high: 1 };
    if (name === 'modes') return diagnosisOf({ labels: { modes: Math.floor(value) } });
    if (name === 'variety') return diagnosisOf({ variety: { mean: value } });
    if (name === 'recall') return diagnosisOf({ features: { recall: value } });
    if (name === 'duplicates') return diagnosisOf({ images: { duplicates: value } });
    return diagnosisOf({ labels: { totalVariation: estimate } });
  };
  test(`${name} decides by itself`, () => {
    assert.is(judge(moved(collapsed)).name, 'collapsed');
    const losing = judge(moved(collapsing));
    assert.is(losing.name, 'collapsing');
    assert.ok(losing.reasons[0]?.startsWith(name), losing.reasons.join());
  });
}

test('no class with enough images to tell its variety is no sign', () => {
  assert.is(judge(diagnosisOf({ variety: { mean: null } })).name, 'healthy');
});

test('while the classifier is sure of few images their classes are no sign, but what needs no classes is', () => {
  const share = 0.7;
  const few = { modes: 3, totalVariation: { value: share, low: share, high: share } };
  assert.is(judge(diagnosisOf({ labels: { ...few, sure: CLASSES_COUNT } })).name, 'collapsed');
  const young = { ...few, sure: CLASSES_COUNT - 0.01 };
  assert.is(judge(diagnosisOf({ labels: young })).name, 'healthy');
  assert.equal(judge(diagnosisOf({ labels: young, images: { duplicates: 1 } })).reasons, ['duplicates 1']);
});

test('coverage that has fallen well below its best is a collapse that begins', () => {
  const fallen = (coverage: number): Diagnosis => diagnosisOf({ features: { coverage } });
  const history = [fallen(0.3), fallen(0.8), fallen(0.7)];
  assert.equal(judge(fallen(0.8 * FALL - 0.01), history), {
    name: 'collapsing',
    reasons: ['coverage fell from 0.80 to 0.47'],
  });
  assert.is(judge(fallen(0.8 * FALL + 0.01), history).name, 'healthy');
});

test('looks of other sample sizes are not compared with one another, but speak for how training went', () => {
  const small = (frechet: number, coverage: number): Diagnosis => ({
    ...withFrechet(frechet, POOR),
    features: { ...GOOD.features, frechet, coverage },
    samples: 1000,
  });
  // Against the last look alone, of fewer samples, it would seem to fall.
  assert.is(judge(withFrechet(50, POOR), [small(100, 0.5)]).name, 'not learning');
  assert.equal(judge(withFrechet(50, POOR), [small(120, 0.5), small(100, 0.5)]).reasons, [
    'learning: Fréchet distance from 120 to 100',
  ]);
  assert.is(judge(GOOD, [small(9, 0.95)]).name, 'healthy');
  assert.is(judge(GOOD, [small(9, 0.95), small(9, 0.4)]).name, 'collapsing');
});

test.run();
