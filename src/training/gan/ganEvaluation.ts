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

/** What all evaluations of a GAN share. */
interface Prepared {
  readonly evaluator: Evaluator;
  readonly subject: Subject;
  readonly critic: CriticEstimate | undefined;
}

/** Evaluates one GAN. */
export class GanEvaluation {
  private prepared: Promise<Prepared> | undefined;
  /** Receives the progress of the preparation, once an evaluation waits for it. */
  private progress: PhaseProgress | undefined;
  private lastOutput: ClassifierOutput | undefined;

  /** @param openEvaluator makes the evaluator, which takes seconds */
  constructor(
    private readonly gan: Gan,
    private readonly openEvaluator: (progress?: EvaluationProgress) => Promise<Evaluator>,
    private readonly images: EvaluationImages,
  ) {}

  /**
   * Prepares what the evaluations share, at the first call: the real side, and all kernels. Training can go on meanwhile; the
   * first evaluation waits for the rest, and throws what failed.
   */
  prepare(): Promise<Prepared> {
    if (this.prepared === undefined) {
      this.prepared = this.makePrepared();
      this.prepared.catch(() => undefined);
    }
    return this.prepared;
  }

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
    const { gan } = this;
    this.progress = progress;
    try {
      const { evaluator, subject, critic } = await this.prepare();
      const training = trainingMetrics(columnsOf(rows.slice(-WINDOW)), {
        generator: await gradientNorm(gan.engine, gan.generatorOptimiser),
        discriminator: await gradientNorm(gan.engine, gan.discriminatorOptimiser),
      });
      const { diagnosis, output } = await evaluator.evaluate(subject, {
        iteration,
        before,
        lastOutput: this.lastOutput,
        training,
        critic,
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
    this.prepared
      ?.then(({ evaluator, subject, critic }) => {
        critic?.dispose();
        subject.dispose();
        evaluator.dispose();
      })
      .catch(() => undefined);
  }

  private async makePrepared(): Promise<Prepared> {
    const { gan } = this;
    const evaluator = await this.openEvaluator((...step) => this.progress?.('preparation', ...step));
    try {
      this.progress?.('preparation', 'compiling kernels', 0, 1);
      const subject = await evaluator.subject(gan.samplingGenerator, gan.options.zDim, gan.objective.conditional);
      // A conditional critic takes images with classes; the images of its estimate have none.
      const { loss, conditional } = gan.objective;
      const hasCritic = loss.isCritic === true && !conditional;
      return { evaluator, subject, critic: hasCritic ? await this.prepareCritic(evaluator) : undefined };
    } catch (error) {
      evaluator.dispose();
      throw error;
    }
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
