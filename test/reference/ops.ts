/**
 * @file Every differentiable operation in float64 on the CPU, under the names and options that the GPU's have:
 *
 *     import * as reference from './reference/ops.js';
 */
export { activate, gelu, leakyRelu, relu, sigmoid, silu, softplus, tanh } from './activation.js';
export { augment, augmentGradient } from './augment.js';
export { batchNorm, type BatchNormResult, batchNormInference } from './batch-norm.js';
export { minibatchStddev, packImages } from './channels.js';
export { assertClose, compare, type Comparison } from './compare.js';
export { conv2d, convTranspose2d, convWeightGradient } from './conv.js';
export { centralDifferences } from './differences.js';
export {
  abs,
  add,
  addScalar,
  clip,
  div,
  erf,
  exp,
  log,
  mul,
  neg,
  pow,
  reciprocal,
  scale,
  sqrt,
  square,
  sub,
  where,
} from './elementwise.js';
export { groupNorm } from './group-norm.js';
export { argmax, embedding, gather, max } from './indexing.js';
export { layerNorm } from './layer-norm.js';
export { bceWithLogits, softmaxCrossEntropy } from './losses.js';
export { matmul } from './matmul.js';
export {
  type AdamResult,
  adamStep,
  type AdamStep,
  averaged,
  clipped,
  type SgdResult,
  sgdStep,
  type SgdStep,
} from './optimisers.js';
export { mean, sum } from './reduce.js';
export { downsampleSum2x, maxPool2d, maxPool2dGradient, upsample2x, upsampledConv2d } from './resample.js';
export { broadcastTo, concat, reshape, slice, transpose } from './shape.js';
export { softmax } from './softmax.js';
export { powerIteration, spectralNorm, spectralNormalise } from './spectral-norm.js';
export { type Array64, array64, scalar64 } from './tensor.js';
