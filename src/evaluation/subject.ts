/**
 * @file A generator that is looked at: the same z at each look, so that what differs from look to look is the generator.
 */
import type { Engine } from '../autograd/engine.js';
import { randomStream } from '../data/randomStreams.js';
import type { Classifier } from '../models/networks/classifier.js';
import { normal } from '../models/layers/initialisers.js';
import type { Sequential } from '../models/layers/layers.js';
import { type Asked, askedRows, drawClasses } from './inputs/classSampling.js';
import { LatentProbe, type LatentLook } from './latent/latentProbe.js';
import type { EvaluationProgress, PartProgress } from './progress.js';
import type { ClassifierOutput } from './inputs/classifierOutput.js';
import { generatorImages } from './inputs/samples.js';

/** Decides all z. */
const SEED = 'looks';

/** A generator, and the z that it is looked at by. */
export class Subject {
  private constructor(
    private readonly engine: Engine,
    private readonly generator: Sequential,
    /** [samples, columns]: z, and the classes where the generator is conditional. */
    private readonly rows: Float32Array,
    private readonly columns: number,
    private readonly probe: LatentProbe,
    /** What its images were asked to be; undefined where it is not conditional. */
    readonly classes: Uint8Array | undefined,
  ) {}

  /**
   * @param samples images of a look
   * @param shares how often a conditional generator is asked for each class; undefined for another
   */
  static async prepare(
    engine: Engine,
    generator: Sequential,
    classifier: Classifier,
    { zDim, samples, shares }: { zDim: number; samples: number; shares?: readonly number[] | undefined },
  ): Promise<Subject> {
    const z = normal(1)([samples, zDim], randomStream(SEED, 'z'));
    const asked: Asked | undefined = shares === undefined ? undefined : { shares, seed: SEED };
    const probe = await LatentProbe.prepare(engine, generator, classifier, { zDim, seed: SEED, asked });
    const rows = askedRows(z, zDim, asked);
    const classes = asked === undefined ? undefined : drawClasses(samples, asked);
    return new Subject(engine, generator, rows, rows.length / samples, probe, classes);
  }

  /** [samples, 28, 28, 1], of the generator as it is now. */
  images(progress?: PartProgress): Promise<Float32Array> {
    return generatorImages(this.engine, this.generator, this.rows, this.columns, progress);
  }

  /** What its latent space is like now; see {@link LatentProbe.look}. */
  latent(unit: number, before?: ClassifierOutput, progress?: EvaluationProgress): Promise<LatentLook> {
    return this.probe.look(unit, before, progress);
  }

  /** Frees what looking took; the generator stays. */
  dispose(): void {
    this.probe.dispose();
  }
}
