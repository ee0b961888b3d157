/**
 * @file One step of an optimiser, as a pure function from the old values to the new.
 *
 * Weight decay is decoupled in both (θ ← θ − lr · decay · θ, outside the moments): Loshchilov & Hutter 2017,
 * "Decoupled weight decay regularization", https://arxiv.org/abs/1711.05101.
 */

export interface AdamStep {
  readonly parameter: ArrayLike<number>;
  readonly gradient: ArrayLike<number>;
  readonly firstMoment: ArrayLike<number>;
  readonly secondMoment: ArrayLike<number>;
  /** 1 for the first. */
  readonly step: number;
  readonly learningRate: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  readonly weightDecay: number;
}

export interface AdamResult {
  readonly parameter: Float64Array;
  readonly firstMoment: Float64Array;
  readonly secondMoment: Float64Array;
}

/**
 * Kingma & Ba 2014, https://arxiv.org/abs/1412.6980, algorithm 1:
 *
 *     m ← β₁ · m + (1 − β₁) · g          m̂ = m / (1 − β₁ᵗ)
 *     v ← β₂ · v + (1 − β₂) · g²         v̂ = v / (1 − β₂ᵗ)          θ ← θ − lr · m̂ / (√v̂ + ε)
 *
 * Keras puts ε beside √v, uncorrected: its ε is √(1 − β₂ᵗ) times ours.
 */
export function adamStep(options: AdamStep): AdamResult {
  const { gradient, step, learningRate, beta1, beta2, epsilon, weightDecay } = options;
  checkLengths('adamStep', gradient, options.parameter, options.firstMoment, options.secondMoment);
  if (!Number.isInteger(step) || step < 1) throw new Error(`adamStep: got step ${step}; the first is 1`);

  const parameter = Float64Array.from(options.parameter);
  const firstMoment = Float64Array.from(options.firstMoment);
  const secondMoment = Float64Array.from(options.secondMoment);
  for (let i = 0; i < parameter.length; i++) {
    const g = gradient[i]!;
    firstMoment[i] = beta1 * firstMoment[i]! + (1 - beta1) * g;
    secondMoment[i] = beta2 * secondMoment[i]! + (1 - beta2) * g * g;
    const corrected1 = firstMoment[i]! / (1 - beta1 ** step);
    const corrected2 = secondMoment[i]! / (1 - beta2 ** step);
    const decayed = parameter[i]! * (1 - learningRate * weightDecay);
    parameter[i] = decayed - (learningRate * corrected1) / (Math.sqrt(corrected2) + epsilon);
  }
  return { parameter, firstMoment, secondMoment };
}

export interface SgdStep {
  readonly parameter: ArrayLike<number>;
  readonly gradient: ArrayLike<number>;
  readonly learningRate: number;
  /** 0 where absent. */
  readonly momentum?: number | undefined;
  /** Zeros where absent. */
  readonly velocity?: ArrayLike<number> | undefined;
  /** 0 where absent. */
  readonly weightDecay?: number | undefined;
}

export interface SgdResult {
  readonly parameter: Float64Array;
  readonly velocity: Float64Array;
}

/**
 * Polyak's heavy ball in PyTorch's form, the learning rate outside the velocity: v ← μ · v + g, θ ← θ − lr · v.
 * https://docs.pytorch.org/docs/stable/generated/torch.optim.SGD.html
 */
export function sgdStep(options: SgdStep): SgdResult {
  const { gradient, learningRate, momentum = 0, weightDecay = 0 } = options;
  const velocity = options.velocity ? Float64Array.from(options.velocity) : new Float64Array(gradient.length);
  checkLengths('sgdStep', gradient, options.parameter, velocity);

  const parameter = Float64Array.from(options.parameter);
  for (let i = 0; i < parameter.length; i++) {
    velocity[i] = momentum * velocity[i]! + gradient[i]!;
    parameter[i] = parameter[i]! * (1 - learningRate * weightDecay) - learningRate * velocity[i]!;
  }
  return { parameter, velocity };
}

/** decay · a + (1 − decay) · θ. */
export function averaged(average: ArrayLike<number>, value: ArrayLike<number>, decay: number): Float64Array {
  checkLengths('averaged', average, value);
  return Float64Array.from(average, (each, index) => decay * each + (1 - decay) * value[index]!);
}

/** Weights within [−limit, limit]: Arjovsky et al. 2017, https://arxiv.org/abs/1701.07875, algorithm 1, line 7. */
export function clipped(values: ArrayLike<number>, limit: number): Float64Array {
  return Float64Array.from(values, (value) => Math.min(Math.max(value, -limit), limit));
}

function checkLengths(op: string, ...arrays: ArrayLike<number>[]): void {
  const counts = arrays.map((values) => values.length);
  if (new Set(counts).size > 1)
    throw new Error(`${op}: got arrays of ${counts.join(', ')} values; it takes equal lengths`);
}
