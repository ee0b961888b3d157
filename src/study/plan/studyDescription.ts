/**
 * @file `study.json`: what a study is to train and measure. Its JSON schema is `schemas/study.schema.json`, made from this
 * file by `npm run schemas`.
 */
import { z } from 'zod';
import { isSegment, SEGMENT, SEGMENT_RULE } from '../../files/pathSegments.js';
import { LEAST_SAMPLES, MOST_SAMPLES } from '../../evaluation/limits.js';
import { CLASSES } from '../../models/networks/classifier.js';
import { integers, numberSchema } from '../../gan/bounds.js';
import { Instant } from '../../training/run/instants.js';
import { RunDescription } from '../../training/run/runDescription.js';
import { CommonSettings } from '../../training/run/runSettings.js';

const run = RunDescription.shape.arguments.shape;
const dataset = RunDescription.shape.dataset.shape;

/** Runs of each dimension. */
export const MOST_SEEDS = 100;

const unique = (values: readonly unknown[]): boolean => new Set(values).size === values.length;

const MOST_SEED_CHARACTERS = 100;

const SEED_PROBLEM = `no seed of a study: as part of a folder's name it takes ${SEGMENT_RULE}`;

/** A seed of a study is part of its runs' names, which are those of folders; `train --seed` takes any text. */
export const Seed = z
  .string()
  .max(MOST_SEED_CHARACTERS)
  .regex(SEGMENT, SEED_PROBLEM)
  .refine(isSegment, SEED_PROBLEM)
  .describe('the same seed on the same device gives the same bits');

/** Schema of a study's settings. */
export const StudySettings = z.strictObject({
  ...CommonSettings.shape,
  keepBest: run.keepBest,
  zDims: z.array(run.zDim).min(1).refine(unique, 'a dimension comes twice').describe('dimensions of z, each trained'),
  seeds: z
    .array(Seed)
    .min(1)
    .max(MOST_SEEDS)
    .refine((seeds) => unique(seeds.map((seed) => seed.toLowerCase())), 'a seed comes twice, or in capitals too')
    .describe('of the runs of each dimension'),
  objective: run.objective,
  samples: numberSchema(integers(LEAST_SAMPLES, MOST_SAMPLES)).describe(
    'generated images that each finished run is measured by',
  ),
  // Absent in files of earlier versions.
  checkpoint: z
    .enum(['newest', 'best'])
    .default('newest')
    .describe(
      'the checkpoint that each finished run is measured and drawn by: of its last iteration, or the best by keepBest',
    ),
});

export const StudyDataset = z.strictObject({
  kind: dataset.kind,
  name: dataset.name,
  count: dataset.count,
  sha256: dataset.sha256.describe('of the pixels followed by the labels, where the seed is the first'),
  folder: dataset.folder,
  classes: z.array(z.string()).length(CLASSES).describe('what the labels stand for'),
  shares: z.array(z.number().min(0).max(1)).length(CLASSES).describe('of the images that have each label'),
});

export const STUDY_FORMAT = 'zdim-gan-lab/study/1';

export const StudyDescription = z
  .strictObject({
    format: z.literal(STUDY_FORMAT),
    created: Instant,
    settings: StudySettings,
    dataset: StudyDataset,
  })
  .describe('A study of zdim-gan-lab: study.json in its folder');

/** What a study trains: the settings of all its runs, the dimensions of z, and the seeds. */
export type StudySettings = z.infer<typeof StudySettings>;
export type StudyDataset = z.infer<typeof StudyDataset>;
export type StudyDescription = z.infer<typeof StudyDescription>;

/** The images of a study, or of several studies that share them. */
export interface BegunOn {
  readonly settings: Pick<StudySettings, 'seeds'>;
  readonly dataset: StudyDataset;
}

/**
 * The SHA-256 that the training images of a seed must have; undefined where it is not told: the built-in digits are others
 * for each seed, and a study describes those of its first.
 */
export function imagesHash({ settings, dataset }: BegunOn, seed: string): string | undefined {
  return dataset.kind === 'digits' && seed !== settings.seeds[0] ? undefined : dataset.sha256;
}

/** A study cannot be created, resumed or reported; the message names the remedy. */
export class StudyError extends Error {
  override readonly name = 'StudyError';
}
