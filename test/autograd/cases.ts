/**
 * @file Every differentiable operation as a scalar function of small inputs, for the checks of first and second order.
 */
import type { CheckInput } from '../../src/autograd/gradcheck.js';
import type { Activation } from '../../src/kernels/options.js';
import { type WorldFunction, distinct, normal, positive, readout } from '../support/both.js';

export interface GradientCase {
  readonly f: WorldFunction;
  readonly inputs: readonly CheckInput[];
}

const EVERY_ACTIVATION: readonly Activation[] = [
  'none',
  'relu',
  { leakyRelu: 0.3 },
  'tanh',
  'sigmoid',
  'gelu',
  'geluTanh',
  'silu',
];
const nameOf = (activation: Activation): string => (typeof activation === 'string' ? activation : 'leakyRelu');

const elementwise: Record<string, GradientCase> = {
  add: { f: (o, a, b) => readout(o, o.add(a, b), [2, 3]), inputs: [distinct(2, 3), normal('b', 2, 3)] },
  'add, broadcasting a row': {
    f: (o, a, b) => readout(o, o.add(a, b), [2, 3]),
    inputs: [distinct(2, 3), normal('b', 3)],
  },
  'sub, broadcasting both ways': {
    f: (o, a, b) => readout(o, o.sub(a, b), [2, 3]),
    inputs: [distinct(2, 1), normal('b', 1, 3)],
  },
  'mul, broadcasting new axes': {
    f: (o, a, b) => readout(o, o.mul(a, b), [2, 2, 3]),
    inputs: [distinct(3), normal('b', 2, 2, 1)],
  },
  'mul by a scalar': { f: (o, a, b) => readout(o, o.mul(a, b), [2, 3]), inputs: [distinct(2, 3), distinct()] },
  'mul of x by x': { f: (o, x) => readout(o, o.mul(x, x), [5]), inputs: [distinct(5)] },
  div: { f: (o, a, b) => readout(o, o.div(a, b), [2, 3]), inputs: [distinct(2, 3), positive(2, 3)] },
  'div, broadcasting both ways': {
    f: (o, a, b) => readout(o, o.div(a, b), [2, 3]),
    inputs: [distinct(2, 1), positive(3)],
  },
  neg: { f: (o, x) => readout(o, o.neg(x), [5]), inputs: [distinct(5)] },
  exp: { f: (o, x) => readout(o, o.exp(x), [5]), inputs: [distinct(5)] },
  log: { f: (o, x) => readout(o, o.log(x), [5]), inputs: [positive(5)] },
  sqrt: { f: (o, x) => readout(o, o.sqrt(x), [5]), inputs: [positive(5)] },
  square: { f: (o, x) => readout(o, o.square(x), [5]), inputs: [distinct(5)] },
  reciprocal: { f: (o, x) => readout(o, o.reciprocal(x), [5]), inputs: [positive(5)] },
  abs: { f: (o, x) => readout(o, o.abs(x), [5]), inputs: [distinct(5)] },
  erf: { f: (o, x) => readout(o, o.erf(x), [5]), inputs: [distinct(5)] },
  'pow, a whole exponent': { f: (o, x) => readout(o, o.pow(x, 3), [5]), inputs: [distinct(5)] },
  'pow, a negative exponent': { f: (o, x) => readout(o, o.pow(x, -2), [5]), inputs: [positive(5)] },
  'pow, a fraction': { f: (o, x) => readout(o, o.pow(x, 1.7), [5]), inputs: [positive(5)] },
  'pow, exponents 0 and 1': {
    f: (o, x) => readout(o, o.mul(o.add(o.pow(x, 0), x), o.pow(x, 1)), [5]),
    inputs: [distinct(5)],
  },
  'pow, exponents broadcast': {
    f: (o, x, n) => readout(o, o.pow(x, n), [2, 3]),
    inputs: [positive(2, 1), normal('exponents', 3)],
  },
  clip: { f: (o, x) => readout(o, o.clip(x, -1.1, 0.8), [9]), inputs: [distinct(9)] },
  'where, broadcasting': {
    f: (o, a, b) => readout(o, o.where(o.constant([2, 1], [1, 0]), a, b), [2, 3]),
    inputs: [distinct(2, 3), normal('b', 3)],
  },
  'where, the condition alone repeats': {
    f: (o, a, b) => readout(o, o.where(o.constant([3], [0, 2, 0]), a, b), [2, 3]),
    inputs: [distinct(2, 3), normal('b', 2, 3)],
  },
  addScalar: { f: (o, x) => readout(o, o.addScalar(x, -1.5), [5]), inputs: [distinct(5)] },
  scale: { f: (o, x) => readout(o, o.scale(x, -1.5), [5]), inputs: [distinct(5)] },
};

const shapes: Record<string, GradientCase> = {
  'sum of all': { f: (o, x) => o.square(o.sum(o.mul(x, x))), inputs: [distinct(2, 3)] },
  'sum over axes': { f: (o, x) => readout(o, o.sum(x, { axes: [0, -1] }), [3]), inputs: [distinct(2, 3, 2)] },
  'sum, keeping axes': {
    f: (o, x) => readout(o, o.mul(x, o.sum(x, { axes: [1], keepDims: true })), [2, 3]),
    inputs: [distinct(2, 3)],
  },
  'mean of all': { f: (o, x) => o.square(o.mean(o.mul(x, x))), inputs: [distinct(2, 3)] },
  'mean over axes': { f: (o, x) => readout(o, o.mean(x, { axes: [0, 2] }), [3]), inputs: [distinct(2, 3, 2)] },
  'mean, keeping axes': {
    f: (o, x) => readout(o, o.sub(x, o.mean(x, { axes: [-1], keepDims: true })), [2, 3]),
    inputs: [distinct(2, 3)],
  },
  broadcastTo: { f: (o, x) => readout(o, o.broadcastTo(x, [2, 3, 2]), [2, 3, 2]), inputs: [distinct(3, 1)] },
  reshape: { f: (o, x) => readout(o, o.reshape(x, [3, 2]), [3, 2]), inputs: [distinct(2, 3)] },
  'transpose, all axes': { f: (o, x) => readout(o, o.transpose(x), [3, 2]), inputs: [distinct(2, 3)] },
  'transpose by a cycle': {
    f: (o, x) => readout(o, o.transpose(x, [2, 0, 1]), [2, 2, 3]),
    inputs: [distinct(2, 3, 2)],
  },
  'max of all': { f: (o, x) => o.square(o.max(x)), inputs: [distinct(2, 3)] },
  'max over neighbouring axes': {
    f: (o, x) => readout(o, o.max(x, { axes: [1, 2] }), [2, 2]),
    inputs: [distinct(2, 3, 2, 2)],
  },
  'max over axes apart': {
    f: (o, x) => readout(o, o.max(x, { axes: [0, -1] }), [3]),
    inputs: [distinct(2, 3, 2)],
  },
  'max, keeping axes': {
    f: (o, x) => readout(o, o.sub(x, o.max(x, { axes: [-1], keepDims: true })), [2, 3]),
    inputs: [distinct(2, 3)],
  },
  gather: {
    f: (o, x) => readout(o, o.gather(x, o.constant([2, 2], [2, 0, 2, 1])), [2, 2, 2]),
    inputs: [distinct(3, 2)],
  },
  'gather along the last axis': {
    f: (o, x) => readout(o, o.gather(x, o.constant([2], [3, 3]), -1), [3, 2]),
    inputs: [distinct(3, 4)],
  },
  embedding: {
    f: (o, table) => readout(o, o.embedding(table, o.constant([4], [1, 1, 4, 0])), [4, 2]),
    inputs: [distinct(5, 2)],
  },
  concat: {
    f: (o, a, b) => readout(o, o.concat(a, b), [5, 3]),
    inputs: [distinct(2, 3), normal('b', 3, 3)],
  },
  'concat of x with itself': { f: (o, x) => readout(o, o.concat(x, x), [4]), inputs: [distinct(2)] },
  'concat along the last axis': {
    f: (o, a, b) => readout(o, o.concat(a, b, -1), [2, 2, 5]),
    inputs: [distinct(2, 2, 3), normal('b', 2, 2, 2)],
  },
  'concat along a middle axis': {
    f: (o, a, b) => readout(o, o.concat(a, b, 1), [2, 4, 2]),
    inputs: [distinct(2, 3, 2), normal('b', 2, 1, 2)],
  },
  'concat of x with itself along the last axis': {
    f: (o, x) => readout(o, o.concat(x, x, -1), [2, 6]),
    inputs: [distinct(2, 3)],
  },
  'slice of the last axis at the start': {
    f: (o, x) => readout(o, o.slice(x, 0, 2, -1), [2, 2]),
    inputs: [distinct(2, 5)],
  },
  'slice of the last axis in the middle': {
    f: (o, x) => readout(o, o.slice(x, 1, 3, 1), [2, 3]),
    inputs: [distinct(2, 5)],
  },
  'slice of the last axis at the end': {
    f: (o, x) => readout(o, o.slice(x, 4, 1, -1), [2, 1]),
    inputs: [distinct(2, 5)],
  },
  'slice of a middle axis': {
    f: (o, x) => readout(o, o.slice(x, 1, 2, 1), [2, 2, 2]),
    inputs: [distinct(2, 4, 2)],
  },
  'slice at the start': { f: (o, x) => readout(o, o.slice(x, 0, 2), [2, 3]), inputs: [distinct(5, 3)] },
  'slice in the middle': { f: (o, x) => readout(o, o.slice(x, 1, 3), [3, 2]), inputs: [distinct(5, 2)] },
  'slice at the end': { f: (o, x) => readout(o, o.slice(x, 4, 1), [1]), inputs: [distinct(5)] },
};

const activations: Record<string, GradientCase> = {
  relu: { f: (o, x) => readout(o, o.relu(x), [6]), inputs: [distinct(6)] },
  leakyRelu: { f: (o, x) => readout(o, o.leakyRelu(x, 0.3), [6]), inputs: [distinct(6)] },
  tanh: { f: (o, x) => readout(o, o.tanh(x), [6]), inputs: [distinct(6)] },
  sigmoid: { f: (o, x) => readout(o, o.sigmoid(x), [6]), inputs: [distinct(6)] },
  gelu: { f: (o, x) => readout(o, o.gelu(x), [6]), inputs: [distinct(6)] },
  'gelu by tanh': { f: (o, x) => readout(o, o.gelu(x, { form: 'tanh' }), [6]), inputs: [distinct(6)] },
  silu: { f: (o, x) => readout(o, o.silu(x), [6]), inputs: [distinct(6)] },
  softplus: { f: (o, x) => readout(o, o.softplus(x), [6]), inputs: [distinct(6)] },
  softmax: { f: (o, x) => readout(o, o.softmax(x), [2, 4]), inputs: [distinct(2, 4)] },
};

const images: Record<string, GradientCase> = {
  upsample2x: { f: (o, x) => readout(o, o.upsample2x(x), [1, 4, 6, 2]), inputs: [distinct(1, 2, 3, 2)] },
  downsampleSum2x: { f: (o, x) => readout(o, o.downsampleSum2x(x), [1, 1, 2, 3]), inputs: [distinct(1, 2, 4, 3)] },
  maxPool2d: { f: (o, x) => readout(o, o.maxPool2d(x), [1, 2, 1, 3]), inputs: [distinct(1, 4, 3, 3)] },
  'maxPool2d, windows overlapping': {
    f: (o, x) => readout(o, o.maxPool2d(x, { size: 3, stride: 1 }), [1, 2, 2, 1]),
    inputs: [distinct(1, 4, 4, 1)],
  },
};

/** matmul with each operand transposed or not; a bias and an activation with each. */
const products: Record<string, GradientCase> = Object.fromEntries(
  [false, true].flatMap((transposeA) =>
    [false, true].flatMap((transposeB) => {
      const a = normal('a', ...(transposeA ? [3, 2] : [2, 3]));
      const b = normal('b', ...(transposeB ? [5, 3] : [3, 5]));
      const name = `${transposeA ? 'Aᵀ' : 'A'} × ${transposeB ? 'Bᵀ' : 'B'}`;
      const plain: GradientCase = {
        f: (o, x, y) => readout(o, o.matmul(x, y, { transposeA, transposeB }), [2, 5]),
        inputs: [a, b],
      };
      const fused: GradientCase = {
        f: (o, x, y, bias) => {
          return readout(o, o.matmul(x, y, { transposeA, transposeB, bias, activation: 'tanh' }), [2, 5]);
        },
        inputs: [a, b, normal('bias', 5)],
      };
      return [
        [`matmul ${name}`, plain],
        [`matmul tanh(${name} + bias)`, fused],
      ];
    }),
  ),
);

for (const activation of EVERY_ACTIVATION) {
  products[`matmul, bias and ${nameOf(activation)}`] = {
    f: (o, a, b, bias) => readout(o, o.matmul(a, b, { bias, activation }), [2, 5]),
    inputs: [normal('a', 2, 3), normal('b', 3, 5), normal('bias', 5)],
  };
}

const stacks: Record<string, GradientCase> = Object.fromEntries(
  [false, true].flatMap((transposeA) =>
    [false, true].map((transposeB) => {
      const a = normal('a', ...(transposeA ? [2, 2, 3] : [2, 3, 2]));
      const b = normal('b', ...(transposeB ? [2, 2, 2] : [2, 2, 2]));
      const f: WorldFunction = (o, x, y) => readout(o, o.matmul(x, y, { transposeA, transposeB }), [2, 3, 2]);
      return [`matmul of stacks, ${transposeA ? 'Aᵀ' : 'A'} × ${transposeB ? 'Bᵀ' : 'B'}`, { f, inputs: [a, b] }];
    }),
  ),
);
stacks['matmul, both stacks broadcast'] = {
  f: (o, a, b) => readout(o, o.matmul(a, b), [2, 3, 2, 2]),
  inputs: [normal('a', 2, 1, 2, 2), normal('b', 3, 2, 2)],
};
stacks['matmul of a stack and a matrix, bias and gelu'] = {
  f: (o, a, b, bias) => readout(o, o.matmul(a, b, { bias, activation: 'gelu' }), [2, 2, 3]),
  inputs: [normal('a', 2, 2, 2), normal('b', 2, 3), normal('bias', 3)],
};
stacks['matmul of a matrix and a stack, bias and tanh'] = {
  f: (o, a, b, bias) => readout(o, o.matmul(a, b, { transposeA: true, bias, activation: 'tanh' }), [2, 2, 3]),
  inputs: [normal('a', 2, 2), normal('b', 2, 2, 3), normal('bias', 3)],
};

const UNEVEN = { top: 1, bottom: 0, left: 0, right: 2 };

const convolutions: Record<string, GradientCase> = {
  conv2d: {
    f: (o, x, w) => readout(o, o.conv2d(x, w, { stride: 2 }), [1, 2, 2, 2]),
    inputs: [normal('x', 1, 4, 3, 1), normal('w', 3, 3, 1, 2)],
  },
  'conv2d, uneven padding and stride': {
    f: (o, x, w) => readout(o, o.conv2d(x, w, { stride: [1, 2], padding: UNEVEN }), [1, 3, 2, 1]),
    inputs: [normal('x', 1, 3, 3, 2), normal('w', 2, 2, 2, 1)],
  },
  'conv2d valid, bias and tanh': {
    f: (o, x, w, bias) => readout(o, o.conv2d(x, w, { padding: 'valid', bias, activation: 'tanh' }), [1, 2, 2, 2]),
    inputs: [normal('x', 1, 3, 3, 1), normal('w', 2, 2, 1, 2), normal('bias', 2)],
  },
  'conv2d, bias and silu': {
    f: (o, x, w, bias) => readout(o, o.conv2d(x, w, { stride: 2, bias, activation: 'silu' }), [1, 2, 2, 2]),
    inputs: [normal('x', 1, 3, 3, 1), normal('w', 2, 2, 1, 2), normal('bias', 2)],
  },
  'conv2d, bias and leakyRelu': {
    f: (o, x, w, bias) => {
      const y = o.conv2d(x, w, { stride: 2, bias, activation: { leakyRelu: 0.2 } });
      return readout(o, y, [1, 2, 2, 2]);
    },
    inputs: [normal('x', 1, 3, 3, 1), normal('w', 2, 2, 1, 2), normal('bias', 2)],
  },
  convTranspose2d: {
    f: (o, y, w) => readout(o, o.convTranspose2d(y, w, { stride: 2 }), [1, 4, 4, 2]),
    inputs: [normal('y', 1, 2, 2, 1), normal('w', 3, 3, 2, 1)],
  },
  'convTranspose2d, an output size, bias and tanh': {
    f: (o, y, w, bias) => {
      const options = { stride: 2, padding: 'valid', outputSize: [6, 5], bias, activation: 'tanh' } as const;
      return readout(o, o.convTranspose2d(y, w, options), [1, 6, 5, 1]);
    },
    inputs: [normal('y', 1, 2, 2, 2), normal('w', 3, 3, 1, 2), normal('bias', 1)],
  },
  'upsampledConv2d, bias and tanh': {
    f: (o, x, w, bias) => readout(o, o.upsampledConv2d(x, w, { bias, activation: 'tanh' }), [1, 4, 2, 2]),
    inputs: [normal('x', 1, 2, 1, 1), normal('w', 3, 3, 1, 2), normal('bias', 2)],
  },
  'upsampledConv2d, an even kernel and uneven padding': {
    f: (o, x, w) => readout(o, o.upsampledConv2d(x, w, { padding: { ...UNEVEN, right: 1 } }), [1, 4, 4, 1]),
    inputs: [normal('x', 1, 2, 2, 2), normal('w', 2, 2, 2, 1)],
  },
  convWeightGradient: {
    f: (o, x, dy) => readout(o, o.convWeightGradient(x, dy, { kernelSize: [3, 2], stride: 2 }), [3, 2, 1, 2]),
    inputs: [normal('x', 2, 3, 4, 1), normal('dy', 2, 2, 2, 2)],
  },
};

const normalisations: Record<string, GradientCase> = Object.fromEntries(
  EVERY_ACTIVATION.flatMap((activation) => {
    const options = { epsilon: 1e-3, activation };
    const perChannel = [positive(2), normal('beta', 2)];
    const byBatch: GradientCase = {
      f: (o, x, gamma, beta) => readout(o, o.batchNorm(x, gamma, beta, options).output, [2, 2, 2, 2]),
      inputs: [normal('batch', 2, 2, 2, 2), ...perChannel],
    };
    const byGroups: GradientCase = {
      f: (o, x, gamma, beta) => readout(o, o.batchNorm(x, gamma, beta, { ...options, groups: 2 }).output, [4, 3, 2]),
      inputs: [normal('groups', 4, 3, 2), ...perChannel],
    };
    const byAverages: GradientCase = {
      f: (o, x, gamma, beta) => {
        const mean = o.constant([2], [0.25, -0.5]);
        const variance = o.constant([2], [1.75, 2.5]);
        return readout(o, o.batchNormInference(x, gamma, beta, mean, variance, options), [2, 3, 2]);
      },
      inputs: [normal('batch', 2, 3, 2), ...perChannel],
    };
    return [
      [`batchNorm, ${nameOf(activation)}`, byBatch],
      [`batchNorm of two groups, ${nameOf(activation)}`, byGroups],
      [`batchNormInference, ${nameOf(activation)}`, byAverages],
    ];
  }),
);

for (const activation of EVERY_ACTIVATION) {
  normalisations[`layerNorm, ${nameOf(activation)}`] = {
    f: (o, x, gamma, beta) => readout(o, o.layerNorm(x, gamma, beta, { epsilon: 1e-3, activation }), [2, 2, 3, 2]),
    inputs: [normal('images', 2, 2, 3, 2), positive(2), normal('beta', 2)],
  };
}

for (const groups of [1, 2, 4]) {
  normalisations[`groupNorm of ${groups}, gelu`] = {
    f: (o, x, gamma, beta) => {
      return readout(o, o.groupNorm(x, gamma, beta, { groups, epsilon: 1e-3, activation: 'gelu' }), [2, 3, 4]);
    },
    inputs: [normal('images', 2, 3, 4), positive(4), normal('beta', 4)],
  };
}

normalisations['layerNorm of rows, four channels'] = {
  f: (o, x, gamma, beta) => readout(o, o.layerNorm(x, gamma, beta, { epsilon: 1e-3 }), [3, 4]),
  inputs: [normal('rows', 3, 4), positive(4), normal('beta', 4)],
};

/** u and v need not be singular vectors: they are constants, and W / uᵀ W v is differentiated as it stands. */
const spectral: Record<string, GradientCase> = {
  'spectralNorm of HWIO weights': {
    f: (o, w) => {
      const vectors = { u: o.constant([3], [0.6, -0.64, 0.48]), v: o.constant([4], [0.5, -0.5, 0.1, 0.7]) };
      return o.square(o.spectralNorm(w, vectors));
    },
    inputs: [distinct(2, 1, 2, 3)],
  },
  'spectralNormalise of a matrix': {
    f: (o, w) => {
      const vectors = { u: o.constant([3], [0.6, -0.64, 0.48]), v: o.constant([2], [0.8, -0.6]) };
      return readout(o, o.spectralNormalise(w, vectors), [2, 3]);
    },
    inputs: [distinct(2, 3)],
  },
  'spectralNormalise of a transposed convolution': {
    f: (o, w) => {
      const v = o.constant([6], [0.5, -0.5, 0.1, 0.3, -0.4, 0.5]);
      return readout(o, o.spectralNormalise(w, { u: o.constant([2], [0.6, 0.8]), v, axis: -2 }), [1, 2, 2, 3]);
    },
    inputs: [distinct(1, 2, 2, 3)],
  },
};

const minibatches: Record<string, GradientCase> = {
  augment: {
    f: (o, x) => {
      const draws = o.constant([2, 4], [0.9, 0.1, 0.4, 0.7, 0.2, 0.6, 0.99, 0.01]);
      return readout(o, o.augment(x, draws, { shift: [1, 2], hole: [2, 1], fill: -1 }), [2, 3, 4, 2]);
    },
    inputs: [distinct(2, 3, 4, 2)],
  },
  packImages: { f: (o, x) => readout(o, o.packImages(x, 3), [2, 1, 2, 6]), inputs: [distinct(6, 1, 2, 2)] },
  minibatchStddev: {
    f: (o, x) => readout(o, o.minibatchStddev(x), [3, 1, 2, 3]),
    inputs: [normal('batch', 3, 1, 2, 2)],
  },
  'minibatchStddev of two groups': {
    f: (o, x) => readout(o, o.minibatchStddev(x, { groups: 2 }), [6, 3]),
    inputs: [normal('batch', 6, 2)],
  },
};

const losses: Record<string, GradientCase> = {
  'bceWithLogits, by logits and targets': {
    f: (o, logits, targets) => o.square(o.bceWithLogits(logits, targets)),
    inputs: [distinct(2, 4), positive(2, 4)],
  },
  softmaxCrossEntropy: {
    f: (o, logits) => {
      return o.square(o.softmaxCrossEntropy(logits, o.constant([2, 4], [0, 1, 0, 0, 0.25, 0, 0.5, 0.25])));
    },
    inputs: [distinct(2, 4)],
  },
};

export const CASES: Readonly<Record<string, Readonly<Record<string, GradientCase>>>> = {
  elementwise,
  'reductions and shapes': shapes,
  activations,
  images,
  'matrix products': products,
  'products of stacks': stacks,
  convolutions,
  normalisations,
  'spectral normalisation': spectral,
  'images of a batch': minibatches,
  losses,
};
