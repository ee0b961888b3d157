/**
 * @file Checks that the checkpoints in a folder belong to the training that the folder describes.
 */
import { dirname, resolve } from 'node:path';
import { type Checkpoint, CheckpointFolder, readCheckpoint, readNamed } from './checkpoints.js';
import { checkSameTraining } from '../classifier/classifierMetadata.js';
import { classifierFiles, readClassifierRun } from '../classifier/classifierFolder.js';
import { checkSameRun } from './runCheckpoint.js';
import { RunError } from '../run/runDescription.js';
import { readRun, runFiles } from '../run/runFiles.js';

/** Throws CheckpointError for a checkpoint of another training. */
type CheckOwner = (checkpoint: Checkpoint) => void;

/**
 * Makes the check for the checkpoints of a folder, by its run.json or classifier.json. Without either, all checkpoints pass.
 *
 * @throws RunError if the description is damaged; FileError if it cannot be read
 */
export function ownerCheck(path: string): CheckOwner {
  const run = ifPresent(() => readRun(path));
  if (run !== undefined) return (checkpoint) => checkSameRun(checkpoint, run);
  const training = ifPresent(() => readClassifierRun(path));
  if (training !== undefined) return (checkpoint) => checkSameTraining(checkpoint, training);
  return () => undefined;
}

/**
 * Reads a checkpoint, or a classifier's weights. In the folder of a training it must belong to that training, and its name
 * must state its iteration. Elsewhere any checkpoint passes.
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

function ifPresent<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof RunError && error.missing) return undefined;
    throw error;
  }
}
