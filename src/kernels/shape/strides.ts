/**
 * @file Computes shapes and strides for strided kernels, with as few axes as possible.
 */
import type { DeviceBuffer } from '../../gpu/memory/buffers.js';
import type { Device } from '../../gpu/device.js';

export const MAX_RANK = 6;

type Shape = readonly number[];

/** How many values a shape holds; 1 for a scalar's []. */
export function sizeOf(shape: Shape): number {
  return shape.reduce((product, length) => product * length, 1);
}

export function describeShape(shape: Shape): string {
  return `[${shape.join(', ')}]`;
}

/** [N, H, W, C]. @throws Error if x has another number of axes */
export function imageLengths(op: string, shape: Shape): readonly [number, number, number, number] {
  const [images, height, width, channels] = shape;
  if (
    images === undefined ||
    height === undefined ||
    width === undefined ||
    channels === undefined ||
    shape.length > 4
  ) {
    throw new Error(`${op}: got x ${describeShape(shape)}; it takes x [N, H, W, C]`);
  }
  return [images, height, width, channels];
}

/** @throws Error if `buffer` cannot hold values of that shape */
export function checkOperand(op: string, name: string, buffer: DeviceBuffer, shape: Shape): void {
  const takes = (what: string): Error => new Error(`${op}: got ${name} ${describeShape(shape)}; it takes ${what}`);
  if (shape.length > MAX_RANK) throw takes(`at most ${MAX_RANK} axes`);
  if (!shape.every((length) => Number.isInteger(length) && length >= 1)) throw takes('lengths of at least 1');
  const bytes = sizeOf(shape) * 4;
  if (buffer.size < bytes) {
    throw new Error(
      `${op}: got ${name} ${describeShape(shape)} in a buffer of ${buffer.size} bytes (${buffer.label}); ` +
        `it takes ${bytes} bytes`,
    );
  }
}

/** Workgroups of a kernel behind common/words.wgsl: an invocation takes four words of four values each, or more. */
export function wordWorkgroups(device: Device, words: number): readonly [number, number, number] {
  return device.linearWorkgroups(Math.ceil(words / 4));
}

/** Distance between neighbours along each axis. */
export function stridesOf(shape: Shape): number[] {
  return shape.map((_, axis) => sizeOf(shape.slice(axis + 1)));
}

/** Strides that make an array of shape `from` look like one of shape `to`: zero along the axes that repeat. */
export function broadcastStrides(from: Shape, to: Shape): number[] {
  const strides = stridesOf(from);
  const missing = to.length - from.length;
  return to.map((_, axis) => (axis < missing || from[axis - missing] === 1 ? 0 : strides[axis - missing]!));
}

/** An axis of the output, and the step along it in each of the arrays that are read. */
export interface Axis {
  readonly length: number;
  readonly strides: readonly number[];
}

/** Drops axes of length 1, and merges neighbouring axes that every array walks with one stride. */
export function collapse(shape: Shape, arrays: readonly (readonly number[])[]): Axis[] {
  const axes: Axis[] = [];
  shape.forEach((length, position) => {
    if (length === 1) return;
    const strides = arrays.map((array) => array[position]!);
    const before = axes.at(-1);
    const joins = before?.strides.every((stride, array) => stride === strides[array]! * length);
    if (before === undefined || joins !== true) axes.push({ length, strides });
    else axes[axes.length - 1] = { length: before.length * length, strides };
  });
  return axes.length === 0 ? [{ length: 1, strides: arrays.map(() => 1) }] : axes;
}

/** Uniform and constants of a strided kernel. */
export interface Walk {
  /** Whether whole `vec4f` words are read; otherwise four separate elements. */
  readonly words: boolean;
  /** By array: whether one element fills a word, because its stride along the last axis is 0. */
  readonly splats: readonly boolean[];
  readonly rank: number;
  /** By axis: length, stride in the first array, stride in the second, 0. In words if words are read. */
  readonly table: readonly number[];
}

/**
 * Plans how up to two arrays are read when the output is written in words of four consecutive elements. Words of an
 * array are read where no word crosses a row: a single axis, or rows of a length divisible by four.
 */
export function planWalk(axes: readonly Axis[]): Walk {
  const arrays = axes[0]?.strides.map((_, array) => axes.map(({ strides }) => strides[array]!)) ?? [];
  const rowsOfWords = axes.length === 1 || axes.slice(-1).every(({ length }) => length % 4 === 0);
  const words = rowsOfWords && arrays.every(readsWords);
  const splats = arrays.map((strides) => words && strides.at(-1) === 0);
  const table = axes.flatMap(({ length, strides }, axis) => {
    const last = axis === axes.length - 1;
    const steps = [0, 1].map((array) => {
      const stride = strides[array] ?? 0;
      return !words || splats[array] === true || last ? stride : stride / 4;
    });
    return [words && last ? Math.ceil(length / 4) : length, ...steps, 0];
  });
  return { words, splats, rank: axes.length, table: [...table, ...zeros(MAX_RANK * 4 - table.length)] };
}

function readsWords(strides: readonly number[]): boolean {
  const step = strides.at(-1);
  return step === 0 || (step === 1 && strides.slice(0, -1).every((stride) => stride % 4 === 0));
}

function zeros(count: number): number[] {
  return Array.from({ length: count }, () => 0);
}

/** Words of four values after which the columns of a matrix's rows repeat. */
export function wordPeriod(columns: number): number {
  return columns % 4 === 0 ? columns / 4 : columns % 2 === 0 ? columns / 2 : columns;
}
