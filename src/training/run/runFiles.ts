/**
 * @file The folder of a GAN's run: `run.json`, `metrics.jsonl`, `diagnoses.jsonl`, `images/`, `curves.png`, `checkpoints/`.
 */
import { join } from 'node:path';
import { RUN_FORMAT, RunDescription, RunError } from './runDescription.js';
import { type FolderKind, readDescription } from './runFolder.js';

/** The folder of a run. */
export const RUN: FolderKind<RunDescription> = {
  name: 'run',
  file: 'run.json',
  format: RUN_FORMAT,
  schema: RunDescription,
  error: RunError,
  folders: ['images', 'checkpoints'],
  logs: ['metrics.jsonl', 'diagnoses.jsonl'],
};

/** Paths of a run's files. */
export function runFiles(path: string) {
  return {
    run: join(path, RUN.file),
    metrics: join(path, 'metrics.jsonl'),
    diagnoses: join(path, 'diagnoses.jsonl'),
    images: join(path, 'images'),
    curves: join(path, 'curves.png'),
    checkpoints: join(path, 'checkpoints'),
  };
}

/** Reads `run.json`. @throws RunError if the folder is not a run, or its run.json is damaged or older; FileError */
export function readRun(path: string): RunDescription {
  return readDescription(RUN, path);
}
