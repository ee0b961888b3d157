/**
 * @file Which classes the networks of a conditional step are told, pass by pass: the discriminator's planes are the labels of
 * the images before them, be they the dataset's or those that the generator was told, which come by their shares.
 */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Engine } from '../../src/autograd/engine.js';
import type { Tensor } from '../../src/autograd/tensor.js';
import { Batches, fillImages } from '../../src/data/batches.js';
import { createDataset } from '../../src/data/dataset.js';
import { digitsDataset } from '../../src/data/digits/digits.js';
import { CONDITION, planesBehind } from '../../src/models/layers/conditioning.js';
import type { Sequential } from '../../src/models/layers/index.js';
import { GanTraining } from '../../src/training/gan/ganTraining.js';
import { Trainer } from '../../src/training/trainer.js';
import type { ObjectiveOptions } from '../../src/gan/settings.js';
import { openTestDevice } from '../support/device.js';
import { slow } from '../support/slow.js';
import { linearGan, valuesOf } from './linear.js';

const device = await openTestDevice();
test.after(() => device.destroy());

const engine = new Engine(device);

const CHANNELS = 1 + planesBehind(1);

/** Of each image that a discriminator was given: the class whose plane is 1 all over, where the others are 0. */
async function classesOfImages(given: Tensor | undefined): Promise<number[]> {
  const [count = 0, height = 1, width = 1] = given?.shape ?? [];
  const values = await valuesOf(given);
  return Array.from({ length: count }, (_, n) => {
    const planes = Array.from({ length: CHANNELS - 1 }, (_each, plane) => {
      const own = Array.from({ length: height * width }, (_pixel, pixel) => {
        return values[(n * height * width + pixel) * CHANNELS + 1 + plane];
      });
      assert.is(new Set(own).size, 1, 'a plane is of one value');
      return own[0];
    });
    return theOne(planes);
  });
}

/** Of each row that a generator was given: the class behind its z. */
async function classesOfRows(taken: Tensor | undefined): Promise<number[]> {
  const [count = 0, width = 0] = taken?.shape ?? [];
  const values = await valuesOf(taken);
  return Array.from({ length: count }, (_, n) => theOne(values.slice((n + 1) * width - CONDITION, (n + 1) * width)));
}

function theOne(oneHot: readonly (number | undefined)[]): number {
  assert.equal(
    oneHot.filter((value) => value !== 0),
    [1],
  );
  return oneHot.indexOf(1);
}

/** How a step's passes of the discriminator come: with several updates, some for a penalty, and at last the generator's. */
const CASES: readonly (readonly [as: 'dcgan' | 'article', objective: ObjectiveOptions])[] = [
  ['dcgan', { loss: 'wgan', criticSteps: 2 }],
  ['dcgan', { loss: 'wgan-gp', criticSteps: 2 }],
  ['dcgan', { loss: 'r1', criticSteps: 2, augment: ['translation'] }],
  ['dcgan', { loss: 'bce', criticSteps: 2, instanceNoise: 0.1 }],
  ['article', { loss: 'bce' }],
];

/** Checks the passes of a joint step, or of one by halves, against the labels of the real images that it was given. */
async function checkPasses(
  zs: readonly Tensor[],
  given: readonly Tensor[],
  labels: readonly number[],
  { batch, isJoint, loss }: { batch: number; isJoint: boolean; loss: ObjectiveOptions['loss'] },
): Promise<void> {
  const told = await Promise.all(zs.map(classesOfRows));
  const seen = await Promise.all(given.map(classesOfImages));
  if (!isJoint) {
    assert.equal(seen, [labels, ...told], 'half of real images, half of generated ones, and the generator’s');
    return;
  }
  const isPaired = loss === 'wgan-gp';
  const isPenalised = isPaired || loss === 'r1';
  const wanted = told.flatMap((asked, nth) => {
    const own = labels.slice(nth * batch, (nth + 1) * batch);
    if (isPaired) assert.equal(asked, own, 'on the line between two images both are of one class');
    return [[...own, ...asked], ...(isPenalised ? [own] : [])];
  });
  // The generator learns from the images of the last update.
  assert.equal(seen, [...wanted, told.at(-1)]);
}

for (const [as, objective] of CASES) {
  test(`${as}, ${JSON.stringify(objective)}: planes are the labels of real images and the generator’s classes`, async () => {
    const sizes = { zDim: 3, batch: 8, side: 4, as };
    const { gan, zs, given } = linearGan(engine, { ...objective, conditional: true }, sizes);
    const { criticSteps, schedule } = gan.objective;
    const isJoint = schedule === 'joint';
    // No two neighbours alike, nor two updates.
    const labels = Array.from({ length: gan.realImages.shape[0]! }, (_, n) => (3 * n + 1) % CONDITION);
    assert.is(labels.length, isJoint ? criticSteps * 8 : 4);
    gan.conditioning?.write(labels);
    gan.step();
    await checkPasses(zs, given, labels, { batch: 8, isJoint, loss: objective.loss });
    gan.dispose();
  });
}

for (const as of ['dcgan', 'article'] as const) {
  test(`${as}: classes are requested by their shares, in every pass of the generator`, async () => {
    const shares = [0, 3, 0, 0, 1, 0, 0, 0, 4, 0];
    const sizes = { zDim: 3, batch: 64, side: 2, as, classShares: shares };
    const { gan, zs } = linearGan(engine, { conditional: true, criticSteps: as === 'dcgan' ? 2 : 1 }, sizes);
    const steps = 8;
    for (let step = 0; step < steps; step++) gan.step();
    const passes = await Promise.all(zs.map(classesOfRows));
    for (const nth of [0, 1]) {
      const told = passes.filter((_, pass) => pass % 2 === nth).flat();
      const counts = Array.from({ length: CONDITION }, (_, each) => told.filter((label) => label === each).length);
      for (const [label, count] of counts.entries()) {
        const p = shares[label]! / 8;
        const deviation = Math.sqrt(told.length * p * (1 - p));
        assert.ok(Math.abs(count - told.length * p) <= 4 * deviation, `class ${label}: ${count} of ${told.length}`);
      }
    }
    gan.dispose();
  });
}

/** Keeps what a network is given from now on. */
function watched(network: Sequential): Tensor[] {
  const given: Tensor[] = [];
  const forward = network.forward.bind(network);
  network.forward = (x, pass) => {
    given.push(x);
    return forward(x, pass);
  };
  return given;
}

const DIGITS = digitsDataset({ seed: 'pairs', count: 40 });
/** Of two classes alone, so that a generator that is asked for others is seen. */
const TWO = createDataset({ ...DIGITS, name: 'two', labels: DIGITS.labels.map((label) => (label % 3 === 0 ? 2 : 7)) });

for (const [as, objective] of CASES.filter(([, { loss }]) => loss !== 'r1')) {
  slow(`${as}, ${JSON.stringify(objective)}: training gives each image of the dataset with its own label`, async () => {
    for (const dataset of [DIGITS, TWO]) {
      const options = { zDim: 3, width: 0.0625, batch: 4, iterations: 2, sampleEvery: 100, seed: 'pairs' };
      const asked = { ...objective, conditional: true, instanceNoise: undefined };
      const training = new GanTraining(engine, dataset, { architecture: as, objective: asked, ...options });
      await new Trainer(training).run();
      const { gan } = training;
      const [zs, given] = [gan.generator, gan.discriminator].map(watched);
      // Its buffers still hold the second iteration's images.
      gan.step();

      const count = gan.realImages.shape[0]!;
      const indices = new Batches(dataset.count, count, `${options.seed}/batches`).batchAt(1);
      const images = new Float32Array(gan.realImages.size);
      fillImages(dataset, indices, images);
      assert.equal(await gan.realImages.data(), images);
      const labels = Array.from(indices, (index) => dataset.labels[index]!);
      const isJoint = gan.objective.schedule === 'joint';
      await checkPasses(zs!, given!, labels, { batch: 4, isJoint, loss: objective.loss });
      const told = (await Promise.all(zs!.map(classesOfRows))).flat();
      if (dataset === TWO)
        assert.ok(
          told.every((label) => label === 2 || label === 7),
          told.join(),
        );
      training.dispose();
    }
  });
}

test.run();
