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

/** A session that begins now, after `from` iterations. */
export function newSession(context: SessionContext, from: number): RunSession {
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
export function now(): string {
  return new Date().toISOString();
}

/**
 * Iterations a second. The first ones wait for the driver to compile kernels, and do not count; nor does the time for
 * pictures and looks.
 */
export class Clock {
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
