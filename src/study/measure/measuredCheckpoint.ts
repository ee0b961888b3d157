/**
 * @file Reads the checkpoint that a finished run is measured by: that of its last iteration or the best one, never another.
 */
import type { Diagnosis } from '../../evaluation/diagnosis.js';
import { bestOfSaved } from '../../training/checkpoint/bestCheckpoint.js';
import { CheckpointError, CheckpointFolder, type Checkpoint } from '../../training/checkpoint/checkpoints.js';
import { findCheckpoint } from '../../training/checkpoint/trainedGenerator.js';
import { runFiles } from '../../training/run/runFiles.js';
import type { StudySettings } from '../plan/studyDescription.js';

/** Reads a run's measured checkpoint. @throws CheckpointError where it is missing or damaged; FileError */
export function measuredCheckpoint(path: string, iterations: number, which: StudySettings['checkpoint']): Checkpoint {
  return which === 'best' ? findCheckpoint(path, 'best').checkpoint : lastCheckpoint(path, iterations);
}

/** What decides which iteration of a run is measured. */
export interface MeasuredIterationOptions {
  readonly path: string;
  readonly settings: Pick<StudySettings, 'checkpoint' | 'keepBest'>;
  /** Completed iterations. */
  readonly iterations: number;
  readonly evaluations: readonly Diagnosis[];
  /** The iteration of an existing measurement. It stays valid if its checkpoint is removed later. */
  readonly measured: number | undefined;
}

/** The iteration whose measurement counts; undefined for a run without a best checkpoint. */
export function measuredIteration(options: MeasuredIterationOptions): number | undefined {
  const { path, settings, iterations, evaluations, measured } = options;
  if (settings.checkpoint === 'newest') return iterations;
  const saved = new CheckpointFolder(runFiles(path).checkpoints).iterations();
  return bestOfSaved(settings.keepBest, evaluations, measured === undefined ? saved : [...saved, measured])?.iteration;
}

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
