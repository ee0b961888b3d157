/**
 * @file A study from its folder to its report: opened or begun, trained, measured, drawn.
 */
import { existsSync } from 'node:fs';
import { Engine } from '../../autograd/engine.js';
import type { NewFolder } from '../../files/folders.js';
import { freeMemory, MEMORY_VARIABLE } from '../../host/node/memory.js';
import { measureRuns, type RunProblems } from '../../study/measure/measurement.js';
import { reportStudy } from '../../study/report/reportStudy.js';
import type { Results } from '../../study/measure/results.js';
import { StudyClock } from '../../study/plan/studyClock.js';
import type { StudyDataset, StudySettings } from '../../study/plan/studyDescription.js';
import { readStudy, StudyFolder } from '../../study/plan/studyFolder.js';
import { Z_DIMS } from '../../study/plan/studyPlan.js';
import { StudyTraining } from '../../study/runner/trainRuns.js';
import type { Checkpoint } from '../../training/checkpoint/checkpoints.js';
import { instant, shownInstant } from '../../training/run/instants.js';
import { TrainedGenerator } from '../../training/checkpoint/trainedGenerator.js';
import { confirmWork } from '../terminal/announcement.js';
import { openWanted } from '../options/deviceOptions.js';
import type { Output } from '../terminal/output.js';
import type { StopSignals } from '../terminal/stopSignals.js';
import type { StudyFlags } from '../options/studyFlags.js';
import { chooseImages, StudyImages } from './studyImages.js';
import { Measurers } from './studyMeasurer.js';
import { StudyProgress } from '../terminal/studyProgress.js';
import { checkAsked, newSettings } from '../options/studySettings.js';
import { tuningOptions } from '../terminal/tuningProgress.js';

/** Where a study is among those that a command conducts, and how long they take. */
export interface StudyTiming {
  readonly clock: StudyClock;
  /** Its place among the studies of the clock. */
  readonly study: number;
}

/** The timing of a study that is conducted alone. */
export function timingOf({ folder }: OpenStudy, { jobs }: StudyFlags): StudyTiming {
  return { clock: new StudyClock([folder.description.settings], { jobs }), study: 0 };
}

/** A study's folder, this process's own until it is closed, and its images. */
export interface OpenStudy {
  readonly folder: StudyFolder;
  readonly images: StudyImages;
  readonly isNew: boolean;
}

/**
 * Begins a study, or opens the one in the folder.
 *
 * @returns undefined where the user does not want to begin: nothing is written
 * @throws StudyError, LockedError, UsageError, FileError
 */
export async function openStudy(place: NewFolder, flags: StudyFlags, output: Output): Promise<OpenStudy | undefined> {
  const { say } = output;
  const begun = typeof place === 'string' ? readStudy(place) : undefined;
  if (typeof place !== 'string' || (begun === undefined && flags.onlyReport !== true)) {
    const settings = newSettings(flags, Z_DIMS);
    if (!(await confirmWork([settings], flags.yes, output))) return undefined;
    const dataset = await chooseImages(flags, settings, output);
    const folder = createStudy(place, settings, dataset);
    say(`study   ${folder.path}`);
    return { folder, images: new StudyImages(folder.path, folder.description, flags.dataDir, output), isNew: true };
  }
  const path = place;
  if (begun !== undefined) {
    checkAsked(path, 'study', begun, flags);
    say(`study   ${path}, begun ${shownInstant(begun.created)}`);
  }
  const folder = StudyFolder.open(path);
  return { folder, images: new StudyImages(path, folder.description, flags.dataDir, output), isNew: false };
}

/** Makes the folder of a new study. @throws StudyError, LockedError, FileError */
export function beginStudy(path: string, settings: StudySettings, images: StudyImages): OpenStudy {
  return { folder: createStudy(path, settings, images.dataset), images, isNew: true };
}

function createStudy(place: NewFolder, settings: StudySettings, dataset: StudyDataset): StudyFolder {
  return StudyFolder.create(place, {
    format: 'zdim-gan-lab/study/1',
    created: instant(),
    settings,
    dataset,
  });
}

/** Trains what is not trained yet. @returns what failed, a line each */
export async function trainStudy(
  { folder, images, isNew }: OpenStudy,
  flags: StudyFlags,
  output: Output,
  stop: StopSignals,
  timing: StudyTiming,
): Promise<string[]> {
  if (flags.onlyReport === true) {
    stop.nothingToSave = false;
    return [];
  }
  if (!isNew) {
    folder.checkRuns();
    await images.check();
  }
  stop.nothingToSave = false;
  output.endPhases();
  return trainAll(folder, flags, output, stop.signal, timing);
}

/** Whether there is a run to report of. */
export function hasRuns({ folder }: OpenStudy): boolean {
  return folder.runs.some((run) => existsSync(folder.runPath(run)));
}

/** Where studies are measured: a device, and what measures by it. */
export interface Bench {
  readonly engine: Engine;
  readonly measurers: Measurers;
  close(): void;
}

/** @throws NoAdapterError */
export async function openBench(flags: StudyFlags, output: Output): Promise<Bench> {
  output.phase('opening the device');
  const device = await openWanted(flags);
  const engine = new Engine(device, tuningOptions(output, flags.tune));
  return { engine, measurers: new Measurers(engine), close: () => device.destroy() };
}

/** Measures what is not measured yet, and draws the report. @returns undefined where it was stopped */
export async function reportOn(
  opened: OpenStudy,
  flags: StudyFlags,
  { engine, measurers }: Bench,
  output: Output,
  signal: AbortSignal,
  timing: StudyTiming,
): Promise<Results | undefined> {
  const problems = flags.onlyReport === true ? undefined : await measureAll(opened, measurers, output, signal, timing);
  if (signal.aborted) return undefined;
  output.say('drawing the report ...');
  const load = (checkpoint: Checkpoint) => TrainedGenerator.load(engine, checkpoint);
  const results = await reportStudy(opened.folder, load, problems, (figure, done, total) => {
    output.phase('drawing the report', done, total, figure);
  });
  timing.clock.drawn(timing.study);
  output.endPhases();
  return results;
}

/** @returns what failed, a line each */
async function trainAll(
  folder: StudyFolder,
  flags: StudyFlags,
  output: Output,
  signal: AbortSignal,
  timing: StudyTiming,
): Promise<string[]> {
  const progress = new StudyProgress(progressOptions(folder, timing), output);
  const failed: string[] = [];
  const training = new StudyTraining(
    folder,
    {
      program: [process.execPath, ...process.execArgv, process.argv[1] ?? 'dist/cli'],
      flags: deviceFlags(flags),
      dataFolder: flags.dataDir,
      jobs: flags.jobs,
      env: shareOfMemory(flags.jobs),
    },
    {
      skipped: progress.skipped,
      begun: progress.begun,
      progress: progress.progress,
      said: progress.said,
      ended: (run, state) => {
        progress.ended(run, state);
        if (state.outcome === 'failed') failed.push(`${run.name}: ${state.problem ?? ''}`);
      },
    },
    signal,
  );
  try {
    await training.run();
  } finally {
    progress.stop();
  }
  return failed;
}

/** Runs that start at once all see the same free memory: each is given its share. */
function shareOfMemory(jobs: number): Record<string, string> {
  const free = jobs === 1 ? undefined : freeMemory();
  return free === undefined ? {} : { [MEMORY_VARIABLE]: Math.floor(free / jobs).toString() };
}

function progressOptions({ runs, description }: StudyFolder, timing: StudyTiming) {
  return { runs, iterations: description.settings.iterations, ...timing };
}

function deviceFlags({ software, adapter, tune }: StudyFlags): string[] {
  return [
    ...(software === true ? ['--software'] : []),
    ...(adapter === undefined ? [] : ['--adapter', adapter]),
    ...(tune ? [] : ['--no-tune']),
  ];
}

async function measureAll(
  { folder, images }: OpenStudy,
  measurers: Measurers,
  output: Output,
  signal: AbortSignal,
  timing: StudyTiming,
): Promise<RunProblems | undefined> {
  const measurer = await measurers.of(images, folder.description.settings.seeds[0] ?? '1');
  if (measurer === undefined) {
    output.say('there is no classifier for these images: the runs are not measured', true);
    return undefined;
  }
  const news = new StudyProgress(progressOptions(folder, timing), output).measuring;
  return measureRuns(folder, measurer, news, signal);
}
