/**
 * @file Arithmetic value by value: functions of one array, and of two that meet by NumPy's broadcasting rule.
 */
import type { DeviceBuffer } from '../gpu/memory/buffers.js';
import type { Device } from '../gpu/device.js';
import { compute } from './compute.js';
import { ACTIVATION_GRADIENT_FILES } from './activation.js';
import {
  broadcastStrides,
  checkOperand,
  collapse,
  describeShape,
  planWalk,
  sizeOf,
  wordWorkgroups,
} from './shape/strides.js';

/** In the order of the constants in unary.wgsl. */
const UNARY_OPS = [
  'neg',
  'exp',
  'log',
  'sqrt',
  'square',
  'reciprocal',
  'abs',
  'sign',
  'softplus',
  'sigmoid',
  'tanh',
  'relu',
  'leakyRelu',
  'addScalar',
  'scale',
  'isPositive',
  'isNotPositive',
  'isNotZero',
  'zeroToOne',
  'infinityToNan',
  'erf',
  'gelu',
  'geluSlope',
  'geluTanh',
  'geluTanhSlope',
  'silu',
  'siluSlope',
  'pow',
  'clip',
  'isWithin',
] as const;

/** In the order of the constants in binary.wgsl, which has one more for all of {@link ACTIVATION_GRADIENTS}. */
const ARITHMETIC = ['add', 'sub', 'mul', 'div', 'pow'] as const;

/** In the order of the activations in common/activation.wgsl. */
const ACTIVATION_GRADIENTS = ['reluGradient', 'leakyReluGradient', 'tanhGradient', 'sigmoidGradient'] as const;

const BINARY_OPS = [...ARITHMETIC, ...ACTIVATION_GRADIENTS] as const;

export type UnaryOp = (typeof UNARY_OPS)[number];

/** The gradients take (dy, y), y being the activation's *output*, and shapes that are equal. */
export type BinaryOp = (typeof BINARY_OPS)[number];

/**
 * @param scalar the slope of `leakyRelu`, the summand of `addScalar`, the factor of `scale`, the exponent of `pow`, the lower
 * bound of `clip` and `isWithin`
 * @param upper the upper bound of `clip` and `isWithin`
 */
export function unary(
  device: Device,
  op: UnaryOp,
  x: DeviceBuffer,
  count: number,
  scalar = 0,
  upper = 0,
): DeviceBuffer {
  checkOperand(op, 'x', x, [count]);
  const words = Math.ceil(count / 4);
  return compute(device, {
    kernel: {
      name: op,
      files: [
        'common/words.wgsl',
        'common/nan.wgsl',
        'common/smooth.wgsl',
        'common/gaussian.wgsl',
        'common/power.wgsl',
        'elementwise/unary.wgsl',
      ],
      constants: { OP: UNARY_OPS.indexOf(op) },
    },
    inputs: [x],
    values: count,
    params: { count, scalar, upper },
    workgroups: wordWorkgroups(device, words),
  });
}

/**
 * The result has the shape `broadcastShapes(aShape, bShape)`.
 *
 * @param scalar the slope of `leakyReluGradient`.
 */
export function binary(
  device: Device,
  op: BinaryOp,
  a: DeviceBuffer,
  aShape: readonly number[],
  b: DeviceBuffer,
  bShape: readonly number[],
  scalar = 0,
): DeviceBuffer {
  checkOperand(op, 'a', a, aShape);
  checkOperand(op, 'b', b, bShape);
  const activation = ACTIVATION_GRADIENTS.findIndex((name) => name === op) + 1;
  if (activation > 0 && describeShape(aShape) !== describeShape(bShape)) {
    throw new Error(`${op}: got dy ${describeShape(aShape)} and y ${describeShape(bShape)}; it takes equal shapes`);
  }
  if (op === 'leakyReluGradient' && scalar < 0) {
    throw new Error(`${op}: got the slope ${scalar}; it takes one of at least 0, as y must have the input's sign`);
  }
  const shape = broadcastShapes(aShape, bShape, op);
  const walk = planWalk(collapse(shape, [broadcastStrides(aShape, shape), broadcastStrides(bShape, shape)]));
  const [aSplat = false, bSplat = false] = walk.splats;
  const count = sizeOf(shape);
  const words = Math.ceil(count / 4);
  return compute(device, {
    kernel: {
      name: op,
      files: ['common/words.wgsl', ...ACTIVATION_GRADIENT_FILES, 'common/power.wgsl', 'elementwise/binary.wgsl'],
      constants: {
        OP: Math.min(BINARY_OPS.indexOf(op), ARITHMETIC.length),
        ACTIVATION: activation,
        WORDS: walk.words,
        A_SPLAT: aSplat,
        B_SPLAT: bSplat,
        RANK: walk.rank,
      },
    },
    inputs: [a, b],
    values: count,
    params: { count, scalar, axes: walk.table },
    workgroups: wordWorkgroups(device, words),
  });
}

/** a where the condition is not 0, else b; all hold `count` values. A NaN condition gives NaN. */
export function where(
  device: Device,
  condition: DeviceBuffer,
  a: DeviceBuffer,
  b: DeviceBuffer,
  count: number,
): DeviceBuffer {
  const op = 'where';
  for (const [name, buffer] of Object.entries({ condition, a, b })) checkOperand(op, name, buffer, [count]);
  const quads = Math.ceil(count / 4);
  return compute(device, {
    kernel: { name: op, files: ['common/linear.wgsl', 'common/nan.wgsl', 'elementwise/where.wgsl'] },
    inputs: [condition, a, b],
    values: count,
    params: { count: quads },
    workgroups: device.linearWorkgroups(quads),
  });
}

/**
 * NumPy's rule: shapes are aligned at their last axes, a missing axis counts as length 1, and two lengths agree where
 * they are equal or one of them is 1.
 *
 * @param op the operation to name in an error.
 */
export function broadcastShapes(a: readonly number[], b: readonly number[], op = 'broadcastShapes'): number[] {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, axis) => {
    const left = a[axis - rank + a.length] ?? 1;
    const right = b[axis - rank + b.length] ?? 1;
    if (left !== right && left !== 1 && right !== 1) {
      throw new Error(
        `${op}: got a ${describeShape(a)} and b ${describeShape(b)}; ` +
          'it takes shapes whose lengths, aligned at the last axis, are equal or 1',
      );
    }
    return left === 1 ? right : left;
  });
}
