/**
 * @file Defines the losses of both networks by name. docs/losses.md has the papers' formulas and the reasons for the defaults.
 *
 * Every loss is a mean over images of a function of an image's logit and label. Papers add the mean over real images and the
 * mean over generated ones. Here it is one mean over both, which is half of that; the step learns from the sum.
 */
import type { Engine } from '../autograd/engine.js';
import * as ops from '../autograd/ops/index.js';
import type { Tensor } from '../autograd/tensor.js';
import type { AdamSettings } from '../models/optim/adam.js';

/** @param logits [N, 1] @param labels [N, 1] @returns a scalar, the mean over the N images */
type LossFunction = (logits: Tensor, labels: Tensor) => Tensor;

/** A loss of both networks, with the settings that its paper fixes. */
export interface Loss {
  readonly discriminator: LossFunction;
  readonly generator: LossFunction;
  /** Labels of real images, of generated ones, and of generated ones in the generator's update. */
  readonly labels: { readonly real: number; readonly fake: number; readonly generator: number };
  /** The logit above which an image counts as real, the middle of D's targets. Default: 0. */
  readonly boundary?: number;
  /** Images at which the discriminator's gradient is penalised, see gradientPenalty.ts. */
  readonly penalty?: 'interpolates' | 'real';
  /** Labels are probabilities, which can be smoothed. */
  readonly isProbability?: true;
  /** Logits are a critic's: the difference between real and generated images estimates a distance. */
  readonly isCritic?: true;
  /** Both networks are trained jointly, whatever the architecture's schedule. */
  readonly isJoint?: true;
  /** Defaults of the settings. */
  readonly penaltyWeight?: number;
  readonly criticSteps?: number;
  readonly clip?: number;
  /** In place of the architecture's settings. */
  readonly adam?: AdamSettings;
}

/** Names of all losses. */
export const LOSS_NAMES = ['bce', 'bce-saturating', 'lsgan', 'hinge', 'wgan', 'wgan-gp', 'r1'] as const;

/** Name of an entry of {@link LOSSES}. */
export type LossName = (typeof LOSS_NAMES)[number];

const bce: Loss = {
  labels: { real: 1, fake: 0, generator: 1 },
  discriminator: ops.bceWithLogits,
  generator: ops.bceWithLogits,
  isProbability: true,
};

/** A label is the sign of the logit: a critic's logits are large for real images and small for generated ones. */
const SIGNS = { real: -1, fake: 1, generator: -1 } as const;

const signed: LossFunction = (logits, labels) => ops.mean(ops.mul(logits, labels));

const squared: LossFunction = (logits, labels) => ops.scale(ops.mean(ops.square(ops.sub(logits, labels))), 0.5);

const margin: LossFunction = (logits, labels) => ops.mean(ops.relu(ops.addScalar(ops.mul(logits, labels), 1)));

/** All losses by name. */
export const LOSSES: Readonly<Record<LossName, Loss>> = {
  /** Goodfellow et al. 2014 (https://arxiv.org/abs/1406.2661), the generator's loss as they train it: −log σ(D(G(z))). */
  bce,
  /** The same paper's minimax game to the letter: the generator minimises log(1 − σ(D(G(z)))). */
  'bce-saturating': {
    ...bce,
    labels: { real: 1, fake: 0, generator: 0 },
    generator: (logits, labels) => ops.neg(ops.bceWithLogits(logits, labels)),
  },
  /** Mao et al. 2017, https://arxiv.org/abs/1611.04076, equation 9: a = 0, b = c = 1. */
  lsgan: { labels: { real: 1, fake: 0, generator: 1 }, discriminator: squared, generator: squared, boundary: 1 / 2 },
  /** Lim and Ye 2017 (https://arxiv.org/abs/1705.02894), Miyato et al. 2018 (https://arxiv.org/abs/1802.05957). */
  hinge: { labels: SIGNS, discriminator: margin, generator: signed },
  /** Arjovsky et al. 2017, https://arxiv.org/abs/1701.07875. Adam without momentum stands for its RMSProp. */
  wgan: {
    labels: SIGNS,
    discriminator: signed,
    generator: signed,
    isCritic: true,
    isJoint: true,
    criticSteps: 5,
    clip: 0.01,
    adam: { learningRate: 5e-5, beta1: 0, beta2: 0.99 },
  },
  /** Gulrajani et al. 2017, https://arxiv.org/abs/1704.00028, algorithm 1 and its defaults. */
  'wgan-gp': {
    labels: SIGNS,
    discriminator: signed,
    generator: signed,
    isCritic: true,
    isJoint: true,
    penalty: 'interpolates',
    penaltyWeight: 10,
    criticSteps: 5,
    adam: { learningRate: 1e-4, beta1: 0, beta2: 0.9 },
  },
  /** Mescheder et al. 2018, https://arxiv.org/abs/1801.04406: bce, and γ/2 E‖∇D(x)‖² on real images; the weight is γ. */
  r1: { ...bce, isJoint: true, penalty: 'real', penaltyWeight: 10 },
};

/** Labels of the images, or packs, of an update, [N, 1] each. */
export type LabelTensors = Readonly<Record<'real' | 'fake' | 'both' | 'generator', Tensor>>;

/**
 * @param realCount real logits of a discriminator update, and as many generated ones
 * @param batch logits of a generator update
 * @param smoothing amount by which the labels of real images are lowered
 */
export function labelTensors(
  engine: Engine,
  { labels }: Loss,
  { realCount, batch, smoothing }: Readonly<Record<'realCount' | 'batch' | 'smoothing', number>>,
): LabelTensors {
  const of = (...parts: readonly (readonly [label: number, count: number])[]): Tensor => {
    const values = parts.flatMap(([label, count]) => Array.from({ length: count }, () => label));
    return engine.tensor(values, [values.length, 1], { name: 'labels' });
  };
  const [real, fake] = [labels.real - smoothing, labels.fake];
  return {
    real: of([real, realCount]),
    fake: of([fake, realCount]),
    both: of([real, realCount], [fake, realCount]),
    generator: of([labels.generator, batch]),
  };
}
