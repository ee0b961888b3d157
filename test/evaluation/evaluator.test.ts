/**
 * @file All metrics together, and the verdict on generators that were made on purpose: out of the built-in digits, and of
 * MNIST where it is at hand. docs/verdict.md has more of them, drawn more often.
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
import { slow } from '../support/slow.js';

const SAMPLES = 600;

const device = await openTestDevice();
const engine = new Engine(device);
test.after(() => device.destroy());

interface Halves {
  readonly train: ImageDataset;
  readonly test: ImageDataset;
}

function diagnoserOf({ train }: Halves, options: Partial<EvaluatorOptions> = {}): Promise<Evaluator> {
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

/** To blur is to make digits less varied, and where the next digit begins nobody has told the classifier. */
const MISSED = ['real, blurred 3 × 3', 'real, blurred 9 × 9', 'two images in one'];

for (const [name, halves] of known) {
  slow(`of ${name}, the verdict is right on generators that were made on purpose, but for three`, async () => {
    const data = await halves();
    const evaluator = await diagnoserOf(data);
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

slow('a generator that learned nothing is told, and its diagnosis is whole', async () => {
  const evaluator = await diagnoserOf(digits);
  const size = { zDim: 3, width: 0.125, channels: 1 };
  const generator = ARCHITECTURES.dcgan.generator({ engine, random: seedrandom('untrained') }, size);
  const subject = await evaluator.subject(generator, 3);
  const moment = { iteration: 1, before: [], training: null };
  const { diagnosis, output } = await evaluator.evaluate(subject, moment);
  assert.equal(Diagnosis.parse(diagnosis), diagnosis);
  assert.ok(['not learning', 'collapsed'].includes(diagnosis.verdict.name), diagnosis.verdict.name);
  assert.is(diagnosis.metrics.switched, null);
  assert.is(diagnosis.metrics.conditionalAccuracy, null, 'unconditional');
  assert.is(diagnosis.singularValues?.length, 3);

  // The generator is as it was: nothing moved.
  const again = await evaluator.evaluate(subject, { ...moment, iteration: 2, before: [diagnosis], lastOutput: output });
  assert.equal(again.diagnosis.metrics, { ...diagnosis.metrics, switched: 0, displacement: 0 });
  subject.dispose();
  generator.dispose();
  evaluator.dispose();
});

/** Records the phases of an evaluation. @returns a callback, and the phases by name: how far each came */
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

test('an evaluation reports each of its phases, in order, from beginning to end', async () => {
  const created = recordPhases();
  const heldOut = digits.test;
  const evaluator = await diagnoserOf(digits, { samples: 300, heldOut, progress: created.progress });
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
  const generator = ARCHITECTURES.dcgan.generator(
    { engine, random: seedrandom('phases') },
    { zDim: 2, width: 0.125, channels: 1 },
  );
  const subject = await evaluator.subject(generator, 2);
  const { reached, progress } = recordPhases();
  const { diagnosis } = await evaluator.evaluate(subject, { iteration: 1, before: [], training: null, progress });
  const intervals = 'confidence intervals of the labels';
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
  // Reporting changes nothing.
  const again = await evaluator.evaluate(subject, { iteration: 1, before: [], training: null });
  assert.equal(again.diagnosis, diagnosis);
  subject.dispose();
  generator.dispose();
  evaluator.dispose();
});

slow('of a conditional generator the share of images that show what was asked for is told', async () => {
  const evaluator = await diagnoserOf(digits);
  const size = { zDim: 3 + CONDITION, width: 0.125, channels: 1 };
  const generator = ARCHITECTURES.dcgan.generator({ engine, random: seedrandom('conditional') }, size);
  const subject = await evaluator.subject(generator, 3, true);
  assert.is(subject.classes?.length, SAMPLES);
  const { diagnosis } = await evaluator.evaluate(subject, { iteration: 1, before: [], training: null });
  assert.equal(Diagnosis.parse(diagnosis), diagnosis);
  assert.is(diagnosis.singularValues?.length, 3);
  const { labels } = await readImages(
    engine,
    loadClassifier(engine, bundledClassifier('digits') ?? '').model,
    await subject.images(),
  );
  const hits = labels.filter((label, image) => label === subject.classes?.[image]).length;
  assert.is(diagnosis.metrics.conditionalAccuracy, hits / SAMPLES);
  subject.dispose();
  generator.dispose();
  evaluator.dispose();
});

slow('what cannot be looked at is refused, and says why', async () => {
  const refused = async (work: Promise<unknown>, message: RegExp): Promise<void> => {
    try {
      await work;
    } catch (error) {
      assert.match(error instanceof Error ? error.message : '', message);
      return;
    }
    assert.unreachable(`nothing was refused: ${message.source}`);
  };
  const classifier = () => loadClassifier(engine, bundledClassifier('digits') ?? '').model;
  const { train } = digits;
  await refused(Evaluator.create(engine, classifier(), train, { samples: 4001 }), /digits holds 4000 images/);
  const wide = { ...train, width: 14, count: 8000 };
  await refused(Evaluator.create(engine, classifier(), wide, { samples: SAMPLES }), /28 × 14 × 1 images/);

  const evaluator = await diagnoserOf(digits);
  const images = new Float32Array(SAMPLES * 784);
  images[5 * 784 + 3] = NaN;
  await refused(evaluator.evaluateImages(images), /image 5 holds NaN/);
  await refused(evaluator.evaluateImages(new Float32Array(784 * 3)), /got 3/);
  evaluator.dispose();
});

test.run();
