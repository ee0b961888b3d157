/**
 * @file Whether the checkpoints in a folder are of the training that the folder describes: one check for all readers.
 */
import { dirname, resolve } from 'node:path';
import { type Checkpoint, CheckpointFolder, readCheckpoint, readNamed } from './checkpoints.js';
import { checkSameTraining } from '../classifier/classifierMetadata.js';
import { classifierFiles, readClassifierRun } from '../classifier/classifierFolder.js';
import { checkSameRun } from './runCheckpoint.js';
import { RunError } from '../run/runDescription.js';
import { readRun, runFiles } from '../run/runFolder.js';

/** Throws CheckpointError for a checkpoint of something else. */
export type CheckOwner = (checkpoint: Checkpoint) => void;

/**
 * The check for the checkpoints of a folder, by its run.json or classifier.json. A folder without either holds
 * checkpoints that were put there by hand: they are taken as they are.
 *
 * @throws RunError when the description is damaged; FileError when it cannot be read
 */
export function ownerCheck(path: string): CheckOwner {
  const run = ifThere(() => readRun(path));
  if (run !== undefined) return (checkpoint) => checkSameRun(checkpoint, run);
  const training = ifThere(() => readClassifierRun(path));
  if (training !== undefined) return (checkpoint) => checkSameTraining(checkpoint, training);
  return () => undefined;
}

/**
 * Reads a checkpoint, or a classifier's weights, by its path. In the folder of a training it must be of that training,
 * and a checkpoint of the iteration that its name tells; anywhere else it is taken as it is.
 *
 * @throws CheckpointError, RunError, FileError
 */
export function readOwned(path: string): Checkpoint {
  const file = resolve(path);
  const folder = dirname(file);
  if (folder === runFiles(dirname(folder)).checkpoints) {
    const checkpoint = Number.isNaN(CheckpointFolder.iterationOf(path)) ? readCheckpoint(path) : readNamed(path);
    ownerCheck(dirname(folder))(checkpoint);
    return checkpoint;
  }
  const checkpoint = readCheckpoint(path);
  if (file === classifierFiles(folder).weights) ownerCheck(folder)(checkpoint);
  return checkpoint;
}

function ifThere<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof RunError && error.missing) return undefined;
    throw error;
  }
}
