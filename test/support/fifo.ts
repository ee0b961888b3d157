/**
 * @file A FIFO, which blocks whoever opens it without care.
 */
import { execFileSync } from 'node:child_process';

/** Whether the system has them. */
export const HAS_FIFOS = process.platform !== 'win32';

/** Makes a FIFO. @returns its path */
export function makeFifo(path: string): string {
  execFileSync('mkfifo', [path]);
  return path;
}
