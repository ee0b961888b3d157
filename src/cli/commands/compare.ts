/**
 * @file `compare`: a study of each of several methods, and what they keep of the modes side by side.
 */
import { shellWord } from '../../host/node/commandLine.js';
import {
  checkStudies,
  type ComparisonDescription,
  comparisonFiles,
  readComparison,
  studyPath,
} from '../../study/comparison/comparison.js';
import { ComparisonFolder } from '../../study/comparison/comparisonFolder.js';
import type { ComparedStudy, ComparisonResults } from '../../study/comparison/comparisonResults.js';
import { cellsOf, HEADINGS } from '../../study/comparison/comparisonTable.js';
import { conditionsOf } from '../../study/comparison/conditions.js';
import { reportComparison } from '../../study/comparison/reportComparison.js';
import { StudyClock } from '../../study/plan/studyClock.js';
import { StudyError } from '../../study/plan/studyDescription.js';
import { readStudy } from '../../study/plan/studyFolder.js';
import { presetWords, settingWords } from '../../study/plan/studyPlan.js';
import { DEFAULT_PRESET } from '../../training/run/presets.js';
import { askComparison, checkSame } from '../options/askedComparison.js';
import type { CompareFlags } from '../options/compareFlags.js';
import { defaultFolder } from '../options/defaultFolder.js';
import { UsageError } from '../options/usageError.js';
import { type MethodStudy, methodSettings, openMethod } from '../session/methodStudy.js';
import { resumeLine } from '../session/resume.js';
import { StudyImages } from '../session/studyImages.js';
import { hasRuns, openBench, reportOn, type StudyTiming, trainStudy } from '../session/studySession.js';
import { Output } from '../terminal/output.js';
import { StopSignals } from '../terminal/stopSignals.js';
import { style } from '../terminal/style.js';
import { type TableColumn, TextTable } from '../terminal/table.js';

/** Begins a comparison, or goes on with the one in the folder. */
export async function runCompare(methods: readonly string[], flags: CompareFlags): Promise<void> {
  const output = new Output(flags.json === true);
  if (flags.onlyReport === true && flags.out === undefined) {
    throw new UsageError('--only-report draws the report of a comparison anew: --out names its folder');
  }
  const { out } = flags;
  const begun = out === undefined ? undefined : readComparison(out);
  if (out !== undefined && begun !== undefined) checkSame(out, begun, methods, flags);
  const comparison = begun ?? (await askComparison(out ?? 'comparisons', methods, flags, output));
  if (comparison === undefined) return;
  if (out !== undefined) checkStudies(out, comparison);
  if (out !== undefined && begun !== undefined && flags.onlyReport !== true) {
    await new StudyImages(out, comparison, flags.dataDir, output).check();
  }
  const place = out ?? defaultFolder('comparisons', flags.preset ?? DEFAULT_PRESET);
  const folder = ComparisonFolder.take(place, comparison, begun);
  try {
    const images = new StudyImages(folder.path, comparison, flags.dataDir, output);
    await conduct(folder, comparison, images, flags, output);
  } finally {
    folder.close();
  }
}

async function conduct(
  held: ComparisonFolder,
  comparison: ComparisonDescription,
  images: StudyImages,
  flags: CompareFlags,
  output: Output,
): Promise<void> {
  const { path, guard } = held;
  const stop = StopSignals.ofStudies(output.say);
  const { settings } = comparison;
  const timed = comparison.methods.map((method) => methodSettings(method, settings));
  const clock = new StudyClock(timed, { jobs: flags.jobs });
  const studies: TimedMethod[] = [];
  const failed: string[] = [];
  try {
    for (const [index, method] of comparison.methods.entries()) {
      if (flags.onlyReport === true && readStudy(studyPath(path, method)) === undefined) continue;
      guard();
      output.say(style.bold(`method ${index + 1} of ${comparison.methods.length}: ${method}`));
      const study = openMethod(path, method, comparison, images);
      const timing = { clock, study: index };
      studies.push({ ...study, timing });
      const problems = await trainStudy(study, flags, output, stop, timing);
      failed.push(...problems.map((problem) => `${method}: ${problem}`));
      if (stop.signal.aborted) break;
    }
    if (!stop.signal.aborted) await report(held, comparison, studies, flags, output, stop.signal);
    if (stop.signal.aborted) {
      output.say(`stopped; to go on: ${resumeLine('compare', path, flags.dataDir)}`, true);
      process.exitCode = stop.exitCode ?? 0;
    } else if (failed.length > 0) {
      throw new Error(`failed: ${failed.join('; ')}; to try again: ${resumeLine('compare', path, flags.dataDir)}`);
    }
  } finally {
    stop.release();
    for (const { folder } of studies) folder.close();
  }
}

interface TimedMethod extends MethodStudy {
  readonly timing: StudyTiming;
}

/** Measures all, after all are trained: while they train, the device is theirs. */
async function report(
  { path, guard }: ComparisonFolder,
  comparison: ComparisonDescription,
  studies: readonly TimedMethod[],
  flags: CompareFlags,
  output: Output,
  signal: AbortSignal,
): Promise<void> {
  const begun = studies.filter(hasRuns);
  if (begun.length === 0) {
    if (flags.onlyReport === true) throw new StudyError(`${path} has no run to report of yet`);
    // Why nothing came of any run is told elsewhere.
    return;
  }
  const bench = await openBench(flags, output);
  const compared: ComparedStudy[] = [];
  try {
    for (const study of begun) {
      const results = await reportOn(study, flags, bench, output, signal, study.timing);
      if (results === undefined) return;
      compared.push({ method: study.method, results });
    }
  } finally {
    bench.close();
  }
  output.say('drawing the report of the comparison ...');
  output.phase('drawing the report of the comparison');
  tellResults(path, await reportComparison(path, comparison, compared, commandLine(comparison), guard), output);
}

/** A command that makes the same comparison, where the images are found without a folder's name. */
function commandLine({ methods, settings, dataset }: ComparisonDescription): string {
  const words = [...methods.map(shellWord), ...settingWords(settings), ...presetWords(settings)];
  return ['node dist/cli compare', ...words, `--data ${dataset.kind}`].join(' ');
}

function tellResults(path: string, results: ComparisonResults, output: Output): void {
  const { report, results: numbers } = comparisonFiles(path);
  const { rows, unfinished, complaints } = results;
  for (const line of unfinished) output.say(line, true);
  output.complain(complaints);
  output.result({ comparison: path, report, results: numbers, unfinished, complaints, rows }, () => [
    `  ${conditionsOf(results)}`,
    ...table(results),
    `  ${style.bold(report)}  opens in a browser`,
    `  ${numbers}  the numbers`,
  ]);
}

function table({ rows }: ComparisonResults): string[] {
  const grid = new TextTable(HEADINGS.map(({ title, align }): TableColumn => [title, align]));
  for (const row of rows) grid.push(cellsOf(row));
  return grid.lines;
}
