/**
 * @file Activations, one value at a time, and the epilogue that kernels fuse: bias, then activation.
 */
import type { Activation, EpilogueOptions } from '../../src/kernels/options.js';
import type { GeluOptions } from '../../src/autograd/ops/activations.js';
import { erfOf } from './erf.js';
import { type Array64, array64, map64, shapeError } from './tensor.js';

const DEFAULT_SLOPE = 0.2;

/** max(x, 0) */
export function relu(x: Array64): Array64 {
  return map64(x, reluOf);
}

/** x above zero, slope · x below. Maas, Hannun & Ng 2013, "Rectifier nonlinearities improve neural network acoustic models". */
export function leakyRelu(x: Array64, slope = DEFAULT_SLOPE): Array64 {
  return map64(x, (value) => leakyReluOf(value, slope));
}

export function tanh(x: Array64): Array64 {
  return map64(x, Math.tanh);
}

/** 1 / (1 + e⁻ˣ) */
export function sigmoid(x: Array64): Array64 {
  return map64(x, sigmoidOf);
}

/** x Φ(x), or its approximation by tanh. Hendrycks & Gimpel 2016, https://arxiv.org/abs/1606.08415. */
export function gelu(x: Array64, { form = 'erf' }: GeluOptions = {}): Array64 {
  return form === 'erf'
    ? map64(x, (value) => (value * (1 + erfOf(value * Math.SQRT1_2))) / 2)
    : map64(x, (v) => (v * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (v + 0.044715 * v ** 3)))) / 2);
}

/** x / (1 + e⁻ˣ) */
export function silu(x: Array64): Array64 {
  return map64(x, (value) => value * sigmoidOf(value));
}

/** log(1 + eˣ) */
export function softplus(x: Array64): Array64 {
  return map64(x, softplusOf);
}

/** max(x, 0) + log(1 + e⁻|x|): the same as log(1 + eˣ), and finite for every x. */
export function softplusOf(x: number): number {
  return Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
}

function reluOf(x: number): number {
  return Math.max(x, 0);
}

function leakyReluOf(x: number, slope: number): number {
  return x > 0 ? x : slope * x;
}

/** e⁻ˣ may overflow to infinity; the quotient is then 0, as it should be. */
function sigmoidOf(x: number): number {
  return 1 / (1 + Math.exp(-x));
}

export function activate(x: Array64, activation: Activation = 'none'): Array64 {
  switch (activation) {
    case 'none':
      return x;
    case 'relu':
      return relu(x);
    case 'tanh':
      return tanh(x);
    case 'sigmoid':
      return sigmoid(x);
    case 'gelu':
      return gelu(x);
    case 'geluTanh':
      return gelu(x, { form: 'tanh' });
    case 'silu':
      return silu(x);
    default:
      return leakyRelu(x, activation.leakyRelu);
  }
}

/** activation(x + bias), the bias having one value for each channel, that is along the last axis. */
export function epilogue(op: string, x: Array64, { bias, activation }: EpilogueOptions<Array64>): Array64 {
  if (!bias) return activate(x, activation);
  const channels = x.shape.at(-1) ?? 1;
  if (bias.shape.length !== 1 || bias.shape[0] !== channels) throw shapeError(op, { bias }, `bias [${channels}]`);
  const shifted = x.data.map((value, position) => value + bias.data[position % channels]!);
  return activate(array64(x.shape, shifted), activation);
}
