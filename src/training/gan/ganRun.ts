/**
 * @file A GAN's training in a folder: pictures, evaluations, and a stop on a verdict.
 */
import type { ImageDataset } from '../../data/dataset.js';
import type { Snapshot } from '../../data/weights/state.js';
import type { BestValue } from '../../evaluation/best.js';
import type { Diagnosis, VerdictName } from '../../evaluation/diagnosis.js';
import type { Evaluator } from '../../evaluation/evaluator.js';
import type { EvaluationProgress } from '../../evaluation/progress.js';
import type { NewFolder } from '../../files/folders.js';
import type { Metrics } from '../../gan/ganMetrics.js';
import { bestOfSaved } from '../checkpoint/bestCheckpoint.js';
import { checkSameRun, networkMetadata } from '../checkpoint/runCheckpoint.js';
import { checkDiagnosis, parseDiagnosis, readDiagnoses } from '../run/diagnosisLog.js';
import { type IterationLog, numbered } from '../run/iterationLog.js';
import { type MetricsRow, parseMetrics, readMetrics } from '../run/metricsLog.js';
import { RUN_FORMAT, type RunArguments, type RunDescription, RunError } from '../run/runDescription.js';
import { RUN, runFiles } from '../run/runFiles.js';
import { RunFolder } from '../run/runFolder.js';
import type { SessionContext } from '../run/session.js';
import { TrainingRun } from '../run/trainingRun.js';
import { type PhaseProgress, Trainer, type TrainingResult } from '../trainer.js';
import { GanEvaluation, ganTensors } from './ganEvaluation.js';
import { type PictureKind, writeCurves, writeSamples } from './ganPictures.js';
import { GanTraining, type Samples } from './ganTraining.js';

/** What a session trains with. */
export interface GanRunContext extends SessionContext {
  readonly dataset: ImageDataset;
  /** As run.json stores it, to find the images again. */
  readonly source: { readonly kind: string; readonly folder?: string | undefined };
  /** Makes the evaluator when it is first needed. If absent: no evaluations. */
  readonly evaluator?: ((progress?: EvaluationProgress) => Promise<Evaluator>) | undefined;
  /** Images of the same kind that are not trained on, by which evaluations judge a critic. */
  readonly heldOut?: ImageDataset | undefined;
  readonly stopOn?: StopRule | undefined;
}

/** When a run stops by itself. */
export interface StopRule {
  readonly verdicts: readonly VerdictName[];
  /** Number of evaluations in a row that must have the same verdict. */
  readonly patience: number;
}

interface GanRunTypes {
  readonly description: RunDescription;
  readonly row: Metrics;
  readonly samples: Samples;
  readonly evaluation: Diagnosis;
}

/** A GAN's run that this process works on. */
export class GanRun extends TrainingRun<GanRunTypes> {
  private readonly rows: MetricsRow[] = [];
  private readonly diagnosed: Diagnosis[] = [];
  private readonly evaluation: GanEvaluation | undefined;
  private readonly diagnosisLog: IterationLog<Diagnosis> | undefined;
  private newestPictures: Partial<Record<PictureKind, string>> = {};
  private stopVerdict: VerdictName | undefined;

  private constructor(
    folder: RunFolder<RunDescription>,
    description: RunDescription,
    readonly training: GanTraining,
    private readonly context: GanRunContext,
  ) {
    const { evaluator, dataset, heldOut } = context;
    super({
      folder,
      description,
      trainer: new Trainer(training),
      context,
      metrics: folder.log('metrics.jsonl', parseMetrics),
      metadata: networkMetadata(description.arguments, dataset),
    });
    if (evaluator === undefined) return;
    const evaluation = new GanEvaluation(training.gan, evaluator, { dataset, heldOut });
    this.evaluation = evaluation;
    this.diagnosisLog = this.addLog(folder.log('diagnoses.jsonl', parseDiagnosis));
    this.evaluate = (iteration, progress) => {
      return evaluation.evaluate(iteration, { rows: this.rows, before: this.diagnosed }, progress);
    };
  }

  /** Starts a run in a new folder. @throws Error if the settings do not fit together; RunError, FileError, LockedError */
  static create(place: NewFolder, args: RunArguments, context: GanRunContext): GanRun {
    const { engine, dataset, source, eager } = context;
    const training = new GanTraining(engine, dataset, { ...args, eager: eager === true });
    const { name, count, sha256 } = dataset;
    const { generator, discriminator } = training.gan;
    const description: RunDescription = {
      format: RUN_FORMAT,
      arguments: args,
      dataset: {
        kind: source.kind,
        name,
        count,
        sha256,
        ...(source.folder === undefined ? {} : { folder: source.folder }),
      },
      parameters: { generator: generator.parameterCount, discriminator: discriminator.parameterCount },
      sessions: [],
    };
    return new GanRun(RunFolder.create(RUN, place, description), description, training, context);
  }

  /**
   * Resumes a run from its newest usable checkpoint, or from the start if there is none yet.
   *
   * @param args settings that may change: number of iterations, checkpoints, evaluation
   * @throws CheckpointError if there are checkpoints, but none is usable; RunError if the images differ
   */
  static resume(
    folder: RunFolder<RunDescription>,
    context: GanRunContext,
    args = folder.description.arguments,
  ): GanRun {
    const { engine, eager, source } = context;
    const { dataset } = folder.description;
    const { sha256, name } = context.dataset;
    if (sha256 !== dataset.sha256) {
      throw new RunError(
        `${folder.path} was trained on ${dataset.name} with SHA-256 ${dataset.sha256}; ` +
          `got other images (${name}) with ${sha256}`,
      );
    }
    const training = new GanTraining(engine, context.dataset, { ...args, eager: eager === true });
    // The folder of the images may have changed.
    const found = { ...dataset, folder: source.folder ?? dataset.folder };
    const description = { ...folder.description, arguments: args, dataset: found };
    const run = new GanRun(folder, description, training, context);
    const checkpoint = run.restoreNewest((each) => checkSameRun(each, description), ganTensors);
    if (checkpoint !== undefined) run.evaluation?.restore(checkpoint.tensors);
    const files = runFiles(folder.path);
    run.rows.push(...readMetrics(files.metrics).filter(({ iteration }) => iteration <= run.done));
    run.diagnosed.push(...readDiagnoses(files.diagnoses).filter(({ iteration }) => iteration <= run.done));
    return run;
  }

  /** Number of images of each evaluation; 0 without evaluations. */
  get evaluationSamples(): number {
    return this.evaluation === undefined ? 0 : (this.description.arguments.diagnosis?.samples ?? 0);
  }

  /** The metrics of all iterations so far. */
  get metrics(): readonly MetricsRow[] {
    return this.rows;
  }

  /** All evaluations so far. */
  get diagnoses(): readonly Diagnosis[] {
    return this.diagnosed;
  }

  /** The best checkpoint, if the run keeps it. */
  get best(): BestValue | undefined {
    return this.bestWith([]);
  }

  /** Paths of the newest pictures of this session. */
  get pictures(): Partial<Readonly<Record<PictureKind, string>>> {
    return this.newestPictures;
  }

  /** The verdict on which the run stopped itself. */
  get verdict(): VerdictName | undefined {
    return this.stopVerdict;
  }

  override close(): void {
    super.close();
    this.evaluation?.dispose();
    this.training.dispose();
  }

  override writeMetrics(first: number, rows: readonly Metrics[]): void {
    super.writeMetrics(first, rows);
    this.rows.push(...numbered(first, rows));
    // After the first iterations, which wait for nothing else.
    void this.evaluation?.prepare();
  }

  override async writeSamples(samples: Samples, progress: PhaseProgress): Promise<void> {
    const { folder, context, training } = this;
    progress('pictures', 'drawing pictures', 0, 2);
    this.newestPictures = writeSamples(folder, context.dataset, samples, training.gan.objective.conditional);
    progress('pictures', 'drawing curves', 1, 2);
    await this.drawCurves();
  }

  override writeEvaluation(diagnosis: Diagnosis): void {
    checkDiagnosis(diagnosis);
    this.diagnosisLog?.append([diagnosis]);
    this.diagnosed.push(diagnosis);
    this.stopVerdict = this.context.stopOn && standingVerdict(this.context.stopOn, this.diagnosed);
  }

  protected override shouldStop(): boolean {
    return this.stopVerdict !== undefined;
  }

  protected override bestIteration(now: number): number | undefined {
    return this.bestWith([now])?.iteration;
  }

  protected override extraState(): Snapshot {
    return this.evaluation?.state ?? new Map();
  }

  /** After a stop, the curves are drawn up to the last iteration. */
  protected override async finish({ outcome }: TrainingResult, progress: PhaseProgress): Promise<void> {
    if (outcome !== 'stopped' || this.rows.length === 0) return;
    progress('pictures', 'drawing curves', 0, 1);
    await this.drawCurves();
  }

  /** @param coming iterations of checkpoints that are not written yet */
  private bestWith(coming: readonly number[]): BestValue | undefined {
    const { keepBest } = this.description.arguments;
    return bestOfSaved(keepBest, this.diagnosed, [...this.folder.checkpoints.iterations(), ...coming]);
  }

  private drawCurves(): Promise<void> {
    return writeCurves(this.folder, this.description.arguments, this.rows);
  }
}

/** The verdict of the rule in which the last evaluations agree. */
function standingVerdict({ verdicts, patience }: StopRule, diagnoses: readonly Diagnosis[]): VerdictName | undefined {
  const last = diagnoses.slice(-patience).map(({ verdict }) => verdict.name);
  const [name] = last;
  if (name === undefined || last.length < patience || !verdicts.includes(name)) return undefined;
  return last.every((other) => other === name) ? name : undefined;
}
