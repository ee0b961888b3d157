/**
 * @file Builds the default DCGAN (`--arch dcgan`) for 28 × 28 images: transposed convolutions, batch normalisation in both
 * networks, settings after Radford et al. 2016 (https://arxiv.org/abs/1511.06434).
 *
 * Kernels are 4 × 4 with stride 2: every output pixel of the generator receives exactly four taps, which avoids
 * checkerboard artefacts (Odena et al. 2016, https://distill.pub/2016/deconv-checkerboard/), at 16/25 of the work of 5 × 5.
 */
import { minibatchStddev, packImages } from '../layers/minibatch.js';
import { normal } from '../layers/initialisers.js';
import { conv2d, convTranspose2d, dense, flatten, reshapeTo, Sequential, type Builder } from '../layers/index.js';
import { normalised, type Normalisation } from '../layers/normalisation.js';

/** Sizes and options of the networks. */
export interface GanSize {
  /** Dimension of z, 1 … 512. */
  readonly zDim: number;
  /** Scales all channel counts; 1 is the published size. */
  readonly width: number;
  /** Colour channels of the images. */
  readonly channels: number;
  /** Default: `batch`. */
  readonly normaliseGenerator?: Normalisation | undefined;
  /** Default: `batch` for dcgan, `none` for article. */
  readonly normaliseDiscriminator?: Normalisation | undefined;
  /** Appends the standard deviation of the batch before the discriminator's dense layers (Karras et al. 2018). Default: false. */
  readonly minibatchStddev?: boolean | undefined;
  /**
   * Units of the dense layer between the discriminator's convolutions and its logit, scaled by the width; 0: none. Default: 0 for
   * dcgan, 256 for article.
   */
  readonly hidden?: number | undefined;
  /** Images for each logit of the discriminator (PacGAN, Lin et al. 2018). Default: 1. */
  readonly pack?: number | undefined;
}

/** A channel count scaled by `--width`: at least 1, and a multiple of 4 from 4 on, because the kernels read vec4s. */
export function scaled(channels: number, width: number): number {
  const target = channels * width;
  return target < 4 ? Math.max(1, Math.round(target)) : 4 * Math.round(target / 4);
}

/** Units of a dense layer, of which 0 stay 0, scaled as {@link scaled}. */
export function scaledUnits(units: number, width: number): number {
  return units === 0 ? 0 : scaled(units, width);
}

const KERNEL = normal(0.02);
const NORM = { momentum: 0.9, epsilon: 1e-5 } as const;
const CONV = { size: 4, stride: 2, padding: 'same', kernel: KERNEL } as const;
const LEAKY = { leakyRelu: 0.2 } as const;

/** z → dense 7·7·128 → transposed convolutions to 14 × 14 × 64 and 28 × 28, tanh. */
export function dcganGenerator(builder: Builder, size: GanSize): Sequential {
  const { zDim, width, channels, normaliseGenerator: kind = 'batch' } = size;
  const deep = scaled(128, width);
  const shallow = scaled(64, width);
  return new Sequential('generator', [
    ...normalised(builder, kind, 'generator/norm1', { ...NORM, activation: 'relu', channels: deep }, (options) => [
      dense(builder, 'generator/dense', zDim, 7 * 7 * deep, { kernel: KERNEL, ...options }),
      reshapeTo([7, 7, deep]),
    ]),
    ...normalised(builder, kind, 'generator/norm2', { ...NORM, activation: 'relu', channels: shallow }, (options) => [
      convTranspose2d(builder, 'generator/conv1', deep, shallow, { ...CONV, ...options }),
    ]),
    convTranspose2d(builder, 'generator/conv2', shallow, channels, {
      ...CONV,
      activation: 'tanh',
      spectral: kind === 'spectral',
    }),
  ]);
}

/**
 * 28 × 28 → convolutions to 14 × 14 × 64 and 7 × 7 × 128 → a dense layer of `hidden` units, if any → one logit; batch or layer
 * normalisation after the second convolution only. Without the dense layer the logit is a sum over the 49 places, each of
 * which sees 10 × 10 pixels: strokes are judged, and how they fit together is not.
 */
export function dcganDiscriminator(builder: Builder, size: GanSize): Sequential {
  const { width, channels, normaliseDiscriminator: kind = 'batch', pack = 1 } = size;
  const deep = scaled(128, width);
  const shallow = scaled(64, width);
  const hidden = scaledUnits(size.hidden ?? 0, width);
  const spectral = kind === 'spectral';
  const features = 7 * 7 * (size.minibatchStddev === true ? deep + 1 : deep);
  return new Sequential('discriminator', [
    ...(pack === 1 ? [] : [packImages(pack)]),
    conv2d(builder, 'discriminator/conv1', pack * channels, shallow, { ...CONV, activation: LEAKY, spectral }),
    ...normalised(builder, kind, 'discriminator/norm2', { ...NORM, activation: LEAKY, channels: deep }, (options) => [
      conv2d(builder, 'discriminator/conv2', shallow, deep, { ...CONV, ...options }),
    ]),
    ...(size.minibatchStddev === true ? [minibatchStddev()] : []),
    flatten(),
    ...(hidden === 0
      ? []
      : [dense(builder, 'discriminator/hidden', features, hidden, { kernel: KERNEL, activation: LEAKY, spectral })]),
    dense(builder, 'discriminator/dense', hidden === 0 ? features : hidden, 1, { kernel: KERNEL, spectral }),
  ]);
}
