/**
 * @file A ring of scalars on the GPU, so that losses are read back in bulk every so many iterations.
 */
import type { DeviceBuffer } from '../gpu/buffers.js';
import { params } from '../gpu/commands.js';
import type { Device } from '../gpu/device.js';
import { checkOperand } from './strides.js';

/** Eight storage buffers are all that WebGPU grants a stage; counter and history take two. */
export const MAX_SCALARS = 6;

/**
 * Writes history[(counter mod capacity) · scalars.length + j] = the first value of scalars[j].
 *
 * @param history [capacity, scalars.length]
 * @param counter one u32: the iteration, not yet incremented or already, as the reader will take it.
 */
export function recordScalars(
  device: Device,
  history: DeviceBuffer,
  counter: DeviceBuffer,
  capacity: number,
  scalars: readonly DeviceBuffer[],
): void {
  const op = 'recordScalars';
  const last = scalars.at(-1);
  if (last === undefined || scalars.length > MAX_SCALARS) {
    throw new Error(`${op}: got ${scalars.length} scalars; it takes 1 to ${MAX_SCALARS}`);
  }
  checkOperand(op, 'history', history, [capacity, scalars.length]);
  checkOperand(op, 'counter', counter, [1]);
  if (scalars.includes(history) || counter === history) {
    throw new Error(`${op}: got the history (${history.label}) among its inputs; it takes other buffers`);
  }
  // The shader declares six scalars; the places left over are bound again and not written.
  const bound = [...scalars, ...Array.from({ length: MAX_SCALARS - scalars.length }, () => last)];
  device.dispatch({
    kernel: { name: op, files: ['history/record.wgsl'] },
    buffers: [counter, ...bound, history],
    params: params(capacity, scalars.length),
    workgroups: [1, 1, 1],
  });
}
