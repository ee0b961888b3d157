/**
 * @file Finds the largest values, and reads entries by their indices.
 */
import * as kernels from '../../kernels/indexing.js';
import type { ReduceOptions } from '../../kernels/options.js';
import { sizeOf } from '../../kernels/shape/strides.js';
import { taped } from '../tape.js';
import type { Tensor } from '../tensor.js';
import { reducedAxes, reducedShapes, reshape } from './reduce.js';
import { transpose } from './shape.js';

/**
 * Largest value over `axes`; over all axes if absent. Of equal values the first in row-major order takes the whole gradient.
 * A NaN counts as the largest.
 *
 * @throws Error for axes that x does not have, or that repeat
 */
export function max(x: Tensor, options: ReduceOptions = {}): Tensor {
  const { source, slabs, result } = alongRows('max', x, options);
  const { values, indices } = kernels.argmax(x.engine.device, source.buffer, slabs);
  const shape = [slabs.outer, slabs.inner];
  const winners = x.engine.wrap(indices, shape);
  const largest = taped(x.engine.wrap(values, shape), 'max', [source], (g) => [
    reshape(place(g, winners, slabs), source.shape),
  ]);
  return reshape(largest, result);
}

/**
 * Index of the largest value over `axes`, counted in row-major order over these axes; over all axes if absent. Of equal
 * values the first wins; a NaN counts as the largest. The result holds whole numbers and is a constant.
 *
 * @throws Error for axes that x does not have, or that repeat
 */
export function argmax(x: Tensor, options: ReduceOptions = {}): Tensor {
  const { engine } = x;
  return engine.noGrad(() => {
    const { source, slabs, result } = alongRows('argmax', x, options);
    return engine.wrap(kernels.argmax(engine.device, source.buffer, slabs).indices, result);
  });
}

/** x as [outer, rows, inner] with the reduced axes as its rows; transposed first if they are not adjacent. */
function alongRows(
  op: string,
  x: Tensor,
  options: ReduceOptions,
): { readonly source: Tensor; readonly slabs: kernels.Slabs; readonly result: readonly number[] } {
  const { shape } = x;
  const axes = reducedAxes(x, options).sort((a, b) => a - b);
  if (new Set(axes).size < axes.length || !axes.every((axis) => axis in shape)) {
    throw new Error(
      `${op}: got x [${shape.join(', ')}] and axes [${(options.axes ?? []).join(', ')}]; it takes distinct axes of x`,
    );
  }
  const { result } = reducedShapes(x, axes, options);
  const rows = sizeOf(axes.map((axis) => shape[axis] ?? 1));
  const [first = 0] = axes;
  const outer = sizeOf(shape.slice(0, first));
  if (axes.every((axis, place) => axis === first + place)) {
    return { source: x, slabs: { outer, rows, inner: x.size / outer / rows }, result };
  }
  const kept = shape.flatMap((_, axis) => (axes.includes(axis) ? [] : [axis]));
  return { source: transpose(x, [...kept, ...axes]), slabs: { outer: x.size / rows, rows, inner: 1 }, result };
}

/** Values [outer, inner] at their indices, zeros elsewhere: [outer, rows, inner]. The indices are constants. */
function place(values: Tensor, index: Tensor, slabs: kernels.Slabs): Tensor {
  const { engine } = values;
  const y = kernels.place(engine.device, values.buffer, index.buffer, slabs);
  const shape = [slabs.outer, slabs.rows, slabs.inner];
  return taped(engine.wrap(y, shape), 'place', [values], (g) => [pick(g, index, slabs)]);
}

/** The adjoint of {@link place}. */
function pick(x: Tensor, index: Tensor, slabs: kernels.Slabs): Tensor {
  const { engine } = x;
  const y = kernels.pick(engine.device, x.buffer, index.buffer, slabs);
  return taped(engine.wrap(y, [slabs.outer, slabs.inner]), 'pick', [x], (g) => [place(g, index, slabs)]);
}

/**
 * Entries of an axis by their indices, as `numpy.take`: the axis is replaced by the axes of `indices`. It is the first if
 * absent; a negative one counts from the end. The gradient adds the entries up by index in a fixed order.
 *
 * @param indices whole numbers from 0, constants; an index outside of the axis gives NaN
 * @returns [...axes of x before it, ...axes of indices, ...axes of x after it]
 * @throws Error for an axis that x does not have
 */
export function gather(x: Tensor, indices: Tensor, axis = 0): Tensor {
  const { shape } = x;
  const at = axis < 0 ? axis + shape.length : axis;
  const rows = shape[at];
  if (rows === undefined)
    throw new Error(`gather: got x [${shape.join(', ')}] and axis ${axis}; it takes an axis of x`);
  const [before, behind] = [shape.slice(0, at), shape.slice(at + 1)];
  const slabs = { outer: sizeOf(before), rows, inner: sizeOf(behind) };
  const rowsOf = reshape(x, [slabs.outer, rows, slabs.inner]);
  return reshape(gatherRows(rowsOf, indices, slabs), [...before, ...indices.shape, ...behind]);
}

function gatherRows(x: Tensor, indices: Tensor, slabs: kernels.Slabs): Tensor {
  const { engine } = x;
  const { outer, inner } = slabs;
  const y = kernels.gather(engine.device, x.buffer, indices.buffer, { ...slabs, entries: indices.size });
  return taped(engine.wrap(y, [outer, indices.size, inner]), 'gather', [x], (g) => [scatterAdd(g, indices, slabs)]);
}

/** The adjoint of gathering. */
function scatterAdd(x: Tensor, indices: Tensor, slabs: kernels.Slabs): Tensor {
  const { engine } = x;
  const { outer, rows, inner } = slabs;
  const y = kernels.scatterAdd(engine.device, x.buffer, indices.buffer, { ...slabs, entries: indices.size });
  return taped(engine.wrap(y, [outer, rows, inner]), 'scatterAdd', [x], (g) => [gatherRows(g, indices, slabs)]);
}

/**
 * Rows of a table by their indices.
 *
 * @param table [entries, width]
 * @param indices [...], whole numbers from 0 to entries − 1, constants
 * @returns [..., width]
 * @throws Error for a table that is not a matrix
 */
export function embedding(table: Tensor, indices: Tensor): Tensor {
  if (table.shape.length !== 2) {
    throw new Error(`embedding: got the table [${table.shape.join(', ')}]; it takes [entries, width]`);
  }
  return gather(table, indices);
}
