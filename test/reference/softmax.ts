/**
 * @file Softmax over the last axis, and its logarithm.
 */
import { add, exp, log, sub } from './elementwise.js';
import { sum } from './reduce.js';
import { type Array64, array64, shapeError } from './tensor.js';

/** e^x / Σ e^x over the last axis. */
export function softmax(x: Array64): Array64 {
  return exp(logSoftmax(x, 'softmax'));
}

/** x − max − log Σ e^(x − max): taking the maximum out first changes nothing and keeps e^x from overflowing. */
export function logSoftmax(x: Array64, op = 'logSoftmax'): Array64 {
  if (x.shape.length === 0) throw shapeError(op, { x }, 'at least one axis');
  const largest = maxOverLastAxis(x);
  const logSum = log(sum(exp(sub(x, largest)), { axes: [-1], keepDims: true }));
  return sub(x, add(largest, logSum));
}

function maxOverLastAxis(x: Array64): Array64 {
  const length = x.shape.at(-1) ?? 1;
  const largest = array64([...x.shape.slice(0, -1), 1]);
  for (let row = 0; row < largest.data.length; row++)
    largest.data[row] = Math.max(...x.data.subarray(row * length, (row + 1) * length));
  return largest;
}
