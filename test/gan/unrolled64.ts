/**
 * @file The small discriminators that unrolling is checked by, in float64, and what is made of their logits.
 */
import type { Normalisation } from '../../src/models/layers/normalisation.js';
import * as reference from '../reference/ops.js';
import { type Array64, array64 } from '../reference/tensor.js';

/** Images a batch, the filters of the convolution, what its normalisations add to a variance, and how it goes. */
export const [BATCH, DEEP, EPSILON] = [3, 2, 1e-3];
export const CONV = { stride: 2, padding: 'same' } as const;

/** What spectral normalisation takes for the first singular vectors of a kernel: constants, whatever is differentiated. */
export type Vectors = Readonly<Record<'u' | 'v', Array64>>;

type Judge64 = (images: Array64, groups: number, theta: readonly Array64[], vectors: readonly Vectors[]) => Array64;

export const JUDGES: Readonly<Record<Normalisation, Judge64>> = {
  none: (images, _, [kernel, bias, ...last]) => {
    return read(reference.conv2d(images, kernel!, { ...CONV, bias, activation: 'tanh' }), last);
  },
  batch: (images, groups, [kernel, gamma, beta, ...last]) => {
    const options = { epsilon: EPSILON, activation: 'tanh', groups } as const;
    return read(reference.batchNorm(reference.conv2d(images, kernel!, CONV), gamma!, beta!, options).output, last);
  },
  layer: (images, _, [kernel, gamma, beta, ...last]) => {
    const options = { epsilon: EPSILON, activation: 'tanh' } as const;
    return read(reference.layerNorm(reference.conv2d(images, kernel!, CONV), gamma!, beta!, options), last);
  },
  spectral: (images, _, [kernel, bias, last, lastBias], [ofKernel, ofLast]) => {
    const [first, second] = [
      reference.spectralNormalise(kernel!, ofKernel!),
      reference.spectralNormalise(last!, ofLast!),
    ];
    return read(reference.conv2d(images, first, { ...CONV, bias, activation: 'tanh' }), [second, lastBias!]);
  },
};

function read(x: Array64, [kernel, bias]: readonly Array64[]): Array64 {
  return reference.matmul(reference.reshape(x, [x.shape[0]!, 4 * DEEP]), kernel!, { bias: bias! });
}

const filled = (count: number, value: number): Array64 => array64([count, 1], new Float64Array(count).fill(value));

/** What each network descends, of its logits: that of real images and then of generated ones, and that of the latter. */
export const LOSSES64: Readonly<
  Record<string, readonly [both: (logits: Array64) => Array64, fake: (logits: Array64) => Array64]>
> = {
  bce: [onBoth(1, 0, reference.bceWithLogits), (logits) => reference.bceWithLogits(logits, filled(BATCH, 1))],
  'bce-saturating': [
    onBoth(1, 0, reference.bceWithLogits),
    (logits) => reference.neg(reference.bceWithLogits(logits, filled(BATCH, 0))),
  ],
  lsgan: [onBoth(1, 0, halfSquare), (logits) => halfSquare(logits, filled(BATCH, 1))],
  hinge: [
    onBoth(-1, 1, (logits, signs) => {
      return reference.mean(reference.relu(reference.addScalar(reference.mul(logits, signs), 1)));
    }),
    (logits) => reference.neg(reference.mean(logits)),
  ],
  wgan: [
    onBoth(-1, 1, (logits, signs) => reference.mean(reference.mul(logits, signs))),
    (logits) => reference.neg(reference.mean(logits)),
  ],
};

function halfSquare(logits: Array64, labels: Array64): Array64 {
  return reference.scale(reference.mean(reference.square(reference.sub(logits, labels))), 0.5);
}

/** The sum of the means over both halves. */
function onBoth(real: number, fake: number, loss: (logits: Array64, labels: Array64) => Array64) {
  return (logits: Array64): Array64 => {
    return reference.add(
      loss(reference.slice(logits, 0, BATCH), filled(BATCH, real)),
      loss(reference.slice(logits, BATCH, BATCH), filled(BATCH, fake)),
    );
  };
}
