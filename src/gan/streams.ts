/**
 * @file Assigns a stream of random numbers to each use in a GAN's step, see kernels/random.ts.
 */
import type { Engine } from '../autograd/engine.js';
import { type RandomSource, randomNormal } from '../autograd/ops/random.js';
import type { Tensor } from '../autograd/tensor.js';
import type { DeviceBuffer } from '../gpu/memory/buffers.js';
import type { Pass } from '../models/layers/index.js';
import type { GanOptions } from './gan.js';

/**
 * Streams of random numbers that never overlap. A stream of dropout belongs to a pass; its layers and {@link WITHIN} count
 * on from it.
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

/** Offsets from the stream of a pass for what it draws besides its layers' dropout. */
export const WITHIN = { augmentation: 80, noise: 81 } as const;

/** Offset between the streams of consecutive discriminator updates in an iteration. */
export const NEXT_UPDATE = 1000;

/** Random numbers of a GAN's steps: functions of seed, stream and iteration alone. */
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

  /** Options of a forward pass that draws from a stream, see {@link Pass}. */
  pass(training: boolean, stream: number, groups = 1): Pass & { readonly random: RandomSource } {
    return { training, groups, random: this.source(stream) };
  }
}
