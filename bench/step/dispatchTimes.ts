/**
 * @file Measures the time of each dispatch of a plan, in order, by timestamps around a separate pass.
 */
import type { Device } from '../../src/gpu/device.js';
import type { Plan } from '../../src/gpu/plan/plan.js';
import { timeDispatches } from '../../src/gpu/plan/profiler.js';
import { median } from '../support/measure.js';

/** Timed replays; a dispatch's time is the median of them. */
export const TIMED_REPLAYS = 5;

/**
 * @returns milliseconds of each of the plan's commands; undefined where the device has no timestamps, or too few for the
 *   plan
 */
export async function dispatchTimes(device: Device, plan: Plan<unknown>): Promise<number[] | undefined> {
  if (!device.handle.features.has('timestamp-query')) return undefined;
  const replays: number[][] = [];
  for (let replay = 0; replay < TIMED_REPLAYS; replay++) {
    const times = await timeDispatches(device, plan);
    if (times.length < plan.commands.length) return undefined;
    replays.push(times.map(({ milliseconds }) => milliseconds));
  }
  return plan.commands.map((_, index) => median(replays.map((times) => times[index] ?? NaN)));
}
