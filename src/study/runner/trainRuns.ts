/**
 * @file Trains the runs of a study, each in a process of its own. Finished runs are skipped, interrupted ones resumed.
 */
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { LockedError } from '../../files/lock.js';
import { freeMemory, MEMORY_VARIABLE } from '../../host/node/memory.js';
import type { StudyFolder } from '../plan/studyFolder.js';
import { type PlannedRun, trainArguments } from '../plan/studyPlan.js';
import { type ChildEnding, ChildTraining, type Program } from './childTraining.js';
import type { RunMessage, TrainingProgressReport } from './messages.js';
import { type RunState, waitUntilFree } from './runState.js';

/** Callbacks while runs train. */
export interface RunCallbacks {
  /** A run needs no training. */
  skipped?(run: PlannedRun, state: RunState): void;
  /** A run starts or resumes. */
  started?(run: PlannedRun, state: RunState): void;
  /** A run works on something before its training. */
  phase?(run: PlannedRun, phase: Extract<RunMessage, { type: 'phase' }>): void;
  progress?(run: PlannedRun, progress: TrainingProgressReport): void;
  /** A run reports something for the user. */
  notice?(run: PlannedRun, text: string): void;
  ended?(run: PlannedRun, state: RunState): void;
}

export interface RunnerOptions {
  /** The command line of this package; the arguments of `train` follow. Default: that of this installation. */
  readonly program?: Program;
  /** Further flags of each run, such as the device's. */
  readonly flags?: readonly string[];
  /** The folder that holds the images now, if it changed since the study was created. */
  readonly dataFolder?: string | undefined;
  /** Runs at a time. Default: 1. */
  readonly jobs?: number;
  readonly signal?: AbortSignal | undefined;
}

/** Consecutive failures after which no further run starts. */
const MOST_FAILURES = 2;

/** Node's flags that a training process needs as well: modules that are loaded first, such as TypeScript's loader. */
function preloads(): string[] {
  return process.execArgv.flatMap((flag, index, all) => {
    if (/^--(?:import|require)=/.test(flag)) return [flag];
    const value = all[index + 1];
    return /^(?:--import|--require|-r)$/.test(flag) && value !== undefined ? [flag, value] : [];
  });
}

/** The command line of this package, from its sources or built, as this process was started. */
function thisProgram(): Program {
  const entry = new URL(`../../cli/index${extname(import.meta.url)}`, import.meta.url);
  return [process.execPath, ...preloads(), fileURLToPath(entry)];
}

/** Runs that start at once all see the same free memory: each gets its share. */
function shareOfMemory(jobs: number): Record<string, string> {
  const free = jobs === 1 ? undefined : freeMemory();
  return free === undefined ? {} : { [MEMORY_VARIABLE]: Math.floor(free / jobs).toString() };
}

/** Whether a run needs no more training. */
function isComplete({ outcome }: RunState): boolean {
  return outcome === 'finished' || outcome === 'diverged';
}

/** Trains the runs of one study. */
export class RunTrainer {
  private readonly children = new Set<ChildTraining>();
  private readonly program: Program;
  private readonly env: Readonly<Record<string, string>>;
  private failures = 0;
  private waiting: readonly PlannedRun[] = [];
  private broken: Error | undefined;

  constructor(
    private readonly folder: StudyFolder,
    private readonly options: RunnerOptions = {},
    private readonly callbacks: RunCallbacks = {},
  ) {
    this.program = options.program ?? thisProgram();
    this.env = shareOfMemory(options.jobs ?? 1);
  }

  /**
   * Trains until every run has finished, diverged or failed, or the signal is aborted, which stops all with checkpoints.
   * No further run starts after two failures in a row.
   *
   * @throws RunError, StudyError, LockedError for a folder that cannot be resumed; FolderLostError if the study's folder
   *   was replaced or removed. The other runs stay usable.
   */
  async run(): Promise<'done' | 'stopped'> {
    const { folder, options } = this;
    const { signal, jobs = 1 } = options;
    folder.checkRuns();
    const queue = [...folder.runs];
    this.waiting = queue;
    const stopAll = (): void => {
      for (const child of this.children) child.stop();
    };
    signal?.addEventListener('abort', stopAll);
    try {
      await Promise.all(Array.from({ length: jobs }, () => this.work(queue)));
    } finally {
      signal?.removeEventListener('abort', stopAll);
    }
    if (this.broken !== undefined) throw this.broken;
    return signal?.aborted === true ? 'stopped' : 'done';
  }

  /** The runs that still need training and never started. */
  get notStarted(): readonly PlannedRun[] {
    return this.waiting.filter((run) => !isComplete(this.folder.stateOf(run)));
  }

  private get isStopped(): boolean {
    return this.options.signal?.aborted === true;
  }

  private async work(queue: PlannedRun[]): Promise<void> {
    const isOver = (): boolean => this.broken !== undefined || this.failures >= MOST_FAILURES || this.isStopped;
    while (!isOver()) {
      const run = queue.shift();
      if (run === undefined) return;
      try {
        await this.train(run);
      } catch (error) {
        // The other runs end first.
        this.broken ??= error instanceof Error ? error : new Error(String(error));
      }
    }
  }

  private async train(run: PlannedRun): Promise<void> {
    const { folder, callbacks } = this;
    const path = folder.runPath(run);
    folder.ensureHeld();
    if (!(await waitUntilFree(path))) {
      throw new LockedError(`another process works on ${path}: wait until it ends, or stop it`);
    }
    const before = folder.stateOf(run);
    if (isComplete(before)) {
      callbacks.skipped?.(run, before);
      return;
    }
    callbacks.started?.(run, before);
    const command: Program = [...this.program, ...this.argumentsOf(run, before)];
    const child = new ChildTraining(command, (message) => this.receive(run, message), this.env);
    this.children.add(child);
    if (this.isStopped) child.stop();
    const ending = await child.ended;
    this.children.delete(child);
    // Judged even without a callback: failures are counted.
    const state = this.judge(folder.stateOf(run), ending);
    callbacks.ended?.(run, state);
  }

  private receive(run: PlannedRun, message: RunMessage): void {
    const { callbacks } = this;
    if (message.type === 'phase') callbacks.phase?.(run, message);
    if (message.type === 'progress') callbacks.progress?.(run, message.progress);
    if (message.type === 'notice') callbacks.notice?.(run, message.text);
  }

  /** The state of a run whose process has ended; counts consecutive failures. */
  private judge(state: RunState, { ok, description, message }: ChildEnding): RunState {
    const isFailure = state.outcome === 'failed' || (!ok && state.outcome !== 'diverged' && !this.isStopped);
    this.failures = isFailure ? this.failures + 1 : 0;
    if (!isFailure) return state;
    return { ...state, outcome: 'failed', problem: state.problem ?? message?.error ?? description };
  }

  private argumentsOf(run: PlannedRun, { outcome }: RunState): string[] {
    const { folder, options } = this;
    const { flags = [], dataFolder: moved } = options;
    const path = folder.runPath(run);
    const { settings, dataset } = folder.description;
    const resume = ['train', '--resume', path, ...(moved === undefined ? [] : ['--data-dir', moved])];
    const images = { ...dataset, folder: moved ?? dataset.folder };
    return [...(outcome === 'absent' ? trainArguments(settings, run, images, path) : resume), ...flags, '--json'];
  }
}
