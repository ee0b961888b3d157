/**
 * @file What a classifier's training writes of itself: `classifier.json`, a line of its `metrics.jsonl`, and
 * `evaluation.json`. Their JSON schemas are in `schemas/`, made from this file by `npm run schemas`.
 */
import { z } from 'zod';
import { parseDescribed } from '../../files/describedJson.js';
import { CLASSES, CLASSIFIERS, type ClassifierName } from '../../models/networks/classifier.js';
import { above0, numbers, numberSchema } from '../../gan/bounds.js';
import { MAX_BATCH, MAX_RATE } from '../../gan/settings.js';
import { DatasetDescription, RunError, SessionDescription } from '../run/runDescription.js';

const CLASSIFIER_NAMES = Object.keys(CLASSIFIERS).filter((name): name is ClassifierName => name in CLASSIFIERS);

/** The numbers that each setting takes. */
export const CLASSIFIER_BOUNDS = {
  epochs: above0(1000),
  learningRate: above0(MAX_RATE),
  shift: numbers(0, 14),
  turn: numbers(0, 180),
} as const;

const count = z.int().min(1);
const share = z.number().min(0).max(1);

const Arguments = z.strictObject({
  classifier: z.enum(CLASSIFIER_NAMES).describe('the network'),
  batch: count.max(MAX_BATCH).describe('images a batch'),
  epochs: numberSchema(CLASSIFIER_BOUNDS.epochs).describe('times that each image is seen'),
  learningRate: numberSchema(CLASSIFIER_BOUNDS.learningRate).describe("Adam's, at the schedule's peak"),
  schedule: z.enum(['constant', 'one-cycle']).describe('of the learning rate'),
  jitter: z
    .strictObject({
      shift: numberSchema(CLASSIFIER_BOUNDS.shift).describe('pixels'),
      turn: numberSchema(CLASSIFIER_BOUNDS.turn).describe('degrees'),
    })
    .describe('how far each image is moved and turned at most, anew whenever it is seen'),
  checkpointEvery: count.describe('iterations between checkpoints'),
  keep: z.union([count, z.literal('all')]).describe('checkpoints that are kept, the newest'),
  seed: z.string().describe('the same seed on the same device gives the same bits'),
});

export const ClassifierDescription = z
  .strictObject({
    format: z.literal('zdim-gan-lab/classifier-run/1'),
    arguments: Arguments,
    dataset: DatasetDescription.describe('the images that are trained on'),
    test: DatasetDescription.describe('the images that it is judged by'),
    classes: z.array(z.string()).length(CLASSES).describe('what the labels stand for'),
    parameters: count.describe('numbers in the network'),
    iterations: count.describe('updates in all'),
    sessions: z.array(SessionDescription).describe('the processes that worked on the training, in order'),
  })
  .describe("A classifier's training by zdim-gan-lab: classifier.json in its folder");

export type ClassifierDescription = z.infer<typeof ClassifierDescription>;
/** What was asked for. */
export type ClassifierArguments = ClassifierDescription['arguments'];

/** A line of a classifier's `metrics.jsonl`. */
export const ClassifierMetricsLine = z
  .strictObject({
    iteration: count.describe('counted from 1'),
    loss: z.number().describe('mean cross-entropy of the batch, in nats'),
  })
  .describe("An iteration of a classifier's training: a line of metrics.jsonl in its folder");

export type ClassifierMetricsRow = z.infer<typeof ClassifierMetricsLine>;

export const EvaluationDescription = z
  .strictObject({
    dataset: z.string().describe('such as mnist/test'),
    sha256: z.string().describe('of its pixels followed by its labels'),
    count: count.describe('images'),
    accuracy: share.describe('share of the images that were given their label'),
    perClass: z.array(share.nullable()).length(CLASSES).describe('the same of each class; null where it has no images'),
    confusion: z
      .array(z.array(z.int().min(0)).length(CLASSES))
      .length(CLASSES)
      .describe('images by [label][class that they were given]'),
    classes: z.array(z.string()).length(CLASSES).describe('what the labels stand for'),
  })
  .describe('How a classifier did on a dataset: evaluation.json');

export type EvaluationDescription = z.infer<typeof EvaluationDescription>;

/** @throws RunError where the text is no classifier.json of this version */
export function parseClassifierRun(text: string, path: string): ClassifierDescription {
  const read = parseDescribed(ClassifierDescription, text, "classifier's training of this program");
  if ('value' in read) return read.value;
  throw new RunError(`${path} ${read.problem}`, { cause: read.cause });
}
