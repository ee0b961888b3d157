/**
 * @file A ring of scalars on the GPU, so that losses are read back in bulk every so many iterations.
 */
import type { DeviceBuffer } from '../gpu/memory/buffers.js';
import { floatBits } from '../gpu/params.js';
import type { Device } from '../gpu/device.js';
import { PART_ALIGNMENT } from '../gpu/memory/flatBuffers.js';
import { checkOperand } from './shape/strides.js';

/** Eight storage buffers are all that WebGPU grants a stage; counters and history take two. */
const MAX_SCALARS = 6;

/** In the order of the constants in record.wgsl. NaN is not above anything. */
const FUNCTIONS = ['value', 'isAbove', 'isNotAbove'] as const;

/** A scalar to record: the mean over `count` values of a buffer, from `first` on, of a function of each. */
export interface RecordedScalar {
  readonly buffer: DeviceBuffer;
  /** 0 where absent. */
  readonly first?: number | undefined;
  /** 1 where absent. */
  readonly count?: number | undefined;
  /** `'value'` where absent; the others compare it with the call's boundary, and are 1 or 0: their mean is a share. */
  readonly of?: (typeof FUNCTIONS)[number] | undefined;
}

/** Counters that are moved on at once, and how far apart they lie. */
const MAX_COUNTERS = 4;
const COUNTER_WORDS = PART_ALIGNMENT / 4;

/**
 * Writes history[(counter mod capacity) · scalars.length + j] = scalars[j].
 *
 * @param history [capacity, scalars.length]
 * @param counters one u32, the iteration, not yet incremented or already, as the reader will take it; or the whole of
 * several, see gpu/memory/flatBuffers.ts, of which it is the first
 * @param advance what is then added to each of the counters, so that no dispatch is spent on it; none where absent
 * @param boundary which values shares are counted above
 */
export function recordScalars(
  device: Device,
  history: DeviceBuffer,
  counters: DeviceBuffer,
  capacity: number,
  scalars: readonly RecordedScalar[],
  advance: readonly number[] = [],
  boundary = 0,
): void {
  const op = 'recordScalars';
  const last = scalars.at(-1);
  if (last === undefined || scalars.length > MAX_SCALARS) {
    throw new Error(`${op}: got ${scalars.length} scalars; it takes 1 to ${MAX_SCALARS}`);
  }
  if (advance.length > MAX_COUNTERS || !advance.every(Number.isInteger)) {
    throw new Error(`${op}: got [${advance.join(', ')}] to add; it takes up to ${MAX_COUNTERS} integers`);
  }
  checkOperand(op, 'history', history, [capacity, scalars.length]);
  checkOperand(op, 'counters', counters, [1 + COUNTER_WORDS * Math.max(advance.length - 1, 0)]);
  const buffers = scalars.map(({ buffer }) => buffer);
  for (const [name, written] of Object.entries({ history, counters })) {
    if ((name === 'history' ? [counters, ...buffers] : buffers).includes(written)) {
      throw new Error(`${op}: got the ${name} (${written.label}) among its inputs; it takes other buffers`);
    }
  }
  const sources = scalars.flatMap((scalar, j) => sourceOf(op, scalar, j));
  // The shader declares six scalars; the places left over are bound again and not read.
  const bound = [...buffers, ...Array.from({ length: MAX_SCALARS - scalars.length }, () => last.buffer)];
  device.dispatch({
    kernel: { name: op, files: ['scalarRing/record.wgsl'], constants: { COUNTER_WORDS } },
    buffers: [counters, ...bound, history],
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
