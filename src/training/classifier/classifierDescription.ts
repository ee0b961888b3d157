/**
 * @file Describes the files of a classifier's training: `classifier.json`, a line of `metrics.jsonl`, `evaluation.json`.
 * `npm run schemas` writes their JSON schemas to `schemas/`.
 */
import { z } from 'zod';
import { CLASSES, CLASSIFIERS, type ClassifierName } from '../../models/networks/classifier.js';
import { above0, numbers, numberSchema } from '../../gan/bounds.js';
import { MAX_BATCH, MAX_RATE } from '../../gan/settings.js';
import { DatasetDescription, SessionDescription } from '../run/runDescription.js';

const CLASSIFIER_NAMES = Object.keys(CLASSIFIERS).filter((name): name is ClassifierName => name in CLASSIFIERS);

/** Bounds of the numeric settings. */
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
  epochs: numberSchema(CLASSIFIER_BOUNDS.epochs).describe('passes over the dataset'),
  learningRate: numberSchema(CLASSIFIER_BOUNDS.learningRate).describe("Adam's, at the schedule's peak"),
  schedule: z.enum(['constant', 'one-cycle']).describe('of the learning rate'),
  jitter: z
    .strictObject({
      shift: numberSchema(CLASSIFIER_BOUNDS.shift).describe('pixels'),
      turn: numberSchema(CLASSIFIER_BOUNDS.turn).describe('degrees'),
    })
    .describe('largest random shift and rotation of an image'),
  checkpointEvery: count.describe('iterations between checkpoints'),
  keep: z.union([count, z.literal('all')]).describe('number of newest checkpoints that are kept'),
  seed: z.string().describe('the same seed on the same device gives the same bits'),
});

/** Rises when older classifier.json files cannot be read any more. */
export const CLASSIFIER_FORMAT = 'zdim-gan-lab/classifier-run/2';

export const ClassifierDescription = z
  .strictObject({
    format: z.literal(CLASSIFIER_FORMAT),
    arguments: Arguments,
    dataset: DatasetDescription.describe('training images'),
    test: DatasetDescription.describe('test images'),
    classes: z.array(z.string()).length(CLASSES).describe('names of the labels'),
    parameters: count.describe('numbers in the network'),
    iterations: count.describe('updates in total'),
    sessions: z.array(SessionDescription).describe('processes that trained it, in order'),
  })
  .describe("A classifier's training by zdim-gan-lab: classifier.json in its folder");

export type ClassifierDescription = z.infer<typeof ClassifierDescription>;
/** The settings of a classifier's training. */
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
    accuracy: share.describe('share of images whose class is their label'),
    perClass: z
      .array(share.nullable())
      .length(CLASSES)
      .describe('the same for each class; null for a class without images'),
    confusion: z
      .array(z.array(z.int().min(0)).length(CLASSES))
      .length(CLASSES)
      .describe('images by [label][assigned class]'),
    classes: z.array(z.string()).length(CLASSES).describe('names of the labels'),
  })
  .describe('Results of a classifier on a dataset: evaluation.json');

export type EvaluationDescription = z.infer<typeof EvaluationDescription>;
