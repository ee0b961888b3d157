/**
 * @file Records scalars in a ring on the GPU, so that the losses of many iterations are read back at once.
 */
import type { DeviceBuffer } from '../gpu/memory/buffers.js';
import { floatBits } from '../gpu/params.js';
import type { Device } from '../gpu/device.js';
import { PART_ALIGNMENT } from '../gpu/memory/flatBuffers.js';
import { checkOperand } from './shape/strides.js';

/** WebGPU guarantees a stage eight storage buffers; counters and ring take two. */
const MAX_SCALARS = 6;

/** In the order of the constants in record.wgsl. NaN is above nothing. */
const FUNCTIONS = ['value', 'isAbove', 'isNotAbove'] as const;

/** A scalar to record: the mean of a function over `count` values of a buffer, from `first` on. */
export interface RecordedScalar {
  readonly buffer: DeviceBuffer;
  /** Default: 0. */
  readonly first?: number | undefined;
  /** Default: 1. */
  readonly count?: number | undefined;
  /** Default: `'value'`. The others compare with the boundary and give 1 or 0: their mean is a share. */
  readonly of?: (typeof FUNCTIONS)[number] | undefined;
}

/** Most counters to advance at once, and their distance in memory. */
const MAX_COUNTERS = 4;
const COUNTER_WORDS = PART_ALIGNMENT / 4;

export interface RecordOptions {
  /** [capacity, scalars.length] */
  readonly ring: DeviceBuffer;
  /** Rows of the ring. */
  readonly capacity: number;
  /**
   * One u32: the iteration, which may be counted up before or after, as the reader expects. Or the flat buffer of several
   * counters (see gpu/memory/flatBuffers.ts), of which the first is the iteration.
   */
  readonly counters: DeviceBuffer;
  readonly scalars: readonly RecordedScalar[];
  /** Summands of the counters, which are added after recording without a dispatch of their own. Default: none. */
  readonly advance?: readonly number[] | undefined;
  /** Boundary that shares are counted by. Default: 0. */
  readonly boundary?: number | undefined;
}

/** Writes ring[(counter mod capacity) · scalars.length + j] = scalars[j]. */
export function recordScalars(device: Device, options: RecordOptions): void {
  const { ring, capacity, counters, scalars, advance = [], boundary = 0 } = options;
  const op = 'recordScalars';
  const last = scalars.at(-1);
  if (last === undefined || scalars.length > MAX_SCALARS) {
    throw new Error(`${op}: got ${scalars.length} scalars; it takes 1 to ${MAX_SCALARS}`);
  }
  if (advance.length > MAX_COUNTERS || !advance.every(Number.isInteger)) {
    throw new Error(`${op}: got [${advance.join(', ')}] to add; it takes up to ${MAX_COUNTERS} integers`);
  }
  checkOperand(op, 'ring', ring, [capacity, scalars.length]);
  checkOperand(op, 'counters', counters, [1 + COUNTER_WORDS * Math.max(advance.length - 1, 0)]);
  const buffers = scalars.map(({ buffer }) => buffer);
  for (const [name, written] of Object.entries({ ring, counters })) {
    if ((name === 'ring' ? [counters, ...buffers] : buffers).includes(written)) {
      throw new Error(`${op}: got the ${name} (${written.label}) among its inputs; it takes other buffers`);
    }
  }
  const sources = scalars.flatMap((scalar, j) => sourceOf(op, scalar, j));
  // The shader declares six scalars; the places left over are bound again and not read.
  const bound = [...buffers, ...Array.from({ length: MAX_SCALARS - scalars.length }, () => last.buffer)];
  device.dispatch({
    kernel: { name: op, files: ['scalarRing/record.wgsl'], constants: { COUNTER_WORDS } },
    buffers: [counters, ...bound, ring],
    params: {
      capacity,
      scalars: scalars.length,
      counters: advance.length,
      boundary,
      advance: Array.from({ length: MAX_COUNTERS }, (_, index) => advance[index] ?? 0),
      sources,
    },
    workgroups: [1, 1, 1],
  });
}

function sourceOf(op: string, { buffer, first = 0, count = 1, of = 'value' }: RecordedScalar, j: number): number[] {
  if (!Number.isInteger(first) || first < 0 || !Number.isInteger(count) || count < 1) {
    throw new Error(`${op}: got scalar ${j} of ${count} values from ${first}; it takes at least one, from 0 on`);
  }
  checkOperand(op, `scalar ${j}`, buffer, [first + count]);
  return [first, count, FUNCTIONS.indexOf(of), floatBits(1 / count)];
}
