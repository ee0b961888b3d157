/**
 * @file By which classifier a GAN is looked at for collapse, as flags or run.json choose it.
 */
import { createHash } from 'node:crypto';
import { resolve } from 'node:path';
import type { Engine } from '../../autograd/engine.js';
import type { ImageDataset } from '../../data/dataset.js';
import { MOST_BYTES, readRegularFile } from '../../files/regularFiles.js';
import { checkDataset, Evaluator, type EvaluatorOptions } from '../../evaluation/evaluator.js';
import type { VerdictName } from '../../evaluation/diagnosis.js';
import { LEAST_SAMPLES } from '../../evaluation/limits.js';
import type { EvaluationProgress } from '../../evaluation/progress.js';
import { LOSSES } from '../../gan/losses.js';
import { bundledClassifier, loadClassifier } from '../../training/checkpoint/trainedClassifier.js';
import type { RunArguments } from '../../training/run/runDescription.js';
import { type ChosenDataset, chooseDataset, type DataRequest } from './dataOptions.js';
import type { Output } from '../terminal/output.js';
import type { TrainFlags } from '../commands/train.js';
import { UsageError } from './usageError.js';

/** Images of a look while training, where no flag says. */
const LOOK_SAMPLES = 1000;

/** What a classifier is called in run.json that comes with the project. */
const BUNDLED = 'bundled';

/** As run.json tells it. */
export type EvaluationArguments = NonNullable<RunArguments['diagnosis']>;

/** The classifier for a dataset: the file that the user names, else the project's own; undefined where there is none. */
function chooseClassifier(
  file: string | undefined,
  { name }: ImageDataset,
): Omit<EvaluationArguments, 'samples'> | undefined {
  const own = bundledClassifier(name);
  if (file !== undefined) return { classifier: resolve(file), sha256: hashOf(file) };
  return own === undefined ? undefined : { classifier: BUNDLED, sha256: hashOf(own) };
}

/** The same, where there must be one. @throws UsageError */
export function needClassifier(file: string | undefined, dataset: ImageDataset): Omit<EvaluationArguments, 'samples'> {
  if (dataset.channels !== 1) throw new UsageError(inColour(dataset));
  const found = chooseClassifier(file, dataset);
  if (found !== undefined) return found;
  throw new UsageError(`the project comes with no classifier for ${dataset.name}: --classifier names one`);
}

function inColour({ name, channels }: ImageDataset): string {
  return `${name} has images of ${channels} channels, and a look for collapse reads those of one; experiments/stackedMnist judges them`;
}

/** How `train` looks at a run: by itself where the project has a classifier for the images. @throws UsageError */
export function chooseLooks(
  { diagnose, classifier, stopOn }: TrainFlags,
  dataset: ImageDataset,
  { say }: Output,
): EvaluationArguments | undefined {
  const mustLook = needsLooks(stopOn);
  if (diagnose === 0) {
    if (!mustLook && classifier === undefined) return undefined;
    throw new UsageError('--diagnose 0 looks at nothing, and goes with no --classifier or --stop-on');
  }
  if (diagnose !== undefined && diagnose < LEAST_SAMPLES) {
    throw new UsageError(`--diagnose ${diagnose}: a look takes ${LEAST_SAMPLES} images or more`);
  }
  const samples = diagnose ?? Math.min(LOOK_SAMPLES, dataset.count);
  const isWanted = mustLook || diagnose !== undefined || classifier !== undefined;
  if (dataset.channels !== 1) {
    const flag = diagnose !== undefined ? '--diagnose' : classifier !== undefined ? '--classifier' : '--stop-on';
    if (isWanted) throw new UsageError(`${flag}: ${inColour(dataset)}`);
    say(`looks   none: ${inColour(dataset)}`);
    return undefined;
  }
  const found = isWanted ? needClassifier(classifier, dataset) : chooseClassifier(classifier, dataset);
  if (dataset.count < Math.max(samples, LEAST_SAMPLES)) {
    const few = `${dataset.name} holds ${dataset.count} images`;
    if (isWanted) throw new UsageError(`${few}; looks of ${Math.max(samples, LEAST_SAMPLES)} take as many`);
    say(`looks   none: ${few}, too few to compare with`);
    return undefined;
  }
  if (found !== undefined) return { samples, ...found };
  say(`looks   none: the project comes with no classifier for ${dataset.name} (--classifier names one)`);
  return undefined;
}

/**
 * How a run that goes on is looked at: as before, unless flags say otherwise.
 *
 * @throws UsageError where it is to stop on what nobody looks for
 */
export function chooseLooksAgain(
  flags: TrainFlags,
  before: EvaluationArguments | undefined,
  dataset: ImageDataset,
  output: Output,
): EvaluationArguments | undefined {
  const { diagnose, classifier, stopOn } = flags;
  if (diagnose !== undefined || classifier !== undefined) {
    return chooseLooks({ ...flags, diagnose: diagnose ?? before?.samples }, dataset, output);
  }
  if (before !== undefined || !needsLooks(stopOn)) return before;
  throw new UsageError('--stop-on: this run is not looked at for collapse; --diagnose says with how many samples');
}

/** Divergence shows in the losses. */
function needsLooks(stopOn: readonly VerdictName[] | undefined): boolean {
  return stopOn?.some((name) => name !== 'diverged') === true;
}

/**
 * Loads the classifier at once, so that nothing is trained that could not be looked at.
 *
 * @returns makes what looks, which takes seconds
 * @throws CheckpointError for a file that is no classifier; Error when it is not the one that was chosen, or the dataset is
 *   too small
 */
export function openLooks(
  engine: Engine,
  dataset: ImageDataset,
  { classifier, sha256 }: Omit<EvaluationArguments, 'samples'>,
  options: EvaluatorOptions,
): (progress?: EvaluationProgress) => Promise<Evaluator> {
  const path = classifier === BUNDLED ? bundledClassifier(dataset.name) : classifier;
  if (path === undefined) throw new Error(`the project comes with no classifier for ${dataset.name}`);
  const found = hashOf(path);
  if (found !== sha256) {
    throw new Error(
      `${path} is another classifier than the one that was looked by before: its SHA-256 is ${found}, not ${sha256}; ` +
        '--classifier names one to go on with, --diagnose 0 goes on without',
    );
  }
  checkDataset(dataset, options.samples);
  const { model } = loadClassifier(engine, path);
  return (progress) => Evaluator.create(engine, model, dataset, { ...options, progress });
}

/**
 * The images that were held back, where the looks need them: at once, so that nothing is trained that could not be looked
 * at.
 *
 * @param chosen what is trained on
 * @throws as chooseDataset
 */
export async function heldOutOf(
  objective: RunArguments['objective'],
  { kind, folder }: ChosenDataset,
  { seed, output }: DataRequest,
): Promise<ImageDataset | undefined> {
  if (LOSSES[objective?.loss ?? 'bce'].isCritic !== true) return undefined;
  // All that there is to say was said of the training images.
  const say = (): void => undefined;
  return (await chooseDataset({ kind, folder, seed, split: 'test', say, output })).dataset;
}

/** Hex SHA-256 of a file. @throws FileError */
export function hashOf(path: string): string {
  return createHash('sha256').update(readRegularFile(path, MOST_BYTES.weights)).digest('hex');
}
