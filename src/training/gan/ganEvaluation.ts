/**
 * @file Evaluates a GAN while it trains, and keeps what one evaluation needs of the one before. That state goes into the
 * checkpoints, so that a resumed run gets the same evaluations.
 */
import type { Tensor } from '../../autograd/tensor.js';
import type { ImageDataset } from '../../data/dataset.js';
import { firstNonFinite, snapshot, type Snapshot } from '../../data/weights/state.js';
import type { Diagnosis } from '../../evaluation/diagnosis.js';
import { CriticEstimate } from '../../evaluation/dynamics/criticEstimate.js';
import { gradientNorm, trainingMetrics, WINDOW } from '../../evaluation/dynamics/lossSigns.js';
import type { Evaluator } from '../../evaluation/evaluator.js';
import { inferencePass, largest, type ClassifierOutput } from '../../evaluation/inputs/classifierOutput.js';
import type { EvaluationProgress } from '../../evaluation/progress.js';
import type { Subject } from '../../evaluation/subject.js';
import type { Gan } from '../../gan/gan.js';
import { CLASSES, FEATURES } from '../../models/networks/classifier.js';
import { columnsOf, type MetricsRow } from '../run/metricsLog.js';
import { DivergedError, type PhaseProgress } from '../trainer.js';

/** Prefix of the tensors in a checkpoint that are not the GAN's. */
const PREFIX = 'evaluation/';

/** The real images of an evaluation. */
export interface EvaluationImages {
  /** Training images. */
  readonly dataset: ImageDataset;
  /** Images of the same kind that are not trained on. Only a critic uses them. */
  readonly heldOut?: ImageDataset | undefined;
}

/** Evaluates one GAN. */
export class GanEvaluation {
  private evaluator: Evaluator | undefined;
  private subject: Subject | undefined;
  private critic: CriticEstimate | undefined;
  private lastOutput: ClassifierOutput | undefined;

  /** @param prepare makes the evaluator, at the first evaluation: training does not wait for it before */
  constructor(
    private readonly gan: Gan,
    private readonly prepare: (progress?: EvaluationProgress) => Promise<Evaluator>,
    private readonly images: EvaluationImages,
  ) {}

  /**
   * @param rows the metrics of all iterations so far
   * @param before the diagnoses so far
   * @throws DivergedError for a GAN with non-finite numbers; the device's errors
   */
  async evaluate(
    iteration: number,
    { rows, before }: { readonly rows: readonly MetricsRow[]; readonly before: readonly Diagnosis[] },
    progress: PhaseProgress,
  ): Promise<Diagnosis> {
    this.evaluator ??= await this.prepare((...step) => progress('preparation', ...step));
    if (this.subject === undefined) progress('preparation', 'compiling kernels', 0, 1);
    const { gan } = this;
    try {
      this.subject ??= await this.evaluator.subject(gan.samplingGenerator, gan.options.zDim, gan.objective.conditional);
      // A conditional critic takes images with classes; the images of its estimate have none.
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
        progress: (...step) => progress('evaluation', ...step),
      });
      this.lastOutput = output;
      return diagnosis;
    } catch (error) {
      // Non-finite weights may be the cause.
      const name = firstNonFinite(await snapshot(gan.engine.device, gan.state));
      throw name === undefined ? error : new DivergedError(iteration, `${name} is not finite`);
    }
  }

  /** What the next evaluation depends on besides the GAN. Empty before the first. */
  get state(): Snapshot {
    if (this.lastOutput === undefined) return new Map();
    const { count, features, probabilities } = this.lastOutput;
    return new Map([
      [`${PREFIX}features`, { shape: [count, FEATURES], values: features }],
      [`${PREFIX}probabilities`, { shape: [count, CLASSES], values: probabilities }],
    ]);
  }

  /** Restores the state from a checkpoint's tensors. */
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

/** Selects a checkpoint's tensors that are the GAN's own. */
export function ganTensors(values: Snapshot): Snapshot {
  return new Map([...values].filter(([name]) => !name.startsWith(PREFIX)));
}
