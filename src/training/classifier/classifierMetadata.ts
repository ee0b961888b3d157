/**
 * @file States facts about a classifier in its files: where it comes from, and how it does on test images.
 */
import type { ImageDataset } from '../../data/dataset.js';
import type { ClassifierName } from '../../models/networks/classifier.js';
import { type Checkpoint, checkMetadata } from '../checkpoint/checkpoints.js';
import type { ClassifierDescription, EvaluationDescription } from './classifierDescription.js';
import type { ClassifierEvaluation } from './classifierEvaluation.js';

/** Names of the networks in charts. */
const TITLES: Readonly<Record<ClassifierName, string>> = {
  article: 'the article’s CNN',
  keras: 'Keras’s mnist_cnn',
};

/** Subtitle of a confusion matrix: `by the article’s CNN, trained on mnist/train`. */
export function confusionSubtitle(classifier: ClassifierName, dataset: string): string {
  return `by ${TITLES[classifier]}, trained on ${dataset}`;
}

/** Title of a confusion matrix: `99.31 % of the 10,000 images of mnist/test`. */
export function confusionTitle({ accuracy, count }: ClassifierEvaluation, name: string): string {
  return `${(100 * accuracy).toFixed(2)} % of the ${count.toLocaleString('en')} images of ${name}`;
}

/** The content of `evaluation.json`. */
export function describeEvaluation(
  { count, accuracy, confusion }: ClassifierEvaluation,
  { name, sha256 }: ImageDataset,
  classes: readonly string[],
): EvaluationDescription {
  const perClass = confusion.map((row, label) => {
    const all = row.reduce((sum, images) => sum + images, 0);
    return all === 0 ? null : row[label]! / all;
  });
  const rows = confusion.map((row) => [...row]);
  return { dataset: name, sha256, count, accuracy, perClass, confusion: rows, classes: [...classes] };
}

/** Metadata of checkpoints and weights, so that they can be used without their folder. */
export function classifierMetadata({
  arguments: args,
  dataset,
  classes,
}: ClassifierDescription): Record<string, string> {
  const { classifier, seed, batch, epochs, learningRate, schedule, jitter } = args;
  const numbers = { batch, epochs, learningRate, shift: jitter.shift, turn: jitter.turn };
  const texts = Object.entries(numbers).map(([name, value]) => [name, value.toString()] as const);
  return {
    classifier,
    seed,
    schedule,
    ...Object.fromEntries(texts),
    dataset: dataset.name,
    datasetSha256: dataset.sha256,
    classes: JSON.stringify(classes),
  };
}

/** @throws CheckpointError for a checkpoint, or weights, of another training */
export function checkSameTraining(checkpoint: Checkpoint, description: ClassifierDescription): void {
  checkMetadata(checkpoint, classifierMetadata(description));
}

/** The arguments of the command that trains the same classifier. Without the folder of the images. */
export function classifierToArgv({ arguments: args, dataset }: ClassifierDescription): string[] {
  const { classifier, epochs, batch, learningRate, schedule, jitter, seed } = args;
  const flags = {
    arch: classifier,
    data: dataset.kind,
    epochs,
    batch,
    'learning-rate': learningRate,
    schedule,
    shift: jitter.shift,
    turn: jitter.turn,
    seed,
  };
  // A value that begins with “-” would be taken for a flag.
  const words = Object.entries(flags).flatMap(([name, value]) => {
    const text = value.toString();
    return text.startsWith('-') ? [`--${name}=${text}`] : [`--${name}`, text];
  });
  return ['classify', 'train', ...words];
}
