/**
 * @file How `train` evaluates a GAN, by its flags or by run.json.
 */
import type { ImageDataset } from '../../data/dataset.js';
import type { OpenedDataset } from '../../datasets/open.js';
import { LEAST_SAMPLES } from '../../evaluation/limits.js';
import { LOSSES } from '../../gan/losses.js';
import { DEFAULT_LOSS } from '../../gan/settings.js';
import { chooseClassifier, type ChosenClassifier } from '../../training/checkpoint/openEvaluator.js';
import type { RunArguments } from '../../training/run/runDescription.js';
import type { TrainFlags } from '../commands/train.js';
import type { Output } from '../terminal/output.js';
import { chooseDataset } from './dataOptions.js';
import { UsageError } from './usageError.js';

/** Default number of images of an evaluation while training. */
const EVALUATION_SAMPLES = 1000;

/** As run.json stores it. */
export type EvaluationArguments = NonNullable<RunArguments['diagnosis']>;

/** The classifier of a dataset. @throws UsageError if there is none */
export function requireClassifier(file: string | undefined, dataset: ImageDataset): ChosenClassifier {
  if (dataset.channels !== 1) throw new UsageError(inColour(dataset));
  const found = chooseClassifier(dataset, file);
  if (found !== undefined) return found;
  throw new UsageError(`the project has no classifier for ${dataset.name}: --classifier names one`);
}

function inColour({ name, channels }: ImageDataset): string {
  return `${name} has images of ${channels} channels, evaluations take one channel; experiments/stackedMnist evaluates them`;
}

/** The flags that evaluations depend on. */
type EvaluationFlags = Pick<TrainFlags, 'diagnose' | 'classifier' | 'stopOn' | 'keepBest'>;

/** How to evaluate a new run. By default it is evaluated if the project has a classifier for its images. @throws UsageError */
export function chooseEvaluation(
  flags: EvaluationFlags,
  dataset: ImageDataset,
  { say }: Output,
): EvaluationArguments | undefined {
  const { diagnose, classifier } = flags;
  const needing = flagNeedingEvaluation(flags);
  if (diagnose === 0) {
    const needed = classifier === undefined ? needing : '--classifier';
    if (needed === undefined) return undefined;
    throw new UsageError(`--diagnose 0 turns evaluations off; ${needed} needs them`);
  }
  if (diagnose !== undefined && diagnose < LEAST_SAMPLES) {
    throw new UsageError(`--diagnose ${diagnose}: an evaluation takes at least ${LEAST_SAMPLES} images`);
  }
  const samples = diagnose ?? Math.min(EVALUATION_SAMPLES, dataset.count);
  const isRequested = needing !== undefined || diagnose !== undefined || classifier !== undefined;
  if (dataset.channels !== 1) {
    const flag = diagnose !== undefined ? '--diagnose' : classifier !== undefined ? '--classifier' : needing;
    if (flag !== undefined) throw new UsageError(`${flag}: ${inColour(dataset)}`);
    say(`eval    none: ${inColour(dataset)}`);
    return undefined;
  }
  const found = isRequested ? requireClassifier(classifier, dataset) : chooseClassifier(dataset, classifier);
  const least = Math.max(samples, LEAST_SAMPLES);
  if (dataset.count < least) {
    const few = `${dataset.name} has ${dataset.count} images, an evaluation of ${least} samples needs ${least}`;
    if (isRequested) throw new UsageError(few);
    say(`eval    none: ${few}`);
    return undefined;
  }
  if (found !== undefined) return { samples, ...found };
  say(`eval    none: the project has no classifier for ${dataset.name} (--classifier names one)`);
  return undefined;
}

/**
 * How to evaluate a resumed run: as before, unless flags change it.
 *
 * @param flags with the `keepBest` that the run has from now on
 * @throws UsageError if a setting needs evaluations and the run has none, or values of two classifiers would be compared
 */
export function chooseEvaluationAgain(
  flags: EvaluationFlags,
  before: EvaluationArguments | undefined,
  dataset: ImageDataset,
  output: Output,
): EvaluationArguments | undefined {
  const { diagnose, classifier } = flags;
  if (diagnose !== undefined || classifier !== undefined) {
    const found = chooseEvaluation({ ...flags, diagnose: diagnose ?? before?.samples }, dataset, output);
    if (needsBest(flags) && before !== undefined && found?.sha256 !== before.sha256) {
      throw new UsageError(
        '--classifier: this run keeps its best checkpoint, and another classifier has other values; --keep-best none ends that',
      );
    }
    return found;
  }
  const needing = flagNeedingEvaluation(flags);
  if (before !== undefined || needing === undefined) return before;
  throw new UsageError(`${needing}: this run has no evaluations; --diagnose sets their number of samples`);
}

/** Names a flag that needs evaluations. Divergence shows in the losses. */
function flagNeedingEvaluation(flags: EvaluationFlags): string | undefined {
  if (flags.stopOn?.some((name) => name !== 'diverged') === true) return '--stop-on';
  return needsBest(flags) ? '--keep-best' : undefined;
}

function needsBest({ keepBest = 'none' }: EvaluationFlags): boolean {
  return keepBest !== 'none';
}

/**
 * Opens the held-out images if evaluations need them: those of a critic do.
 *
 * @throws as chooseDataset
 */
export async function openHeldOut(
  objective: RunArguments['objective'],
  { kind, folder }: OpenedDataset,
  seed: string,
  output: Output,
): Promise<ImageDataset | undefined> {
  if (LOSSES[objective?.loss ?? DEFAULT_LOSS].isCritic !== true) return undefined;
  // The training images have printed all warnings.
  const say = (): void => undefined;
  return (await chooseDataset({ kind, folder, seed, split: 'test', say, output })).dataset;
}
