/**
 * @file Runs a batch of test files in one process (worker.ts), and judges each file by its output. When the process ends
 * early, the rest of the batch continues in a new one.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { stripVTControlCharacters } from 'node:util';

/** Marks on stdout and stderr that a file is done and the process is fit for the next. */
export const END_OF_FILE = '\u001e\n';

/** Exit code after a file that left handles open: they would keep the process alive. */
export const LEFT_OPEN = 86;

const WORKER = fileURLToPath(new URL('worker.ts', import.meta.url));

/** Counts of tests. */
export interface Tally {
  passed: number;
  failed: number;
  skipped: number;
}

/** Result of one test file. */
export interface FileResult {
  path: string;
  seconds: number;
  tally: Tally;
  /** What is wrong with the file as a whole, beside its failing tests. */
  problem: string | undefined;
  /** The lines that begin with SKIPPED: what the file left out, and why. */
  notices: string[];
  output: string;
}

export interface BatchOptions {
  /** Most time for one file. */
  timeoutMs: number;
  /** Whether tests marked slow are skipped. */
  fast: boolean;
  /** Called with each result as soon as it is there. */
  report: (result: FileResult) => void;
}

/** How a file ended: at the mark, or with its process. */
interface Ending {
  code: number | null;
  signal: NodeJS.Signals | null;
  timedOut: boolean;
}

/** Sums the counts that uvu prints last; undefined where there are none. */
function readCounts(output: string): Tally | undefined {
  const sum = (label: string): number | undefined => {
    const counts = [...output.matchAll(new RegExp(`^ {2}${label}: +(\\d+)$`, 'gm'))].map(([, digits]) =>
      Number(digits),
    );
    return counts.length > 0 ? counts.reduce((total, count) => total + count, 0) : undefined;
  };
  const [total, passed, skipped] = [sum('Total'), sum('Passed'), sum('Skipped')];
  if (total === undefined || passed === undefined || skipped === undefined) return undefined;
  // By the difference, because uvu exits with 0 after a `before` hook that throws.
  return { passed, failed: total - passed, skipped };
}

function judge(output: string, { code, signal, timedOut }: Ending): Pick<FileResult, 'tally' | 'problem'> {
  const counts = readCounts(output);
  const tally = counts ?? { passed: 0, failed: 0, skipped: 0 };
  const asFailure = (problem: string): Pick<FileResult, 'tally' | 'problem'> => ({
    tally: { ...tally, failed: tally.failed + 1 },
    problem,
  });
  if (timedOut) return asFailure('timed out');
  if (signal) return asFailure(`killed by ${signal}`);
  if (!counts) return asFailure(`reported no tests, exit code ${code ?? 'unknown'}`);
  if (tally.passed + tally.failed + tally.skipped === 0) return asFailure('holds no tests');
  if (code === LEFT_OPEN) return asFailure('left handles open');
  if (code !== 0 && tally.failed === 0) return asFailure(`all passed, but exit code ${code ?? 'unknown'}`);
  return { tally, problem: undefined };
}

/** Kills the whole group: a test may have started processes that would keep running and hold the output open. */
function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    if (process.platform === 'win32') child.kill('SIGKILL');
    else process.kill(-child.pid, 'SIGKILL');
  } catch {
    // It has just ended by itself.
  }
}

/** Runs all files, in as many processes as it takes. */
export async function runBatch(paths: readonly string[], options: BatchOptions): Promise<void> {
  for (let done = 0; done < paths.length;) done += await runProcess(paths.slice(done), options);
}

/** Runs files in one process, as far as it comes. @returns how many files it has judged, at least one */
function runProcess(paths: readonly string[], { timeoutMs, fast, report }: BatchOptions): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['--import', 'tsx', WORKER, ...paths], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, TEST_FAST: fast ? '1' : '' },
      detached: process.platform !== 'win32',
    });
    const kill = (): void => killGroup(child);
    process.once('exit', kill);

    let timedOut = false;
    const onTimeout = (): void => {
      timedOut = true;
      kill();
    };
    let timer = setTimeout(onTimeout, timeoutMs);
    let started = performance.now();
    let done = 0;

    const finishFile = (raw: string, ending: Ending): void => {
      const output = stripVTControlCharacters(raw);
      report({
        path: paths[done++] ?? '',
        seconds: (performance.now() - started) / 1000,
        ...judge(output, ending),
        notices: output.split('\n').filter((line) => line.startsWith('SKIPPED')),
        output: raw,
      });
      started = performance.now();
      clearTimeout(timer);
      timer = setTimeout(onTimeout, timeoutMs);
    };

    // The last file ends with its process, whose exit code counts.
    const streams = { stdout: '', stderr: '' };
    for (const name of ['stdout', 'stderr'] as const) {
      child[name].setEncoding('utf8').on('data', (text: string) => {
        streams[name] += text;
        while (done < paths.length - 1) {
          const ends = [streams.stdout.indexOf(END_OF_FILE), streams.stderr.indexOf(END_OF_FILE)] as const;
          if (ends[0] < 0 || ends[1] < 0) break;
          const raw = streams.stdout.slice(0, ends[0]) + streams.stderr.slice(0, ends[1]);
          streams.stdout = streams.stdout.slice(ends[0] + END_OF_FILE.length);
          streams.stderr = streams.stderr.slice(ends[1] + END_OF_FILE.length);
          finishFile(raw, { code: 0, signal: null, timedOut: false });
        }
      });
    }

    child.once('error', reject);
    child.once('close', (code, signal) => {
      finishFile((streams.stdout + streams.stderr).replaceAll(END_OF_FILE, ''), { code, signal, timedOut });
      clearTimeout(timer);
      process.off('exit', kill);
      resolve(done);
    });
  });
}
