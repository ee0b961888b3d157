/**
 * @file What the files of a classifier's training say of it and of how it did.
 */
import type { ImageDataset } from '../../data/dataset.js';
import { flagWords, shellWord } from '../../host/node/commandLine.js';
import type { ClassifierName } from '../../models/networks/classifier.js';
import { checkTold, type Checkpoint } from '../checkpoint/checkpoints.js';
import type { ClassifierDescription, EvaluationDescription } from './classifierDescription.js';
import type { Evaluation } from './classifierTraining.js';

/** What the networks are called in a picture. */
const TITLES: Readonly<Record<ClassifierName, string>> = {
  article: 'the article’s CNN',
  keras: 'Keras’s mnist_cnn',
};

/** Under the picture's title: whose mistakes they are. */
export function confusionSubtitle(classifier: ClassifierName, dataset: string): string {
  return `by ${TITLES[classifier]}, trained on ${dataset}`;
}

/** `99.31 % of the 10,000 images of mnist/test` */
export function confusionTitle({ accuracy, count }: Evaluation, name: string): string {
  return `${(100 * accuracy).toFixed(2)} % of the ${count.toLocaleString('en')} images of ${name}`;
}

/** What `evaluation.json` tells. */
export function describeEvaluation(
  { count, accuracy, confusion }: Evaluation,
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

/** What its files say of a classifier, so that they can be used without its folder. */
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
  checkTold(checkpoint, 'training', classifierMetadata(description));
}

/** The command that makes the same classifier, wherever the images are. */
export function commandOf({ arguments: args, dataset }: ClassifierDescription): string {
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
  const words = Object.entries(flags).flatMap(([name, value]) => flagWords(`--${name}`, value.toString()));
  return `node dist/cli classify train ${words.map(shellWord).join(' ')}`;
}
