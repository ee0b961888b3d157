/**
 * @file The networks of triwave33's DCGAN article (`--arch article`, 2018, in Keras), to the letter: up-sampling and
 * 5 × 5 convolutions in the generator, dropout in the discriminator, Keras's initialisers and batch-norm settings.
 * At z_dim 100 they hold 6,768,129 and 1,026,305 numbers.
 */
import { upsample2x } from '../autograd/ops/index.js';
import { scaled, type GanSize } from './dcgan.js';
import { glorotUniform } from './initialisers.js';
import {
  batchNorm,
  conv2d,
  dense,
  dropout,
  flatten,
  reshapeTo,
  Sequential,
  shapeless,
  type Builder,
} from './layers.js';

const NORM = { momentum: 0.99, epsilon: 1e-3, activation: 'relu' } as const;
const CONV = { size: 5, kernel: glorotUniform } as const;
const LEAKY = { leakyRelu: 0.2 } as const;

/** z → dense 1024 → dense 7·7·128 → twice: up ×2, convolution; tanh. */
export function articleGenerator(builder: Builder, { zDim, width, channels }: GanSize): Sequential {
  const hidden = scaled(1024, width);
  const deep = scaled(128, width);
  const shallow = scaled(64, width);
  const same = { ...CONV, stride: 1, padding: 'same' } as const;
  return new Sequential('generator', [
    dense(builder, 'generator/dense1', zDim, hidden, { kernel: glorotUniform }),
    batchNorm(builder, 'generator/norm1', hidden, NORM),
    dense(builder, 'generator/dense2', hidden, 7 * 7 * deep, { kernel: glorotUniform }),
    batchNorm(builder, 'generator/norm2', 7 * 7 * deep, NORM),
    reshapeTo([7, 7, deep]),
    shapeless(upsample2x),
    conv2d(builder, 'generator/conv1', deep, shallow, same),
    batchNorm(builder, 'generator/norm3', shallow, NORM),
    shapeless(upsample2x),
    conv2d(builder, 'generator/conv2', shallow, channels, { ...same, activation: 'tanh' }),
  ]);
}

/** Convolutions to 14 × 14 × 64 and, without padding, 5 × 5 × 128 → dense 256, dropout → one logit. */
export function articleDiscriminator(builder: Builder, { width, channels }: GanSize): Sequential {
  const shallow = scaled(64, width);
  const deep = scaled(128, width);
  const hidden = scaled(256, width);
  return new Sequential('discriminator', [
    conv2d(builder, 'discriminator/conv1', channels, shallow, {
      ...CONV,
      stride: 2,
      padding: 'same',
      activation: LEAKY,
    }),
    conv2d(builder, 'discriminator/conv2', shallow, deep, { ...CONV, stride: 2, padding: 'valid', activation: LEAKY }),
    flatten(),
    dense(builder, 'discriminator/dense1', 5 * 5 * deep, hidden, { kernel: glorotUniform, activation: LEAKY }),
    dropout(0.5, 1),
    dense(builder, 'discriminator/dense2', hidden, 1, { kernel: glorotUniform }),
  ]);
}
