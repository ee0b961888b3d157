/**
 * @file Sums over axes, repeats along axes (the adjoint), and changes of shape without a copy.
 */
import type { ReduceOptions } from '../../kernels/options.js';
import { sum as sumKernel } from '../../kernels/reduce.js';
import * as shapes from '../../kernels/shape/shape.js';
import { sizeOf } from '../../kernels/shape/strides.js';
import { taped } from '../tape.js';
import type { Tensor } from '../tensor.js';
import { scale } from './affine.js';

/** Sum over `axes`; over all axes if absent. */
export function sum(x: Tensor, options: ReduceOptions = {}): Tensor {
  return reduce('sum', x, options, 1);
}

/** Mean over `axes`; over all axes if absent. */
export function mean(x: Tensor, options: ReduceOptions = {}): Tensor {
  const axes = reducedAxes(x, options);
  return reduce('mean', x, options, 1 / sizeOf(axes.map((axis) => x.shape[axis] ?? 1)));
}

/** The axes that a reduction removes, counted from 0. */
export function reducedAxes(x: Tensor, { axes }: ReduceOptions): number[] {
  return axes?.map((axis) => (axis < 0 ? axis + x.shape.length : axis)) ?? x.shape.map((_, axis) => axis);
}

/** The shape with the reduced axes as length 1 (`kept`), and the shape of the result. */
export function reducedShapes(
  x: Tensor,
  axes: readonly number[],
  { keepDims = false }: ReduceOptions,
): { readonly kept: number[]; readonly result: number[] } {
  const kept = x.shape.map((length, axis) => (axes.includes(axis) ? 1 : length));
  return { kept, result: keepDims ? kept : x.shape.filter((_, axis) => !axes.includes(axis)) };
}

function reduce(op: string, x: Tensor, options: ReduceOptions, factor: number): Tensor {
  const { engine, shape } = x;
  const axes = reducedAxes(x, options);
  const reduced = sumKernel(engine.device, x.buffer, shape, axes, factor);
  const { kept, result } = reducedShapes(x, axes, options);
  return taped(engine.wrap(reduced, result), op, [x], (g) => {
    const spread = broadcastTo(reshape(g, kept), shape);
    return [factor === 1 ? spread : scale(spread, factor)];
  });
}

/** Repeats x along new and unit axes, by NumPy's rule. */
export function broadcastTo(x: Tensor, shape: readonly number[]): Tensor {
  if (x.shape.join() === shape.join()) return x;
  const { engine } = x;
  const y = shapes.broadcastTo(engine.device, x.buffer, x.shape, shape);
  return taped(engine.wrap(y, shape), 'broadcastTo', [x], (g) => [sumTo(g, x.shape)]);
}

/** The adjoint of broadcasting: sums over the axes along which `shape` was repeated. */
export function sumTo(x: Tensor, shape: readonly number[]): Tensor {
  if (x.shape.join() === shape.join()) return x;
  const added = x.shape.length - shape.length;
  const axes = x.shape.flatMap((length, axis) => {
    return axis < added || (shape[axis - added] === 1 && length !== 1) ? [axis] : [];
  });
  return reshape(axes.length === 0 ? x : sum(x, { axes }), shape);
}

/** The same values in another shape of the same size, without a copy. @throws Error for another size */
export function reshape(x: Tensor, shape: readonly number[]): Tensor {
  if (x.shape.join() === shape.join()) return x;
  if (sizeOf(shape) !== x.size) {
    throw new Error(`reshape: got ${x.toString()} and [${shape.join(', ')}]; it takes a shape of ${x.size} values`);
  }
  return taped(x.engine.wrap(x.buffer, shape), 'reshape', [x], (g) => [reshape(g, x.shape)]);
}
