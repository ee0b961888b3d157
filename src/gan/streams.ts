/**
 * @file Where the random numbers of a GAN's step come from: each use has a stream of its own, see kernels/random.ts.
 */
import type { Engine } from '../autograd/engine.js';
import { type RandomSource, randomNormal } from '../autograd/ops/random.js';
import type { Tensor } from '../autograd/tensor.js';
import type { DeviceBuffer } from '../gpu/memory/buffers.js';
import type { Pass } from '../models/layers/layers.js';
import type { GanOptions } from './gan.js';

/**
 * Streams of random numbers that never meet; those of dropout are a pass's, from which its layers and {@link WITHIN} count
 * on.
 */
export const STREAMS = {
  z: 1,
  zGenerator: 2,
  zSamples: 3,
  interpolation: 4,
  classes: 20,
  classesGenerator: 21,
  dropoutReal: 100,
  dropoutFake: 200,
  dropoutGenerator: 300,
  dropoutBoth: 400,
  dropoutPenalty: 500,
  dropoutUnrolled: 600,
} as const;

/** Behind the stream of a pass: what else it draws besides its layers' dropout. */
export const WITHIN = { augmentation: 80, noise: 81 } as const;

/** Between the streams of one update of the discriminator and of the next in an iteration. */
export const NEXT_UPDATE = 1000;

/** The random numbers of a GAN's steps: functions of its seed, of a stream and of the iteration alone. */
export class StepRandom {
  constructor(
    private readonly engine: Engine,
    private readonly options: Pick<GanOptions, 'seed' | 'zDim'>,
    private readonly iteration: DeviceBuffer,
  ) {}

  source(stream: number): RandomSource {
    return { seed: this.options.seed, stream, counter: this.iteration };
  }

  /** z ~ N(0, 1), [count, zDim]. */
  z(count: number, stream: number): Tensor {
    return randomNormal(this.engine, [count, this.options.zDim], this.source(stream));
  }

  /** What a forward pass that draws from there needs to know, see {@link Pass}. */
  pass(training: boolean, stream: number, groups = 1): Pass {
    return { training, groups, random: this.source(stream) };
  }
}
