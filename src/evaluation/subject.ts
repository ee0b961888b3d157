/**
 * @file Holds a generator under evaluation, with the same z at every evaluation, so that only the generator changes.
 */
import type { Engine } from '../autograd/engine.js';
import { randomStream } from '../data/randomStreams.js';
import type { Classifier } from '../models/networks/classifier.js';
import { normal } from '../models/layers/initialisers.js';
import type { Sequential } from '../models/layers/index.js';
import { type ClassSampling, drawClasses, inputRows } from './inputs/classSampling.js';
import { LatentProbe, type LatentResult } from './latent/latentProbe.js';
import type { EvaluationProgress, PartProgress } from './progress.js';
import type { ClassifierOutput } from './inputs/classifierOutput.js';
import { generatorImages } from './inputs/samples.js';

/** Draws all z. */
const SEED = 'looks';

/** A generator, and the z at which it is evaluated. */
export class Subject {
  private constructor(
    private readonly engine: Engine,
    private readonly generator: Sequential,
    /** [samples, columns]: z, and the classes of a conditional generator. */
    private readonly rows: Float32Array,
    private readonly columns: number,
    private readonly probe: LatentProbe,
    /** Requested classes of its images; undefined for an unconditional generator. */
    readonly classes: Uint8Array | undefined,
  ) {}

  /**
   * @param samples images of an evaluation
   * @param shares relative frequencies of the classes of a conditional generator; undefined for an unconditional one
   */
  static async prepare(
    engine: Engine,
    generator: Sequential,
    classifier: Classifier,
    { zDim, samples, shares }: { zDim: number; samples: number; shares?: readonly number[] | undefined },
  ): Promise<Subject> {
    const z = normal(1)([samples, zDim], randomStream(SEED, 'z'));
    const classSampling: ClassSampling | undefined = shares === undefined ? undefined : { shares, seed: SEED };
    const probe = await LatentProbe.prepare(engine, generator, classifier, { zDim, seed: SEED, classSampling });
    const rows = inputRows(z, zDim, classSampling);
    const classes = classSampling === undefined ? undefined : drawClasses(samples, classSampling);
    return new Subject(engine, generator, rows, rows.length / samples, probe, classes);
  }

  /** Generates [samples, 28, 28, 1] with the current weights. */
  images(progress?: PartProgress): Promise<Float32Array> {
    return generatorImages(this.engine, this.generator, this.rows, this.columns, progress);
  }

  /** Measures the latent space with the current weights; see {@link LatentProbe.measure}. */
  latent(unit: number, before?: ClassifierOutput, progress?: EvaluationProgress): Promise<LatentResult> {
    return this.probe.measure(unit, before, progress);
  }

  /** Frees the recorded passes; the generator stays. */
  dispose(): void {
    this.probe.dispose();
  }
}
