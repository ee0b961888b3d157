#!/usr/bin/env node
/**
 * @file The command line's first lines. Exit codes: 0 done, 1 failed, 2 the command was not understood, 128 + n stopped
 * by signal n (130: Ctrl-C).
 *
 * They import nothing of the program, so that they run where little else does: as a child whose parent is gone, and where
 * few files may be open. main.ts is the program.
 */
import { readFileSync } from 'node:fs';

/** Measured: a training that draws its charts takes between 120 and 140 at once, as Node opens their modules together. */
const LEAST_OPEN_FILES = 160;

/** On Linux, the most files that this process may have open; undefined elsewhere. */
function limitOfFiles(): number | undefined {
  try {
    // Node has raised the limit to the hard one.
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
  // eslint-disable-next-line no-console -- No module of the program is loaded, and the text is the program's own.
  console.error(`error: ${problem}; raise the limit: ulimit -n ${LEAST_OPEN_FILES}, or more`);
  process.exitCode = 1;
}

const limit = limitOfFiles();
if (limit !== undefined && limit < LEAST_OPEN_FILES) {
  refuseLimit(`this process may open ${limit} files at once, and the program takes ${LEAST_OPEN_FILES}`);
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
