/**
 * @file Opens the evaluator of a GAN by a classifier: the project's own for the dataset, or a file.
 */
import { createHash } from 'node:crypto';
import { resolve } from 'node:path';
import type { Engine } from '../../autograd/engine.js';
import type { ImageDataset } from '../../data/dataset.js';
import { checkDataset, Evaluator, type EvaluatorOptions } from '../../evaluation/evaluator.js';
import type { EvaluationProgress } from '../../evaluation/progress.js';
import { MOST_BYTES, readRegularFile } from '../../files/regularFiles.js';
import type { RunArguments } from '../run/runDescription.js';
import { bundledClassifier, loadClassifier } from './trainedClassifier.js';

/** The classifier in run.json that comes with the project. */
const BUNDLED = 'bundled';

/** A classifier as run.json stores it: a path or {@link BUNDLED}, and the SHA-256 of its file. */
export type ChosenClassifier = Omit<NonNullable<RunArguments['diagnosis']>, 'samples'>;

/**
 * Chooses the classifier of a dataset: the requested file, or else the project's own.
 *
 * @returns undefined if the project has none
 * @throws FileError
 */
export function chooseClassifier(
  { name }: Pick<ImageDataset, 'name'>,
  file: string | undefined,
): ChosenClassifier | undefined {
  if (file !== undefined) return { classifier: resolve(file), sha256: hashOf(file) };
  const own = bundledClassifier(name);
  return own === undefined ? undefined : { classifier: BUNDLED, sha256: hashOf(own) };
}

/**
 * Loads the classifier at once, so that a training fails before its start if it cannot be evaluated.
 *
 * @returns creates the evaluator, which takes seconds
 * @throws CheckpointError for a file that is not a classifier; Error if the file changed since it was chosen, or the
 *   dataset is too small
 */
export function openEvaluator(
  engine: Engine,
  dataset: ImageDataset,
  { classifier, sha256 }: ChosenClassifier,
  options: EvaluatorOptions,
): (progress?: EvaluationProgress) => Promise<Evaluator> {
  const path = classifier === BUNDLED ? bundledClassifier(dataset.name) : classifier;
  if (path === undefined) throw new Error(`the project has no classifier for ${dataset.name}`);
  const found = hashOf(path);
  if (found !== sha256) {
    throw new Error(
      `${path} changed since the last evaluation: its SHA-256 is ${found}, not ${sha256}; ` +
        '--classifier names another one, --diagnose 0 resumes without evaluations',
    );
  }
  checkDataset(dataset, options.samples);
  const { model } = loadClassifier(engine, path);
  return (progress) => Evaluator.create(engine, model, dataset, { ...options, progress });
}

/** Hex SHA-256 of a file. @throws FileError */
export function hashOf(path: string): string {
  return createHash('sha256').update(readRegularFile(path, MOST_BYTES.weights)).digest('hex');
}
