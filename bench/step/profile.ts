/**
 * @file Summarises a step's time by kernel, and the throughput of each of its products.
 */
import type { Dispatch } from '../../src/gpu/commands.js';
import { byKernel } from '../../src/gpu/plan/profiler.js';

/**
 * @param times milliseconds of each command
 * @param flops of a dispatch of a product, by its kernel's name
 * @returns lines to print, longest first.
 */
export function profileLines(
  commands: readonly Dispatch[],
  times: readonly number[],
  flops: ReadonlyMap<string, number>,
): string[] {
  const kernels = byKernel(
    commands.map(({ kernel }, index) => ({ kernel: kernel.name, milliseconds: times[index] ?? NaN })),
  );
  const total = times.reduce((sum, time) => sum + time, 0);
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
