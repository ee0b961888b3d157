/**
 * @file Sums over any set of axes, in passes that stay parallel for few outputs.
 */
import type { DeviceBuffer } from '../gpu/memory/buffers.js';
import { LINEAR_WORKGROUP } from '../gpu/commands.js';
import type { Device } from '../gpu/device.js';
import { checkOperand, describeShape, sizeOf } from './shape/strides.js';

/** Rows per invocation, about: more leave a GPU idle, fewer need more passes. */
const ROWS_AT_ONCE = 64;

/** Invocations that fill a GPU: from this number on, rows are not split. */
const ENOUGH_INVOCATIONS = 16_384;

/** Neighbouring axes, all reduced or all kept, merged into one. */
interface Group {
  readonly length: number;
  readonly reduced: boolean;
}

/** x as the kernel sees it: the middle one of three axes is summed. */
interface Slabs {
  readonly outer: number;
  readonly rows: number;
  readonly inner: number;
}

/**
 * factor · Σ x over the given axes, a negative one counting from the end; the result is x's shape without them. A mean
 * is a sum with a factor of 1/n.
 *
 * The order of summation depends on the shape alone. A sum is off by at most 21 · p · 2⁻²⁴ · Σ|x|, p being the number of
 * passes, log₆₄ of the count rounded up: an invocation adds 16 values to each of four sums, and joins those. Where the
 * outputs alone fill a GPU one pass adds more, at most 512 to each of the four within the binding size of WebGPU.
 */
export function sum(
  device: Device,
  x: DeviceBuffer,
  shape: readonly number[],
  axes: readonly number[],
  factor = 1,
): DeviceBuffer {
  checkOperand('sum', 'x', x, shape);
  const rank = shape.length;
  const reduced = new Set(axes.map((axis) => (axis < 0 ? axis + rank : axis)));
  if (reduced.size !== axes.length || ![...reduced].every((axis) => axis in shape)) {
    throw new Error(
      `sum: got x ${describeShape(shape)}; ` +
        `it takes distinct axes from ${-rank} to ${rank - 1}, not ${describeShape(axes)}`,
    );
  }
  const groups = group(shape, reduced);
  return device.scope(
    () => sumGroups(device, x, groups, factor),
    (result) => [result],
  );
}

function group(shape: readonly number[], reduced: ReadonlySet<number>): Group[] {
  const groups: Group[] = [];
  shape.forEach((length, axis) => {
    if (length === 1) return;
    const last = groups.at(-1);
    if (last?.reduced === reduced.has(axis)) groups[groups.length - 1] = { ...last, length: last.length * length };
    else groups.push({ length, reduced: reduced.has(axis) });
  });
  return groups;
}

/** Sums the longest group first, which leaves the least for the others. */
function sumGroups(device: Device, x: DeviceBuffer, groups: readonly Group[], factor: number): DeviceBuffer {
  const longest = Math.max(0, ...groups.filter((part) => part.reduced).map((part) => part.length));
  const at = groups.findIndex((part) => part.reduced && part.length === longest);
  const size = (parts: readonly Group[]): number => sizeOf(parts.map(({ length }) => length));
  if (at < 0) return sumRows(device, x, { outer: size(groups), rows: 1, inner: 1 }, factor);

  const before = groups.slice(0, at);
  const after = groups.slice(at + 1);
  const rest = [...before, ...after];
  const done = !rest.some((part) => part.reduced);
  const slabs = { outer: size(before), rows: longest, inner: size(after) };
  const sums = sumRows(device, x, slabs, done ? factor : 1);
  return done ? sums : sumGroups(device, sums, rest, factor);
}

/** Sums the rows, in as many passes as they need. */
function sumRows(device: Device, x: DeviceBuffer, { outer, rows, inner }: Slabs, factor: number): DeviceBuffer {
  let source = x;
  for (let left = rows; ;) {
    const pass = planPass({ outer, rows: left, inner });
    const { owners, slab, width, splits, chunk, tail } = pass;
    const last = pass.partials === 1;
    const target = device.allocate(outer * pass.partials * inner * 4, last ? 'sum' : 'partial sums');
    device.dispatch({
      kernel: {
        name: 'sum',
        files: ['common/linear.wgsl', 'reduce/sum.wgsl'],
        constants: { WORDS: pass.words, FOLD: pass.fold },
      },
      buffers: [source, target],
      params: { count: owners, slab, width, splits, chunk, tail, factor: last ? factor : 1 },
      workgroups: device.linearWorkgroups(owners),
    });
    if (last) return target;
    left = pass.partials;
    source = target;
  }
}

/** Uniform and constants; see sum.wgsl. */
interface Pass {
  readonly words: boolean;
  readonly fold: boolean;
  readonly owners: number;
  readonly slab: number;
  readonly width: number;
  readonly splits: number;
  readonly chunk: number;
  readonly tail: number;
  /** Rows of each slab after the pass. */
  readonly partials: number;
}

function planPass({ outer, rows, inner }: Slabs): Pass {
  const fold = inner === 1 && (outer === 1 || rows % 4 === 0);
  const words = fold || inner % 4 === 0;
  const tail = fold ? rows % 4 : 0;
  const steps = fold ? Math.floor(rows / 4) : rows;
  const columns = words && !fold ? inner / 4 : inner;

  const wanted = countPartials(steps, outer * columns);
  // Sets of rows side by side widen narrow slabs, so that neighbours still read side by side.
  const beside = wanted === 1 ? 1 : Math.min(wanted, Math.max(1, Math.floor(LINEAR_WORKGROUP / columns)));
  const rowsEach = Math.max(1, Math.ceil(steps / (Math.ceil(wanted / beside) * beside)));
  const splits = Math.max(1, Math.ceil(steps / (rowsEach * beside)));
  const width = beside * columns;
  const partials = splits * beside;
  return {
    words,
    fold,
    owners: outer * splits * width,
    slab: steps * columns,
    width,
    splits,
    chunk: rowsEach * width,
    tail,
    partials,
  };
}

/** Number of partial sums of a pass over `rows` rows: all passes reduce by about the same factor. */
function countPartials(rows: number, outputs: number): number {
  if (rows <= ROWS_AT_ONCE || outputs >= ENOUGH_INVOCATIONS) return 1;
  const passes = Math.ceil(Math.log(rows) / Math.log(ROWS_AT_ONCE));
  const even = Math.ceil(rows ** ((passes - 1) / passes));
  // A multiple of four, so that the next pass reads words.
  return Math.ceil(Math.min(even, Math.ceil(ENOUGH_INVOCATIONS / outputs)) / 4) * 4;
}
