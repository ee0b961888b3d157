/**
 * @file Displays the measuring of kernels.
 */
import { tuningOf } from '../../host/node/tuningFile.js';
import type { TunedAdapter } from '../../kernels/gemm/choices.js';
import type { TunerOptions } from '../../kernels/gemm/tuner.js';
import type { Output } from './output.js';

/** Prints once that kernels are measured. @param done measured so far */
export function printTuning({ say }: Output, done: number): void {
  if (done === 0) say('measuring kernels for this device (once; the choice is stored) ...');
}

/** Displays the progress in a row of its own, which ends with the measuring. */
export function tuningCallbacks({ progress }: Pick<Output, 'progress'>): Pick<TunerOptions, 'progress' | 'ended'> {
  const row = progress.row();
  return {
    progress: (done, total, detail) => row.show({ label: 'measuring kernels', done: done + 1, total, detail }),
    ended: () => row.end(),
  };
}

/** How an engine chooses its kernels. @param tune the flag, see {@link tuningOf} */
export function tuningOptions(
  output: Pick<Output, 'progress'>,
  adapter: TunedAdapter,
  tune: boolean | undefined,
): TunerOptions {
  return { ...tuningOf(adapter, tune), ...tuningCallbacks(output) };
}
