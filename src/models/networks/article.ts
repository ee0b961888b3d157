/**
 * @file Builds the networks of triwave33's DCGAN article (`--arch article`, 2018, in Keras) exactly
 * (https://qiita.com/triwave33/items/a5b3007d31d28bc445c2; code: https://github.com/triwave33/GAN, dcgan.py): up-sampling and
 * 5 × 5 convolutions in the generator, dropout in the discriminator, Keras's initialisers and batch-norm settings.
 * At z_dim 100 they have 6,768,129 and 1,026,305 parameters. Options of `GanSize` default to the article's choice.
 */
import { minibatchStddev, packImages } from '../layers/minibatch.js';
import { scaled, scaledUnits, type GanSize } from './dcgan.js';
import { glorotUniform } from '../layers/initialisers.js';
import {
  conv2d,
  dense,
  dropout,
  flatten,
  reshapeTo,
  Sequential,
  upsampledConv2d,
  type Builder,
} from '../layers/index.js';
import { normalised } from '../layers/normalisation.js';

/** Units of the discriminator's dense layer. */
export const ARTICLE_HIDDEN = 256;

const NORM = { momentum: 0.99, epsilon: 1e-3 } as const;
const CONV = { size: 5, kernel: glorotUniform } as const;
const LEAKY = { leakyRelu: 0.2 } as const;

/** z → dense 1024 → dense 7·7·128 → twice: up-sampling ×2, convolution; tanh. Keeps biases before a normalisation, as the article does. */
export function articleGenerator(builder: Builder, size: GanSize): Sequential {
  const { zDim, width, channels, normaliseGenerator: kind = 'batch' } = size;
  const hidden = scaled(1024, width);
  const deep = scaled(128, width);
  const shallow = scaled(64, width);
  const same = { ...CONV, padding: 'same' } as const;
  const norm = { ...NORM, activation: 'relu' } as const;
  return new Sequential('generator', [
    ...normalised(builder, kind, 'generator/norm1', { ...norm, channels: hidden }, (options) => [
      dense(builder, 'generator/dense1', zDim, hidden, { kernel: glorotUniform, ...options, useBias: true }),
    ]),
    ...normalised(builder, kind, 'generator/norm2', { ...norm, channels: 7 * 7 * deep }, (options) => [
      dense(builder, 'generator/dense2', hidden, 7 * 7 * deep, { kernel: glorotUniform, ...options, useBias: true }),
    ]),
    reshapeTo([7, 7, deep]),
    ...normalised(builder, kind, 'generator/norm3', { ...norm, channels: shallow }, (options) => [
      upsampledConv2d(builder, 'generator/conv1', deep, shallow, { ...same, ...options, useBias: true }),
    ]),
    upsampledConv2d(builder, 'generator/conv2', shallow, channels, {
      ...same,
      activation: 'tanh',
      spectral: kind === 'spectral',
    }),
  ]);
}

/** Convolutions to 14 × 14 × 64 and, without padding, 5 × 5 × 128 → dense 256, dropout → one logit. */
export function articleDiscriminator(builder: Builder, size: GanSize): Sequential {
  const { width, channels, normaliseDiscriminator: kind = 'none', pack = 1 } = size;
  const shallow = scaled(64, width);
  const deep = scaled(128, width);
  const hidden = scaledUnits(size.hidden ?? ARTICLE_HIDDEN, width);
  const spectral = kind === 'spectral';
  const features = 5 * 5 * (size.minibatchStddev === true ? deep + 1 : deep);
  const norm = { ...NORM, activation: LEAKY } as const;
  return new Sequential('discriminator', [
    ...(pack === 1 ? [] : [packImages(pack)]),
    conv2d(builder, 'discriminator/conv1', pack * channels, shallow, {
      ...CONV,
      stride: 2,
      padding: 'same',
      activation: LEAKY,
      spectral,
    }),
    ...normalised(builder, kind, 'discriminator/norm2', { ...norm, channels: deep }, (options) => [
      conv2d(builder, 'discriminator/conv2', shallow, deep, { ...CONV, stride: 2, padding: 'valid', ...options }),
    ]),
    // Before the dropout, whose masks would count as differences between images.
    ...(size.minibatchStddev === true ? [minibatchStddev()] : []),
    flatten(),
    ...(hidden === 0
      ? []
      : normalised(builder, kind, 'discriminator/norm3', { ...norm, channels: hidden }, (options) => [
          dense(builder, 'discriminator/dense1', features, hidden, { kernel: glorotUniform, ...options }),
        ])),
    dropout(0.5, 1),
    dense(builder, 'discriminator/dense2', hidden === 0 ? features : hidden, 1, { kernel: glorotUniform, spectral }),
  ]);
}
