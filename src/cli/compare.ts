/**
 * @file `compare`: a study of each of several methods, and what they keep of the modes side by side.
 */
import pc from 'picocolors';
import { writeAtomically } from '../files/atomic.js';
import { makeFolder } from '../files/folders.js';
import { FolderLock } from '../files/lock.js';
import { COLUMNS, spreadText } from '../study/comparison/columns.js';
import {
  type ComparisonDescription,
  comparisonFiles,
  readComparison,
  studyPath,
} from '../study/comparison/comparison.js';
import type { ComparedStudy, ComparisonResults } from '../study/comparison/comparisonResults.js';
import { verdictsText } from '../study/comparison/markdownTable.js';
import { COMPARED_Z_DIMS, COMPARISON_PRESETS } from '../study/comparison/presets.js';
import { reportComparison } from '../study/comparison/reportComparison.js';
import { StudyError } from '../study/studyDescription.js';
import { checkSettings, settingWords } from '../study/studyPlan.js';
import { LOSS_NAMES } from '../training/losses.js';
import type { CompareFlags } from './compareFlags.js';
import { defaultFolder } from './defaultFolder.js';
import { parseMethod } from './method.js';
import { Output } from './output.js';
import { plainTable, type TableColumn } from './plainTable.js';
import { shellWord } from './shellWord.js';
import { StopSignals } from './stopSignals.js';
import type { StudyFlags } from './studyFlags.js';
import { hasRuns, openBench, openStudy, type OpenStudy, reportOn, trainStudy } from './studySession.js';
import { askedSettings, newSettings } from './studySettings.js';
import { UsageError } from './usageError.js';

/** Begins a comparison, or goes on with the one in the folder. */
export async function runCompare(methods: readonly string[], flags: CompareFlags): Promise<void> {
  const output = new Output(flags.json === true);
  if (flags.onlyReport === true && flags.out === undefined) {
    throw new UsageError('--only-report draws the report of a comparison anew: --out names its folder');
  }
  const path = flags.out ?? defaultFolder('comparisons', flags.preset ?? 'quick');
  const description = readComparison(path);
  const comparison = description ?? newComparison(path, methods, flags);
  if (description !== undefined) checkSame(path, description, methods, flags);
  makeFolder(path);
  const lock = FolderLock.acquire(path);
  try {
    if (description === undefined) {
      writeAtomically(comparisonFiles(path).comparison, `${JSON.stringify(comparison, null, 2)}\n`);
    }
    await conduct(path, comparison, flags, output);
  } finally {
    lock.release();
  }
}

function newComparison(path: string, methods: readonly string[], flags: CompareFlags): ComparisonDescription {
  if (flags.onlyReport === true) throw new StudyError(`${path} holds no comparison to draw the report of`);
  const chosen =
    methods.length === 0 ? [...LOSS_NAMES] : methods.map((method) => method.trim().replaceAll(/\s+/g, ' '));
  // Whatever makes no sense shows before hours go by.
  for (const method of chosen) newSettings(studyFlags(flags, method));
  const twice = chosen.find((method, index) => chosen.indexOf(method) !== index);
  if (twice !== undefined) throw new UsageError(`the method “${twice}” comes twice`);
  // The first loss is told by no objective.
  const settings = newSettings(studyFlags(flags, LOSS_NAMES[0]));
  return {
    format: 'zdim-gan-lab/comparison/1',
    created: new Date().toISOString(),
    methods: chosen,
    settings,
  };
}

function checkSame(
  path: string,
  { methods: begun, settings }: ComparisonDescription,
  methods: readonly string[],
  flags: CompareFlags,
): void {
  if (methods.length > 0 && methods.join() !== begun.join()) {
    throw new StudyError(`${path} compares ${begun.join(', ')}: without methods it goes on, and --out names another`);
  }
  checkSettings(path, settings, askedSettings(flags));
}

/** What a method's study is told: the preset's sizes are a comparison's own. */
function studyFlags({ preset: name = 'quick', ...flags }: CompareFlags, method: string): StudyFlags {
  const { architecture, ...sizes } = COMPARISON_PRESETS[name];
  return { z: COMPARED_Z_DIMS, arch: architecture, ...sizes, ...flags, preset: name, ...parseMethod(method) };
}

/** A method's study. */
interface MethodStudy {
  readonly method: string;
  readonly opened: OpenStudy;
  readonly flags: StudyFlags;
}

async function conduct(
  path: string,
  comparison: ComparisonDescription,
  flags: CompareFlags,
  output: Output,
): Promise<void> {
  const stop = StopSignals.ofStudies(output.say);
  const studies: MethodStudy[] = [];
  const failed: string[] = [];
  try {
    for (const [index, method] of comparison.methods.entries()) {
      output.say(pc.bold(`method ${index + 1} of ${comparison.methods.length}: ${method}`));
      const own = studyFlags({ ...flags, ...sizesOf(comparison) }, method);
      const study = { method, opened: await openStudy(studyPath(path, method), own, output), flags: own };
      studies.push(study);
      const problems = await trainStudy(study.opened, own, output, stop);
      failed.push(...problems.map((problem) => `${method}: ${problem}`));
      if (stop.signal.aborted) break;
    }
    if (!stop.signal.aborted) await report(path, comparison, studies, output, stop.signal);
    if (stop.signal.aborted) {
      output.say(`stopped; to go on: ${resumeLine(path, flags)}`, true);
      process.exitCode = stop.exitCode ?? 0;
    } else if (failed.length > 0) {
      throw new Error(`failed: ${failed.join('; ')}; to try again: ${resumeLine(path, flags)}`);
    }
  } finally {
    stop.release();
    for (const { opened } of studies) opened.folder.close();
  }
}

/** Measures all, after all are trained: while they train, the device is theirs. */
async function report(
  path: string,
  comparison: ComparisonDescription,
  studies: readonly MethodStudy[],
  output: Output,
  signal: AbortSignal,
): Promise<void> {
  const begun = studies.filter(({ opened }) => hasRuns(opened));
  const first = begun[0];
  if (first === undefined) return;
  const bench = await openBench(first.flags);
  const compared: ComparedStudy[] = [];
  try {
    for (const { method, opened, flags } of begun) {
      const results = await reportOn(opened, flags, bench, output, signal);
      if (results === undefined) return;
      compared.push({ method, results });
    }
  } finally {
    bench.close();
  }
  tellResults(path, await reportComparison(path, comparison, compared, commandLine(comparison, compared)), output);
}

/** What a comparison was begun with, as flags. */
function sizesOf({ settings }: ComparisonDescription): Partial<CompareFlags> {
  const { preset, zDims, seeds, architecture, width, batch, iterations, sampleEvery, samples } = settings;
  return {
    preset: preset === 'standard' ? 'standard' : 'quick',
    z: zDims,
    seeds: seeds.length,
    arch: architecture,
    width,
    batch,
    iterations,
    sampleEvery,
    samples,
  };
}

/** A command that makes the same comparison, where the images are found without a folder's name. */
function commandLine({ methods, settings }: ComparisonDescription, studies: readonly ComparedStudy[]): string {
  const preset = Object.entries(COMPARISON_PRESETS).find(([name]) => name === settings.preset)?.[1] ?? {};
  const words = [...methods.map(shellWord), ...settingWords(settings, preset), `--preset ${settings.preset}`];
  const kind = studies[0]?.results.dataset.kind ?? 'auto';
  return ['node dist/cli compare', ...words, `--data ${kind}`].join(' ');
}

function resumeLine(path: string, { dataDir }: CompareFlags): string {
  const images = dataDir === undefined ? '' : ` --data-dir ${shellWord(dataDir)}`;
  return `node dist/cli compare --out ${shellWord(path)}${images}`;
}

function tellResults(path: string, results: ComparisonResults, output: Output): void {
  const { report, results: numbers } = comparisonFiles(path);
  output.result({ comparison: path, report, results: numbers, rows: results.rows }, () => [
    table(results),
    `  ${pc.bold(report)}  opens in a browser`,
    `  ${numbers}  the numbers`,
  ]);
}

function table({ rows }: ComparisonResults): string {
  const numbered = COLUMNS.map(({ title }): TableColumn => [title, 'right']);
  const grid = plainTable([['method', 'left'], ['z_dim', 'right'], ['verdict', 'left'], ...numbered]);
  for (const row of rows) {
    const numbers = COLUMNS.map((column) => spreadText(column, column.of(row)));
    grid.push([row.method, row.zDim.toString(), verdictsText(row), ...numbers]);
  }
  return grid.toString();
}
