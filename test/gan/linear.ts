/**
 * @file A GAN of linear networks which keep all that passes them, so that a training step can be worked out by hand: the
 * generator is a dense layer on z, the discriminator one on the values of an image, or of a pack of them.
 */
import seedrandom from 'seedrandom';
import type { Engine } from '../../src/autograd/engine.js';
import type { Tensor } from '../../src/autograd/tensor.js';
import { type Architecture, type ArchitectureName, ARCHITECTURES } from '../../src/models/networks/architectures.js';
import { packImages } from '../../src/models/layers/minibatch.js';
import { normal } from '../../src/models/layers/initialisers.js';
import { dense, flatten, type Layer, reshapeTo, Sequential, lambda } from '../../src/models/layers/index.js';
import { Gan } from '../../src/gan/gan.js';
import type { GanOptions } from '../../src/gan/gan.js';
import type { ObjectiveOptions } from '../../src/gan/settings.js';

/** What passed the networks of steps outside of a scope, in its order. */
export interface Kept {
  /** What the generator took: z, and behind it a class where it is told one. */
  readonly zs: Tensor[];
  /** What the discriminator took: images, with planes where it is told a class. */
  readonly given: Tensor[];
  readonly logits: Tensor[];
}

export interface LinearSizes extends Partial<Pick<GanOptions, 'classShares'>> {
  readonly zDim: number;
  readonly batch: number;
  /** Of the images, which have one channel. */
  readonly side: number;
  /** Whose schedule and optimisers they are trained by; `dcgan` where absent. */
  readonly as?: ArchitectureName;
}

export interface LinearGan extends Kept {
  readonly gan: Gan;
}

/** With real images of random values. */
export function linearGan(engine: Engine, objective: ObjectiveOptions, sizes: LinearSizes): LinearGan {
  const { zDim, batch, side, as = 'dcgan', classShares } = sizes;
  const kept: Kept = { zs: [], given: [], logits: [] };
  const gan = new Gan(engine, {
    architecture: { ...ARCHITECTURES[as], ...linearNetworks(side, kept) },
    objective,
    zDim,
    width: 1,
    batch,
    imageHeight: side,
    imageWidth: side,
    channels: 1,
    classShares,
    seed: LINEAR_SEED,
    random: seedrandom('linear'),
    ringCapacity: 8,
  });
  const images = seedrandom('images');
  gan.realImages.write(Float32Array.from({ length: gan.realImages.size }, () => 2 * images() - 1));
  return { gan, ...kept };
}

/** Of their random numbers on the GPU. */
export const LINEAR_SEED = 7;

function linearNetworks(side: number, { zs, given, logits }: Kept): Pick<Architecture, 'generator' | 'discriminator'> {
  const pixels = side * side;
  const kernel = normal(0.5);
  return {
    generator: (builder, { zDim }) =>
      new Sequential('generator', [
        keeping(zs),
        dense(builder, 'generator/dense', zDim, pixels, { kernel }),
        reshapeTo([side, side, 1]),
      ]),
    discriminator: (builder, { channels, pack = 1 }) =>
      new Sequential('discriminator', [
        keeping(given),
        packImages(pack),
        flatten(),
        dense(builder, 'discriminator/dense', pack * channels * pixels, 1, { kernel }),
        keeping(logits),
      ]),
  };
}

function keeping(kept: Tensor[]): Layer {
  return lambda((x) => {
    kept.push(x);
    return x;
  });
}

export const valuesOf = async (tensor: Tensor | undefined): Promise<number[]> => [...((await tensor?.data()) ?? [])];

export const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

export const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));
