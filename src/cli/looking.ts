/**
 * @file By which classifier a GAN is looked at for collapse, as flags or run.json choose it.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Engine } from '../autograd/engine.js';
import type { ImageDataset } from '../data/dataset.js';
import { onFile } from '../files/errors.js';
import { Diagnoser, type DiagnoserOptions } from '../metrics/diagnoser.js';
import { bundledClassifier, loadClassifier } from '../training/trainedClassifier.js';
import type { RunArguments } from '../training/runDescription.js';
import { UsageError } from './usageError.js';

/** Images of a look while training, where no flag says. */
export const LOOK_SAMPLES = 1000;

/** What a classifier is called in run.json that comes with the project. */
const BUNDLED = 'bundled';

/** As run.json tells it. */
export type Looking = NonNullable<RunArguments['diagnosis']>;

/** The classifier for a dataset: the file that the user names, else the project's own; undefined where there is none. */
export function chooseClassifier(
  file: string | undefined,
  { name }: ImageDataset,
): Omit<Looking, 'samples'> | undefined {
  const own = bundledClassifier(name);
  if (file !== undefined) return { classifier: file, sha256: hashOf(file) };
  return own === undefined ? undefined : { classifier: BUNDLED, sha256: hashOf(own) };
}

/** The same, where there must be one. @throws UsageError */
export function needClassifier(file: string | undefined, dataset: ImageDataset): Omit<Looking, 'samples'> {
  const found = chooseClassifier(file, dataset);
  if (found !== undefined) return found;
  throw new UsageError(`the project comes with no classifier for ${dataset.name}: --classifier names one`);
}

/**
 * Makes what looks.
 *
 * @throws CheckpointError for a file that is no classifier; Error when it is not the one that was chosen
 */
export async function prepareLooks(
  engine: Engine,
  dataset: ImageDataset,
  { classifier, sha256 }: Omit<Looking, 'samples'>,
  options: DiagnoserOptions,
): Promise<Diagnoser> {
  const path = classifier === BUNDLED ? bundledClassifier(dataset.name) : classifier;
  if (path === undefined) throw new Error(`the project comes with no classifier for ${dataset.name}`);
  const found = hashOf(path);
  if (found !== sha256) {
    throw new Error(`${path} is another classifier than the one that was looked by before: its SHA-256 is ${found}`);
  }
  const { model } = loadClassifier(engine, path);
  return Diagnoser.create(engine, model, dataset, options);
}

/** Hex SHA-256 of a file. @throws FileError */
export function hashOf(path: string): string {
  return createHash('sha256')
    .update(onFile('read', path, () => readFileSync(path)))
    .digest('hex');
}
