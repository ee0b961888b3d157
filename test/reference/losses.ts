/**
 * @file Losses, each a mean over the batch and so a scalar.
 */
import { softplusOf } from './activation.js';
import { mul, neg } from './elementwise.js';
import { mean, sum } from './reduce.js';
import { logSoftmax } from './softmax.js';
import { type Array64, array64, sameShape, shapeError } from './tensor.js';

/**
 * Binary cross-entropy of sigmoid(logits): the mean of −t · log σ(l) − (1 − t) · log(1 − σ(l)) = softplus(l) − t · l, in
 * the form max(l, 0) − t · l + log(1 + e⁻|l|). https://www.tensorflow.org/api_docs/python/tf/nn/sigmoid_cross_entropy_with_logits
 */
export function bceWithLogits(logits: Array64, targets: Array64): Array64 {
  if (!sameShape(logits.shape, targets.shape)) throw shapeError('bceWithLogits', { logits, targets }, 'equal shapes');
  const losses = logits.data.map((logit, position) => softplusOf(logit) - targets.data[position]! * logit);
  return mean(array64(logits.shape, losses));
}

/** The mean over rows of −Σ_k target[k] · log softmax(logits)[k]. */
export function softmaxCrossEntropy(logits: Array64, oneHot: Array64): Array64 {
  if (logits.shape.length !== 2 || !sameShape(logits.shape, oneHot.shape))
    throw shapeError('softmaxCrossEntropy', { logits, oneHot }, 'logits [N, K] and oneHot [N, K]');
  return mean(neg(sum(mul(oneHot, logSoftmax(logits)), { axes: [1] })));
}
