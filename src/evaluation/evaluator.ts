/**
 * @file All metrics of a generator together: what the real images give is worked out once, and each look at a generator
 * is compared with it.
 */
import type { Engine } from '../autograd/engine.js';
import type { ImageDataset } from '../data/dataset.js';
import { CLASSES, CLASSIFIER_SIDE, type Classifier } from '../models/networks/classifier.js';
import type { Sequential } from '../models/layers/layers.js';
import { chooseImages, SEED } from './inputs/chosenImages.js';
import type { CriticEstimate } from './dynamics/criticEstimate.js';
import type { Diagnosis, LatentMetrics, TrainingMetrics } from './diagnosis.js';
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
import type { LabelledImages } from './thresholds.js';
import { classVariety, prepareVariety, type VarietyReference } from './modes/variety.js';
import { judge } from './verdict.js';

/** The most images that are compared with the whole training set: generated ones, and held-out ones. */
const MEMORISING = { generated: 1000, heldOut: 2000 } as const;

/** The most pairs whose similarity is taken. */
const PAIRS = 1000;

export interface EvaluatorOptions {
  /** Generated images of a look, and real ones that they are compared with. */
  readonly samples: number;
  /** Images of the same kind that the generator did not learn from: without them memorising is not measured. */
  readonly heldOut?: ImageDataset | undefined;
  /** Is called while the real side is worked out. */
  readonly progress?: EvaluationProgress | undefined;
}

/** What a look is told besides the generator. */
export interface Moment {
  readonly iteration: number;
  /** Earlier diagnoses of the same training, in order. */
  readonly before: readonly Diagnosis[];
  /** Of the last look, where there was one. */
  readonly seen?: ClassifierOutput | undefined;
  readonly training: TrainingMetrics | null;
  /** Of the critic that the generator learns from, where it is one. */
  readonly critic?: CriticEstimate | undefined;
  /** Is called while the generator is evaluated. */
  readonly progress?: EvaluationProgress | undefined;
}

/** What a look found, and what the next one compares with. */
export interface Look {
  readonly diagnosis: Diagnosis;
  readonly seen: ClassifierOutput;
}

/** What is known of a look's images besides. */
interface Sampled {
  readonly latent: LatentMetrics | null;
  /** Their classes; undefined where none were asked for. */
  readonly asked: Uint8Array | undefined;
}

/** What the real images give. */
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
    /** Images of a look. */
    readonly samples: number,
  ) {}

  /**
   * Works out the real side. The classifier belongs to the evaluator from here on.
   *
   * @throws Error for a dataset of other images or fewer of them; the device's errors
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
      const reading = await readImages(engine, classifier, images.values, phase('classifying real images'));
      const real = {
        count: images.count,
        classCounts: countsOf(dataset.labels),
        variety: prepareVariety(images),
        features: await prepareFeatures(engine, featurePoints(reading), progress),
        duplicates: await prepareDuplicates(engine, images, phase('distances of real images')),
        similarity: await meanSimilarity(
          engine,
          images.values,
          similarityOptions(samples),
          phase('MS-SSIM of real images'),
        ),
        unit: featureUnit(reading, SEED),
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
   * Makes a generator ready to be looked at again and again.
   *
   * @param generator [N, zDim] → [N, 28, 28, 1] in [−1, 1]
   * @param isConditional it takes a class behind each z, and is asked for them as often as the dataset has them
   */
  subject(generator: Sequential, zDim: number, isConditional = false): Promise<Subject> {
    const { engine, classifier, samples, real } = this;
    const shares = isConditional ? real.classCounts : undefined;
    return Subject.prepare(engine, generator, classifier, { zDim, samples, shares });
  }

  /** Looks at a generator as it is now. @throws Error for one whose images are not finite; the device's errors */
  async look(subject: Subject, { iteration, before, seen, training, critic, progress }: Moment): Promise<Look> {
    const images = await subject.images(beginPhase(progress, 'generating samples'));
    const wasserstein = await critic?.of(images, beginPhase(progress, "critic's estimate"));
    const told = training !== null && wasserstein !== undefined ? { ...training, wasserstein } : training;
    const { metrics: latent, reading } = await subject.latent(this.real.unit, seen, progress);
    const diagnosis = await this.diagnose(images, {
      iteration,
      before,
      training: told,
      latent,
      asked: subject.classes,
      progress,
    });
    return { diagnosis, seen: reading };
  }

  /** Looks at images alone, as many as the evaluator takes samples: [samples, 28, 28, 1] in [−1, 1]. */
  lookAt(images: Float32Array, progress?: EvaluationProgress): Promise<Diagnosis> {
    const moment = { iteration: 0, before: [], training: null, latent: null, asked: undefined };
    return this.diagnose(images, { ...moment, progress });
  }

  /** Frees the classifier. */
  dispose(): void {
    this.classifier.dispose();
  }

  private async diagnose(
    images: Float32Array,
    { iteration, before, training, latent, asked, progress }: Omit<Moment, 'seen' | 'critic'> & Sampled,
  ): Promise<Diagnosis> {
    const { engine, classifier, real, samples } = this;
    const phase = (name: string) => beginPhase(progress, name);
    const reading = await readImages(engine, classifier, images, phase('classifying samples'));
    const generated = { count: reading.count, size: IMAGE_SIZE, values: images, labels: reading.labels };
    phase('confidence intervals of the labels');
    const findings = {
      iteration,
      samples,
      real: real.count,
      labels: labelMetrics(reading, real.classCounts),
      variety: classVariety(real.variety, generated),
      features: await featureMetrics(engine, real.features, featurePoints(reading), progress),
      images: {
        ...(await findDuplicates(engine, real.duplicates, generated, phase('duplicates'))),
        similarity: await meanSimilarity(engine, images, similarityOptions(samples), phase('MS-SSIM')),
        realSimilarity: real.similarity,
        memorised: real.memorising === undefined ? null : await this.memorised(real.memorising, generated, progress),
      },
      latent,
      ...(asked === undefined ? {} : { conditionalAccuracy: shareAlike(reading.labels, asked) }),
      training,
    };
    return { ...findings, verdict: judge(findings, before) };
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

/** @throws Error for a dataset of other images than the classifiers take, or fewer than the samples of a look */
export function checkDataset({ name, count, height, width, channels }: ImageDataset, samples: number): void {
  if (height !== CLASSIFIER_SIDE || width !== CLASSIFIER_SIDE || channels !== 1) {
    const side = `${CLASSIFIER_SIDE} × ${CLASSIFIER_SIDE} × 1`;
    throw new Error(`Evaluator: ${name} holds ${height} × ${width} × ${channels} images; the classifiers take ${side}`);
  }
  if (count < samples) throw new Error(`Evaluator: ${name} holds ${count} images; looks of ${samples} take as many`);
}

/** Share of the images whose label is the one that was asked for. */
function shareAlike(labels: Uint8Array, asked: Uint8Array): number {
  return labels.filter((label, image) => label === asked[image]).length / labels.length;
}

function countsOf(labels: ImageDataset['labels']): number[] {
  const counts = new Array<number>(CLASSES).fill(0);
  for (const label of labels) counts[label]!++;
  return counts;
}

function similarityOptions(samples: number) {
  return { pairs: Math.min(PAIRS, samples), seed: SEED };
}
