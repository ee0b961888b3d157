/**
 * @file How long each dispatch of a plan takes, in order, from timestamps around a pass of its own.
 */
import type { Device } from '../src/gpu/device.js';
import type { Plan } from '../src/gpu/plan.js';
import { PassTimer } from '../src/gpu/profiler.js';
import { median } from './support.js';

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
    const times = await timedReplay(device, plan);
    if (times.length < plan.commands.length) return undefined;
    replays.push(times);
  }
  return plan.commands.map((_, index) => median(replays.map((times) => times[index] ?? NaN)));
}

async function timedReplay(device: Device, plan: Plan<unknown>): Promise<number[]> {
  const { handle } = device;
  await device.synchronize();
  const timer = new PassTimer(handle);
  const encoder = handle.createCommandEncoder();
  plan.encode(encoder, timer);
  const count = timer.names.length;
  const size = count * 16;
  const resolved = handle.createBuffer({ size, usage: GPUBufferUsage.QUERY_RESOLVE | GPUBufferUsage.COPY_SRC });
  const staging = handle.createBuffer({ size, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST });
  encoder.resolveQuerySet(timer.querySet, 0, count * 2, resolved, 0);
  encoder.copyBufferToBuffer(resolved, 0, staging, 0, size);
  handle.queue.submit([encoder.finish()]);
  // First, as a refused or lost device says why, and mapAsync does not.
  await device.synchronize();
  await staging.mapAsync(GPUMapMode.READ);
  const stamps = new BigUint64Array(staging.getMappedRange().slice(0));
  for (const resource of [staging, resolved, timer.querySet]) resource.destroy();
  return Array.from({ length: count }, (_, index) => {
    // WebGPU lets a timestamp lie before an earlier one.
    return Math.max(0, Number((stamps[index * 2 + 1] ?? 0n) - (stamps[index * 2] ?? 0n))) / 1e6;
  });
}
