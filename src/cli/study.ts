/**
 * @file `study`: a GAN at each of several dimensions of z, all measured, and one report.
 */
import Table from 'cli-table3';
import { existsSync } from 'node:fs';
import pc from 'picocolors';
import { Engine } from '../autograd/engine.js';
import { tuningFile } from '../host/tuningFile.js';
import { CLASSES } from '../models/classifier.js';
import { VERDICTS } from '../metrics/diagnosis.js';
import { measureRuns, type RunProblems } from '../study/measurement.js';
import { reportStudy } from '../study/reportStudy.js';
import type { Results } from '../study/results.js';
import type { StudySettings } from '../study/studyDescription.js';
import { readStudy, StudyFolder, studyFiles } from '../study/studyFolder.js';
import { type AskedSettings, checkSettings, SAMPLES, seedNames, STUDY_PRESETS, Z_DIMS } from '../study/studyPlan.js';
import { shownMetric, SUMMARY_METRICS, type MetricName } from '../study/summaryMetrics.js';
import { StudyTraining } from '../study/trainRuns.js';
import { TrainedGenerator } from '../training/trainedGenerator.js';
import { chooseDataset } from './data.js';
import { defaultFolder } from './defaultFolder.js';
import { openWanted } from './device.js';
import { askedObjective, chooseObjective } from './objectiveFlags.js';
import { Output } from './output.js';
import { shellWord } from './shellWord.js';
import { StopSignals } from './stopSignals.js';
import type { StudyFlags } from './studyFlags.js';
import { StudyImages } from './studyImages.js';
import { openMeasurer } from './studyMeasurer.js';
import { StudyProgress } from './studyProgress.js';
import { UsageError } from './usageError.js';

/** Begins a study, or goes on with the one in the folder. */
export async function runStudy(flags: StudyFlags): Promise<void> {
  const output = new Output(flags.json === true);
  if (flags.onlyReport === true && flags.out === undefined) {
    throw new UsageError('--only-report draws the report of a study anew: --out names its folder');
  }
  const { folder, isNew } = await openFolder(flags, output);
  const images = new StudyImages(folder, flags.dataDir, output.say);
  const stop = new StopSignals((end) => {
    output.say(end === 'soon' ? 'stopping, with checkpoints (once more ends at once)' : 'ended at once');
  });
  try {
    if (flags.onlyReport !== true && !isNew) {
      folder.checkRuns();
      await images.check();
    }
    stop.nothingToSave = false;
    const failed = flags.onlyReport === true ? [] : await trainAll(folder, flags, output, stop.signal);
    // Where nothing came of any run, that is what to tell.
    const isEmpty = failed.length > 0 && !folder.runs.some((run) => existsSync(folder.runPath(run)));
    if (!stop.signal.aborted && !isEmpty)
      await measureAndReport({ folder, flags, images, output, signal: stop.signal });
    if (stop.signal.aborted) {
      output.say(`stopped; to go on: ${resumeLine(folder, flags)}`, true);
      process.exitCode = stop.exitCode ?? 0;
    } else if (failed.length > 0) {
      throw new Error(`failed: ${failed.join('; ')}; to try again: ${resumeLine(folder, flags)}`);
    }
  } finally {
    stop.release();
    folder.close();
  }
}

async function openFolder(flags: StudyFlags, output: Output): Promise<{ folder: StudyFolder; isNew: boolean }> {
  const path = flags.out ?? defaultFolder('studies', flags.preset ?? 'quick');
  const begun = readStudy(path);
  if (begun === undefined && flags.onlyReport === true) return { folder: StudyFolder.open(path), isNew: false };
  if (begun !== undefined) {
    checkSettings(path, begun.settings, askedSettings(flags));
    if (flags.data !== undefined && flags.data !== 'auto' && flags.data !== begun.dataset.kind) {
      throw new UsageError(`${path} is a study on --data ${begun.dataset.kind}, not ${flags.data}`);
    }
    output.say(`study   ${path}, begun ${begun.created.slice(0, 16).replace('T', ' ')}`);
    return { folder: StudyFolder.open(path), isNew: false };
  }
  const settings = newSettings(flags);
  const request = {
    kind: flags.data ?? 'auto',
    folder: flags.dataDir,
    seed: settings.seeds[0] ?? '1',
    say: output.say,
  };
  const { dataset, kind, folder, classes } = await chooseDataset(request);
  const { name, count, sha256, labels } = dataset;
  const shares = Array.from({ length: CLASSES }, (_, label) => labels.filter((each) => each === label).length / count);
  output.say(`study   ${path}`);
  const created = StudyFolder.create(path, {
    format: 'zdim-gan-lab/study/1',
    created: new Date().toISOString(),
    settings,
    dataset: { kind, name, count, sha256, ...(folder === undefined ? {} : { folder }), classes: [...classes], shares },
  });
  return { folder: created, isNew: true };
}

/** What the flags say, and nothing of what they leave open. */
function askedSettings(flags: StudyFlags): AskedSettings {
  const objective = askedObjective(flags);
  const learned = objective === undefined ? {} : { objective };
  if (flags.preset !== undefined) {
    const { zDims, samples, ...sizes } = newSettings(flags);
    return { ...sizes, ...learned, ...(flags.z && { zDims }), ...(flags.samples !== undefined && { samples }) };
  }
  const { z, seeds, arch, width, batch, iterations, sampleEvery, samples } = flags;
  return {
    ...(z && { zDims: [...z] }),
    ...(seeds !== undefined && { seeds: seedNames(seeds) }),
    ...(arch && { architecture: arch }),
    ...learned,
    ...(width !== undefined && { width }),
    ...(batch !== undefined && { batch }),
    ...(iterations !== undefined && { iterations }),
    ...(sampleEvery !== undefined && { sampleEvery }),
    ...(samples !== undefined && { samples }),
  };
}

function newSettings(flags: StudyFlags): StudySettings {
  const name = flags.preset ?? 'quick';
  const preset = STUDY_PRESETS[name];
  const architecture = flags.arch ?? preset.architecture;
  const { objective, schedule } = chooseObjective(architecture, flags);
  const settings = {
    preset: name,
    zDims: [...(flags.z ?? Z_DIMS)],
    seeds: seedNames(flags.seeds ?? preset.seeds),
    architecture,
    ...(objective === undefined ? {} : { objective }),
    width: flags.width ?? preset.width,
    batch: flags.batch ?? preset.batch,
    iterations: flags.iterations ?? preset.iterations,
    sampleEvery: flags.sampleEvery ?? preset.sampleEvery,
    samples: flags.samples ?? SAMPLES,
  };
  if (schedule === 'halves' && settings.batch % 2 !== 0) {
    throw new UsageError(`--batch ${settings.batch}: --arch ${architecture} trains on two halves of a batch`);
  }
  return settings;
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

function deviceFlags({ software, adapter, tune }: StudyFlags): string[] {
  return [
    ...(software === true ? ['--software'] : []),
    ...(adapter === undefined ? [] : ['--adapter', adapter]),
    ...(tune ? [] : ['--no-tune']),
  ];
}

/** A command that goes on: without --out another time would name another folder. */
function resumeLine({ path }: StudyFolder, { dataDir }: StudyFlags): string {
  const images = dataDir === undefined ? '' : ` --data-dir ${shellWord(dataDir)}`;
  return `node dist/cli study --out ${shellWord(path)}${images}`;
}

interface StudySession {
  readonly folder: StudyFolder;
  readonly flags: StudyFlags;
  readonly images: StudyImages;
  readonly output: Output;
  readonly signal: AbortSignal;
}

async function measureAndReport(session: StudySession): Promise<void> {
  const { folder, flags, output, signal } = session;
  const { say } = output;
  const device = await openWanted(flags);
  try {
    const engine = new Engine(device, { measure: flags.tune, store: tuningFile() });
    const problems = flags.onlyReport === true ? undefined : await measureAll(session, engine);
    if (signal.aborted) return;
    say('drawing the report ...');
    const results = await reportStudy(folder, (checkpoint) => TrainedGenerator.load(engine, checkpoint), problems);
    tellResults(folder, results, output);
  } finally {
    device.destroy();
  }
}

async function measureAll(
  { folder, images, output, signal }: StudySession,
  engine: Engine,
): Promise<RunProblems | undefined> {
  const { say } = output;
  const measurer = await openMeasurer({
    engine,
    seed: folder.description.settings.seeds[0] ?? '1',
    imagesOf: (seed, split) => images.of(seed, split),
  });
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

/** Columns of the table on the terminal. */
const COLUMNS: readonly MetricName[] = ['modes', 'divergence', 'frechet', 'coverage', 'effectiveDimension'];

function tellResults(folder: StudyFolder, results: Results, output: Output): void {
  const { report, results: numbers } = studyFiles(folder.path);
  const { dimensions } = results;
  for (const { name, complaints } of results.runs) {
    for (const complaint of complaints) output.say(`${name}: ${complaint}`, true);
    if (complaints.length > 0) process.exitCode = 1;
  }
  output.result({ study: folder.path, report, results: numbers, dimensions }, () => [
    table(results),
    `  ${pc.bold(report)}  opens in a browser`,
    `  ${numbers}  the numbers`,
  ]);
}

function table({ dimensions }: Results): string {
  const grid = new Table({
    head: ['z_dim', 'verdict', ...COLUMNS.map((name) => SUMMARY_METRICS[name].title)],
    colAligns: ['right', 'left', ...COLUMNS.map(() => 'right' as const)],
    style: { head: [], border: [], compact: true },
    chars: { mid: '', 'left-mid': '', 'mid-mid': '', 'right-mid': '' },
  });
  for (const { zDim, verdicts, metrics } of dimensions) {
    const given = VERDICTS.filter((name) => verdicts[name] > 0).map((name) => `${verdicts[name]} ${name}`);
    const numbers = COLUMNS.map((name) => {
      const spread = metrics[name];
      if (spread === null) return '–';
      const { mean, deviation } = spread;
      return `${shownMetric(name, mean)}${deviation === null ? '' : ` ± ${shownMetric(name, deviation)}`}`;
    });
    grid.push([zDim.toString(), given.join(', ') || '–', ...numbers]);
  }
  return grid.toString();
}
