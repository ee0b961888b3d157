/**
 * @file A ring of scalars on the GPU, so that losses are read back in bulk every so many iterations.
 */
import type { DeviceBuffer } from '../gpu/buffers.js';
import { params } from '../gpu/commands.js';
import type { Device } from '../gpu/device.js';
import { PART_ALIGNMENT } from '../gpu/together.js';
import { checkOperand } from './strides.js';

/** Eight storage buffers are all that WebGPU grants a stage; counters and history take two. */
export const MAX_SCALARS = 6;

/** Counters that are moved on at once, and how far apart they lie. */
const MAX_COUNTERS = 4;
const COUNTER_WORDS = PART_ALIGNMENT / 4;

/**
 * Writes history[(counter mod capacity) · scalars.length + j] = the first value of scalars[j].
 *
 * @param history [capacity, scalars.length]
 * @param counters one u32, the iteration, not yet incremented or already, as the reader will take it; or the whole of
 * several, see gpu/together.ts, of which it is the first
 * @param advance what is then added to each of the counters, so that no dispatch is spent on it; none where absent
 */
export function recordScalars(
  device: Device,
  history: DeviceBuffer,
  counters: DeviceBuffer,
  capacity: number,
  scalars: readonly DeviceBuffer[],
  advance: readonly number[] = [],
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
  if (new Set([history, counters, ...scalars]).size < 2 + new Set(scalars).size) {
    throw new Error(
      `${op}: got the history (${history.label}) or the counters among its inputs; it takes other buffers`,
    );
  }
  // The shader declares six scalars; the places left over are bound again and not written.
  const bound = [...scalars, ...Array.from({ length: MAX_SCALARS - scalars.length }, () => last)];
  const steps = Array.from({ length: MAX_COUNTERS }, (_, index) => advance[index] ?? 0);
  device.dispatch({
    kernel: { name: op, files: ['history/record.wgsl'], constants: { COUNTER_WORDS } },
    buffers: [counters, ...bound, history],
    params: params(capacity, scalars.length, advance.length, 0, ...steps),
    workgroups: [1, 1, 1],
  });
}
