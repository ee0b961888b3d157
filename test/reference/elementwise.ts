/**
 * @file Arithmetic value by value. Two arrays meet by NumPy's broadcasting rule, see `broadcastShapes`.
 */
import { broadcastShapes, broadcastTo } from './shape.js';
import { erfOf } from './erf.js';
import { type Array64, array64, map64 } from './tensor.js';

function combine(op: string, a: Array64, b: Array64, f: (a: number, b: number) => number): Array64 {
  const shape = broadcastShapes(op, a, b);
  const left = broadcastTo(a, shape).data;
  const right = broadcastTo(b, shape).data;
  return array64(
    shape,
    left.map((value, position) => f(value, right[position]!)),
  );
}

export function add(a: Array64, b: Array64): Array64 {
  return combine('add', a, b, (x, y) => x + y);
}

export function sub(a: Array64, b: Array64): Array64 {
  return combine('sub', a, b, (x, y) => x - y);
}

export function mul(a: Array64, b: Array64): Array64 {
  return combine('mul', a, b, (x, y) => x * y);
}

export function div(a: Array64, b: Array64): Array64 {
  return combine('div', a, b, (x, y) => x / y);
}

export function addScalar(x: Array64, s: number): Array64 {
  return map64(x, (value) => value + s);
}

/** x · s */
export function scale(x: Array64, s: number): Array64 {
  return map64(x, (value) => value * s);
}

export function neg(x: Array64): Array64 {
  return map64(x, (value) => -value);
}

export function exp(x: Array64): Array64 {
  return map64(x, Math.exp);
}

export function log(x: Array64): Array64 {
  return map64(x, Math.log);
}

export function sqrt(x: Array64): Array64 {
  return map64(x, Math.sqrt);
}

export function square(x: Array64): Array64 {
  return map64(x, (value) => value * value);
}

/** 1 / x */
export function reciprocal(x: Array64): Array64 {
  return map64(x, (value) => 1 / value);
}

export function abs(x: Array64): Array64 {
  return map64(x, Math.abs);
}

export function erf(x: Array64): Array64 {
  return map64(x, erfOf);
}

/** xⁿ of a number or an array n. */
export function pow(x: Array64, exponent: Array64 | number): Array64 {
  return combine('pow', x, typeof exponent === 'number' ? array64([], [exponent]) : exponent, Math.pow);
}

/** min(max(x, low), high) */
export function clip(x: Array64, low: number, high: number): Array64 {
  return map64(x, (value) => Math.min(Math.max(value, low), high));
}

/** a where the condition is not 0, else b. */
export function where(condition: Array64, a: Array64, b: Array64): Array64 {
  const shape = broadcastShapes('where', array64(broadcastShapes('where', condition, a)), b);
  const [chosen, left, right] = [condition, a, b].map((x) => broadcastTo(x, shape).data);
  return array64(
    shape,
    chosen!.map((value, position) => (value === 0 ? right! : left!)[position]!),
  );
}
