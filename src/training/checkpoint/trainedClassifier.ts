/**
 * @file A classifier out of a file: one that a training wrote, or one that comes with the project.
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

/** What an optimiser keeps, which a checkpoint of a training holds besides. */
const OPTIMISER = '/adam_';

/** A classifier on a device. */
export interface TrainedClassifier {
  /** To be disposed of. */
  readonly model: Classifier;
  readonly name: ClassifierName;
  /** What its file says of it: `classifier` (the architecture), `dataset`, `datasetSha256`, `seed`, `testAccuracy`, … */
  readonly about: ReadonlyMap<string, string>;
}

/**
 * Loads a classifier from a file of weights, or a checkpoint of a classifier's training.
 *
 * @throws CheckpointError naming a file that is damaged, or holds no classifier; FileError for one that cannot be read
 */
export function loadClassifier(engine: Engine, path: string): TrainedClassifier {
  const { about, tensors } = readOwned(path);
  const name = about.get('classifier');
  if (name === undefined) throw new CheckpointError(`${path} is a checkpoint, but of no classifier`);
  if (!isClassifier(name)) throw new CheckpointError(`${path}: there is no classifier ${shown(name)}`);
  const own = new Map(
    [...tensors].filter(([tensor]) => tensor.startsWith('classifier/') && !tensor.includes(OPTIMISER)),
  );
  // What is drawn at first is overwritten at once.
  const model = CLASSIFIERS[name]({ engine, random: () => 0 });
  try {
    restore(engine.device, networkState(model), own, path);
  } catch (cause) {
    model.dispose();
    throw checkpointError(cause);
  }
  return { model, name, about };
}

/**
 * The classifier that a user means: a file, or what a training's folder holds: its weights, or its newest checkpoint
 * while it goes on or where the weights cannot be used.
 *
 * @returns with its path, what was wrong with what was passed over
 * @throws CheckpointError when there is none; RunError, FileError
 */
export function findClassifier(path: string): { file: string; skipped: readonly Error[] } {
  const found = onFile('read', path, () => statSync(path, { throwIfNoEntry: false }));
  if (found === undefined) throw new CheckpointError(`${path} does not exist: name a classifier, or its folder`);
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

/** What a file says of its classifier, see {@link TrainedClassifier.about}. @throws CheckpointError, FileError */
export function readAbout(path: string): ReadonlyMap<string, string> {
  return readOwned(path).about;
}

/** What its classes are called, as its file says; their numbers where it does not. */
export function classNames(about: ReadonlyMap<string, string>): string[] {
  const numbers = Array.from({ length: CLASSES }, (_, label) => label.toString());
  const names = parseDescribed(z.array(z.string()).length(CLASSES), about.get('classes') ?? '', 'list of classes');
  return 'value' in names ? names.value.map((name) => printable(name)) : numbers;
}

/** The path of the project's own classifier for a dataset, by its name (`mnist/train`, `digits`), where there is one. */
export function bundledClassifier(datasetName: string): string | undefined {
  const [kind = ''] = datasetName.split('/');
  if (kind !== 'mnist' && kind !== 'digits') return undefined;
  return fileURLToPath(new URL(`../../../assets/${kind}-classifier.safetensors`, import.meta.url));
}

/** Whether there is a classifier of a name. */
export function isClassifier(name: string): name is ClassifierName {
  return Object.hasOwn(CLASSIFIERS, name);
}
