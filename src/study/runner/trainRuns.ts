/**
 * @file Trains the runs of a study, several at once where that is asked for: each in a process of its own, done ones
 * skipped, half-done ones gone on with.
 */
import { LockedError } from '../../files/lock.js';
import { ChildTraining, type CommandLine, parseProgress, type Progress } from './childTraining.js';
import { type RunState, waitUntilFree } from './runState.js';
import type { StudyFolder } from '../plan/studyFolder.js';
import { type PlannedRun, trainArguments } from '../plan/studyPlan.js';

/** What is told while runs are trained. */
export interface TrainingCallbacks {
  /** A run needs no training any more. */
  skipped?(run: PlannedRun, state: RunState): void;
  /** A run begins, or goes on. */
  begun?(run: PlannedRun, state: RunState): void;
  /** It tells its progress, or something else. */
  progress?(run: PlannedRun, progress: Progress): void;
  said?(run: PlannedRun, line: string): void;
  ended?(run: PlannedRun, state: RunState): void;
}

export interface RunnerOptions {
  /** This program: the arguments of `train` come after it. */
  readonly program: CommandLine;
  /** Flags that each run gets besides, such as the device's. */
  readonly flags: readonly string[];
  /** Where the images are now, if not where the study was begun. */
  readonly dataFolder?: string | undefined;
  /** Runs at once. */
  readonly jobs: number;
  /** What the environment of each run has besides this process's. */
  readonly env?: Readonly<Record<string, string>>;
}

/** So many failures one after another are no accident of one run. */
const MOST_FAILURES = 2;

/** Trains what is to be trained of a study. */
export class StudyTraining {
  private readonly children = new Set<ChildTraining>();
  private failures = 0;
  private broken: Error | undefined;

  constructor(
    private readonly folder: StudyFolder,
    private readonly wish: RunnerOptions,
    private readonly news: TrainingCallbacks = {},
    private readonly signal?: AbortSignal,
  ) {}

  /**
   * Trains until every run is finished, has diverged or failed, or `signal` is aborted, which stops all with checkpoints.
   * After two failures in a row no run is begun any more.
   *
   * @throws RunError, StudyError, LockedError for a folder that cannot be gone on with, FolderLostError for a study's that is
   *   another's or gone; the other runs stay usable
   */
  async run(): Promise<'done' | 'stopped'> {
    const { folder, wish, signal } = this;
    folder.checkRuns();
    const queue = [...folder.runs];
    const stopAll = (): void => this.stopAll();
    signal?.addEventListener('abort', stopAll);
    try {
      await Promise.all(Array.from({ length: wish.jobs }, () => this.work(queue)));
    } finally {
      signal?.removeEventListener('abort', stopAll);
    }
    if (this.broken !== undefined) throw this.broken;
    return signal?.aborted === true ? 'stopped' : 'done';
  }

  private async work(queue: PlannedRun[]): Promise<void> {
    const isOver = (): boolean =>
      this.broken !== undefined || this.failures >= MOST_FAILURES || this.signal?.aborted === true;
    for (let run = queue.shift(); run !== undefined && !isOver(); run = queue.shift()) {
      try {
        await this.train(run);
      } catch (error) {
        // The others that are at work end first.
        this.broken ??= error instanceof Error ? error : new Error(String(error));
      }
    }
  }

  private async train(run: PlannedRun): Promise<void> {
    const { folder, wish, news } = this;
    const path = folder.runPath(run);
    folder.ensureHeld();
    if (!(await waitUntilFree(path)))
      throw new LockedError(`another process works on ${path}: wait for it, or stop it`);
    const before = folder.stateOf(run);
    if (before.outcome === 'finished' || before.outcome === 'diverged') {
      news.skipped?.(run, before);
      return;
    }
    news.begun?.(run, before);
    const tell = (line: string): void => {
      const progress = parseProgress(line);
      if (progress === undefined) news.said?.(run, line);
      else news.progress?.(run, progress);
    };
    const child = new ChildTraining([...wish.program, ...this.argumentsOf(run, before)], tell, wish.env);
    this.children.add(child);
    if (this.signal?.aborted === true) child.stop();
    const { ok, told } = await child.ended;
    this.children.delete(child);
    const after = folder.stateOf(run);
    const isFailure =
      after.outcome === 'failed' || (!ok && after.outcome !== 'diverged' && this.signal?.aborted !== true);
    this.failures = isFailure ? this.failures + 1 : 0;
    news.ended?.(run, isFailure ? { ...after, outcome: 'failed', problem: after.problem ?? told } : after);
  }

  private argumentsOf(run: PlannedRun, { outcome }: RunState): string[] {
    const { folder, wish } = this;
    const path = folder.runPath(run);
    const { settings, dataset } = folder.description;
    const moved = wish.dataFolder;
    const resume = ['train', '--resume', path, ...(moved === undefined ? [] : ['--data-dir', moved])];
    const images = { ...dataset, folder: moved ?? dataset.folder };
    return [...(outcome === 'absent' ? trainArguments(settings, run, images, path) : resume), ...wish.flags, '--json'];
  }

  private stopAll(): void {
    for (const child of this.children) child.stop();
  }
}
