/**
 * @file Runs the engine's training steps, as `train` does, and exports what the peers need to repeat the first of them. Runs in a
 * browser too.
 */
import seedrandom from 'seedrandom';
import type { Engine } from '../../../src/autograd/engine.js';
import type { RandomSource } from '../../../src/autograd/randomStream.js';
import { Batches, fillImages } from '../../../src/data/batches.js';
import { digitsDataset } from '../../../src/data/digits/digits.js';
import * as ops from '../../../src/autograd/ops/index.js';
import type { Tensor } from '../../../src/autograd/tensor.js';
import { ARCHITECTURES, type Architecture } from '../../../src/models/networks/architectures.js';
import { normal } from '../../../src/models/layers/initialisers.js';
import {
  batchNorm,
  conv2d,
  convTranspose2d,
  dense,
  flatten,
  reshapeTo,
  Sequential,
} from '../../../src/models/layers/index.js';
import { Gan } from '../../../src/gan/gan.js';
import { METRICS } from '../../../src/gan/ganMetrics.js';
import { STREAMS } from '../../../src/gan/streams.js';
import type { Work } from '../peer.js';
import { BATCH, type GanTask, type NamedArray, type StepDraws } from '../tasks.js';

export const Z_DIM = 100;

/** Steps whose losses are compared: the second's depend on every gradient and on Adam, the third's on its moments. */
export const CHECKED_STEPS = 3;

const SEED = 1;

export async function prepareGan(engine: Engine, task: GanTask): Promise<Work> {
  const { device } = engine;
  const gan = new Gan(engine, {
    architecture: architectureOf(task),
    zDim: Z_DIM,
    width: task.width,
    batch: BATCH,
    imageHeight: 28,
    imageWidth: 28,
    channels: 1,
    seed: SEED,
    random: seedrandom('peers'),
    ringCapacity: 256,
  });
  const images = new Float32Array(BATCH * 28 * 28);
  const dataset = digitsDataset({ seed: 'peers', count: 4 * BATCH });
  fillImages(dataset, new Batches(dataset.count, BATCH, 'peers').batchAt(0), images);
  gan.realImages.write(images.subarray(0, gan.realImages.size));
  const weights: NamedArray[] = [];
  for (const tensor of [...gan.generator.parameters, ...gan.discriminator.parameters]) {
    weights.push({ name: tensor.name ?? '', shape: tensor.shape, values: await tensor.data() });
  }

  const plan = await engine.record(() => {
    gan.step();
    return undefined;
  });
  const draws: StepDraws[] = [];
  for (let done = 0; done < CHECKED_STEPS; done++) {
    draws.push(await drawsOf(gan, task));
    plan.replay();
  }
  const [bytes] = await device.read(gan.scalarRing);
  const history = new Float32Array(bytes ?? new ArrayBuffer(0));
  const losses = new Float32Array(2 * CHECKED_STEPS).map((_, index) => {
    const metric = index % 2 === 0 ? 'discriminatorLoss' : 'generatorLoss';
    return history[Math.floor(index / 2) * METRICS.length + METRICS.indexOf(metric)] ?? NaN;
  });
  return {
    reference: { weights, images, draws, losses },
    run: async (times) => {
      for (let time = 0; time < times; time++) plan.replay();
      await device.synchronize();
    },
    outputs: () => Promise.resolve([losses]),
    dispose: () => {
      plan.dispose();
      gan.dispose();
      device.pool.trim();
    },
  };
}

/** What the next step will draw: its random numbers are functions of seed, stream and iteration. */
async function drawsOf({ engine, iteration }: Gan, { architecture }: GanTask): Promise<StepDraws> {
  const source = (stream: number): RandomSource => ({ seed: SEED, stream, counter: iteration });
  const z = (count: number, stream: number): Promise<Float32Array> => {
    return hostCopy(ops.randomNormal(engine, [count, Z_DIM], source(stream)));
  };
  const mask = async (count: number, pass: number): Promise<Float32Array> => {
    const ones = engine.tensor(new Float32Array(count * DROPOUT.units).fill(1), [count, DROPOUT.units]);
    const values = await hostCopy(ops.dropout(ones, { rate: DROPOUT.rate, ...source(pass + DROPOUT.index) }));
    ones.free();
    return values;
  };
  if (architecture === 'dcgan') return { z: [await z(BATCH, STREAMS.z)], masks: [] };
  return {
    z: [await z(BATCH / 2, STREAMS.z), await z(BATCH, STREAMS.zGenerator)],
    masks: [
      await mask(BATCH / 2, STREAMS.dropoutReal),
      await mask(BATCH / 2, STREAMS.dropoutFake),
      await mask(BATCH, STREAMS.dropoutGenerator),
    ],
  };
}

/** Of the article's discriminator. */
const DROPOUT = { units: 256, rate: 0.5, index: 1 };

async function hostCopy(tensor: Tensor): Promise<Float32Array> {
  const values = await tensor.data();
  tensor.free();
  return values;
}

function architectureOf({ architecture, kernel }: GanTask): Architecture {
  if (architecture === 'article') return ARCHITECTURES.article;
  return kernel === 4 ? ARCHITECTURES.dcgan : withKernels(kernel);
}

/** src/models/networks/dcgan.ts at full width with other kernels; the peers' losses are held against its. */
function withKernels(size: number): Architecture {
  const kernel = normal(0.02);
  const norm = { momentum: 0.9, epsilon: 1e-5 };
  const conv = { size, stride: 2, padding: 'same', kernel } as const;
  const leaky = { leakyRelu: 0.2 } as const;
  return {
    ...ARCHITECTURES.dcgan,
    generator: (builder, { zDim, channels }) => {
      return new Sequential('generator', [
        dense(builder, 'generator/dense', zDim, 7 * 7 * 128, { kernel, useBias: false }),
        reshapeTo([7, 7, 128]),
        batchNorm(builder, 'generator/norm1', 128, { ...norm, activation: 'relu' }),
        convTranspose2d(builder, 'generator/conv1', 128, 64, { ...conv, useBias: false }),
        batchNorm(builder, 'generator/norm2', 64, { ...norm, activation: 'relu' }),
        convTranspose2d(builder, 'generator/conv2', 64, channels, { ...conv, activation: 'tanh' }),
      ]);
    },
    discriminator: (builder, { channels }) => {
      return new Sequential('discriminator', [
        conv2d(builder, 'discriminator/conv1', channels, 64, { ...conv, activation: leaky }),
        conv2d(builder, 'discriminator/conv2', 64, 128, { ...conv, useBias: false }),
        batchNorm(builder, 'discriminator/norm2', 128, { ...norm, activation: leaky }),
        flatten(),
        dense(builder, 'discriminator/dense', 7 * 7 * 128, 1, { kernel }),
      ]);
    },
  };
}
