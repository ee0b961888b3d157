/**
 * @file Measures a generator's latent space: stability of fixed z, path length, and the Jacobian's singular values. Records
 * the passes once, and replays them at every evaluation.
 */
import type { Engine } from '../../autograd/engine.js';
import { randomStream } from '../../data/randomStreams.js';
import type { Classifier } from '../../models/networks/classifier.js';
import { CONDITION } from '../../models/layers/conditioning.js';
import { normal } from '../../models/layers/initialisers.js';
import type { Sequential } from '../../models/layers/index.js';
import { type ClassSampling, inputRows } from '../inputs/classSampling.js';
import { JacobianProbe, type JacobianSpectrum } from './jacobian.js';
import { drawPathSteps, pathLength, type PathSteps } from './pathLength.js';
import { beginPhase, type EvaluationProgress, halves } from '../progress.js';
import { inferencePass, type ClassifierOutput } from '../inputs/classifierOutput.js';
import { fixedZStability } from './fixedZStability.js';
import { ZReader } from './zReader.js';

export interface LatentMetrics extends JacobianSpectrum {
  /** Share of the fixed z whose class changed since the last evaluation; null at the first. */
  readonly switched: number | null;
  /** Mean distance of a fixed z's features since the last evaluation, in units of `featureUnit`; null at the first. */
  readonly displacement: number | null;
  /** See `pathLength`. */
  readonly pathLength: number;
}

export interface LatentProbeOptions {
  readonly zDim: number;
  /** Draws all z: the same seed gives the same points. */
  readonly seed: string;
  /** Set for a conditional generator: each z has a class of its own. Only z is varied. */
  readonly classSampling?: ClassSampling | undefined;
  /** Number of fixed z; a step of the path length starts at each. Default: {@link LATENT_DEFAULTS}. */
  readonly fixed?: number;
  /** Largest number of columns of Jacobians. A point takes zDim of them; each costs about three images. */
  readonly columns?: number;
  /** Largest number of points at which the Jacobian is computed; at least one is. */
  readonly points?: number;
}

/** Enough for an evaluation while training. */
const LATENT_DEFAULTS = { fixed: 256, columns: 256, points: 16 } as const;

/** Result of a measurement. */
export interface LatentResult {
  readonly metrics: LatentMetrics;
  /** The classifier's output for the fixed z, with which the next measurement compares. */
  readonly output: ClassifierOutput;
}

/** Measures a generator, whose weights may change between measurements. */
export class LatentProbe {
  private constructor(
    private readonly reader: ZReader,
    private readonly jacobian: JacobianProbe,
    /** Steps that start at the fixed z. */
    private readonly pathSteps: PathSteps,
    private readonly points: Float32Array,
  ) {}

  /**
   * Records the passes.
   *
   * @param generator [N, zDim], or [N, zDim + CONDITION] if conditional → [N, 28, 28, 1] in [−1, 1]
   * @throws Error for options that are not counts, or a generator of images of another size; the device's errors
   */
  static async prepare(
    engine: Engine,
    generator: Sequential,
    classifier: Classifier,
    options: LatentProbeOptions,
  ): Promise<LatentProbe> {
    const { zDim, seed, classSampling, ...counts } = options;
    const width = classSampling === undefined ? zDim : zDim + CONDITION;
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
      // Both ends of a step have the same class.
      const from = inputRows(steps.from, zDim, classSampling);
      const to = inputRows(steps.to, zDim, classSampling);
      return new LatentProbe(reader, jacobian, { from, to }, inputRows(at, zDim, classSampling));
    } catch (error) {
      reader.dispose();
      throw error;
    }
  }

  /**
   * Measures the generator with its current weights.
   *
   * @param unit of distances between features; see `featureUnit`
   * @param before the output of the last measurement, by a probe of the same seed
   * @throws Error for numbers that are not finite: those of a diverged generator; the device's errors
   */
  async measure(unit: number, before?: ClassifierOutput, progress?: EvaluationProgress): Promise<LatentResult> {
    const { reader, pathSteps } = this;
    const [first, second] = halves(beginPhase(progress, 'path length'));
    const output = await reader.read(pathSteps.from, first);
    const moved = await reader.read(pathSteps.to, second);
    const { switched, displacement } =
      before === undefined ? { switched: null, displacement: null } : fixedZStability(before, output, unit);
    const spectrum = await this.jacobian.measure(this.points, beginPhase(progress, 'Jacobian'));
    return { metrics: { switched, displacement, pathLength: pathLength(output, moved, unit), ...spectrum }, output };
  }

  /** Frees the recorded passes; the networks stay. */
  dispose(): void {
    this.reader.dispose();
    this.jacobian.dispose();
  }
}
