/**
 * @file What run.json tells of a process's work on a run, and how fast that went.
 */
import type { Engine } from '../autograd/engine.js';
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
  const session = newSession(context, done());
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
function newSession(context: SessionContext, from: number): RunSession {
  const { adapter } = context.engine.device;
  return {
    started: now(),
    outcome: 'running',
    from,
    adapter: { name: adapter.name, driver: adapter.driver },
    versions: { ...context.versions },
    tuned: context.tuned,
    eager: context.eager,
    kernels: {},
  };
}

/** As run.json writes it. */
function now(): string {
  return new Date().toISOString();
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
    if (this.started === undefined || this.counted === 0) return undefined;
    return (1000 * this.counted) / (this.last - this.started);
  }
}
