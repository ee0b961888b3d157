/**
 * @file How the measuring of kernels shows.
 */
import type { Output } from './output.js';
import { redrawLine } from './terminal/print.js';

/** Says that tiles are being measured. */
export function tellTuning({ say, isTerminal }: Output, done: number, total: number, problem: string): void {
  if (done === 0) say('measuring kernels for this device (once; the choice is remembered) ...');
  if (isTerminal) redrawLine(`  ${done + 1}/${total} ${problem}`);
  if (isTerminal && done + 1 === total) redrawLine('');
}
