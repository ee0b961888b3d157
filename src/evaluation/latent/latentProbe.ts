/**
 * @file All that is measured over the latent space of a generator, recorded once and measured at every look: settling,
 * path length, and the Jacobian's singular values.
 */
import type { Engine } from '../../autograd/engine.js';
import { randomStream } from '../../data/randomStreams.js';
import type { Classifier } from '../../models/networks/classifier.js';
import { CONDITION } from '../../models/layers/conditioning.js';
import { normal } from '../../models/layers/initialisers.js';
import type { Sequential } from '../../models/layers/layers.js';
import { type Asked, askedRows } from '../inputs/classSampling.js';
import type { LatentMetrics } from '../diagnosis.js';
import { JacobianProbe } from './jacobian.js';
import { drawPathSteps, pathLength, type PathSteps } from './pathLength.js';
import { beginPhase, type EvaluationProgress, halves } from '../progress.js';
import { inferencePass, type ClassifierOutput } from '../inputs/classifierOutput.js';
import { settling } from './fixedZStability.js';
import { ZReader } from './zReader.js';

export interface LatentProbeOptions {
  readonly zDim: number;
  /** Draws all z: the same seed looks at the same points. */
  readonly seed: string;
  /** Of a conditional generator: each z has a class of its own, and what is measured is over z alone. */
  readonly asked?: Asked | undefined;
  /** Fixed z that are followed, each with a step of the path length from it; {@link LATENT_DEFAULTS} where absent. */
  readonly fixed?: number;
  /** The most columns of Jacobians, each of which costs about three images; a point takes zDim of them. */
  readonly columns?: number;
  /** The most points at which the Jacobian is taken; one at least is. */
  readonly points?: number;
}

/** Enough for a look while training. */
export const LATENT_DEFAULTS = { fixed: 256, columns: 256, points: 16 } as const;

/** What a look found, and what the next one compares with. */
export interface LatentLook {
  readonly metrics: LatentMetrics;
  /** Of the fixed z. */
  readonly reading: ClassifierOutput;
}

/** Measures a generator, whose weights may change between one look and the next. */
export class LatentProbe {
  private constructor(
    private readonly reader: ZReader,
    private readonly jacobian: JacobianProbe,
    /** They begin at the fixed z. */
    private readonly pathSteps: PathSteps,
    private readonly points: Float32Array,
  ) {}

  /**
   * Records what is measured.
   *
   * @param generator [N, zDim], and the classes behind z where it is asked for them → [N, 28, 28, 1] in [−1, 1]
   * @throws Error for options that are no counts, or a generator of other images; the device's errors
   */
  static async prepare(
    engine: Engine,
    generator: Sequential,
    classifier: Classifier,
    options: LatentProbeOptions,
  ): Promise<LatentProbe> {
    const { zDim, seed, asked, ...counts } = options;
    const width = asked === undefined ? zDim : zDim + CONDITION;
    const { fixed, columns, points } = { ...LATENT_DEFAULTS, ...counts };
    for (const [name, value] of Object.entries({ zDim, fixed, columns, points })) {
      if (!Number.isInteger(value) || value < 1) throw new Error(`LatentProbe: ${name} is a count, not ${value}`);
    }
    const reader = await ZReader.prepare(engine, generator, classifier, width);
    try {
      const network = (z: Parameters<Sequential['forward']>[0]) => generator.forward(z, inferencePass(engine));
      const jacobian = await JacobianProbe.prepare(engine, network, zDim, width);
      const taken = Math.min(points, Math.max(1, Math.floor(columns / zDim)));
      const at = normal(1)([taken, zDim], randomStream(seed, 'jacobian'));
      const steps = drawPathSteps(fixed, zDim, seed);
      // Both ends of a step are asked for one class.
      const from = askedRows(steps.from, zDim, asked);
      const to = askedRows(steps.to, zDim, asked);
      return new LatentProbe(reader, jacobian, { from, to }, askedRows(at, zDim, asked));
    } catch (error) {
      reader.dispose();
      throw error;
    }
  }

  /**
   * One look.
   *
   * @param unit of distances between features; see `featureUnit`
   * @param before the reading of the last look, by a probe of the same seed
   * @throws Error for numbers that are not finite: those of a diverged generator; the device's errors
   */
  async look(unit: number, before?: ClassifierOutput, progress?: EvaluationProgress): Promise<LatentLook> {
    const { reader, pathSteps } = this;
    const [first, second] = halves(beginPhase(progress, 'path length'));
    const reading = await reader.read(pathSteps.from, first);
    const moved = await reader.read(pathSteps.to, second);
    const { switched, displacement } =
      before === undefined ? { switched: null, displacement: null } : settling(before, reading, unit);
    const spectrum = await this.jacobian.measure(this.points, beginPhase(progress, 'Jacobian'));
    return { metrics: { switched, displacement, pathLength: pathLength(reading, moved, unit), ...spectrum }, reading };
  }

  /** Frees what was recorded; the networks stay. */
  dispose(): void {
    this.reader.dispose();
    this.jacobian.dispose();
  }
}
