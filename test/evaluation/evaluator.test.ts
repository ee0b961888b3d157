/**
 * @file Tests the evaluator: all metrics together, and the verdict on generators with known faults, made from the built-in
 * digits and from MNIST where it is available. docs/verdict.md has more of them, drawn more often.
 *
 * @expensive evaluates trained generators
 */
import seedrandom from 'seedrandom';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { MADE } from '../../experiments/verdict/made.js';
import { Engine } from '../../src/autograd/engine.js';
import type { ImageDataset } from '../../src/data/dataset.js';
import { digitsDataset } from '../../src/data/digits/digits.js';
import { loadMnist } from '../../src/datasets/mnist.js';
import { Evaluator, type EvaluatorOptions } from '../../src/evaluation/evaluator.js';
import { Diagnosis } from '../../src/evaluation/diagnosis.js';
import { readImages } from '../../src/evaluation/inputs/classifierOutput.js';
import { CONDITION } from '../../src/models/layers/conditioning.js';
import { ARCHITECTURES } from '../../src/models/networks/architectures.js';
import { bundledClassifier, loadClassifier } from '../../src/training/checkpoint/trainedClassifier.js';
import { openTestDevice } from '../support/device.js';
import { refused } from '../support/refused.js';
import { slow } from '../support/slow.js';

/** Enough for the verdict; what does not depend on their number takes {@link FEW}. */
const SAMPLES = 600;
const FEW = 100;

const device = await openTestDevice();
const engine = new Engine(device);

interface Halves {
  readonly train: ImageDataset;
  readonly test: ImageDataset;
}

function evaluatorOf({ train }: Halves, options: Partial<EvaluatorOptions> = {}): Promise<Evaluator> {
  const path = bundledClassifier(train.name) ?? '';
  return Evaluator.create(engine, loadClassifier(engine, path).model, train, { samples: SAMPLES, ...options });
}

const digits: Halves = {
  train: digitsDataset({ seed: 'evaluator', count: 4000 }),
  test: digitsDataset({ seed: 'evaluator', count: 4000, first: 4000 }),
};
const known = new Map<string, () => Promise<Halves>>([['the built-in digits', () => Promise.resolve(digits)]]);
const mnist = process.env.MNIST_DIR;
if (mnist === undefined || mnist === '') {
  console.log('SKIPPED the verdict on MNIST: set MNIST_DIR to the folder that holds it');
} else {
  known.set('MNIST', async () => ({ train: await loadMnist(mnist, 'train'), test: await loadMnist(mnist, 'test') }));
}

/** Few samples, compared with 1,000 images; its creation reports the phases that a test checks. */
const created = recordPhases();
const small: Halves = {
  train: digitsDataset({ seed: 'evaluator', count: 1000 }),
  test: digitsDataset({ seed: 'evaluator', count: 500, first: 4000 }),
};
const few = await evaluatorOf(small, { samples: FEW, heldOut: small.test, progress: created.progress });
test.after(() => {
  few.dispose();
  device.destroy();
});

/** Blurred digits are less varied indeed, and the classifier has never seen two digits in one image. */
const MISSED = ['real, blurred 3 × 3', 'real, blurred 9 × 9', 'two images in one'];

for (const [name, halves] of known) {
  slow(`${name}: the verdict is right on all but three generators with known faults`, async () => {
    const data = await halves();
    const evaluator = await evaluatorOf(data);
    const wrong: string[] = [];
    for (const { name: made, expected, draw } of MADE) {
      const { verdict } = await evaluator.evaluateImages(draw(data.test, SAMPLES, seedrandom(made)));
      if (expected.includes(verdict.name) || MISSED.includes(made)) continue;
      wrong.push(`${made}: ${verdict.name} (${verdict.reasons.join(', ')})`);
    }
    evaluator.dispose();
    assert.equal(wrong, []);
  });
}

slow(
  'an untrained generator gets a whole diagnosis, and the same one again except for the change of fixed z',
  async () => {
    const size = { zDim: 3, width: 0.125, channels: 1 };
    const generator = ARCHITECTURES.dcgan.generator({ engine, random: seedrandom('untrained') }, size);
    const subject = await few.subject(generator, 3);
    const context = { iteration: 1, before: [], training: null };
    const { reached, progress } = recordPhases();
    const { diagnosis, output } = await few.evaluate(subject, { ...context, progress });
    assert.equal(Diagnosis.parse(diagnosis), diagnosis);
    assert.ok(['not learning', 'collapsed'].includes(diagnosis.verdict.name), diagnosis.verdict.name);
    assert.is(diagnosis.metrics.switched, null);
    assert.is(diagnosis.metrics.conditionalAccuracy, null, 'unconditional');
    assert.is(diagnosis.singularValues?.length, 3);
    assert.type(diagnosis.metrics.memorised, 'number');

    // Each phase is reported in order, from its beginning to its end.
    const intervals = 'confidence intervals of the labels';
    assert.equal(
      [...created.reached],
      [
        'classifying real images',
        'covariance of the real features',
        'kernel of the real features',
        'neighbours of the real features',
        'distances of real images',
        'MS-SSIM of real images',
        'distances of held-out images to training images',
      ].map((phase) => [phase, 1]),
    );
    assert.equal(
      [...reached],
      [
        'generating samples',
        'path length',
        'Jacobian',
        'classifying samples',
        intervals,
        'Fréchet distance',
        'kernel distance',
        'neighbours',
        'precision and density',
        'recall and coverage',
        'duplicates',
        'MS-SSIM',
        'distances to training images',
      ].map((phase) => [phase, phase === intervals ? 0 : 1]),
    );

    // Without progress, and with the same weights: only the change of the fixed z is new, and it is 0.
    const again = await few.evaluate(subject, { ...context, iteration: 2, before: [diagnosis], lastOutput: output });
    assert.equal(again.diagnosis.metrics, { ...diagnosis.metrics, switched: 0, displacement: 0 });
    const { iteration, verdict, ...rest } = again.diagnosis;
    assert.equal({ ...rest, iteration: 1, verdict: diagnosis.verdict, metrics: diagnosis.metrics }, diagnosis);
    assert.equal([iteration, verdict.name], [2, diagnosis.verdict.name]);
    subject.dispose();
    generator.dispose();
  },
);

/** Records the phases of an evaluation. @returns a callback, and how far each phase came by its name */
function recordPhases() {
  const reached = new Map<string, number>();
  const progress = (phase: string, done: number, total: number): void => {
    assert.ok(done >= 0 && done <= total, `${phase}: ${done} of ${total}`);
    const part = done / total;
    assert.ok(part >= (reached.get(phase) ?? 0), `${phase} goes back to ${done} of ${total}`);
    reached.set(phase, part);
  };
  return { reached, progress };
}

slow('the conditional accuracy is the share of images that show the requested class', async () => {
  const size = { zDim: 3 + CONDITION, width: 0.125, channels: 1 };
  const generator = ARCHITECTURES.dcgan.generator({ engine, random: seedrandom('conditional') }, size);
  const subject = await few.subject(generator, 3, true);
  assert.is(subject.classes?.length, FEW);
  const { diagnosis } = await few.evaluate(subject, { iteration: 1, before: [], training: null });
  assert.equal(Diagnosis.parse(diagnosis), diagnosis);
  assert.is(diagnosis.singularValues?.length, 3);
  const { model } = loadClassifier(engine, bundledClassifier('digits') ?? '');
  const { labels } = await readImages(engine, model, await subject.images());
  model.dispose();
  const hits = labels.filter((label, image) => label === subject.classes?.[image]).length;
  assert.is(diagnosis.metrics.conditionalAccuracy, hits / FEW);
  subject.dispose();
  generator.dispose();
});

test('unsuitable datasets and images are refused, with the reason', async () => {
  const { model } = loadClassifier(engine, bundledClassifier('digits') ?? '');
  const { train } = small;
  await refused(() => Evaluator.create(engine, model, train, { samples: 1001 }), /digits holds 1000 images/);
  const wide = { ...train, width: 14, count: 2000 };
  await refused(() => Evaluator.create(engine, model, wide, { samples: FEW }), /28 × 14 × 1 images/);

  const images = new Float32Array(FEW * 784);
  images[5 * 784 + 3] = NaN;
  await refused(() => few.evaluateImages(images), /image 5 holds NaN/);
  await refused(() => few.evaluateImages(new Float32Array(784 * 3)), /got 3/);
});

test.run();
