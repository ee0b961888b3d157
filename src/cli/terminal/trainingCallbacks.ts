/**
 * @file Displays what all trainings report: measured kernels, memory, and the phases between iterations.
 */
import type { Device } from '../../gpu/device.js';
import { formatBytes } from '../../gpu/errors.js';
import type { TrainingCallbacks } from '../../training/trainer.js';
import type { Output } from './output.js';

import type { StopSignals } from './stopSignals.js';
import type { TrainingProgress } from './trainingProgress.js';
import { printTuning } from './tuningProgress.js';

/** What displays a training. */
export interface TrainingDisplay {
  readonly device: Device;
  readonly output: Output;
  readonly stop: StopSignals;
  readonly progress: TrainingProgress;
  /** Whether iterations are left. */
  readonly isUnfinished: boolean;
}

/** The callbacks that the display of every training shares. */
export function sharedCallbacks({
  device,
  output,
  stop,
  progress,
  isUnfinished,
}: TrainingDisplay): Pick<TrainingCallbacks<never>, 'tuning' | 'ready' | 'phase' | 'phaseEnded'> {
  return {
    tuning: (done, total, problem) => {
      printTuning(output, done);
      progress.before('measuring kernels', `${done + 1}/${total} ${problem}`);
    },
    ready: (memory) => {
      stop.nothingToSave = false;
      if (memory !== undefined) {
        const all = formatBytes(device.pool.bytes);
        output.say(`memory  ${all} on the GPU, of which ${formatBytes(memory.allocatedBytes)} for the step`);
      }
      if (isUnfinished) output.say('the first iteration waits for the driver to compile the kernels ...');
      progress.before('compiling kernels');
    },
    phase: (phase, step, done, total) => progress.phase(phase, step, done, total),
    phaseEnded: (phase) => progress.phaseEnded(phase),
  };
}
