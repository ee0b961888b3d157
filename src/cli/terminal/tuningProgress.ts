/**
 * @file How the measuring of kernels shows.
 */
import type { TunerOptions } from '../../kernels/gemm/tuner.js';
import { tuningFile } from '../../host/node/tuningFile.js';
import type { Output } from './output.js';

/** Says once that tiles are being measured. */
export function tellTuning({ say }: Output, done: number): void {
  if (done === 0) say('measuring kernels for this device (once; the choice is remembered) ...');
}

/** How an engine measures its kernels, with the progress on the output. @param measure false: fixed kernels */
export function tuningOptions({ progress }: Pick<Output, 'progress'>, measure: boolean): TunerOptions {
  // A row of its own: what needs the kernels goes on to be shown, and this row ends before it.
  const row = progress.row();
  return {
    measure,
    store: tuningFile(),
    progress: (done, total, detail) => row.show({ label: 'measuring kernels', done: done + 1, total, detail }),
    ended: () => row.end(),
  };
}
