/**
 * @file One test file in a process of its own, and what it amounts to.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { stripVTControlCharacters } from 'node:util';

export interface Tally {
  passed: number;
  failed: number;
  skipped: number;
}

export interface FileResult {
  path: string;
  seconds: number;
  tally: Tally;
  /** What is wrong with the file as a whole, where its own tests do not tell. */
  problem: string | undefined;
  /** The lines by which it says that something was left out. */
  notices: string[];
  output: string;
}

export interface RunOptions {
  timeoutMs: number;
  fast: boolean;
}

interface Ending {
  code: number | null;
  signal: NodeJS.Signals | null;
  timedOut: boolean;
}

/** Sums uvu's closing counts; undefined where it never came to them. */
const readCounts = (output: string): Tally | undefined => {
  const sum = (label: string): number | undefined => {
    const counts = [...output.matchAll(new RegExp(`^ {2}${label}: +(\\d+)$`, 'gm'))].map(([, digits]) =>
      Number(digits),
    );
    return counts.length > 0 ? counts.reduce((total, count) => total + count, 0) : undefined;
  };
  const [total, passed, skipped] = [sum('Total'), sum('Passed'), sum('Skipped')];
  if (total === undefined || passed === undefined || skipped === undefined) return undefined;
  // The difference, and not uvu's exit code: it swallows what a `before` hook throws, and then exits 0.
  return { passed, failed: total - passed, skipped };
};

const judge = (output: string, ending: Ending): Pick<FileResult, 'tally' | 'problem'> => {
  const counts = readCounts(output);
  const tally = counts ?? { passed: 0, failed: 0, skipped: 0 };
  const asFailure = (problem: string): Pick<FileResult, 'tally' | 'problem'> => ({
    tally: { ...tally, failed: tally.failed + 1 },
    problem,
  });
  if (ending.timedOut) return asFailure('timed out');
  if (ending.signal) return asFailure(`killed by ${ending.signal}`);
  if (!counts) return asFailure(`reported no tests, exit code ${ending.code ?? 'unknown'}`);
  if (tally.passed + tally.failed + tally.skipped === 0) return asFailure('holds no tests');
  if (ending.code !== 0 && tally.failed === 0)
    return asFailure(`all passed, but exit code ${ending.code ?? 'unknown'}`);
  return { tally, problem: undefined };
};

/** The whole group, since a test may have started processes that would keep running and hold the output open. */
const killGroup = (child: ChildProcess): void => {
  if (child.pid === undefined) return;
  try {
    if (process.platform === 'win32') child.kill('SIGKILL');
    else process.kill(-child.pid, 'SIGKILL');
  } catch {
    // It ended by itself just now.
  }
};

export const runFile = (path: string, { timeoutMs, fast }: RunOptions): Promise<FileResult> =>
  new Promise((resolve, reject) => {
    const started = performance.now();
    const child = spawn(process.execPath, ['--import', 'tsx', path], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, TEST_FAST: fast ? '1' : '' },
      detached: process.platform !== 'win32',
    });
    const kill = (): void => killGroup(child);
    process.once('exit', kill);

    let timedOut = false;
    const timer = setTimeout(() => {
      timedOut = true;
      kill();
    }, timeoutMs);

    let raw = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => (raw += text));

    child.once('error', reject);
    child.once('close', (code, signal) => {
      clearTimeout(timer);
      process.off('exit', kill);
      const output = stripVTControlCharacters(raw);
      resolve({
        path,
        seconds: (performance.now() - started) / 1000,
        ...judge(output, { code, signal, timedOut }),
        notices: output.split('\n').filter((line) => line.startsWith('SKIPPED')),
        output: raw,
      });
    });
  });
