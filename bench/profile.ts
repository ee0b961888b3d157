/**
 * @file Where a step's time goes, kernel by kernel, and what each product of it achieves.
 */
import type { Device } from '../src/gpu/device.js';
import type { Plan } from '../src/gpu/plan.js';
import { profilePlan, type KernelTime } from '../src/gpu/profiler.js';
import { median } from './support.js';

/** Profiled replays; a kernel's time is the median of them. */
const REPLAYS = 5;

/**
 * @param flops of a dispatch of a product, by its kernel's name
 * @returns lines to print, longest first.
 */
export async function profileLines(
  device: Device,
  plan: Plan<unknown>,
  flops: ReadonlyMap<string, number>,
): Promise<string[]> {
  if (!device.handle.features.has('timestamp-query')) return ['This device has no timestamps: no profile.'];
  const replays: KernelTime[][] = [];
  for (let replay = 0; replay < REPLAYS; replay++) replays.push(await profilePlan(device, plan));
  const kernels = (replays[0] ?? []).map(({ kernel, dispatches }) => {
    const times = replays.map((replay) => replay.find((other) => other.kernel === kernel)?.milliseconds ?? NaN);
    return { kernel, dispatches, milliseconds: median(times) };
  });
  kernels.sort((a, b) => b.milliseconds - a.milliseconds);
  const total = kernels.reduce((sum, { milliseconds }) => sum + milliseconds, 0);
  const line = (cells: readonly string[], kernel: string): string => {
    return `  ${cells.map((cell) => cell.padStart(9)).join(' ')}  ${kernel}`;
  };
  return [
    `  by kernel, each in a pass of its own, ${total.toFixed(1)} ms in all:`,
    line(['ms', 'share', 'times', 'GFLOP/s'], 'kernel'),
    ...kernels.map(({ kernel, dispatches, milliseconds }) => {
      const operations = flops.get(kernel);
      const rate = operations === undefined ? '' : ((dispatches * operations) / milliseconds / 1e6).toFixed(1);
      const share = `${((100 * milliseconds) / total).toFixed(1)}%`;
      return line([milliseconds.toFixed(3), share, dispatches.toString(), rate], kernel);
    }),
  ];
}
