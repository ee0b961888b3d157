/**
 * @file Keeps two harmless warnings of Dawn off stderr: `Warning: maxDynamic…BuffersPerPipelineLayout artificially reduced`.
 *
 * Dawn prints them with `fprintf(stderr)` on drivers such as lavapipe's and AMD's, and has no switch for them. While Dawn
 * enumerates adapters, file descriptor 2 is therefore a pipe to `sed`, which drops these lines and writes all others to the
 * real stderr at once. Because `sed` is a process of its own, what Dawn prints before an abort is shown as well.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync } from 'node:fs';

/** The first words of the lines that are dropped. */
const NOISE = 'Warning: maxDynamic';

const STDERR = 2;

/** Linux's value: the filter must not inherit the end that it waits for. */
const O_CLOEXEC = 0o2000000;

/** Milliseconds to wait for the filter's last lines. Later ones are still written, but may follow this process's own. */
const PATIENCE = 1_000;

/** The C library's calls that Node does not offer. */
interface Descriptors {
  readonly pipe2: (ends: Int32Array, flags: number) => number;
  readonly dup: (descriptor: number) => number;
  readonly dup2: (from: number, to: number) => number;
}

let descriptors: Promise<Descriptors | undefined> | undefined;

/** @returns undefined where the C library cannot be called: on other systems, or without the optional package koffi */
async function load(): Promise<Descriptors | undefined> {
  if (process.platform !== 'linux') return undefined;
  try {
    const { default: koffi } = await import('koffi');
    const libc = koffi.load(null);
    const pipe2 = libc.func('int pipe2(_Out_ int32_t *ends, int flags)');
    const dup = libc.func('int dup(int descriptor)');
    const dup2 = libc.func('int dup2(int from, int to)');
    return {
      pipe2: (ends, flags) => Number(pipe2(ends, flags)),
      dup: (descriptor) => Number(dup(descriptor)),
      dup2: (from, to) => Number(dup2(from, to)),
    };
  } catch {
    return undefined;
  }
}

/** The filter that {@link filterStderr} has started. */
interface Filter {
  /** Restores file descriptor 2. */
  restore(): void;
  /** Settles when everything that was written is on the real stderr. */
  readonly flushed: Promise<void>;
}

/** Puts the filter before stderr. @returns undefined, with stderr untouched, where that fails */
function filterStderr({ pipe2, dup, dup2 }: Descriptors): Filter | undefined {
  const ends = new Int32Array(2);
  if (pipe2(ends, O_CLOEXEC) !== 0) return undefined;
  const [readEnd, writeEnd] = [ends[0]!, ends[1]!];
  try {
    const filter = startFilter(readEnd);
    if (filter.pid === undefined) return undefined;
    const saved = dup(STDERR);
    if (saved < 0) return undefined;
    const restore = (): void => {
      dup2(saved, STDERR);
      closeSync(saved);
    };
    if (dup2(writeEnd, STDERR) !== STDERR) {
      restore();
      return undefined;
    }
    return { restore, flushed: endOf(filter) };
  } catch {
    return undefined;
  } finally {
    closeSync(readEnd);
    // File descriptor 2 alone must keep the pipe open: the filter ends when that is restored.
    closeSync(writeEnd);
  }
}

function startFilter(input: number): ChildProcess {
  const filter = spawn('sed', ['-u', `/^${NOISE}/d`], {
    stdio: [input, STDERR, 'ignore'],
    // Ctrl-C goes to the whole process group, and must not end the filter before its last line.
    detached: true,
    env: { ...process.env, LC_ALL: 'C' },
  });
  // Without sed.
  filter.once('error', () => undefined);
  return filter;
}

function endOf(filter: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    const late = setTimeout(resolve, PATIENCE);
    filter.once('close', () => {
      clearTimeout(late);
      resolve();
    });
  });
}

/**
 * Calls Dawn without its warnings about `maxDynamic…` limits; everything else that it prints passes unchanged.
 *
 * @param call prints on file descriptor 2 before it returns; the promise that it returns is awaited with stderr restored
 */
export async function withoutDawnWarnings<T>(call: () => Promise<T>): Promise<T> {
  descriptors ??= load();
  const known = await descriptors;
  const filter = known === undefined ? undefined : filterStderr(known);
  // What is thrown at once comes after the filter's lines, as a rejection does.
  const result = new Promise<T>((resolve) => resolve(call()));
  filter?.restore();
  result.catch(() => undefined);
  await filter?.flushed;
  return result;
}
