/**
 * @file A critic's estimate of a Wasserstein distance: linear critics, whose means can be worked out by hand, on counts
 * that fill no batch, and critics that judge pairs or see the images around one.
 */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Engine } from '../../../src/autograd/engine.js';
import * as ops from '../../../src/autograd/ops/index.js';
import type { Tensor } from '../../../src/autograd/tensor.js';
import { digitsDataset } from '../../../src/data/digits/digits.js';
import { chooseImages } from '../../../src/evaluation/inputs/chosenImages.js';
import { CriticEstimate } from '../../../src/evaluation/dynamics/criticEstimate.js';
import { openTestDevice } from '../../support/device.js';
import { seededNormal } from '../../support/random.js';

const device = await openTestDevice();
const engine = new Engine(device);
test.after(() => device.destroy());

const SIZE = 28 * 28;
const dataset = digitsDataset({ seed: 'critic', count: 300 });
const heldOut = digitsDataset({ seed: 'critic', count: 77, first: 300 });
const generated = Float32Array.from(seededNormal('generated', 130 * SIZE));

const weights = Float32Array.from(seededNormal('critic', SIZE));
const column = engine.tensor(weights, [SIZE, 1], { name: 'critic' });
const linear = (images: Tensor): Tensor => ops.matmul(ops.reshape(images, [images.size / SIZE, SIZE]), column);

/** The linear critic's mean, in float64. */
function meanScore(values: Float32Array): number {
  const total = values.reduce((sum, value, index) => sum + value * weights[index % SIZE]!, 0);
  return total / (values.length / SIZE);
}

function isNear(found: number | null, expected: number): void {
  assert.ok(found !== null && Math.abs(found - expected) < 1e-3, `${found ?? 'null'}, expected ${expected}`);
}

test('mean over real images less mean over generated ones, of training and of held-out images', async () => {
  const estimate = await CriticEstimate.prepare(engine, { score: linear, dataset, heldOut, samples: 130 });
  const found = await estimate.of(generated);
  isNear(found.training, meanScore(chooseImages(dataset, 130).values) - meanScore(generated));
  // There are fewer of them than samples.
  isNear(found.heldOut, meanScore(chooseImages(heldOut, 77).values) - meanScore(generated));

  const { bytes } = device.pool;
  assert.equal(await estimate.of(generated), found, 'the same bits again');
  assert.is(device.pool.bytes, bytes, 'nothing is left behind');
  const nearer = await estimate.of(chooseImages(heldOut, 77).values);
  assert.is(nearer.heldOut, 0);
  estimate.dispose();
});

test('the critic counts as it is at each look; without held-out images there is null', async () => {
  const critic = engine.tensor(weights, [SIZE, 1], { name: 'critic' });
  const score = (images: Tensor): Tensor => ops.matmul(ops.reshape(images, [images.size / SIZE, SIZE]), critic);
  const estimate = await CriticEstimate.prepare(engine, { score, dataset, samples: 100 });
  const before = await estimate.of(generated);
  critic.write(weights.map((weight) => 2 * weight));
  const after = await estimate.of(generated);
  isNear(after.training, 2 * before.training);
  assert.equal([before.heldOut, after.heldOut], [null, null]);

  critic.write(new Float32Array(SIZE).fill(NaN));
  try {
    await estimate.of(generated);
    assert.unreachable();
  } catch (error) {
    assert.match(String(error), /the mean score of the generated images is NaN/);
  }
  estimate.dispose();
  critic.free();
});

test('a critic of pairs is asked for pairs of images of one kind', async () => {
  const pair = new Float32Array(2 * SIZE);
  pair.set(weights);
  pair.set(weights, SIZE);
  const critic = engine.tensor(pair, [2 * SIZE, 1], { name: 'critic' });
  const score = (images: Tensor): Tensor => ops.matmul(ops.reshape(images, [images.size / SIZE / 2, 2 * SIZE]), critic);
  const estimate = await CriticEstimate.prepare(engine, { score, dataset, samples: 130 });
  const found = await estimate.of(generated);
  isNear(found.training, 2 * (meanScore(chooseImages(dataset, 130).values) - meanScore(generated)));
  estimate.dispose();
  critic.free();
});

test('images around one are of its own kind, in a last batch as well', async () => {
  // What the whole batch is on average, at each of its images.
  const score = (images: Tensor): Tensor => {
    const scores = linear(images);
    return ops.add(ops.scale(scores, 0), ops.mean(scores));
  };
  const one = generated.subarray(0, SIZE);
  const all = new Float32Array(100 * SIZE);
  for (let image = 0; image < 100; image++) all.set(one, image * SIZE);
  const estimate = await CriticEstimate.prepare(engine, { score, dataset: heldOut, samples: 1 });
  const [real] = [chooseImages(heldOut, 1).values];
  isNear((await estimate.of(all)).training, meanScore(real) - meanScore(one));
  estimate.dispose();
});

test.run();
