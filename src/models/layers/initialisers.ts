/**
 * @file Draws initial values of parameters on the host, from a seeded generator.
 */
import { sizeOf } from '../../kernels/shape/strides.js';

/** Returns a number uniform on [0, 1), such as a generator of `seedrandom`. */
export type HostRandom = () => number;

/** Returns the initial values of a tensor of this shape. */
export type Initialiser = (shape: readonly number[], random: HostRandom) => Float32Array;

/**
 * U[−l, l] with l = √(6 / (fanIn + fanOut)); the receptive field counts in both. Keras's default.
 * Glorot and Bengio 2010, https://proceedings.mlr.press/v9/glorot10a.html
 */
export const glorotUniform: Initialiser = (shape, random) => {
  const [inputs = 1, outputs = 1] = shape.slice(-2);
  const field = sizeOf(shape.slice(0, -2));
  const limit = Math.sqrt(6 / (field * (inputs + outputs)));
  return fill(shape, () => (2 * random() - 1) * limit);
};

/** N(0, deviation²); DCGAN uses 0.02 (Radford et al. 2016, https://arxiv.org/abs/1511.06434). */
export function normal(deviation: number): Initialiser {
  return (shape, random) => fill(shape, () => deviation * gaussian(random));
}

/** Fills with one value. */
export function constant(value: number): Initialiser {
  return (shape) => fill(shape, () => value);
}

/** A random vector of length 1, uniform over directions: the normal distribution is isotropic. */
export const unitVector: Initialiser = (shape, random) => {
  const values = fill(shape, () => gaussian(random));
  const norm = Math.hypot(...values);
  return values.map((value) => value / norm);
};

/** Box and Muller's transform; 1 − u keeps the logarithm finite. */
function gaussian(random: HostRandom): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

function fill(shape: readonly number[], value: () => number): Float32Array {
  return Float32Array.from({ length: sizeOf(shape) }, value);
}
