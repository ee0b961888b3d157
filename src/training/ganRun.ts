/**
 * @file A run: a GAN's training that lives in a folder, and goes on from its newest checkpoint with the same bits.
 */
import type { Engine } from '../autograd/engine.js';
import type { ImageDataset } from '../data/dataset.js';
import type { PlanMemory } from '../gpu/plan.js';
import { CheckpointError, type Checkpoint } from './checkpoints.js';
import { shown } from '../files/shown.js';
import type { Metrics } from './gan.js';
import { GanTraining } from './ganTraining.js';
import { readMetrics, type MetricsRow } from './metricsLog.js';
import { RunError, type RunArguments, type RunDescription, type RunSession } from './runDescription.js';
import { RunFolder } from './runFolder.js';
import { type PictureKind, writeCurves, writeSamples } from './runPictures.js';
import { Clock, newSession, now } from './runSession.js';
import type { Snapshot } from './state.js';

/** What a session of a run works with. */
export interface RunContext {
  readonly engine: Engine;
  readonly dataset: ImageDataset;
  /** As run.json tells it, to find the images again. */
  readonly source: { readonly kind: string; readonly folder?: string | undefined };
  readonly versions: Readonly<Record<string, string>>;
  readonly tuned: boolean;
  readonly eager: boolean;
}

/** What is told while a run goes on. */
export interface RunObserver {
  /** Tiles are being measured for a product. */
  tuning?(done: number, total: number, problem: string): void;
  ready?(memory: PlanMemory | undefined): void;
  metrics?(first: number, rows: readonly Metrics[]): void;
  /** Pictures were written, to these paths. */
  pictures?(paths: Readonly<Record<PictureKind, string>>): void;
}

/** A run that this process works on. */
export class GanRun {
  private newest: string | undefined;

  private constructor(
    readonly folder: RunFolder,
    readonly training: GanTraining,
    private description: RunDescription,
    private readonly context: RunContext,
    private readonly history: MetricsRow[] = [],
    /** Newer checkpoints that could not be used. */
    readonly skipped: readonly CheckpointError[] = [],
  ) {}

  /** Begins a run in a new folder. @throws Error when the options do not fit together; RunError, FileError, LockedError */
  static create(path: string, args: RunArguments, context: RunContext): GanRun {
    const training = new GanTraining(context.engine, context.dataset, {
      ...trainingOptions(args),
      eager: context.eager,
    });
    const { dataset, source } = context;
    const description: RunDescription = {
      format: 'zdim-gan-lab/run/1',
      arguments: args,
      dataset: {
        kind: source.kind,
        name: dataset.name,
        count: dataset.count,
        sha256: dataset.sha256,
        ...(source.folder === undefined ? {} : { folder: source.folder }),
      },
      parameters: {
        generator: training.gan.generator.parameterCount,
        discriminator: training.gan.discriminator.parameterCount,
      },
      sessions: [],
    };
    return new GanRun(RunFolder.create(path, description), training, description, context);
  }

  /**
   * Goes on with a run from its newest usable checkpoint, or from the start where there is none yet.
   *
   * @param opened the folder, taken with {@link RunFolder.open}
   * @throws CheckpointError when there are checkpoints, but none is usable; RunError when the images are others
   */
  static resume({ folder, description }: ReturnType<typeof RunFolder.open>, context: RunContext): GanRun {
    const { dataset, arguments: args } = description;
    const { sha256, name } = context.dataset;
    if (sha256 !== dataset.sha256) {
      throw new RunError(
        `${folder.path} was trained on ${dataset.name} with SHA-256 ${dataset.sha256}; ` +
          `these images (${name}) are others, with ${sha256}`,
      );
    }
    const training = new GanTraining(context.engine, context.dataset, {
      ...trainingOptions(args),
      eager: context.eager,
    });
    const { checkpoint, skipped } = newestOf(folder, (found) => {
      checkSameRun(found, args);
      restoreInto(training, found);
    });
    const history = readMetrics(folder.files.metrics).filter(({ iteration }) => iteration <= training.done);
    // The images are the same wherever they were found this time.
    const found = { ...dataset, folder: context.source.folder ?? dataset.folder };
    const run = new GanRun(folder, training, { ...description, dataset: found }, context, history, skipped);
    run.newest = checkpoint?.path;
    return run;
  }

  /** Path of the newest checkpoint, where there is one. */
  get newestCheckpoint(): string | undefined {
    return this.newest;
  }

  /** The newest of the sessions that worked on the run. */
  get lastSession(): RunSession | undefined {
    return this.description.sessions.at(-1);
  }

  /** The metrics of all iterations so far. */
  get metrics(): readonly MetricsRow[] {
    return this.history;
  }

  /**
   * Trains to the run's last iteration, or until `signal` is aborted. Files are written as training goes; `run.json`
   * tells how it ended.
   *
   * @throws DivergedError, the device's errors, FileError; what the run has written by then stays usable
   */
  async run(observer: RunObserver = {}, signal?: AbortSignal): Promise<'finished' | 'stopped'> {
    const { training, context, folder } = this;
    const earlier = this.description.sessions;
    const session = newSession(context, training.done);
    const tell = (news: Partial<RunSession>): void => {
      const kernels = Object.fromEntries(context.engine.tuner.inUse);
      this.description = { ...this.description, sessions: [...earlier, { ...session, ...news, kernels }] };
      folder.writeRun(this.description);
    };
    const clock = new Clock();
    try {
      folder.checkpoints.tidy(training.done);
      folder.metrics.truncate(training.done);
      tell({});
      const outcome = await training.run(
        {
          tuning: (done, total, problem) => observer.tuning?.(done, total, problem),
          ready: (memory) => {
            tell({});
            observer.ready?.(memory);
          },
          metrics: (first, rows) => {
            folder.metrics.append(first, rows);
            this.history.push(...rows.map((row, index) => ({ iteration: first + index, ...row })));
            clock.count(rows.length);
            observer.metrics?.(first, rows);
          },
          samples: async (samples) => {
            const paths = writeSamples(folder, context.dataset, samples);
            await writeCurves(folder, this.description.arguments, this.history);
            observer.pictures?.(paths);
          },
          checkpoint: (iteration, state) => this.writeCheckpoint(iteration, state),
        },
        signal,
      );
      if (outcome === 'stopped' && this.history.length > 0) {
        await writeCurves(folder, this.description.arguments, this.history);
      }
      const rate = clock.iterationsPerSecond;
      const speed = rate === undefined ? {} : { iterationsPerSecond: rate };
      tell({ outcome, ended: now(), to: training.done, ...speed });
      return outcome;
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error);
      try {
        tell({ outcome: 'failed', ended: now(), to: training.done, error: text });
      } catch {
        // The disk may be what failed: the first error is the one to tell.
      }
      throw error;
    }
  }

  /** Whether nothing was done yet, in this session or an earlier one. */
  get isEmpty(): boolean {
    return this.training.done === 0 && this.newest === undefined && this.description.sessions.length <= 1;
  }

  /** Gives the folder and the GPU's memory back; a new run that failed before its first iteration leaves no folder. */
  close(): void {
    if (this.isEmpty && this.lastSession?.outcome === 'failed') this.folder.discard();
    else this.folder.close();
    this.training.dispose();
  }

  private writeCheckpoint(iteration: number, state: Snapshot): void {
    const { keep } = this.description.arguments;
    this.folder.metrics.flush();
    const about = aboutNetwork(this.description.arguments, this.context.dataset);
    this.newest = this.folder.checkpoints.write(iteration, state, about, keep === 'all' ? Infinity : keep);
  }
}

/** What a checkpoint says of its network, so that it can be used without its run. */
function aboutNetwork(args: RunArguments, dataset: ImageDataset): Record<string, string> {
  const { architecture, zDim, width, batch, seed } = args;
  const { height, width: imageWidth, channels } = dataset;
  const numbers = { zDim, width, batch, imageHeight: height, imageWidth, channels };
  const texts = Object.entries(numbers).map(([name, value]) => [name, value.toString()] as const);
  return { architecture, seed, dataset: dataset.name, ...Object.fromEntries(texts) };
}

/** @throws CheckpointError where there are checkpoints, but none can be used; says what to do then */
function newestOf({ checkpoints }: RunFolder, fits: (found: Checkpoint) => void) {
  try {
    return checkpoints.newest(fits);
  } catch (cause) {
    if (!(cause instanceof CheckpointError)) throw cause;
    const advice = `remove ${checkpoints.path} to begin the run again from its start`;
    throw new CheckpointError(`${cause.message}; ${advice}`, { cause });
  }
}

/** @throws CheckpointError for a checkpoint of another run */
function checkSameRun({ path, iteration, about, tensors }: Checkpoint, args: RunArguments): void {
  if (tensors.get('iteration')?.values[0] !== iteration) {
    throw new CheckpointError(`${path} is no checkpoint of iteration ${iteration}: its counter says otherwise`);
  }
  for (const name of ['architecture', 'zDim', 'width', 'batch', 'seed'] as const) {
    const [found, expected] = [about.get(name), args[name].toString()];
    if (found !== expected) {
      throw new CheckpointError(
        `${path} is of another run: its ${name} is ${found === undefined ? 'not told' : shown(found)}, not ${shown(expected)}`,
      );
    }
  }
}

function restoreInto(training: GanTraining, { path, tensors }: Checkpoint): void {
  try {
    training.restore(tensors, path);
  } catch (cause) {
    throw new CheckpointError(cause instanceof Error ? cause.message : String(cause), { cause });
  }
}

function trainingOptions(args: RunArguments) {
  const { architecture, zDim, width, batch, iterations, sampleEvery, checkpointEvery, seed } = args;
  return { architecture, zDim, width, batch, iterations, sampleEvery, checkpointEvery, seed };
}
