/**
 * @file Measures each finished run of a study once. `measurements/<run>.json` names the measured checkpoint.
 */
import { z } from 'zod';
import { parseDescribed } from '../../files/describedJson.js';
import { FileError } from '../../files/errors.js';
import { joinSegment } from '../../files/pathSegments.js';
import { MOST_BYTES, readTextIfThere } from '../../files/regularFiles.js';
import { shown } from '../../data/printable.js';
import { Diagnosis } from '../../evaluation/diagnosis.js';
import type { EvaluationProgress } from '../../evaluation/progress.js';
import { CheckpointError, type Checkpoint } from '../../training/checkpoint/checkpoints.js';
import { readDiagnoses } from '../../training/run/diagnosisLog.js';
import type { RunDescription } from '../../training/run/runDescription.js';
import { measuredCheckpoint, measuredIteration } from './measuredCheckpoint.js';
import { runFiles } from '../../training/run/runFiles.js';
import { iterationsOf } from '../runner/runState.js';
import { StudyError } from '../plan/studyDescription.js';
import type { StudyFolder } from '../plan/studyFolder.js';
import type { PlannedRun } from '../plan/studyPlan.js';

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

/** The classifier of the measurements. */
export const ClassifierDescription = z.strictObject({
  name: z.string().describe('for people, such as mnist-article'),
  sha256: sha256.describe('of its file'),
  accuracy: z.number().min(0).max(1).nullable().describe('on the test images of its own dataset; null if unknown'),
});

export const Measurement = z
  .strictObject({
    format: z.literal('zdim-gan-lab/measurement/2'),
    run: z.string(),
    checkpoint: z.strictObject({ iteration: z.int().min(0), sha256 }),
    classifier: ClassifierDescription,
    seconds: z.number().min(0).describe('duration of the measurement'),
    diagnosis: Diagnosis,
  })
  .describe('Measurement of a finished run of a study: a file of measurements/ in its folder');

export type ClassifierDescription = z.infer<typeof ClassifierDescription>;
export type Measurement = z.infer<typeof Measurement>;

/** A finished run that is to be measured. */
export interface MeasuredRun {
  readonly run: PlannedRun;
  readonly path: string;
  readonly description: RunDescription;
  /** Of its last iteration, or the best, see {@link measuredCheckpoint}. */
  readonly checkpoint: Checkpoint;
}

/** What measures runs. */
export interface Measurer {
  readonly classifier: ClassifierDescription;
  /** @param samples number of generated images */
  measure(run: MeasuredRun, samples: number, progress?: EvaluationProgress): Promise<Diagnosis>;
}

/** Callbacks while runs are measured. */
export interface MeasuringCallbacks {
  /** A run is measured already. */
  measuredBefore?(run: PlannedRun): void;
  /** The checkpoint of a run is read, to find out whether it is measured already. */
  checking?(run: PlannedRun, done: number, total: number): void;
  begun?(run: PlannedRun, left: number): void;
  progress?(run: PlannedRun, ...phase: Parameters<EvaluationProgress>): void;
  ended?(run: PlannedRun, measurement: Measurement): void;
  failed?(run: PlannedRun, problem: string): void;
}

/**
 * The measurement of a run, where there is one.
 *
 * @throws StudyError when its file is damaged; FileError
 */
export function readMeasurement(folder: StudyFolder, run: PlannedRun): Measurement | undefined {
  const path = measurementPath(folder, run);
  const text = readTextIfThere(path, MOST_BYTES.json);
  if (text === undefined) return undefined;
  const read = parseDescribed(Measurement, text, 'measurement of this program');
  if (!('value' in read)) {
    throw new StudyError(`${path} ${read.problem}; remove it to measure again`, { cause: read.cause });
  }
  if (read.value.run === run.name) return read.value;
  throw new StudyError(`${path} is the measurement of ${shown(read.value.run)}; remove it to measure again`);
}

/** Problems of runs by their names; a run without any is not there. */
export type RunProblems = ReadonlyMap<string, readonly string[]>;

/**
 * Measures the finished runs that have no measurement of their checkpoint, by this classifier and as many samples.
 *
 * @param measurer is made when the first is to be measured
 * @returns what was wrong with runs that could not be measured; the others are
 * @throws StudyError, FileError and what else the measurer throws; measurements made by then stay
 */
export async function measureRuns(
  folder: StudyFolder,
  measurer: Measurer,
  news: MeasuringCallbacks = {},
  signal?: AbortSignal,
): Promise<RunProblems> {
  const { settings } = folder.description;
  const { samples } = settings;
  const problems = new Map<string, string[]>();
  /** Records the problem of one run; the others are measured. */
  const attempt = async <T>(run: PlannedRun, body: () => T | Promise<T>): Promise<T | undefined> => {
    try {
      return await body();
    } catch (error) {
      if (!(error instanceof CheckpointError || error instanceof FileError || error instanceof MeasurementError)) {
        throw error;
      }
      problems.set(run.name, [`not measured: ${error.message}`]);
      news.failed?.(run, error.message);
      return undefined;
    }
  };
  const left: (Omit<MeasuredRun, 'checkpoint'> & { readonly iterations: number })[] = [];
  for (const [index, run] of folder.runs.entries()) {
    news.checking?.(run, index, folder.runs.length);
    const state = folder.stateOf(run);
    const { outcome, description } = state;
    if (outcome !== 'finished' || description === undefined) continue;
    const path = folder.runPath(run);
    const before = readMeasurement(folder, run);
    // Its tensors would add up over all runs: it is read again when its turn comes.
    const iterations = iterationsOf(state);
    const known = before !== undefined && isBy(before, measurer, samples) ? before.checkpoint : undefined;
    const isMeasured = await attempt(run, () => {
      try {
        return hashOf(measuredCheckpoint(path, iterations, settings.checkpoint)) === known?.sha256;
      } catch (error) {
        // What was measured before the damage still counts.
        if (!(error instanceof CheckpointError || error instanceof FileError) || known === undefined) throw error;
        const evaluations = readDiagnoses(runFiles(path).diagnoses);
        const options = { path, settings, iterations, evaluations, measured: known.iteration };
        if (known.iteration === measuredIteration(options)) return true;
        throw error;
      }
    });
    if (isMeasured === true) news.measuredBefore?.(run);
    if (isMeasured === false) left.push({ run, path, description, iterations });
  }
  for (const [index, { run, path, description, iterations }] of left.entries()) {
    if (signal?.aborted === true) return problems;
    news.begun?.(run, left.length - index);
    const progress: EvaluationProgress = (...phase) => news.progress?.(run, ...phase);
    const measurement = await attempt(run, () => {
      const checkpoint = measuredCheckpoint(path, iterations, settings.checkpoint);
      return measureRun(measurer, { run, path, description, checkpoint }, samples, progress);
    });
    if (measurement === undefined) continue;
    folder.write(measurementPath(folder, run), measurement);
    news.ended?.(run, measurement);
  }
  return problems;
}

/** A measurement that cannot be kept. */
class MeasurementError extends StudyError {}

async function measureRun(
  measurer: Measurer,
  measured: MeasuredRun,
  samples: number,
  progress: EvaluationProgress,
): Promise<Measurement> {
  const start = performance.now();
  const diagnosis = await measurer.measure(measured, samples, progress);
  const {
    checkpoint,
    run: { name },
  } = measured;
  const measurement: Measurement = {
    format: 'zdim-gan-lab/measurement/2',
    run: name,
    checkpoint: { iteration: checkpoint.iteration, sha256: hashOf(checkpoint) },
    classifier: measurer.classifier,
    seconds: (performance.now() - start) / 1000,
    diagnosis,
  };
  const issue = Measurement.safeParse(measurement).error?.issues[0];
  if (issue === undefined) return measurement;
  throw new MeasurementError(`${name} cannot be measured: ${issue.path.join('.')}: ${issue.message}`);
}

function measurementPath({ files }: StudyFolder, { name }: PlannedRun): string {
  return joinSegment(files.measurements, `${name}.json`);
}

function isBy(before: Measurement, { classifier }: Measurer, samples: number): boolean {
  return before.classifier.sha256 === classifier.sha256 && before.diagnosis.samples === samples;
}

/** The checksum that a checkpoint states, and was held against when it was read. */
function hashOf({ metadata }: Checkpoint): string {
  return metadata.get('sha256') ?? '';
}
