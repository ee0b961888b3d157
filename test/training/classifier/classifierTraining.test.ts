/**
 * @file A classifier's training on a few built-in digits, and evaluation against counts by hand.
 *
 * @expensive trains classifiers
 */
import { createHash } from 'node:crypto';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Engine } from '../../../src/autograd/engine.js';
import { matmul } from '../../../src/autograd/ops/index.js';
import { createDataset, type ImageDataset } from '../../../src/data/dataset.js';
import { digitsDataset } from '../../../src/data/digits/digits.js';
import { CLASSES, Classifier, FEATURES } from '../../../src/models/networks/classifier.js';
import { flatten, Sequential, lambda } from '../../../src/models/layers/index.js';
import { largest } from '../../../src/evaluation/inputs/classifierOutput.js';
import { classify, compareLabels, evaluateClassifier } from '../../../src/training/classifier/classifierEvaluation.js';
import {
  ClassifierTraining,
  type ClassifierTrainingOptions,
} from '../../../src/training/classifier/classifierTraining.js';
import { Trainer, type TrainingResult } from '../../../src/training/trainer.js';
import type { Snapshot } from '../../../src/data/weights/state.js';
import { openTestDevice } from '../../support/device.js';
import { slow } from '../../support/slow.js';

const device = await openTestDevice();
test.after(() => device.destroy());

const engine = new Engine(device);
const DIGITS = digitsDataset({ seed: 'classifier', count: 320 });
const OPTIONS: ClassifierTrainingOptions = { classifier: 'article', batch: 32, epochs: 0.25, seed: 'one' };

/** Hash of the parameters, and the losses, after a run. */
async function run(options: Partial<ClassifierTrainingOptions> = {}): Promise<{ hash: string; losses: number[] }> {
  const training = new ClassifierTraining(engine, DIGITS, { ...OPTIONS, ...options });
  const trainer = new Trainer(training);
  const losses: number[] = [];
  await trainer.run({
    metrics: (first, rows) => {
      assert.is(first, losses.length + 1, 'iterations are told once each, in order');
      losses.push(...rows.map(({ loss }) => loss));
    },
  });
  assert.is(trainer.done, training.iterations);
  const hash = createHash('sha256');
  for (const parameter of training.model.parameters) hash.update(await parameter.data());
  training.dispose();
  return { hash: hash.digest('hex'), losses };
}

test('the first loss is near ln 10; epochs that end within a batch are rounded up', async () => {
  const { losses } = await run({ epochs: 0.11 });
  assert.is(losses.length, 2);
  assert.ok(Math.abs(losses[0]! - Math.log(10)) < 0.5, `loss ${losses[0]}`);
});

slow('the same seed gives the same bits, another seed others', async () => {
  const first = await run();
  assert.equal(await run(), first);
  const other = await run({ seed: 'two' });
  assert.is.not(other.hash, first.hash);
  assert.is.not(other.losses[0], first.losses[0]);
});

slow('a short training reads digits that it never saw', async () => {
  const training = new ClassifierTraining(engine, DIGITS, { ...OPTIONS, epochs: 4 });
  const unseen = digitsDataset({ seed: 'unseen', count: 300 });
  const before = await evaluateClassifier(engine, training.model, unseen);
  await new Trainer(training).run();
  const after = await evaluateClassifier(engine, training.model, unseen);
  training.dispose();
  assert.ok(before.accuracy < 0.35, `${before.accuracy} before`);
  assert.ok(after.accuracy > 0.6, `${after.accuracy} after`);
});

slow(
  'a training that was stopped and goes on from its snapshot, moved images and schedule included, has the same bits',
  async () => {
    const options: ClassifierTrainingOptions = {
      ...OPTIONS,
      epochs: 0.9,
      schedule: 'one-cycle',
      jitter: { shift: 2, turn: 10 },
      checkpointEvery: 4,
    };
    const snapshots: (readonly [number, Snapshot])[] = [];
    const straight = new ClassifierTraining(engine, DIGITS, options);
    const evaluated: number[] = [];
    const callbacks = {
      checkpoint: (iteration: number, state: Snapshot) => void snapshots.push([iteration, state]),
    };
    const evaluate = (iteration: number) => Promise.resolve(void evaluated.push(iteration));
    assert.is((await new Trainer(straight).run(callbacks, { evaluate })).outcome, 'finished');
    straight.dispose();
    assert.equal(
      snapshots.map(([iteration]) => iteration),
      [4, 8, 9],
    );
    assert.equal(evaluated, [9], 'an epoch is ten iterations; the last evaluation follows the last iteration');

    const again = new ClassifierTraining(engine, DIGITS, options);
    const stop = new AbortController();
    const { outcome, iteration } = await new Trainer(again).run(
      { ...callbacks, metrics: () => stop.abort() },
      { signal: stop.signal },
    );
    assert.equal([outcome, iteration], ['stopped', 1]);
    again.dispose();
    const [, first] = snapshots.pop() ?? [];
    for (const state of [first, snapshots[0]?.[1]]) {
      if (state === undefined) throw new Error('there is a snapshot');
      const resumed = new ClassifierTraining(engine, DIGITS, options);
      const trainer = new Trainer(resumed);
      trainer.restore(state, 'the test');
      const ends: Snapshot[] = [];
      await trainer.run({ checkpoint: (_, last) => void ends.push(last) });
      resumed.dispose();
      assert.equal(ends.at(-1), snapshots.at(-1)?.[1]);
    }
  },
);

test('training and evaluation give all their memory back', async () => {
  const use = async (): Promise<number> => {
    const training = new ClassifierTraining(engine, DIGITS, { ...OPTIONS, epochs: 0.1 });
    await new Trainer(training).run();
    await evaluateClassifier(engine, training.model, DIGITS);
    training.dispose();
    return device.pool.bytes;
  };
  const bytes = await use();
  assert.is(await use(), bytes);
});

test('a loss that is not finite ends the training, and the iteration is named', async () => {
  const training = new ClassifierTraining(engine, DIGITS, OPTIONS);
  const [kernel] = training.model.parameters;
  const losses: number[] = [];
  const result: TrainingResult = await new Trainer(training).run({
    metrics: (_, rows) => {
      losses.push(...rows.map(({ loss }) => loss));
      kernel?.write(new Float32Array(kernel.size).fill(NaN));
    },
  });
  training.dispose();
  assert.equal([result.outcome, result.iteration, result.reason], ['diverged', 2, 'the loss is not finite']);
  assert.is(losses.length, 1, 'only finite losses are reported');
});

test('images of another size are refused by name', () => {
  const size = { count: 1, height: 14, width: 14, channels: 1 };
  const small = createDataset({ name: 'small', ...size, pixels: new Uint8Array(196), labels: new Uint8Array(1) });
  assert.throws(() => new ClassifierTraining(engine, small, OPTIONS), /small has 14 × 14 × 1 images/);
});

/** Takes the first numbers of each row. */
function firstOf(all: number, few: number): Sequential {
  const values = Float32Array.from({ length: all * few }, (_, at) => (Math.floor(at / few) === at % few ? 1 : 0));
  const pick = engine.tensor(values, [all, few]);
  return new Sequential('first', [flatten(), lambda((x) => matmul(x, pick))]);
}

/** Gives each image its first ten pixels as logits: what it says is known beforehand. */
const firstPixels = new Classifier(firstOf(28 * 28, FEATURES), firstOf(FEATURES, CLASSES));

/** Image i is labelled i mod 10, and {@link firstPixels} calls it `classOf(i)`. */
function pointedDataset(count: number, classOf: (index: number) => number): ImageDataset {
  const pixels = new Uint8Array(count * 28 * 28);
  for (let index = 0; index < count; index++) pixels[index * 28 * 28 + classOf(index)] = 255;
  const labels = Uint8Array.from({ length: count }, (_, index) => index % CLASSES);
  return createDataset({ name: 'pointed', count, height: 28, width: 28, channels: 1, pixels, labels });
}

test('classes are those of all images in order, a last batch that is not full included', async () => {
  for (const count of [1, 128, 300]) {
    const dataset = pointedDataset(count, (index) => (7 * index) % CLASSES);
    const expected = Uint8Array.from({ length: count }, (_, index) => (7 * index) % CLASSES);
    assert.equal(await classify(engine, firstPixels, dataset), expected, `${count} images`);
  }
});

test('accuracy and confusion matrix against a count by hand', async () => {
  // Of 303 images, 3 are called 0 (of the labels 0, 1 and 2) and all others by their label plus one, a 9 by 9.
  const dataset = pointedDataset(303, (index) => (index >= 300 ? 0 : Math.min(9, (index % CLASSES) + 1)));
  const { count, accuracy, confusion } = await evaluateClassifier(engine, firstPixels, dataset);
  assert.is(count, 303);
  assert.is(accuracy, 31 / 303, '30 nines, and the zero among the last three');
  const expected = Array.from({ length: CLASSES }, (_, label) => {
    return Array.from({ length: CLASSES }, (_, given) => {
      return (given === Math.min(9, label + 1) ? 30 : 0) + (given === 0 && label < 3 ? 1 : 0);
    });
  });
  assert.equal(confusion, expected);
});

test('the class is that of the largest logit, among equals the first', () => {
  const rows = [
    [-5, -1, -3, -1, -9, -9, -9, -9, -9, -2],
    [0, 0, 0, 0, 0, 0, 0, 0, 0, 1e-9],
    [0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
  ];
  assert.equal(largest(Float32Array.from(rows.flat())), Uint8Array.from([1, 9, 0]));
  const { accuracy, confusion } = compareLabels(Uint8Array.from([1, 9, 3]), Uint8Array.from([1, 9, 0]));
  assert.is(accuracy, 2 / 3);
  assert.is(confusion[3]?.[0], 1);
});

test.run();
