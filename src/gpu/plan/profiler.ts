/**
 * @file Measures a step's time by kernel with timestamp queries, each dispatch in a pass of its own.
 */
import type { Device } from '../device.js';
import { GpuError } from '../errors.js';
import type { Plan } from './plan.js';

/** Time that one dispatch took. */
export interface DispatchTime {
  readonly kernel: string;
  readonly milliseconds: number;
}

/** Time spent in one kernel over a step. */
export interface KernelTime {
  readonly kernel: string;
  readonly dispatches: number;
  readonly milliseconds: number;
}

const MAX_QUERIES = 4096;

/** Assigns timestamp slots, two for each pass. */
export class PassTimer {
  readonly names: string[] = [];
  readonly querySet: GPUQuerySet;

  constructor(device: GPUDevice) {
    this.querySet = device.createQuerySet({ type: 'timestamp', count: MAX_QUERIES });
  }

  next(name: string): GPUComputePassTimestampWrites | undefined {
    const index = this.names.length * 2;
    if (index + 2 > MAX_QUERIES) return undefined;
    this.names.push(name);
    return { querySet: this.querySet, beginningOfPassWriteIndex: index, endOfPassWriteIndex: index + 1 };
  }
}

/**
 * Replays a plan once under timestamps.
 *
 * @returns the dispatches in order; at most the first 2,048
 * @throws GpuError where the device has no `timestamp-query`.
 */
export async function timeDispatches(device: Device, plan: Plan<unknown>): Promise<DispatchTime[]> {
  if (!device.handle.features.has('timestamp-query')) throw new GpuError('this device has no timestamp-query');
  await device.synchronize();
  const timer = new PassTimer(device.handle);
  const encoder = device.handle.createCommandEncoder();
  plan.encode(encoder, timer);
  const size = timer.names.length * 16;
  if (size === 0) return [];
  const resolved = device.handle.createBuffer({ size, usage: GPUBufferUsage.QUERY_RESOLVE | GPUBufferUsage.COPY_SRC });
  const staging = device.handle.createBuffer({ size, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST });
  encoder.resolveQuerySet(timer.querySet, 0, timer.names.length * 2, resolved, 0);
  encoder.copyBufferToBuffer(resolved, 0, staging, 0, size);
  device.handle.queue.submit([encoder.finish()]);
  // First: it throws the reason of a refusal or a loss, which mapAsync does not give.
  await device.synchronize();
  await staging.mapAsync(GPUMapMode.READ);
  const stamps = new BigUint64Array(staging.getMappedRange().slice(0));
  for (const resource of [staging, resolved, timer.querySet]) resource.destroy();
  return timer.names.map((kernel, index) => {
    // In WebGPU a timestamp may be lower than an earlier one.
    const nanoseconds = Math.max(0, Number((stamps[index * 2 + 1] ?? 0n) - (stamps[index * 2] ?? 0n)));
    return { kernel, milliseconds: nanoseconds / 1e6 };
  });
}

/** As {@link timeDispatches}, {@link byKernel}. */
export async function profilePlan(device: Device, plan: Plan<unknown>): Promise<KernelTime[]> {
  return byKernel(await timeDispatches(device, plan));
}

/** Dispatches added up by kernel, longest first. */
export function byKernel(times: readonly DispatchTime[]): KernelTime[] {
  const totals = new Map<string, KernelTime>();
  for (const { kernel, milliseconds } of times) {
    const total = totals.get(kernel) ?? { kernel, dispatches: 0, milliseconds: 0 };
    const dispatches = total.dispatches + 1;
    totals.set(kernel, { kernel, dispatches, milliseconds: total.milliseconds + milliseconds });
  }
  return [...totals.values()].sort((a, b) => b.milliseconds - a.milliseconds);
}
