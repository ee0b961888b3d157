/**
 * @file A study from its folder to its report: opened or begun, trained, measured, drawn.
 */
import { existsSync } from 'node:fs';
import { Engine } from '../autograd/engine.js';
import type { NewFolder } from '../files/folders.js';
import { freeMemory, MEMORY_VARIABLE } from '../host/memory.js';
import { tuningFile } from '../host/tuningFile.js';
import { measureRuns, type RunProblems } from '../study/measurement.js';
import { reportStudy } from '../study/reportStudy.js';
import type { Results } from '../study/results.js';
import type { StudyDataset, StudySettings } from '../study/studyDescription.js';
import { readStudy, StudyFolder } from '../study/studyFolder.js';
import { StudyTraining } from '../study/trainRuns.js';
import { instant, shownInstant } from '../training/instants.js';
import { TrainedGenerator } from '../training/trainedGenerator.js';
import { openWanted } from './device.js';
import type { Output } from './output.js';
import type { StopSignals } from './stopSignals.js';
import type { StudyFlags } from './studyFlags.js';
import { chooseImages, StudyImages } from './studyImages.js';
import { Measurers } from './studyMeasurer.js';
import { StudyProgress } from './studyProgress.js';
import { checkAsked, newSettings, STUDY_DEFAULTS } from './studySettings.js';

/** A study's folder, this process's own until it is closed, and its images. */
export interface OpenStudy {
  readonly folder: StudyFolder;
  readonly images: StudyImages;
  readonly isNew: boolean;
}

/** Begins a study, or opens the one in the folder. @throws StudyError, LockedError, UsageError, FileError */
export async function openStudy(place: NewFolder, flags: StudyFlags, { say }: Output): Promise<OpenStudy> {
  const begun = typeof place === 'string' ? readStudy(place) : undefined;
  if (typeof place !== 'string' || (begun === undefined && flags.onlyReport !== true)) {
    const settings = newSettings(flags, STUDY_DEFAULTS);
    const dataset = await chooseImages(flags, settings, say);
    const folder = createStudy(place, settings, dataset);
    say(`study   ${folder.path}`);
    return { folder, images: new StudyImages(folder.path, folder.description, flags.dataDir, say), isNew: true };
  }
  const path = place;
  if (begun !== undefined) {
    checkAsked(path, 'study', begun, flags, STUDY_DEFAULTS);
    say(`study   ${path}, begun ${shownInstant(begun.created)}`);
  }
  const folder = StudyFolder.open(path);
  return { folder, images: new StudyImages(path, folder.description, flags.dataDir, say), isNew: false };
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
  return trainAll(folder, flags, output, stop.signal);
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
export async function openBench(flags: StudyFlags): Promise<Bench> {
  const device = await openWanted(flags);
  const engine = new Engine(device, { measure: flags.tune, store: tuningFile() });
  return { engine, measurers: new Measurers(engine), close: () => device.destroy() };
}

/** Measures what is not measured yet, and draws the report. @returns undefined where it was stopped */
export async function reportOn(
  opened: OpenStudy,
  flags: StudyFlags,
  { engine, measurers }: Bench,
  output: Output,
  signal: AbortSignal,
): Promise<Results | undefined> {
  const problems = flags.onlyReport === true ? undefined : await measureAll(opened, measurers, output, signal);
  if (signal.aborted) return undefined;
  output.say('drawing the report ...');
  return reportStudy(opened.folder, (checkpoint) => TrainedGenerator.load(engine, checkpoint), problems);
}

/** @returns what failed, a line each */
async function trainAll(
  folder: StudyFolder,
  flags: StudyFlags,
  output: Output,
  signal: AbortSignal,
): Promise<string[]> {
  const { runs, description } = folder;
  const progress = new StudyProgress(runs, description.settings.iterations, output.say, output.isTerminal);
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
  { say }: Output,
  signal: AbortSignal,
): Promise<RunProblems | undefined> {
  const measurer = await measurers.of(images, folder.description.settings.seeds[0] ?? '1');
  if (measurer === undefined) {
    say('there is no classifier for these images: the runs are not measured', true);
    return undefined;
  }
  const news = {
    begun: ({ name }: { name: string }, left: number) => say(`measuring ${name} (${left} left) ...`),
    ended: (
      { name }: { name: string },
      { diagnosis, seconds }: { diagnosis: { verdict: { name: string } }; seconds: number },
    ) => say(`${name}: ${diagnosis.verdict.name} (${seconds.toFixed(0)} s)`),
  };
  return measureRuns(folder, measurer, news, signal);
}
