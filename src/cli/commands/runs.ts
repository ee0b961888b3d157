/**
 * @file `runs`: lists the runs in a folder.
 */
import { join } from 'node:path';
import { type Command, createCommand } from 'commander';
import { printable } from '../../data/printable.js';
import type { BestValue } from '../../evaluation/best.js';
import type { VerdictName } from '../../evaluation/diagnosis.js';
import { describeBest } from '../../evaluation/metricText.js';
import { foldersIn } from '../../files/folders.js';
import { readBest } from '../../training/checkpoint/bestCheckpoint.js';
import { readLastDiagnosis } from '../../training/run/diagnosisLog.js';
import { readLastMetrics } from '../../training/run/metricsLog.js';
import { RunError, type RunDescription } from '../../training/run/runDescription.js';
import { readRun, runFiles } from '../../training/run/runFiles.js';
import { isInUse } from '../../training/run/runFolder.js';
import { Output } from '../terminal/output.js';
import { style } from '../terminal/style.js';
import { TextTable } from '../terminal/table.js';

/** The command. */
export function runsCommand(): Command {
  return createCommand('runs')
    .description('list the runs in a folder')
    .argument('[folder]', 'folder of run folders', 'runs')
    .option('--json', 'print the result as JSON on stdout')
    .addHelpText('after', '\nExample:\n  node dist/cli runs runs')
    .action((folder: string, flags: { json?: boolean }) => listRuns(folder, new Output(flags.json === true)));
}

/** `killed`: its process ended without recording it. `damaged`: its run.json cannot be read. */
type State = RunDescription['sessions'][number]['outcome'] | 'killed' | 'damaged';

/** Maximum length of a printed error. */
const PROBLEM_CHARACTERS = 300;

interface RunRow {
  readonly run: string;
  readonly state: State;
  readonly problem?: string;
  readonly started?: string;
  readonly architecture?: string;
  readonly zDim?: number;
  readonly width?: number;
  readonly dataset?: string;
  readonly seed?: string;
  readonly done?: number;
  readonly iterations?: number;
  readonly generatorLoss?: number;
  readonly discriminatorLoss?: number;
  readonly iterationsPerSecond?: number;
  /** Of the newest evaluation, or `diverged`. */
  readonly verdict?: VerdictName;
  /** The best checkpoint, if the run keeps it. */
  readonly best?: BestValue;
}

/** Lists the runs in a folder. @throws FileError */
function listRuns(folder: string, output: Output): void {
  const rows = readRuns(folder);
  output.result(rows, () => (rows.length === 0 ? [`${folder} has no runs`] : [...table(rows), ...problems(rows)]));
}

/** The oldest first. */
function readRuns(folder: string): RunRow[] {
  const rows = foldersIn(folder).flatMap((name) => rowOf(join(folder, name)));
  const startOf = ({ started }: RunRow): number => (started === undefined ? -Infinity : Date.parse(started));
  const isBefore = (a: RunRow, b: RunRow): boolean => {
    return startOf(a) === startOf(b) ? a.run < b.run : startOf(a) < startOf(b);
  };
  return rows.sort((a, b) => (isBefore(a, b) ? -1 : 1));
}

/** Describes a folder: no row if it is not a run, a row with the error if it cannot be read. */
function rowOf(path: string): RunRow[] {
  try {
    return [describe(path)];
  } catch (error) {
    if (error instanceof RunError && error.missing) return [];
    return [{ run: path, state: 'damaged', problem: error instanceof Error ? error.message : String(error) }];
  }
}

function describe(path: string): RunRow {
  const run = readRun(path);
  const last = readLastMetrics(runFiles(path).metrics);
  const look = readLastDiagnosis(runFiles(path).diagnoses);
  const { architecture, zDim, width, iterations, seed } = run.arguments;
  const best = readBest(path, run);
  const session = run.sessions.at(-1);
  const outcome = session?.outcome ?? 'running';
  const verdict = outcome === 'diverged' ? outcome : look?.verdict.name;
  return {
    run: path,
    state: outcome === 'running' && !isInUse(path) ? 'killed' : outcome,
    ...(session?.reason === undefined ? {} : { problem: session.reason }),
    ...(run.sessions[0] === undefined ? {} : { started: run.sessions[0].started }),
    architecture,
    zDim,
    width,
    dataset: run.dataset.name,
    seed,
    done: last?.iteration ?? 0,
    iterations,
    ...(last === undefined ? {} : { generatorLoss: last.generatorLoss, discriminatorLoss: last.discriminatorLoss }),
    ...(session?.iterationsPerSecond === undefined ? {} : { iterationsPerSecond: session.iterationsPerSecond }),
    ...(verdict === undefined ? {} : { verdict }),
    ...(best === undefined ? {} : { best }),
  };
}

const COLOURS: Readonly<Record<State, (text: string) => string>> = {
  finished: style.green,
  running: style.cyan,
  stopped: style.yellow,
  killed: style.yellow,
  diverged: style.red,
  failed: style.red,
  damaged: style.red,
};

function table(rows: readonly RunRow[]): string[] {
  const hasBest = rows.some(({ best }) => best !== undefined);
  const grid = new TextTable([
    ['run', 'left'],
    ['state', 'left'],
    ['arch', 'left'],
    ['z', 'right'],
    ['width', 'right'],
    ['data', 'left'],
    ['iterations', 'right'],
    ['G loss', 'right'],
    ['D loss', 'right'],
    ['it/s', 'right'],
    ['verdict', 'left'],
    ...(hasBest ? ([['best checkpoint', 'left']] as const) : []),
  ]);
  for (const row of rows) {
    const number = (value: number | undefined, digits: number) => value?.toFixed(digits) ?? '';
    grid.push([
      row.run,
      COLOURS[row.state](row.state),
      row.architecture ?? '',
      row.zDim ?? '',
      row.width ?? '',
      printable(row.dataset ?? ''),
      row.done === undefined ? '' : `${row.done}/${row.iterations ?? ''}`,
      number(row.generatorLoss, 3),
      number(row.discriminatorLoss, 3),
      number(row.iterationsPerSecond, 1),
      row.verdict ?? '',
      ...(hasBest ? [row.best === undefined ? '' : describeBest(row.best)] : []),
    ]);
  }
  return grid.lines;
}

function problems(rows: readonly RunRow[]): string[] {
  return rows.flatMap(({ run, problem }) =>
    problem === undefined ? [] : [`${run}: ${printable(problem, PROBLEM_CHARACTERS)}`],
  );
}
