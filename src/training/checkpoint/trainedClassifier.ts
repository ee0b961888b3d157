/**
 * @file Loads classifiers from files: from a training's folder, or those that come with the project.
 */
import { existsSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import type { Engine } from '../../autograd/engine.js';
import { parseDescribed } from '../../files/describedJson.js';
import { FileError, onFile } from '../../files/errors.js';
import { printable, shown } from '../../data/printable.js';
import { CLASSES, CLASSIFIERS, type Classifier, type ClassifierName } from '../../models/networks/classifier.js';
import { readOwned } from './checkpointOwner.js';
import { checkpointError, CheckpointError } from './checkpoints.js';
import { classifierFiles } from '../classifier/classifierFolder.js';
import { networkState, restore } from '../../data/weights/state.js';
import { newestCheckpoint } from './trainedGenerator.js';

/** In the names of an optimiser's tensors. */
const OPTIMISER = '/adam_';

/** A classifier on a device. */
export interface TrainedClassifier {
  /** The caller disposes of it. */
  readonly model: Classifier;
  readonly name: ClassifierName;
  /** Facts from its file: `classifier` (the architecture), `dataset`, `datasetSha256`, `seed`, `testAccuracy`, … */
  readonly metadata: ReadonlyMap<string, string>;
}

/**
 * Loads a classifier from a file of weights, or a checkpoint of a classifier's training.
 *
 * @throws CheckpointError for a file that is damaged or holds no classifier; FileError if it cannot be read
 */
export function loadClassifier(engine: Engine, path: string): TrainedClassifier {
  const { metadata, tensors } = readOwned(path);
  const name = metadata.get('classifier');
  if (name === undefined) throw new CheckpointError(`${path} is a checkpoint, but not of a classifier`);
  if (!isClassifier(name)) throw new CheckpointError(`${path}: there is no classifier ${shown(name)}`);
  const own = new Map(
    [...tensors].filter(([tensor]) => tensor.startsWith('classifier/') && !tensor.includes(OPTIMISER)),
  );
  // The initial values are overwritten.
  const model = CLASSIFIERS[name]({ engine, random: () => 0 });
  try {
    restore(engine.device, networkState(model), own, path);
  } catch (cause) {
    model.dispose();
    throw checkpointError(cause);
  }
  return { model, name, metadata };
}

/**
 * Finds a classifier by the path of a file or of a training's folder. Of a folder: its weights, or its newest checkpoint if
 * it still trains or the weights are not usable.
 *
 * @returns the file, and the errors of skipped files
 * @throws CheckpointError if there is none; RunError, FileError
 */
export function findClassifier(path: string): { file: string; skipped: readonly Error[] } {
  const found = onFile('read', path, () => statSync(path, { throwIfNoEntry: false }));
  if (found === undefined) throw new CheckpointError(`${path} does not exist: a classifier or its folder is expected`);
  if (!found.isDirectory()) return { file: path, skipped: [] };
  const { weights, checkpoints } = classifierFiles(path);
  const problems: Error[] = [];
  if (existsSync(weights)) {
    try {
      readOwned(weights);
      return { file: weights, skipped: [] };
    } catch (error) {
      if (!(error instanceof CheckpointError || error instanceof FileError)) throw error;
      problems.push(error);
    }
  }
  const { checkpoint, skipped } = newestCheckpoint(path);
  if (checkpoint !== undefined) return { file: checkpoint.path, skipped: [...problems, ...skipped] };
  throw problems[0] ?? new CheckpointError(`there is no checkpoint in ${checkpoints}`);
}

/** Reads the metadata of a classifier's file, see {@link TrainedClassifier.metadata}. @throws CheckpointError, FileError */
export function readMetadata(path: string): ReadonlyMap<string, string> {
  return readOwned(path).metadata;
}

/** The names of its classes; their numbers if the file states none. */
export function classNames(metadata: ReadonlyMap<string, string>): string[] {
  const numbers = Array.from({ length: CLASSES }, (_, label) => label.toString());
  const names = parseDescribed(z.array(z.string()).length(CLASSES), metadata.get('classes') ?? '', 'list of classes');
  return 'value' in names ? names.value.map((name) => printable(name)) : numbers;
}

/** Path of the project's classifier for a dataset, by the dataset's name (`mnist/train`, `digits`); undefined if none. */
export function bundledClassifier(datasetName: string): string | undefined {
  const [kind = ''] = datasetName.split('/');
  if (kind !== 'mnist' && kind !== 'digits') return undefined;
  return fileURLToPath(new URL(`../../../assets/${kind}-classifier.safetensors`, import.meta.url));
}

/** Whether a name is a classifier's. */
function isClassifier(name: string): name is ClassifierName {
  return Object.hasOwn(CLASSIFIERS, name);
}
