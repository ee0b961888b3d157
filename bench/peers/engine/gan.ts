/**
 * @file Runs the engine's training step of the DCGAN, as `train` does, and exports what the peers need to repeat its first steps.
 */
import seedrandom from 'seedrandom';
import type { Engine } from '../../../src/autograd/engine.js';
import { Batches, fillImages } from '../../../src/data/batches.js';
import { digitsDataset } from '../../../src/data/digits/digits.js';
import { DeviceBuffer } from '../../../src/gpu/memory/buffers.js';
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
import type { Work } from '../peer.js';
import { BATCH, type GanTask, type NamedArray } from '../tasks.js';

export const Z_DIM = 100;

/** Steps whose losses are compared: the second's depend on every gradient and on Adam, the third's on its moments. */
export const CHECKED_STEPS = 3;

/** The kernel size of the engine's own networks. */
const OWN_KERNEL = 4;

export async function prepareGan(engine: Engine, { kernel }: GanTask): Promise<Work> {
  const { device } = engine;
  const gan = new Gan(engine, {
    architecture: kernel === OWN_KERNEL ? ARCHITECTURES.dcgan : withKernels(kernel),
    zDim: Z_DIM,
    width: 1,
    batch: BATCH,
    imageHeight: 28,
    imageWidth: 28,
    channels: 1,
    seed: 1,
    random: seedrandom('peers'),
    ringCapacity: 256,
  });
  const images = new Float32Array(gan.realImages.size);
  const dataset = digitsDataset({ seed: 'peers', count: 4 * BATCH });
  fillImages(dataset, new Batches(dataset.count, BATCH, 'peers').batchAt(0), images);
  gan.realImages.write(images);
  const weights: NamedArray[] = [];
  for (const tensor of [...gan.generator.parameters, ...gan.discriminator.parameters]) {
    weights.push({ name: tensor.name ?? '', shape: tensor.shape, values: await tensor.data() });
  }

  const step = (): undefined => {
    gan.step();
  };
  await engine.prepare(step);
  const trace = device.trace(step);
  // The step draws its z itself: the peers must be told which.
  const drawn = trace.commands.find(({ kernel: { name } }) => name === 'randomNormal')?.buffers.at(-1);
  if (!(drawn instanceof DeviceBuffer)) throw new Error('the step of the DCGAN draws no z');
  const plan = await device.compile(trace, [drawn]);
  const z: Float32Array[] = [];
  for (let done = 0; done < CHECKED_STEPS; done++) {
    plan.replay();
    const [bytes] = await device.read(drawn);
    z.push(new Float32Array(bytes ?? new ArrayBuffer(0), 0, BATCH * Z_DIM));
  }
  const [bytes] = await device.read(gan.scalarRing);
  const history = new Float32Array(bytes ?? new ArrayBuffer(0));
  const losses = new Float32Array(2 * CHECKED_STEPS).map((_, index) => {
    const metric = index % 2 === 0 ? 'discriminatorLoss' : 'generatorLoss';
    return history[Math.floor(index / 2) * METRICS.length + METRICS.indexOf(metric)] ?? NaN;
  });
  return {
    reference: { weights, images, z, losses },
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
