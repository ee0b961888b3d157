/**
 * @file Estimates the remaining time of a training: remaining work times the time of each kind of work.
 */
import { LOSSES } from '../../gan/losses.js';
import { objectiveSettings } from '../../gan/objective.js';
import type { ObjectiveOptions, ObjectiveSettings } from '../../gan/settings.js';
import { ARCHITECTURES } from '../../models/networks/architectures.js';
import type { RunArguments } from './runDescription.js';

/** How often each kind of work occurs in a training. */
export interface TrainingPlan {
  readonly iterations: number;
  /** Interval of pictures and evaluations, in iterations. Both also follow the last iteration. */
  readonly sampleEvery: number;
  readonly checkpointEvery: number;
  /** Generated images of each evaluation; 0 without evaluations. */
  readonly samples: number;
}

/** The last iteration for which each kind of work is complete. */
export interface TrainingPosition {
  readonly iteration: number;
  readonly sampled: number;
  readonly saved: number;
}

/** The remaining work of a training. */
export interface TrainingWork {
  readonly iterations: number;
  /** Sets of pictures. */
  readonly pictures: number;
  readonly evaluations: number;
  readonly checkpoints: number;
}

/** Kinds of work, each with its own time. */
export type WorkKind = 'iteration' | 'pictures' | 'evaluation' | 'checkpoint';

/** Seconds of one unit of each kind of work; undefined if not measured. */
export type WorkTimes = Partial<Readonly<Record<WorkKind, number>>>;

/** The remaining work of a plan. */
export function workLeft(plan: TrainingPlan, { iteration, sampled, saved }: TrainingPosition): TrainingWork {
  const { iterations, sampleEvery, checkpointEvery, samples } = plan;
  const pictures = occurrences(iterations, sampleEvery, sampled);
  return {
    iterations: Math.max(0, iterations - iteration),
    pictures,
    evaluations: samples === 0 ? 0 : pictures,
    checkpoints: occurrences(iterations, checkpointEvery, saved),
  };
}

/** Counts the multiples of `every` after iteration `done`; the last iteration counts too. */
function occurrences(iterations: number, every: number, done: number): number {
  if (done >= iterations) return 0;
  const multiples = Math.floor(iterations / every) - Math.floor(done / every);
  return multiples + (iterations % every === 0 ? 0 : 1);
}

/**
 * Estimates the seconds of the remaining work.
 *
 * @param preparation seconds before the first evaluation, which prepare the real images; 0 once done
 * @returns undefined if iterations remain and their time is unknown
 */
export function secondsLeft(work: TrainingWork, times: WorkTimes, preparation: number): number | undefined {
  const { iteration, pictures = 0, evaluation = 0, checkpoint = 0 } = times;
  if (work.iterations > 0 && iteration === undefined) return undefined;
  return (
    work.iterations * (iteration ?? 0) +
    work.pictures * pictures +
    work.evaluations * evaluation +
    work.checkpoints * checkpoint +
    (work.evaluations > 0 ? preparation : 0)
  );
}

/**
 * Seconds measured in whole runs and studies on {@link REFERENCE_DEVICE}, under other load: 12 min 25 s for 3,000 iterations
 * at full width, 3 min 10 s for 2,000 at half width.
 */
const REFERENCE = {
  /** An iteration of `dcgan`, width 1, batch 32. */
  iteration: 0.235,
  /** The networks of `article` against those of `dcgan`. */
  article: 2.8,
  /** Time grows with these powers of width and batch (see `npm run bench:growth`). */
  widthPower: 1.65,
  batchPower: 0.82,
  /** Reading the images, opening the device, compiling the kernels. */
  start: 15,
  /** An evaluation with 1,000 samples, and the preparation before the first. */
  evaluation: 3,
  preparation: 6,
  /** The measurement of a finished run in a study with 10,000 samples, and the preparation before the first. */
  measurement: 30,
  measurementPreparation: 40,
  /** The figures of a run in a report. */
  figures: 5,
} as const;

/** The device of the first estimates. */
export const REFERENCE_DEVICE = 'two CPU cores without a GPU';

/** Sizes that decide the time of an iteration. */
export type TimedSizes = Pick<RunArguments, 'architecture' | 'width' | 'batch'> & {
  readonly objective?: ObjectiveOptions | undefined;
};

/** Seconds of an iteration on the reference device. */
export function referenceIteration({ architecture, width, batch, objective }: TimedSizes): number {
  const { iteration, article, widthPower, batchPower } = REFERENCE;
  const networks = (architecture === 'article' ? article : 1) * width ** widthPower * (batch / 32) ** batchPower;
  return iteration * networks * objectiveFactor(objectiveSettings(ARCHITECTURES[architecture], objective ?? {}));
}

/** Time of an iteration relative to `bce`. */
function objectiveFactor({ loss, criticSteps, unroll }: ObjectiveSettings): number {
  const penalised = LOSSES[loss].penalty === undefined ? 0 : 0.25 * criticSteps;
  return 1 + 0.5 * (criticSteps - 1) + penalised + 0.75 * unroll;
}

/** Estimates before the first measurement. */
export interface FirstTimes {
  readonly times: WorkTimes;
  /** Seconds before the first evaluation. */
  readonly preparation: number;
}

/** First estimates of a training. @param slowness time of an iteration relative to the reference device */
export function firstTimes(samples: number, slowness: number): FirstTimes {
  const part = samples / 1000;
  const { evaluation, preparation } = REFERENCE;
  return { times: { evaluation: evaluation * part * slowness }, preparation: preparation * part * slowness };
}

/** Times of the parts of a study, in seconds. */
export interface StudyTimes {
  /** A whole run, from the start of its process to the end. */
  readonly run: number;
  /** Measuring a finished run. */
  readonly measurement: number;
  /** Preparing the real images, once. */
  readonly preparation: number;
  /** The figures of a run. */
  readonly figures: number;
}

/** Sizes that decide the time of a study. */
export interface StudySizes extends TimedSizes {
  readonly iterations: number;
  readonly sampleEvery: number;
  /** Images by which each finished run is measured. */
  readonly samples: number;
}

/** Estimates the parts of a study on the reference device. */
export function referenceStudyTimes(sizes: StudySizes): StudyTimes {
  const { iterations, sampleEvery, samples } = sizes;
  const { start, evaluation, preparation, measurement, measurementPreparation, figures } = REFERENCE;
  const evaluations = occurrences(iterations, sampleEvery, 0);
  const part = samples / 10_000;
  return {
    run: start + preparation + iterations * referenceIteration(sizes) + evaluations * evaluation,
    measurement: measurement * part,
    preparation: measurementPreparation * part,
    figures,
  };
}

/** The remaining work of a study, in seconds. */
export interface StudyWork {
  /** Of each remaining run, in order. */
  readonly runs: readonly number[];
  /** Runs in parallel. */
  readonly jobs: number;
  /** Of all measurements, which follow the runs one by one. */
  readonly measuring: number;
  /** Of the report. */
  readonly drawing: number;
}

/** Estimates the seconds until a study is complete. */
export function studySecondsLeft({ runs, jobs, measuring, drawing }: StudyWork): number {
  const lanes = new Array<number>(jobs).fill(0);
  for (const seconds of runs) {
    const free = lanes.indexOf(Math.min(...lanes));
    lanes[free]! += seconds;
  }
  return Math.max(...lanes) + measuring + drawing;
}
