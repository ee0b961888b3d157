/**
 * @file Computes metrics of the training itself: accuracies, balance of the losses, and gradient norms.
 */
import type { Engine } from '../../autograd/engine.js';
import { sum } from '../../autograd/ops/index.js';
import { BETA2, type Adam } from '../../models/optim/adam.js';

/** Largest number of iterations that the means include. */
export const WINDOW = 100;

const RECORDED = ['generatorLoss', 'discriminatorLoss', 'realAccuracy', 'fakeAccuracy', 'foolingRate'] as const;

/** Records of the iterations, oldest first; all of one length. The last three are shares of a batch, 0 … 1. */
export interface TrainingHistory {
  readonly generatorLoss: readonly number[];
  readonly discriminatorLoss: readonly number[];
  readonly realAccuracy: readonly number[];
  readonly fakeAccuracy: readonly number[];
  /** After the discriminator's update, of the images that the generator learns from. */
  readonly foolingRate: readonly number[];
}

/** Means over the last {@link WINDOW} iterations, and gradient norms. */
export interface TrainingMetrics {
  /** Of real and generated images alike. */
  readonly discriminatorAccuracy: number;
  /** Share of real images called real, less that of generated ones. */
  readonly gap: number;
  /** |generator loss| / (|generator loss| + |discriminator loss|). */
  readonly lossBalance: number;
  readonly generatorGradient: number;
  readonly discriminatorGradient: number;
  readonly generatorLoss: number;
  readonly discriminatorLoss: number;
}

/** Norms of the two networks' gradients; see {@link gradientNorm}. */
export interface GradientNorms {
  readonly generator: number;
  readonly discriminator: number;
}

/**
 * Means over the last {@link WINDOW} iterations.
 *
 * @throws Error for no iteration, lists of different lengths, or numbers that are not finite: those of a diverged run
 */
export function trainingMetrics(history: TrainingHistory, norms: GradientNorms): TrainingMetrics {
  const length = history.generatorLoss.length;
  if (length === 0 || RECORDED.some((name) => history[name].length !== length)) {
    const lengths = RECORDED.map((name) => `${history[name].length} of ${name}`);
    throw new Error(`trainingMetrics: got ${lengths.join(', ')}; it takes as many of each, one at least`);
  }
  const recent = (name: keyof TrainingHistory): number => {
    const values = history[name].slice(-WINDOW);
    const bad = values.find((value) => !Number.isFinite(value));
    if (bad !== undefined)
      throw new Error(`trainingMetrics: ${name} was ${bad} in the last ${values.length} iterations`);
    return values.reduce((total, value) => total + value, 0) / values.length;
  };
  for (const [name, norm] of Object.entries(norms)) {
    if (!Number.isFinite(norm)) throw new Error(`trainingMetrics: the ${name}'s gradient has a norm of ${norm}`);
  }
  const [generatorLoss, discriminatorLoss] = [recent('generatorLoss'), recent('discriminatorLoss')];
  const realAccuracy = recent('realAccuracy');
  return {
    discriminatorAccuracy: (realAccuracy + recent('fakeAccuracy')) / 2,
    gap: realAccuracy - recent('foolingRate'),
    lossBalance: balance(generatorLoss, discriminatorLoss),
    generatorGradient: norms.generator,
    discriminatorGradient: norms.discriminator,
    generatorLoss,
    discriminatorLoss,
  };
}

/** |a| / (|a| + |b|): the size counts, since a critic's losses have either sign. */
function balance(generatorLoss: number, discriminatorLoss: number): number {
  const both = Math.abs(generatorLoss) + Math.abs(discriminatorLoss);
  return both === 0 ? 0.5 : Math.abs(generatorLoss) / both;
}

/**
 * Computes the norm of the gradient of all parameters together, root mean square over about the last 1 / (1 − β₂) updates
 * (1,000 by default). It costs a training step nothing: Adam keeps the running mean v of the squared gradients, and √(Σ v / (1 − β₂ⁿ))
 * after n updates is that norm (Kingma and Ba 2015, https://arxiv.org/abs/1412.6980, section 3).
 *
 * @returns 0 before the first update
 * @throws the device's errors
 */
export async function gradientNorm(engine: Engine, adam: Adam): Promise<number> {
  const { beta2 = BETA2 } = adam.settings;
  const sums = engine.noGrad(() => engine.scope(() => adam.secondMoments.map((moment) => sum(moment))));
  const [steps, ...totals] = await engine.device.read(adam.stepCounter, ...sums.map(({ buffer }) => buffer));
  for (const tensor of sums) tensor.free();
  const updates = new Uint32Array(steps ?? new ArrayBuffer(4))[0] ?? 0;
  if (updates === 0) return 0;
  const total = totals.reduce((all, bytes) => all + (new Float32Array(bytes)[0] ?? NaN), 0);
  return Math.sqrt(total / (1 - beta2 ** updates));
}
