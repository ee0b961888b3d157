/**
 * @file Defines the architectures by name: networks, optimisers and use of a batch.
 */
import { ARTICLE_HIDDEN, articleDiscriminator, articleGenerator } from './article.js';
import { dcganDiscriminator, dcganGenerator, type GanSize } from './dcgan.js';
import type { Builder, Sequential } from '../layers/index.js';
import { type Normalisation, NORMALISATIONS } from '../layers/normalisation.js';
import type { AdamSettings } from '../optim/adam.js';

/** The networks of a GAN, and how they are trained. */
export interface Architecture {
  readonly generator: (builder: Builder, size: GanSize) => Sequential;
  readonly discriminator: (builder: Builder, size: GanSize) => Sequential;
  readonly generatorAdam: AdamSettings;
  readonly discriminatorAdam: AdamSettings;
  /** Allowed normalisations of the discriminator; the first is the default. */
  readonly discriminatorNormalisations: readonly [Normalisation, ...Normalisation[]];
  /** Default of {@link GanSize.hidden}. */
  readonly hidden: number;
  /**
   * `joint`: one update of the discriminator on a batch of real and a batch of generated images, in one pass with separate
   * normalisation statistics; the generator then learns from the same generated images. `splitBatch`: half a batch of real
   * images, then half a batch of generated ones, as two updates. These are generated in inference mode (Keras's
   * `predict`); the generator's update uses a new batch.
   */
  readonly schedule: 'joint' | 'splitBatch';
}

/** Keras's Adam: ε is 1e-7. */
const KERAS_EPSILON = 1e-7;

/** Pairs of networks by name. */
export const ARCHITECTURES = {
  dcgan: {
    generator: dcganGenerator,
    discriminator: dcganDiscriminator,
    // Radford's 2e-4 for both also works, but after 800 iterations of batch 32 it gives fragments, and these rates give digits.
    generatorAdam: { learningRate: 1e-3, beta1: 0.5 },
    discriminatorAdam: { learningRate: 4e-4, beta1: 0.5 },
    discriminatorNormalisations: NORMALISATIONS,
    hidden: 0,
    schedule: 'joint',
  },
  article: {
    generator: articleGenerator,
    discriminator: articleDiscriminator,
    generatorAdam: { learningRate: 2e-4, beta1: 0.5, epsilon: KERAS_EPSILON },
    discriminatorAdam: { learningRate: 1e-5, beta1: 0.1, epsilon: KERAS_EPSILON },
    discriminatorNormalisations: ['none', 'batch', 'layer', 'spectral'],
    hidden: ARTICLE_HIDDEN,
    schedule: 'splitBatch',
  },
} as const satisfies Record<string, Architecture>;

/** Name of an entry of {@link ARCHITECTURES}. */
export type ArchitectureName = keyof typeof ARCHITECTURES;
