/**
 * @file Measuring the finished runs of a study, each once: `measurements/<run>.json` says of which checkpoint it is.
 */
import { join } from 'node:path';
import { z } from 'zod';
import { parseDescribed } from '../files/describedJson.js';
import { Diagnosis } from '../metrics/diagnosis.js';
import type { Checkpoint } from '../training/checkpoints.js';
import type { RunDescription } from '../training/runDescription.js';
import { findCheckpoint } from '../training/trainedGenerator.js';
import { StudyError } from './studyDescription.js';
import { readIfThere, type StudyFolder } from './studyFolder.js';
import type { PlannedRun } from './studyPlan.js';

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

/** What labels the images and sees features in them. */
export const ClassifierDescription = z.strictObject({
  name: z.string().describe('for people, such as mnist-article'),
  sha256: sha256.describe('of its file'),
  accuracy: z
    .number()
    .min(0)
    .max(1)
    .nullable()
    .describe('on the test images of what it was trained on; null: not told'),
});

export const Measurement = z
  .strictObject({
    format: z.literal('zdim-gan-lab/measurement/1'),
    run: z.string(),
    checkpoint: z.strictObject({ iteration: z.int().min(0), sha256 }),
    classifier: ClassifierDescription,
    seconds: z.number().min(0).describe('that measuring took'),
    diagnosis: Diagnosis,
  })
  .describe('What a finished run of a study measures: a file of measurements/ in its folder');

export type ClassifierDescription = z.infer<typeof ClassifierDescription>;
export type Measurement = z.infer<typeof Measurement>;

/** A finished run that is to be measured. */
export interface MeasuredRun {
  readonly path: string;
  readonly zDim: number;
  readonly seed: string;
  readonly description: RunDescription;
  /** The newest usable one. */
  readonly checkpoint: Checkpoint;
}

/** What measures runs. */
export interface Measurer {
  readonly classifier: ClassifierDescription;
  /** @param samples generated images to look at */
  measure(run: MeasuredRun, samples: number): Promise<Diagnosis>;
}

/** What is told while runs are measured. */
export interface MeasuringNews {
  begun?(run: PlannedRun, left: number): void;
  ended?(run: PlannedRun, measurement: Measurement): void;
}

/**
 * The measurement of a run, where there is one.
 *
 * @throws StudyError when its file is damaged; FileError
 */
export function readMeasurement(folder: StudyFolder, run: PlannedRun): Measurement | undefined {
  const path = measurementPath(folder, run);
  const text = readIfThere(path);
  if (text === undefined) return undefined;
  const read = parseDescribed(Measurement, text, 'measurement of this program');
  if ('value' in read) return read.value;
  throw new StudyError(`${path} ${read.problem}; remove it to measure again`, { cause: read.cause });
}

/**
 * Measures the finished runs that have no measurement of their newest checkpoint, by this classifier and as many samples.
 *
 * @param measurer is made when the first is to be measured
 * @throws StudyError, CheckpointError, FileError and what the measurer throws; measurements made by then stay
 */
export async function measureRuns(
  folder: StudyFolder,
  measurer: Measurer,
  news: MeasuringNews = {},
  signal?: AbortSignal,
): Promise<void> {
  const { samples } = folder.description.settings;
  const left = folder.runs.flatMap((run) => {
    const { outcome, description } = folder.stateOf(run);
    if (outcome !== 'finished' || description === undefined) return [];
    const path = folder.runPath(run);
    const { checkpoint } = findCheckpoint(path);
    const before = readMeasurement(folder, run);
    if (before !== undefined && isOf(before, measurer, checkpoint, samples)) return [];
    // Its tensors would add up over all runs: it is read again when its turn comes.
    return [{ run, path, description }];
  });
  for (const [index, { run, path, description }] of left.entries()) {
    if (signal?.aborted === true) return;
    news.begun?.(run, left.length - index);
    const start = performance.now();
    const { checkpoint } = findCheckpoint(path);
    const diagnosis = await measurer.measure({ ...run, path, description, checkpoint }, samples);
    const measurement: Measurement = {
      format: 'zdim-gan-lab/measurement/1',
      run: run.name,
      checkpoint: { iteration: checkpoint.iteration, sha256: hashOf(checkpoint) },
      classifier: measurer.classifier,
      seconds: (performance.now() - start) / 1000,
      diagnosis,
    };
    const issue = Measurement.safeParse(measurement).error?.issues[0];
    if (issue !== undefined) {
      throw new StudyError(`${run.name} cannot be measured: ${issue.path.join('.')}: ${issue.message}`);
    }
    folder.write(measurementPath(folder, run), measurement);
    news.ended?.(run, measurement);
  }
}

function measurementPath({ files }: StudyFolder, { name }: PlannedRun): string {
  return join(files.measurements, `${name}.json`);
}

function isOf(before: Measurement, { classifier }: Measurer, checkpoint: Checkpoint, samples: number): boolean {
  return (
    before.checkpoint.sha256 === hashOf(checkpoint) &&
    before.classifier.sha256 === classifier.sha256 &&
    before.diagnosis.samples === samples
  );
}

/** The checksum that a checkpoint states, and was held against when it was read. */
function hashOf({ about }: Checkpoint): string {
  return about.get('sha256') ?? '';
}
