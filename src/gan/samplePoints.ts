/**
 * @file Chooses the latent points of a run's pictures: z and, for a conditional GAN, one row for each class.
 */
import type { Engine } from '../autograd/engine.js';
import type { Tensor } from '../autograd/tensor.js';
import { randomStream } from '../data/randomStreams.js';
import { conditionedRows, conditionedZ, CONDITION, oneHot } from '../models/layers/conditioning.js';
import { normal } from '../models/layers/initialisers.js';
import { linearWalk } from './latent.js';

/** Images from fixed z, and images from new z, of an unconditional GAN. */
export const SAMPLE_COUNT = 25;

/** Images of a walk. */
export const WALK_STEPS = 11;

/** Images of each class of a conditional GAN: with as many as classes the picture is a square. */
export const CLASS_COLUMNS = CONDITION;

/** Latent points of a run's pictures, on the GPU; functions of the seed. */
export class SamplePoints {
  /** Input of the generator, [25, zDim]; for a conditional GAN the same ten z for each class. */
  readonly fixed: Tensor;
  /** The straight line between two z, both ends included; for a conditional GAN once for each class. */
  readonly walk: Tensor;
  /** Number of images from new z. */
  readonly freshCount: number;
  /** Their classes, one-hot. */
  private readonly freshClasses: Tensor | undefined;

  constructor(engine: Engine, zDim: number, seed: string, isConditional: boolean) {
    const count = isConditional ? CLASS_COLUMNS : SAMPLE_COUNT;
    const z = normal(1)([count, zDim], randomStream(seed, 'fixed z'));
    const ends = normal(1)([2, zDim], randomStream(seed, 'walk'));
    const line = linearWalk(ends.subarray(0, zDim), ends.subarray(zDim), WALK_STEPS);
    const tensor = (name: string, points: Float32Array): Tensor => {
      if (!isConditional) return engine.tensor(points, [points.length / zDim, zDim], { name });
      const { values, rows } = atEachClass(points, zDim);
      return engine.tensor(values, [rows, zDim + CONDITION], { name });
    };
    this.fixed = tensor('fixed z', z);
    this.walk = tensor('walk z', line);
    this.freshCount = isConditional ? CONDITION * CLASS_COLUMNS : SAMPLE_COUNT;
    if (!isConditional) return;
    const classes = oneHot(rowsByClass(CLASS_COLUMNS));
    this.freshClasses = engine.tensor(classes, [this.freshCount, CONDITION], { name: 'fresh classes' });
  }

  /** New z as the generator's input; for a conditional GAN in rows by class. @param z [freshCount, zDim] */
  fresh(z: Tensor): Tensor {
    return this.freshClasses === undefined ? z : conditionedZ(z, this.freshClasses);
  }

  dispose(): void {
    for (const tensor of [this.fixed, this.walk, this.freshClasses]) tensor?.free();
  }
}

/** The classes of a picture with one row for each: 0, 0, …, 1, 1, … */
export function rowsByClass(columns: number): Uint8Array {
  return Uint8Array.from({ length: CONDITION * columns }, (_, index) => Math.floor(index / columns));
}

/** The same z [count, zDim] for each class in turn. */
export function forEachClass(z: Float32Array): Float32Array {
  return Float32Array.from({ length: CONDITION * z.length }, (_, index) => z[index % z.length]!);
}

function atEachClass(z: Float32Array, zDim: number): { values: Float32Array; rows: number } {
  const classes = rowsByClass(z.length / zDim);
  return { values: conditionedRows(forEachClass(z), zDim, classes), rows: classes.length };
}
