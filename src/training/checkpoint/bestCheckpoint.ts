/**
 * @file Finds the best checkpoint of a run. Its iteration and value are not stored twice: they follow from `keepBest` in
 * run.json, the evaluations in diagnoses.jsonl, and the checkpoints that exist. So a run that resumes behind its best
 * checkpoint, which cuts the log, has no stale one.
 */
import { type BestValue, selectBest } from '../../evaluation/best.js';
import type { Diagnosis } from '../../evaluation/diagnosis.js';
import { METRICS } from '../../evaluation/registry.js';
import { readDiagnoses } from '../run/diagnosisLog.js';
import type { RunDescription } from '../run/runDescription.js';
import { readRun, runFiles } from '../run/runFiles.js';
import type { RunSettings } from '../run/runSettings.js';
import { CheckpointError, CheckpointFolder } from './checkpoints.js';

/** Selects the best of the evaluations whose checkpoints exist; undefined without one, and for `none`. */
export function bestOfSaved(
  keepBest: RunSettings['keepBest'],
  evaluations: readonly Diagnosis[],
  saved: readonly number[],
): BestValue | undefined {
  if (keepBest === 'none') return undefined;
  const iterations = new Set(saved);
  return selectBest(
    keepBest,
    evaluations.filter(({ iteration }) => iterations.has(iteration)),
  );
}

/** Reads which checkpoint in a run's folder is the best, if there is one. @throws FileError */
export function readBest(path: string, { arguments: { keepBest } }: RunDescription): BestValue | undefined {
  if (keepBest === 'none') return undefined;
  const { diagnoses, checkpoints } = runFiles(path);
  return bestOfSaved(keepBest, readDiagnoses(diagnoses), new CheckpointFolder(checkpoints).iterations());
}

/** Like {@link readBest}. @throws CheckpointError if there is none; RunError if the folder is not a run; FileError */
export function requireBest(path: string): BestValue {
  const run = readRun(path);
  const { keepBest } = run.arguments;
  if (keepBest === 'none') {
    throw new CheckpointError(
      `${path} keeps no best checkpoint; train --keep-best keeps one, also from a --resume of this run on`,
    );
  }
  const best = readBest(path, run);
  if (best !== undefined) return best;
  throw new CheckpointError(
    `${path} has no best checkpoint yet: no evaluation with a ${METRICS[keepBest].title} has a checkpoint`,
  );
}
