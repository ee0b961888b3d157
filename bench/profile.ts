/**
 * @file Where a step's time goes, kernel by kernel, and what each product of it achieves.
 */
import type { Dispatch } from '../src/gpu/commands.js';

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
  const byKernel = new Map<string, number[]>();
  commands.forEach(({ kernel }, index) => {
    byKernel.set(kernel.name, [...(byKernel.get(kernel.name) ?? []), times[index] ?? NaN]);
  });
  const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
  const kernels = [...byKernel].map(([kernel, each]) => ({
    kernel,
    dispatches: each.length,
    milliseconds: sum(each),
  }));
  kernels.sort((a, b) => b.milliseconds - a.milliseconds);
  const total = sum(times);
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
