/**
 * @file Records a session: the work of one process on a run, as run.json and classifier.json store it.
 */
import type { Engine } from '../../autograd/engine.js';
import type { TrainingResult } from '../trainer.js';
import { instant } from './instants.js';
import type { RunSession } from './runDescription.js';

/** What a process trains with. */
export interface SessionContext {
  readonly engine: Engine;
  readonly versions: Readonly<Record<string, string>>;
  /** Whether kernels were chosen by measuring. */
  readonly tuned: boolean;
  /** Whether steps run kernel by kernel instead of replaying a recording. */
  readonly eager?: boolean;
  /** Arguments of the command that started the process. */
  readonly command?: readonly string[] | undefined;
}

/** A session that begins now. Each method writes its new state. */
export class Session {
  private readonly start = { wall: Date.now(), steady: performance.now() };
  private readonly begun: RunSession;

  /**
   * @param from completed iterations
   * @param write writes the session into the run's description
   */
  constructor(
    private readonly context: SessionContext,
    from: number,
    private readonly write: (session: RunSession) => void,
  ) {
    const { engine, versions, tuned, eager = false, command } = context;
    const { name, driver } = engine.device.adapter;
    this.begun = {
      started: instant(this.start.wall),
      outcome: 'running',
      from,
      adapter: { name, driver },
      versions: { ...versions },
      tuned,
      eager,
      kernels: {},
      ...(command === undefined ? {} : { command: [...command] }),
    };
  }

  /** Writes the session with the kernels in use. */
  update(changes: Partial<RunSession> = {}): void {
    const kernels = Object.fromEntries(this.context.engine.tuner.inUse);
    this.write({ ...this.begun, ...changes, kernels });
  }

  end({ outcome, iteration, reason, iterationsPerSecond }: TrainingResult): void {
    this.update({
      outcome,
      ended: this.now(),
      to: iteration,
      ...(reason === undefined ? {} : { reason }),
      ...(iterationsPerSecond === undefined ? {} : { iterationsPerSecond }),
    });
  }

  /** Records an error. An error of writing is dropped: the disk may be the cause of the first. */
  fail(error: unknown, iteration: number): void {
    const reason = error instanceof Error ? error.message : String(error);
    try {
      this.update({ outcome: 'failed', ended: this.now(), to: iteration, reason });
    } catch {
      // The first error is the one to report.
    }
  }

  /** The wall clock may be set during a session: its end is its start plus the time of a steady clock. */
  private now(): string {
    return instant(this.start.wall + performance.now() - this.start.steady);
  }
}

/** Duration of a session in seconds. Undefined for a killed process, and for a clock that was set back. */
export function sessionSeconds({ started, ended }: Pick<RunSession, 'started' | 'ended'>): number | undefined {
  if (ended === undefined) return undefined;
  const seconds = (Date.parse(ended) - Date.parse(started)) / 1000;
  return seconds >= 0 ? seconds : undefined;
}
