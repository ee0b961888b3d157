/**
 * @file Defines the DCGAN for square images whose side is a multiple of 4; at side 28 it equals `--arch dcgan`.
 */
import { ARCHITECTURES, type Architecture } from '../../src/models/networks/architectures.js';
import { scaled, type GanSize } from '../../src/models/networks/dcgan.js';
import { normal } from '../../src/models/layers/initialisers.js';
import {
  batchNorm,
  conv2d,
  convTranspose2d,
  dense,
  flatten,
  reshapeTo,
  Sequential,
  type Builder,
} from '../../src/models/layers/index.js';

const KERNEL = normal(0.02);
const NORM = { momentum: 0.9, epsilon: 1e-5 } as const;
const CONV = { size: 4, stride: 2, padding: 'same', kernel: KERNEL } as const;
const LEAKY = { leakyRelu: 0.2 } as const;

/** Generator: z → dense s/4 · s/4 · 128 → transposed convolutions to s/2 · s/2 · 64 and s · s; the discriminator mirrors it. */
export function dcganOfSide(side: number): Architecture {
  const quarter = side / 4;
  if (!Number.isInteger(quarter)) throw new RangeError(`the side must be a multiple of 4; got ${side}`);
  return {
    ...ARCHITECTURES.dcgan,
    generator: (builder, size) => generator(builder, size, quarter),
    discriminator: (builder, size) => discriminator(builder, size, quarter),
  };
}

function generator(builder: Builder, { zDim, width, channels }: GanSize, quarter: number): Sequential {
  const [deep, shallow] = [scaled(128, width), scaled(64, width)];
  return new Sequential('generator', [
    dense(builder, 'generator/dense', zDim, quarter * quarter * deep, { kernel: KERNEL, useBias: false }),
    reshapeTo([quarter, quarter, deep]),
    batchNorm(builder, 'generator/norm1', deep, { ...NORM, activation: 'relu' }),
    convTranspose2d(builder, 'generator/conv1', deep, shallow, { ...CONV, useBias: false }),
    batchNorm(builder, 'generator/norm2', shallow, { ...NORM, activation: 'relu' }),
    convTranspose2d(builder, 'generator/conv2', shallow, channels, { ...CONV, activation: 'tanh' }),
  ]);
}

function discriminator(builder: Builder, { width, channels }: GanSize, quarter: number): Sequential {
  const [deep, shallow] = [scaled(128, width), scaled(64, width)];
  return new Sequential('discriminator', [
    conv2d(builder, 'discriminator/conv1', channels, shallow, { ...CONV, activation: LEAKY }),
    conv2d(builder, 'discriminator/conv2', shallow, deep, { ...CONV, useBias: false }),
    batchNorm(builder, 'discriminator/norm2', deep, { ...NORM, activation: LEAKY }),
    flatten(),
    dense(builder, 'discriminator/dense', quarter * quarter * deep, 1, { kernel: KERNEL }),
  ]);
}
