/**
 * @file A generator that is looked at: the same z at each look, so that what differs from look to look is the generator.
 */
import seedrandom from 'seedrandom';
import type { Engine } from '../autograd/engine.js';
import type { Classifier } from '../models/classifier.js';
import { normal } from '../models/initialisers.js';
import type { Sequential } from '../models/layers.js';
import { LatentProbe, type LatentLook } from './latentProbe.js';
import type { Reading } from './reading.js';
import { generatorImages } from './samples.js';

/** Decides all z. */
const SEED = 'looks';

/** A generator, and the z that it is looked at by. */
export class Subject {
  private constructor(
    private readonly engine: Engine,
    private readonly generator: Sequential,
    private readonly zDim: number,
    private readonly z: Float32Array,
    private readonly probe: LatentProbe,
  ) {}

  /** @param samples images of a look */
  static async prepare(
    engine: Engine,
    generator: Sequential,
    classifier: Classifier,
    { zDim, samples }: { readonly zDim: number; readonly samples: number },
  ): Promise<Subject> {
    const z = normal(1)([samples, zDim], seedrandom(`${SEED}/z`));
    const probe = await LatentProbe.prepare(engine, generator, classifier, { zDim, seed: SEED });
    return new Subject(engine, generator, zDim, z, probe);
  }

  /** [samples, 28, 28, 1], of the generator as it is now. */
  images(): Promise<Float32Array> {
    return generatorImages(this.engine, this.generator, this.z, this.zDim);
  }

  /** What its latent space is like now; see {@link LatentProbe.look}. */
  latent(unit: number, before?: Reading): Promise<LatentLook> {
    return this.probe.look(unit, before);
  }

  /** Frees what looking took; the generator stays. */
  dispose(): void {
    this.probe.dispose();
  }
}
