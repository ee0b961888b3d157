/**
 * @file What became of a study's run, as its folder tells.
 */
import { divergence } from '../../training/trainer.js';
import { RunError, type RunDescription } from '../../training/run/runDescription.js';
import { readRun } from '../../training/run/runFiles.js';
import { isInUse } from '../../training/run/runFolder.js';
import { sessionSeconds } from '../../training/run/session.js';

/**
 * `absent`: not begun. `unfinished`: stopped, killed or at work. `diverged`: training has left the finite numbers, and
 * would again. `failed`: something else went wrong, which may go better next time.
 */
export const RUN_OUTCOMES = ['absent', 'unfinished', 'finished', 'diverged', 'failed'] as const;

export interface RunState {
  readonly outcome: (typeof RUN_OUTCOMES)[number];
  /** What went wrong. */
  readonly problem?: string;
  readonly description?: RunDescription;
}

/**
 * Reads what a run's folder tells.
 *
 * @throws RunError when its run.json is damaged
 */
export function runStateOf(path: string): RunState {
  let description: RunDescription;
  try {
    description = readRun(path);
  } catch (error) {
    if (error instanceof RunError && error.missing) return { outcome: 'absent' };
    throw error;
  }
  const session = description.sessions.at(-1);
  switch (session?.outcome) {
    case 'finished':
      return { outcome: 'finished', description };
    case 'failed':
      return { outcome: 'failed', problem: session.reason ?? 'unknown error', description };
    case 'diverged':
      return {
        outcome: 'diverged',
        problem: divergence({ iteration: session.to ?? 0, reason: session.reason }),
        description,
      };
    default:
      return { outcome: 'unfinished', description };
  }
}

/** Iterations that a run has made, by what its sessions tell. */
export function iterationsOf({ description }: RunState): number {
  return description?.sessions.at(-1)?.to ?? description?.sessions.at(-1)?.from ?? 0;
}

/** Seconds that its sessions took, those aside that do not tell; undefined where none tells. */
export function secondsOf({ description }: RunState): number | undefined {
  const all = (description?.sessions ?? []).flatMap((session) => sessionSeconds(session) ?? []);
  return all.length === 0 ? undefined : all.reduce((sum, seconds) => sum + seconds, 0);
}

/** Between two looks whether a folder is free, and until it is given up, in milliseconds. */
const LOOK_EVERY = 100;
const PATIENCE = 30_000;

/**
 * Waits until no process works on a run: one whose study was killed stops by itself, at the next iteration.
 *
 * @returns whether it is free
 */
export async function waitUntilFree(path: string): Promise<boolean> {
  const start = performance.now();
  while (isInUse(path)) {
    if (performance.now() - start > PATIENCE) return false;
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY));
  }
  return true;
}
