/**
 * @file How the measuring of kernels shows.
 */
import type { TunerOptions } from '../kernels/gemm/tuner.js';
import { tuningFile } from '../host/tuningFile.js';
import type { Output } from './output.js';

/** Says once that tiles are being measured. */
export function tellTuning({ say }: Output, done: number): void {
  if (done === 0) say('measuring kernels for this device (once; the choice is remembered) ...');
}

/** How an engine measures its kernels, with the progress on the output. @param measure false: fixed kernels */
export function tuningOptions(output: Output, measure: boolean): TunerOptions {
  return {
    measure,
    store: tuningFile(),
    progress: (done, total, problem) => output.phase('measuring kernels', done + 1, total, problem),
  };
}
