/**
 * @file What run.json tells of a process's work on a run, and how fast that went.
 */
import type { Engine } from '../../autograd/engine.js';
import { instant } from './instants.js';
import type { RunSession } from './runDescription.js';

/** What a process works with. */
interface SessionContext {
  readonly engine: Engine;
  readonly versions: Readonly<Record<string, string>>;
  readonly tuned: boolean;
  readonly eager: boolean;
}

/** How a session ended, unless it failed. */
export type Outcome = 'finished' | 'stopped';

/** What work in a session is given. */
export interface SessionWork {
  /** Counts the iterations. */
  readonly clock: Clock;
  /** Writes the session as it is now. */
  readonly tell: () => void;
}

/**
 * Works in a session: it is written when it begins, whenever the work says so, and when it ends, however it does.
 *
 * @param done iterations done so far
 * @param write writes the session into the description of what is trained
 * @throws what the work throws, with the session written as failed where that can be
 */
export async function recordSession(
  context: SessionContext,
  done: () => number,
  write: (session: RunSession) => void,
  work: (session: SessionWork) => Promise<Outcome>,
): Promise<Outcome> {
  const start = { wall: Date.now(), steady: performance.now() };
  const session = newSession(context, done(), instant(start.wall));
  // Not by the wall clock again, which may be set meanwhile: a session takes as long as it takes.
  const now = (): string => instant(start.wall + performance.now() - start.steady);
  const tell = (news: Partial<RunSession> = {}): void => {
    write({ ...session, ...news, kernels: Object.fromEntries(context.engine.tuner.inUse) });
  };
  const clock = new Clock();
  try {
    const outcome = await work({ clock, tell });
    const rate = clock.iterationsPerSecond;
    const speed = rate === undefined ? {} : { iterationsPerSecond: rate };
    tell({ outcome, ended: now(), to: done(), ...speed });
    return outcome;
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    try {
      tell({ outcome: 'failed', ended: now(), to: done(), error: text });
    } catch {
      // The disk may be what failed: the first error is the one to tell.
    }
    throw error;
  }
}

/** A session that begins now, after `from` iterations. */
function newSession(context: SessionContext, from: number, started: string): RunSession {
  const { adapter } = context.engine.device;
  return {
    started,
    outcome: 'running',
    from,
    adapter: { name: adapter.name, driver: adapter.driver },
    versions: { ...context.versions },
    tuned: context.tuned,
    eager: context.eager,
    kernels: {},
  };
}

/**
 * Seconds that a session took; undefined where its process was killed, or its clock was set back meanwhile, as sessions
 * of earlier versions may tell.
 */
export function sessionSeconds({ started, ended }: Pick<RunSession, 'started' | 'ended'>): number | undefined {
  if (ended === undefined) return undefined;
  const seconds = (Date.parse(ended) - Date.parse(started)) / 1000;
  return seconds >= 0 ? seconds : undefined;
}

/**
 * Iterations a second. The first ones wait for the driver to compile kernels, and do not count; nor does the time for
 * pictures and looks.
 */
class Clock {
  private started: number | undefined;
  private counted = 0;
  private last = 0;
  private pausedAt = 0;
  private paused = 0;

  count(iterations: number): void {
    this.last = performance.now() - this.paused;
    if (this.started === undefined) this.started = this.last;
    else this.counted += iterations;
  }

  /** Something else is done until {@link goOn}. */
  pause(): void {
    this.pausedAt = performance.now();
  }

  goOn(): void {
    this.paused += performance.now() - this.pausedAt;
  }

  get iterationsPerSecond(): number | undefined {
    // No time at all is no speed that JSON can tell.
    if (this.started === undefined || this.counted === 0 || this.last <= this.started) return undefined;
    return (1000 * this.counted) / (this.last - this.started);
  }
}
