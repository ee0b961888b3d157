/**
 * @file Gradient checks: the GPU's gradients against central differences of the same function in float64 on the CPU.
 * Differences of float32 values are noise, so the function is evaluated on a reference implementation of the
 * operations, of which a {@link ReferenceBackend} tells how to make its arrays.
 */
import type { Engine } from './engine.js';
import { grad } from './grad.js';
import type { Tensor } from './tensor.js';
import { add, mul } from './ops/elementwise.js';
import { sum } from './ops/reduce.js';

/** A reference array: a shape and float64 values. */
export interface ReferenceArray {
  readonly shape: readonly number[];
  readonly data: Float64Array;
}

/** Values to check at, by shape. */
export interface CheckInput {
  readonly shape: readonly number[];
  readonly values: ArrayLike<number>;
}

/** The function to check, once in each world. Both return a scalar. */
export interface CheckedFunction {
  readonly gpu: (...inputs: Tensor[]) => Tensor;
  readonly reference: (...inputs: ReferenceArray[]) => ReferenceArray;
}

/**
 * Step of the differences: their error is about step² from the third derivative and 1e−16 / step from rounding, or
 * 1e−16 / step² in differences of differences, so one step serves both.
 */
const STEP = 1e-4;

/** Result of a check: the largest error of each input's gradient, relative to that gradient's largest value. */
export interface GradientCheck {
  readonly errors: readonly number[];
  readonly worst: number;
}

/** Compares [∂f/∂input] with central differences of the reference; for an input that f does not depend on, zeros with those. */
export async function checkGradients(
  engine: Engine,
  f: CheckedFunction,
  inputs: readonly CheckInput[],
): Promise<GradientCheck> {
  const tensors = inputs.map(({ values, shape }) => engine.tensor(values, shape, { requiresGrad: true }));
  const computed = engine.scope(() => grad(f.gpu, { allowUnused: true })(...tensors));
  const actual = await Promise.all(computed.map((gradient) => gradient.data()));
  const expected = differences(f.reference, inputs.map(arrayOf), STEP);
  for (const tensor of [...computed, ...tensors]) tensor.free();
  return compare(actual, expected);
}

/**
 * Checks second derivatives: the gradient of Σᵢ ⟨cᵢ, ∂f/∂inputᵢ⟩, with fixed directions cᵢ, against differences of
 * differences.
 */
export async function checkSecondOrder(
  engine: Engine,
  f: CheckedFunction,
  inputs: readonly CheckInput[],
): Promise<GradientCheck> {
  const directions = inputs.map(({ values }) => Float64Array.from(values, (_, index) => Math.cos(1 + 2.3 * index)));
  const tensors = inputs.map(({ values, shape }) => engine.tensor(values, shape, { requiresGrad: true }));
  const along = inputs.map(({ shape }, index) => engine.tensor(directions[index] ?? [], shape));
  const firstAlong = (...watched: Tensor[]): Tensor => {
    const first = grad(f.gpu, { createGraph: true, allowUnused: true })(...watched);
    return first.map((gradient, index) => sum(mul(gradient, along[index] ?? gradient))).reduce((a, b) => add(a, b));
  };
  const computed = engine.scope(() => grad(firstAlong, { allowUnused: true })(...tensors));
  const actual = await Promise.all(computed.map((gradient) => gradient.data()));
  const expected = differences(
    (...arrays) => {
      const first = differences(f.reference, arrays, STEP);
      const total = first.reduce((outer, gradient, input) => {
        return gradient.reduce((sum_, value, index) => sum_ + value * (directions[input]?.[index] ?? 0), outer);
      }, 0);
      return { shape: [], data: Float64Array.of(total) };
    },
    inputs.map(arrayOf),
    STEP,
  );
  for (const tensor of [...computed, ...tensors, ...along]) tensor.free();
  return compare(actual, expected);
}

function arrayOf({ shape, values }: CheckInput): ReferenceArray {
  // From float32, since that is where the GPU's function is evaluated.
  return { shape, data: Float64Array.from(Float32Array.from(values)) };
}

function differences(
  f: (...inputs: ReferenceArray[]) => ReferenceArray,
  inputs: readonly ReferenceArray[],
  step: number,
): Float64Array[] {
  const at = (moved: ReferenceArray, input: number): number => {
    const value = f(...inputs.map((array, index) => (index === input ? moved : array))).data[0];
    return value ?? NaN;
  };
  return inputs.map(({ shape, data }, input) =>
    data.map((value, index) => {
      const shifted = (by: number): number => at({ shape, data: data.with(index, value + by) }, input);
      return (shifted(step) - shifted(-step)) / (2 * step);
    }),
  );
}

function compare(actual: readonly Float32Array[], expected: readonly Float64Array[]): GradientCheck {
  const errors = expected.map((values, input) => {
    const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    const error = values.reduce((most, value, index) => {
      const difference = Math.abs((actual[input]?.[index] ?? NaN) - value);
      return Number.isNaN(difference) ? Infinity : Math.max(most, difference);
    }, 0);
    return error / Math.max(largest, 1e-3);
  });
  return { errors, worst: Math.max(...errors) };
}
