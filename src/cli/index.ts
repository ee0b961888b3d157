#!/usr/bin/env node
/**
 * @file Starts the command line. Exit codes: 0 success, 1 failure, 2 invalid command, 128 + n stopped by signal n (130:
 * Ctrl-C).
 *
 * Imports main.ts, the program, only after two checks: the parent process lives, and enough files may be open.
 */
import { readFileSync } from 'node:fs';

/** Measured: a training opens between 120 and 140 files at once when it loads the modules of its charts. */
const LEAST_OPEN_FILES = 160;

/** Maximum number of open files on Linux; undefined elsewhere. */
function limitOfFiles(): number | undefined {
  try {
    // Node has raised the soft limit to the hard one.
    const [, limit] = /^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8')) ?? [];
    return limit === undefined ? undefined : Number(limit);
  } catch {
    return undefined;
  }
}

function isTooManyFiles(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'EMFILE' || error.code === 'ENFILE');
}

function refuseLimit(problem: string): void {
  // eslint-disable-next-line no-console -- No module of the program is loaded, and the text is constant.
  console.error(`error: ${problem}; raise the limit with: ulimit -n ${LEAST_OPEN_FILES}`);
  process.exitCode = 1;
}

const limit = limitOfFiles();
if (limit !== undefined && limit < LEAST_OPEN_FILES) {
  refuseLimit(`this process may open ${limit} files at once, the program needs ${LEAST_OPEN_FILES}`);
} else {
  try {
    const { watchParent } = await import('./terminal/parent.js');
    watchParent();
    const { handleStreamErrors } = await import('./terminal/print.js');
    // When nobody reads the output (`train | head`, a closed terminal, a full disk), messages are lost and the work
    // continues: a training still has a checkpoint to write.
    handleStreamErrors();
    const { main } = await import('./main.js');
    await main(process.argv.slice(2));
  } catch (error) {
    if (!isTooManyFiles(error)) throw error;
    refuseLimit('too many files are open');
  }
}
