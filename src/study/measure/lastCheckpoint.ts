/**
 * @file Reads the checkpoint that a finished run is measured by: that of its last iteration, never an older one.
 */
import { CheckpointError, type Checkpoint } from '../../training/checkpoint/checkpoints.js';
import { findCheckpoint } from '../../training/checkpoint/trainedGenerator.js';

/**
 * Reads the checkpoint of a run's last iteration.
 *
 * @throws CheckpointError where there is none, it is damaged, or an older one is the newest that can be used; FileError
 */
export function lastCheckpoint(path: string, iterations: number): Checkpoint {
  const { checkpoint, skipped } = findCheckpoint(path);
  if (checkpoint.iteration === iterations) return checkpoint;
  const problems = skipped.map(({ message }) => message.replace(/\.$/, ''));
  throw new CheckpointError(
    `${path} has no usable checkpoint of iteration ${iterations}, its last` +
      `${problems.length === 0 ? '' : `: ${problems.join('; ')}`}; the newest that can be used is of iteration ` +
      `${checkpoint.iteration}. Move the run away to train it again`,
  );
}
