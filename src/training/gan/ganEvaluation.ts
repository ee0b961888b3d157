/**
 * @file Looks at a GAN while it trains: a diagnosis now and then, and what must be remembered from one to the next, which
 * goes into the checkpoint, so that a run that is gone on with sees what an uninterrupted one would have.
 */
import type { Tensor } from '../../autograd/tensor.js';
import type { ImageDataset } from '../../data/dataset.js';
import { CriticEstimate } from '../../evaluation/dynamics/criticEstimate.js';
import type { Evaluator } from '../../evaluation/evaluator.js';
import type { Diagnosis } from '../../evaluation/diagnosis.js';
import type { EvaluationProgress } from '../../evaluation/progress.js';
import { inferencePass, largest, type ClassifierOutput } from '../../evaluation/inputs/classifierOutput.js';
import type { Subject } from '../../evaluation/subject.js';
import { gradientNorm, trainingMetrics, WINDOW } from '../../evaluation/dynamics/lossSigns.js';
import { CLASSES, FEATURES } from '../../models/networks/classifier.js';
import type { Gan } from '../../gan/gan.js';
import { columnsOf, type MetricsRow } from '../run/metricsLog.js';
import { DivergedError } from '../../gan/loop.js';
import { firstNonFinite, snapshot, type Snapshot } from '../../data/weights/state.js';

/** Names in a checkpoint that are not the GAN's. */
const PREFIX = 'look/';

/** The real images that a GAN is looked at by. */
export interface EvaluationImages {
  /** That it learns from. */
  readonly dataset: ImageDataset;
  /** Of the same kind, that it does not learn from: for a critic alone. */
  readonly heldOut?: ImageDataset | undefined;
}

/** Is called while a GAN is looked at: `preparation` comes once, before the first `evaluation`. */
export type GanEvaluationProgress = (
  kind: 'preparation' | 'evaluation',
  ...phase: Parameters<EvaluationProgress>
) => void;

/** Looks at one GAN. */
export class GanEvaluation {
  private evaluator: Evaluator | undefined;
  private subject: Subject | undefined;
  private critic: CriticEstimate | undefined;
  private lastOutput: ClassifierOutput | undefined;

  /** @param prepare makes what looks, at the first look: training need not wait for it */
  constructor(
    private readonly gan: Gan,
    private readonly prepare: (progress?: EvaluationProgress) => Promise<Evaluator>,
    private readonly images: EvaluationImages,
  ) {}

  /**
   * @param rows the metrics of all iterations so far
   * @param before the diagnoses so far
   * @throws DivergedError for a GAN that has left the finite numbers; the device's errors
   */
  async look(
    iteration: number,
    rows: readonly MetricsRow[],
    before: readonly Diagnosis[],
    told?: GanEvaluationProgress,
  ): Promise<Diagnosis> {
    const progress: EvaluationProgress = (...phase) => told?.('evaluation', ...phase);
    this.evaluator ??= await this.prepare((...phase) => told?.('preparation', ...phase));
    if (this.subject === undefined) told?.('preparation', 'compiling kernels', 0, 1);
    const { gan } = this;
    try {
      this.subject ??= await this.evaluator.subject(gan.samplingGenerator, gan.options.zDim, gan.objective.conditional);
      // The critic of a conditional GAN judges no image without its class, which its estimate's images do not have.
      const { loss, conditional } = gan.objective;
      if (loss.isCritic === true && !conditional) this.critic ??= await this.prepareCritic(this.evaluator);
      const training = trainingMetrics(columnsOf(rows.slice(-WINDOW)), {
        generator: await gradientNorm(gan.engine, gan.generatorOptimiser),
        discriminator: await gradientNorm(gan.engine, gan.discriminatorOptimiser),
      });
      const { diagnosis, output } = await this.evaluator.evaluate(this.subject, {
        iteration,
        before,
        lastOutput: this.lastOutput,
        training,
        critic: this.critic,
        progress,
      });
      this.lastOutput = output;
      return diagnosis;
    } catch (error) {
      // What cannot be looked at may be what has no numbers any more.
      const bad = firstNonFinite(await snapshot(gan.engine.device, gan.state));
      throw bad === undefined ? error : new DivergedError(iteration, `${bad} is no longer finite`);
    }
  }

  /** What the next look depends on besides the GAN; empty before the first. */
  get state(): Snapshot {
    if (this.lastOutput === undefined) return new Map();
    const { count, features, probabilities } = this.lastOutput;
    return new Map([
      [`${PREFIX}features`, { shape: [count, FEATURES], values: features }],
      [`${PREFIX}probabilities`, { shape: [count, CLASSES], values: probabilities }],
    ]);
  }

  /** Goes on from a checkpoint's tensors. */
  restore(values: Snapshot): void {
    const features = values.get(`${PREFIX}features`)?.values;
    const probabilities = values.get(`${PREFIX}probabilities`)?.values;
    this.lastOutput = undefined;
    if (!(features instanceof Float32Array && probabilities instanceof Float32Array)) return;
    this.lastOutput = {
      count: probabilities.length / CLASSES,
      features,
      probabilities,
      labels: largest(probabilities),
    };
  }

  dispose(): void {
    this.critic?.dispose();
    this.subject?.dispose();
    this.evaluator?.dispose();
  }

  private prepareCritic({ samples }: Evaluator): Promise<CriticEstimate> {
    const { engine, discriminator } = this.gan;
    const score = (images: Tensor): Tensor => discriminator.forward(images, inferencePass(engine));
    return CriticEstimate.prepare(engine, { score, samples, ...this.images });
  }
}

/** A checkpoint's tensors that are the GAN's own. */
export function withoutLooks(values: Snapshot): Snapshot {
  return new Map([...values].filter(([name]) => !name.startsWith(PREFIX)));
}
