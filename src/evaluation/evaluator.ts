/**
 * @file Evaluates generators by all metrics: computes the real side once, and compares each evaluation with it.
 */
import type { Engine } from '../autograd/engine.js';
import type { ImageDataset } from '../data/dataset.js';
import { CLASSES, CLASSIFIER_SIDE, type Classifier } from '../models/networks/classifier.js';
import type { Sequential } from '../models/layers/index.js';
import { chooseImages, SEED } from './inputs/chosenImages.js';
import type { CriticEstimate } from './dynamics/criticEstimate.js';
import type { Diagnosis } from './diagnosis.js';
import type { TrainingMetrics } from './dynamics/lossSigns.js';
import { findDuplicates, prepareDuplicates, type DuplicateReference } from './copies/duplicates.js';
import { featureMetrics, featurePoints, prepareFeatures, type FeatureReference } from './features/features.js';
import { labelMetrics } from './modes/labels.js';
import { IMAGE_SIZE } from './inputs/images.js';
import { findMemorised, prepareMemorising, type MemorisingReference } from './copies/memorising.js';
import { imageRows } from './features/points.js';
import { beginPhase, type EvaluationProgress } from './progress.js';
import { readImages, type ClassifierOutput } from './inputs/classifierOutput.js';
import { featureUnit } from './latent/fixedZStability.js';
import { meanSimilarity } from './modes/similarity.js';
import { Subject } from './subject.js';
import type { Measured } from './measured.js';
import { byMetric, type Metric, METRIC_NAMES, type MetricName, METRICS } from './registry.js';
import type { LabelledImages } from './thresholds.js';
import { classVariety, prepareVariety, type VarietyReference } from './modes/variety.js';
import { type Findings, judge } from './verdict.js';

/** Largest number of generated and of held-out images that are compared with the whole training set. */
const MEMORISING = { generated: 1000, heldOut: 2000 } as const;

/** Largest number of pairs whose similarity is computed. */
const PAIRS = 1000;

/** Options of {@link Evaluator}. */
export interface EvaluatorOptions {
  /** Number of generated images of an evaluation, and of real ones that they are compared with. */
  readonly samples: number;
  /** Images of the same kind that the generator did not learn from. If absent: memorising is not measured. */
  readonly heldOut?: ImageDataset | undefined;
  /** Called while the real side is computed. */
  readonly progress?: EvaluationProgress | undefined;
}

/** What an evaluation takes besides the generator. */
export interface EvaluationContext {
  readonly iteration: number;
  /** Earlier diagnoses of the same training, in order. */
  readonly before: readonly Diagnosis[];
  /** The classifier's output for the fixed z at the last evaluation; undefined at the first. */
  readonly lastOutput?: ClassifierOutput | undefined;
  readonly training: TrainingMetrics | null;
  /** Set if the generator learns from a critic. */
  readonly critic?: CriticEstimate | undefined;
  readonly progress?: EvaluationProgress | undefined;
}

/** Result of an evaluation. */
export interface GeneratorEvaluation {
  readonly diagnosis: Diagnosis;
  /** The classifier's output for the fixed z, with which the next evaluation compares. */
  readonly output: ClassifierOutput;
}

/** What is known besides the images. */
type Known = Pick<EvaluationContext, 'iteration' | 'before' | 'training' | 'progress'> &
  Pick<Measured, 'latent' | 'wasserstein'> & {
    /** Requested classes of the images; undefined for an unconditional generator. */
    readonly classes: Uint8Array | undefined;
  };

/** What is computed once from the real images. */
interface RealSide {
  readonly count: number;
  /** Of the whole dataset. */
  readonly classCounts: readonly number[];
  readonly variety: VarietyReference;
  readonly features: FeatureReference;
  readonly duplicates: DuplicateReference;
  readonly similarity: number;
  /** Of distances between features. */
  readonly unit: number;
  readonly memorising: MemorisingReference | undefined;
}

/** Compares generators with one dataset, by one classifier. */
export class Evaluator {
  private constructor(
    private readonly engine: Engine,
    private readonly classifier: Classifier,
    private readonly real: RealSide,
    /** Generated images of an evaluation. */
    readonly samples: number,
  ) {}

  /**
   * Computes the real side. The evaluator owns the classifier from here on, and disposes of it.
   *
   * @throws Error for a dataset with images of another size, or too few; the device's errors
   */
  static async create(
    engine: Engine,
    classifier: Classifier,
    dataset: ImageDataset,
    { samples, heldOut, progress }: EvaluatorOptions,
  ): Promise<Evaluator> {
    const phase = (name: string) => beginPhase(progress, name);
    try {
      checkDataset(dataset, samples);
      const images = chooseImages(dataset, samples);
      const output = await readImages(engine, classifier, images.values, phase('classifying real images'));
      const real = {
        count: images.count,
        classCounts: countsOf(dataset.labels),
        variety: prepareVariety(images),
        features: await prepareFeatures(engine, featurePoints(output), progress),
        duplicates: await prepareDuplicates(engine, images, phase('distances of real images')),
        similarity: await meanSimilarity(
          engine,
          images.values,
          similarityOptions(samples),
          phase('MS-SSIM of real images'),
        ),
        unit: featureUnit(output, SEED),
        memorising:
          heldOut &&
          (await prepareMemorising(
            engine,
            imageRows(dataset),
            chooseImages(heldOut, MEMORISING.heldOut),
            phase('distances of held-out images to training images'),
          )),
      };
      return new Evaluator(engine, classifier, real, samples);
    } catch (error) {
      classifier.dispose();
      throw error;
    }
  }

  /**
   * Prepares a generator for any number of evaluations.
   *
   * @param generator [N, zDim] → [N, 28, 28, 1] in [−1, 1]
   * @param isConditional it takes a class behind each z; classes are drawn with their frequencies in the dataset
   */
  subject(generator: Sequential, zDim: number, isConditional = false): Promise<Subject> {
    const { engine, classifier, samples, real } = this;
    const shares = isConditional ? real.classCounts : undefined;
    return Subject.prepare(engine, generator, classifier, { zDim, samples, shares });
  }

  /**
   * Evaluates a generator with its current weights.
   *
   * @throws Error if its images are not finite; the device's errors
   */
  async evaluate(
    subject: Subject,
    { iteration, before, lastOutput, training, critic, progress }: EvaluationContext,
  ): Promise<GeneratorEvaluation> {
    const images = await subject.images(beginPhase(progress, 'generating samples'));
    const wasserstein = (await critic?.of(images, beginPhase(progress, "critic's estimate"))) ?? null;
    const { metrics: latent, output } = await subject.latent(this.real.unit, lastOutput, progress);
    const known = { iteration, before, training, wasserstein, latent, classes: subject.classes, progress };
    return { diagnosis: await this.diagnose(images, known), output };
  }

  /** Evaluates images alone, as many as the evaluator takes samples: [samples, 28, 28, 1] in [−1, 1]. */
  evaluateImages(images: Float32Array, progress?: EvaluationProgress): Promise<Diagnosis> {
    const nothing = { training: null, wasserstein: null, latent: null, classes: undefined };
    return this.diagnose(images, { iteration: 0, before: [], ...nothing, progress });
  }

  /** Frees the classifier. */
  dispose(): void {
    this.classifier.dispose();
  }

  private async diagnose(images: Float32Array, known: Known): Promise<Diagnosis> {
    const { iteration, before } = known;
    const measured = await this.measure(images, known);
    const results = byMetric((name) => METRICS[name].of(measured));
    const findings: Findings = {
      iteration,
      samples: this.samples,
      real: this.real.count,
      ...(await valuesOf(results)),
      classes: { counts: measured.labels.counts, variety: measured.variety.perClass },
      similarity: { ...measured.similarity },
      singularValues: measured.latent?.singularValues ?? null,
    };
    return { ...findings, verdict: judge(findings, before) };
  }

  /** Runs the computations that several metrics share. */
  private async measure(
    values: Float32Array,
    { training, wasserstein, latent, classes, progress }: Known,
  ): Promise<Measured> {
    const { engine, classifier, real, samples } = this;
    const phase = (name: string) => beginPhase(progress, name);
    const output = await readImages(engine, classifier, values, phase('classifying samples'));
    const images = { count: output.count, size: IMAGE_SIZE, values, labels: output.labels };
    phase('confidence intervals of the labels');
    const labels = labelMetrics(output, real.classCounts);
    const variety = classVariety(real.variety, images);
    const features = await featureMetrics(engine, real.features, featurePoints(output), progress);
    const duplicates = await findDuplicates(engine, real.duplicates, images, phase('duplicates'));
    const similarity = await meanSimilarity(engine, values, similarityOptions(samples), phase('MS-SSIM'));
    const memorised = real.memorising === undefined ? null : await this.memorised(real.memorising, images, progress);
    return {
      engine,
      images,
      output,
      labels,
      variety,
      features,
      copies: { ...duplicates, memorised },
      similarity: { generated: similarity, real: real.similarity },
      conditionalAccuracy: classes === undefined ? null : shareAlike(output.labels, classes),
      latent,
      training,
      wasserstein,
    };
  }

  private async memorised(
    reference: MemorisingReference,
    generated: LabelledImages,
    progress: EvaluationProgress | undefined,
  ): Promise<number> {
    const count = Math.min(MEMORISING.generated, generated.count);
    const first = {
      count,
      size: generated.size,
      values: generated.values.subarray(0, count * generated.size),
      labels: generated.labels.subarray(0, count),
    };
    const phase = beginPhase(progress, 'distances to training images');
    return (await findMemorised(this.engine, reference, first, phase)).memorised;
  }
}

/** @throws Error for a dataset whose images the classifiers do not take, or with fewer images than samples */
export function checkDataset({ name, count, height, width, channels }: ImageDataset, samples: number): void {
  if (height !== CLASSIFIER_SIDE || width !== CLASSIFIER_SIDE || channels !== 1) {
    const side = `${CLASSIFIER_SIDE} × ${CLASSIFIER_SIDE} × 1`;
    throw new Error(`Evaluator: ${name} holds ${height} × ${width} × ${channels} images; the classifiers take ${side}`);
  }
  if (count < samples)
    throw new Error(`Evaluator: ${name} holds ${count} images; an evaluation of ${samples} samples takes as many`);
}

/** The metrics' values, and the intervals of those that are estimates. */
async function valuesOf(
  results: Record<MetricName, ReturnType<Metric['of']>>,
): Promise<Pick<Diagnosis, 'metrics' | 'intervals'>> {
  const metrics = byMetric((): number | null => null);
  const intervals: Diagnosis['intervals'] = {};
  for (const name of METRIC_NAMES) {
    const result = await results[name];
    if (result === null || typeof result === 'number') {
      metrics[name] = result;
    } else {
      metrics[name] = result.value;
      intervals[name] = { low: result.low, high: result.high };
    }
  }
  return { metrics, intervals };
}

/** Share of the images whose label is the requested one. */
function shareAlike(labels: Uint8Array, requested: Uint8Array): number {
  return labels.filter((label, image) => label === requested[image]).length / labels.length;
}

function countsOf(labels: ImageDataset['labels']): number[] {
  const counts = new Array<number>(CLASSES).fill(0);
  for (const label of labels) counts[label]!++;
  return counts;
}

function similarityOptions(samples: number) {
  return { pairs: Math.min(PAIRS, samples), seed: SEED };
}
