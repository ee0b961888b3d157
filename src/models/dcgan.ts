/**
 * @file The default DCGAN (`--arch dcgan`) for 28 × 28 images: transposed convolutions, batch normalisation in both
 * networks, settings after Radford et al. 2016 (https://arxiv.org/abs/1511.06434).
 *
 * Kernels are 4 × 4 with stride 2: every output pixel of the generator meets exactly four taps, which leaves no
 * checkerboard (Odena et al. 2016, https://distill.pub/2016/deconv-checkerboard/), at 16/25 of the work of 5 × 5.
 */
import { normal } from './initialisers.js';
import { batchNorm, conv2d, convTranspose2d, dense, flatten, reshapeTo, Sequential, type Builder } from './layers.js';

/** Sizes that the networks are built by. */
export interface GanSize {
  /** Dimension of z, 1 … 512. */
  readonly zDim: number;
  /** Scales all channel counts; 1 is the published size. */
  readonly width: number;
  /** Colour channels of the images. */
  readonly channels: number;
}

/** A channel count under `--width`: at least 1, and a multiple of 4 from 4 on, which the kernels' vec4s like. */
export function scaled(channels: number, width: number): number {
  const target = channels * width;
  return target < 4 ? Math.max(1, Math.round(target)) : 4 * Math.round(target / 4);
}

const KERNEL = normal(0.02);
const NORM = { momentum: 0.9, epsilon: 1e-5 } as const;
const CONV = { size: 4, stride: 2, padding: 'same', kernel: KERNEL } as const;
const LEAKY = { leakyRelu: 0.2 } as const;

/** z → dense 7·7·128 → transposed convolutions to 14 × 14 × 64 and 28 × 28, tanh. */
export function dcganGenerator(builder: Builder, { zDim, width, channels }: GanSize): Sequential {
  const deep = scaled(128, width);
  const shallow = scaled(64, width);
  return new Sequential('generator', [
    dense(builder, 'generator/dense', zDim, 7 * 7 * deep, { kernel: KERNEL, useBias: false }),
    reshapeTo([7, 7, deep]),
    batchNorm(builder, 'generator/norm1', deep, { ...NORM, activation: 'relu' }),
    convTranspose2d(builder, 'generator/conv1', deep, shallow, { ...CONV, useBias: false }),
    batchNorm(builder, 'generator/norm2', shallow, { ...NORM, activation: 'relu' }),
    convTranspose2d(builder, 'generator/conv2', shallow, channels, { ...CONV, activation: 'tanh' }),
  ]);
}

/** 28 × 28 → convolutions to 14 × 14 × 64 and 7 × 7 × 128 → one logit. */
export function dcganDiscriminator(builder: Builder, { width, channels }: GanSize): Sequential {
  const shallow = scaled(64, width);
  const deep = scaled(128, width);
  return new Sequential('discriminator', [
    conv2d(builder, 'discriminator/conv1', channels, shallow, { ...CONV, activation: LEAKY }),
    conv2d(builder, 'discriminator/conv2', shallow, deep, { ...CONV, useBias: false }),
    batchNorm(builder, 'discriminator/norm2', deep, { ...NORM, activation: LEAKY }),
    flatten(),
    dense(builder, 'discriminator/dense', 7 * 7 * deep, 1, { kernel: KERNEL }),
  ]);
}
