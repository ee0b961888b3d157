/**
 * @file Conducts one study: trains its runs, measures them, and draws the report. Shared by studies and comparisons.
 */
import { existsSync } from 'node:fs';
import { Engine } from '../autograd/engine.js';
import type { DatasetCallbacks, GREY_KINDS } from '../datasets/open.js';
import type { AdapterOptions } from '../gpu/adapter.js';
import type { TunerOptions } from '../kernels/gemm/tuner.js';
import { openDevice } from '../host/node/device.js';
import { tuningOf } from '../host/node/tuningFile.js';
import type { Checkpoint } from '../training/checkpoint/checkpoints.js';
import { TrainedGenerator } from '../training/checkpoint/trainedGenerator.js';
import type { DrawingProgress } from './figures/drawStudy.js';
import { measureRuns, type MeasuringCallbacks } from './measure/measurement.js';
import { Measurers } from './measure/measurers.js';
import type { Results } from './measure/results.js';
import type { StudySettings } from './plan/studyDescription.js';
import type { StudyFolder } from './plan/studyFolder.js';
import type { PlannedRun } from './plan/studyPlan.js';
import type { StudyImages } from './plan/studyImages.js';
import { reportStudy } from './report/reportStudy.js';
import type { Program } from './runner/childTraining.js';
import { type RunCallbacks, RunTrainer } from './runner/trainRuns.js';

/** Options that studies and comparisons share. */
export interface ConductOptions {
  /** The device of all runs and measurements. Default: WebGPU's choice. */
  readonly adapter?: AdapterOptions;
  /** Whether to measure which kernels are fastest, once per device. Default: true. */
  readonly tune?: boolean | undefined;
  /** Runs at a time. Default: 1. */
  readonly jobs?: number;
  /** Whether to train and measure nothing, and to draw the report from existing results. */
  readonly onlyReport?: boolean;
  /** Stops all training with checkpoints. */
  readonly signal?: AbortSignal;
  /** The command line that trains a run. Default: that of this installation. */
  readonly program?: Program;
}

/** Where the images of a new study come from. */
export interface ImageOptions {
  readonly kind?: (typeof GREY_KINDS)[number] | undefined;
  /** Folder of the four IDX files; of an existing study: the folder that holds its images now. */
  readonly folder?: string | undefined;
}

/** Callbacks that studies and comparisons share. */
export interface ConductCallbacks {
  /** Called before something new is created. False cancels. */
  confirm?(studies: readonly StudySettings[]): boolean | Promise<boolean>;
  readonly images?: DatasetCallbacks;
  /** Work starts that results depend on: from now on an interruption is worth a checkpoint. */
  working?(): void;
  /** The device opens, to measure and to draw. */
  openingDevice?(): void;
  /** Kernels are measured. */
  readonly tuning?: Pick<TunerOptions, 'progress' | 'ended'>;
  training?(study: StudyFolder): RunCallbacks;
  measuring?(study: StudyFolder): MeasuringCallbacks;
  /** The project has no classifier for the images: runs are not measured. */
  unmeasured?(): void;
  /** The figures of a study. */
  readonly drawing?: DrawingProgress;
  /** The report of a study is complete. */
  drawn?(study: StudyFolder): void;
}

/** A run that failed. */
export interface RunFailure {
  readonly run: PlannedRun;
  readonly problem: string;
}

/** A study's folder, owned by this process, and its images. */
export interface OpenStudy {
  readonly folder: StudyFolder;
  readonly images: StudyImages;
  readonly isNew: boolean;
  /** The folder that holds the images now, if it changed. */
  readonly moved: string | undefined;
}

/** Result of {@link trainRuns}. */
export interface TrainedRuns {
  readonly failures: readonly RunFailure[];
  /** Runs that never started, after two failures in a row or a stop. */
  readonly notStarted: readonly PlannedRun[];
}

/** Trains the runs that have not finished. */
export async function trainRuns(
  { folder, images, isNew, moved }: OpenStudy,
  options: ConductOptions,
  callbacks: ConductCallbacks,
): Promise<TrainedRuns> {
  if (options.onlyReport === true) {
    callbacks.working?.();
    return { failures: [], notStarted: [] };
  }
  if (!isNew) {
    folder.checkRuns();
    await images.check();
  }
  callbacks.working?.();
  const failures: RunFailure[] = [];
  const own = callbacks.training?.(folder) ?? {};
  const trainer = new RunTrainer(
    folder,
    { ...options, dataFolder: moved, flags: deviceFlags(options) },
    {
      ...own,
      ended: (run, state) => {
        own.ended?.(run, state);
        if (state.outcome === 'failed') failures.push({ run, problem: state.problem ?? '' });
      },
    },
  );
  await trainer.run();
  return { failures, notStarted: trainer.notStarted };
}

function deviceFlags({ adapter, tune }: ConductOptions): string[] {
  return [
    ...(adapter?.software === true ? ['--software'] : []),
    ...(adapter?.name === undefined ? [] : ['--adapter', adapter.name]),
    ...(tune === undefined ? [] : [tune ? '--tune' : '--no-tune']),
  ];
}

/** Whether a study has a run to report. */
export function hasRuns({ folder }: Pick<OpenStudy, 'folder'>): boolean {
  return folder.runs.some((run) => existsSync(folder.runPath(run)));
}

/** Measures and draws studies on one device. */
export class Reporter {
  private constructor(
    private readonly engine: Engine,
    private readonly measurers: Measurers,
    private readonly options: ConductOptions,
    private readonly callbacks: ConductCallbacks,
  ) {}

  /** Opens the device. @throws NoAdapterError */
  static async open(options: ConductOptions, callbacks: ConductCallbacks): Promise<Reporter> {
    callbacks.openingDevice?.();
    const device = await openDevice(options.adapter);
    const engine = new Engine(device, { ...tuningOf(device.adapter, options.tune), ...callbacks.tuning });
    return new Reporter(engine, new Measurers(engine), options, callbacks);
  }

  /** Measures the runs that have no measurement, and draws the report. @returns undefined if stopped */
  async report(study: OpenStudy): Promise<Results | undefined> {
    const { options, callbacks, engine } = this;
    const problems = options.onlyReport === true ? undefined : await this.measure(study);
    if (options.signal?.aborted === true) return undefined;
    const load = (checkpoint: Checkpoint): TrainedGenerator => TrainedGenerator.load(engine, checkpoint);
    const results = await reportStudy(study.folder, load, problems, callbacks.drawing);
    callbacks.drawn?.(study.folder);
    return results;
  }

  /** Closes the device. */
  close(): void {
    this.engine.device.destroy();
  }

  private async measure({ folder, images }: OpenStudy) {
    const { options, callbacks } = this;
    const measurer = await this.measurers.of(images, folder.description.settings.seeds[0] ?? '1');
    if (measurer === undefined) {
      callbacks.unmeasured?.();
      return undefined;
    }
    return measureRuns(folder, measurer, callbacks.measuring?.(folder), options.signal);
  }
}
