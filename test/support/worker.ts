/**
 * @file Runs test files one after the other in this process, which keeps its modules, its device and its compiled kernels:
 *
 *     node --import tsx worker.ts a.test.ts b.test.ts
 *
 * Prints END_OF_FILE on both streams after each file. Ends at once after a file that fails or leaves something open, so
 * that no file suffers from another.
 */
import { setTimeout as wait } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { END_OF_FILE, LEFT_OPEN } from './batch.js';

/** How long a file's handles may take to close, in milliseconds. */
const CLOSING_MS = 2000;

/** What keeps the process alive, by kind. Dawn polls by immediates while anything is pending on a device. */
const openHandles = (): string[] => process.getActiveResourcesInfo().filter((kind) => kind !== 'Immediate');

/** Kinds of handles that are open now and were not before, after a moment in which they may close. */
async function findLeftovers(before: readonly string[]): Promise<string[]> {
  for (let waited = 0; ; waited += 10) {
    const known = [...before];
    const leftovers = openHandles().filter((kind) => {
      const at = known.indexOf(kind);
      if (at >= 0) known.splice(at, 1);
      return at < 0;
    });
    if (leftovers.length === 0 || waited >= CLOSING_MS) return leftovers;
    await wait(10);
  }
}

async function runFiles(paths: readonly string[]): Promise<void> {
  // With UVU_DEFER, `test.run()` adds the suite to the last list of UVU_QUEUE, and `exec` runs the lists.
  const queue: unknown[][] = [];
  Object.assign(globalThis, { UVU_DEFER: true, UVU_QUEUE: queue });
  const { exec } = await import('uvu');
  for (const path of paths) {
    const suites: unknown[] = [null];
    queue.splice(0, queue.length, suites);
    const before = openHandles();
    await import(pathToFileURL(path).href);
    const hasSuites = suites.length > 1;
    // Without suites no counts are printed, by which the runner knows a file that forgot to run its tests.
    if (hasSuites) await exec();
    const leftovers = await findLeftovers(before);
    if (leftovers.length > 0) {
      console.error(`left open: ${leftovers.join(', ')}`);
      process.exit(LEFT_OPEN);
    }
    if (!hasSuites || process.exitCode !== 0) process.exit();
    for (const stream of [process.stdout, process.stderr]) stream.write(END_OF_FILE);
  }
}

// Not awaited: a test that waits for ever then ends the process as soon as nothing else is pending.
void runFiles(process.argv.slice(2));
