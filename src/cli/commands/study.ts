/**
 * @file `study`: a GAN at each of several dimensions of z, all measured, and one report.
 */
import { VERDICTS } from '../../evaluation/diagnosis.js';
import { complaintsOf, type Results } from '../../study/measure/results.js';
import { type StudyFolder, studyFiles } from '../../study/plan/studyFolder.js';
import { formatMetric } from '../../evaluation/metricText.js';
import { METRICS, metricsWith } from '../../evaluation/registry.js';
import { DEFAULT_PRESET } from '../../training/run/presets.js';
import { defaultFolder } from '../options/defaultFolder.js';
import type { StudyFlags } from '../options/studyFlags.js';
import { UsageError } from '../options/usageError.js';
import { resumeLine } from '../session/resume.js';
import {
  hasRuns,
  openBench,
  openStudy,
  type OpenStudy,
  reportOn,
  type StudyTiming,
  timingOf,
  trainStudy,
} from '../session/studySession.js';
import { Output } from '../terminal/output.js';
import { StopSignals } from '../terminal/stopSignals.js';
import { style } from '../terminal/style.js';
import { type TableColumn, TextTable } from '../terminal/table.js';

/** Begins a study, or goes on with the one in the folder. */
export async function runStudy(flags: StudyFlags): Promise<void> {
  const output = new Output(flags.json === true);
  if (flags.onlyReport === true && flags.out === undefined) {
    throw new UsageError('--only-report draws the report of a study anew: --out names its folder');
  }
  const place = flags.out ?? defaultFolder('studies', flags.preset ?? DEFAULT_PRESET);
  const opened = await openStudy(place, flags, output);
  if (opened === undefined) return;
  const { path } = opened.folder;
  const timing = timingOf(opened, flags);
  const stop = StopSignals.ofStudies(output.say);
  try {
    const failed = await trainStudy(opened, flags, output, stop, timing);
    // Where nothing came of any run, that is what to tell.
    const isEmpty = failed.length > 0 && !hasRuns(opened);
    if (!stop.signal.aborted && !isEmpty) await report(opened, flags, output, stop.signal, timing);
    if (stop.signal.aborted) {
      output.say(`stopped; to go on: ${resumeLine('study', path, flags.dataDir)}`, true);
      process.exitCode = stop.exitCode ?? 0;
    } else if (failed.length > 0) {
      throw new Error(`failed: ${failed.join('; ')}; to try again: ${resumeLine('study', path, flags.dataDir)}`);
    }
  } finally {
    stop.release();
    opened.folder.close();
  }
}

async function report(
  opened: OpenStudy,
  flags: StudyFlags,
  output: Output,
  signal: AbortSignal,
  timing: StudyTiming,
): Promise<void> {
  const bench = await openBench(flags, output);
  try {
    const results = await reportOn(opened, flags, bench, output, signal, timing);
    if (results !== undefined) tellResults(opened.folder, results, output);
  } finally {
    bench.close();
  }
}

/** Columns of the table on the terminal. */
const COLUMNS = metricsWith(({ table: place }) => place === 'terminal');

function tellResults(folder: StudyFolder, results: Results, output: Output): void {
  const { report, results: numbers } = studyFiles(folder.path);
  const { dimensions } = results;
  output.complain(complaintsOf(results));
  output.result({ study: folder.path, report, results: numbers, dimensions }, () => [
    ...table(results),
    `  ${style.bold(report)}  opens in a browser`,
    `  ${numbers}  the numbers`,
  ]);
}

function table({ dimensions }: Results): string[] {
  const numbered = COLUMNS.map((name): TableColumn => [METRICS[name].title, 'right']);
  const grid = new TextTable([['z_dim', 'right'], ['verdict', 'left'], ...numbered]);
  for (const { zDim, verdicts, metrics } of dimensions) {
    const given = VERDICTS.filter((name) => verdicts[name] > 0).map((name) => `${verdicts[name]} ${name}`);
    const numbers = COLUMNS.map((name) => {
      const spread = metrics[name];
      if (spread === null) return '–';
      const { mean, deviation } = spread;
      return `${formatMetric(name, mean)}${deviation === null ? '' : ` ± ${formatMetric(name, deviation)}`}`;
    });
    grid.push([zDim.toString(), given.join(', ') || '–', ...numbers]);
  }
  return grid.lines;
}
