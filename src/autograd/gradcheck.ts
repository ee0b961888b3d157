/**
 * @file Checks gradients: compares the GPU's with central differences of the same function in float64 on the CPU.
 * Differences of float32 values are noise, so the function is evaluated on a reference implementation of the operations.
 */
import type { Engine } from './engine.js';
import { grad } from './grad.js';
import { add, mul } from './ops/elementwise.js';
import { sum } from './ops/reduce.js';
import type { Tensor } from './tensor.js';

/** A reference array: a shape and float64 values. */
export interface ReferenceArray {
  readonly shape: readonly number[];
  readonly data: Float64Array;
}

/** Where to check: the values of one input, in its shape. */
export interface CheckInput {
  readonly shape: readonly number[];
  readonly values: ArrayLike<number>;
}

/** The function to check, on the GPU and in float64. Both return a scalar. */
export interface CheckedFunction {
  readonly gpu: (...inputs: Tensor[]) => Tensor;
  readonly reference: (...inputs: ReferenceArray[]) => ReferenceArray;
}

/**
 * Step of the differences. The error is about step² of the third derivative, and 1e−16 / step of rounding, or 1e−16 / step²
 * for differences of differences: this step serves both.
 */
const STEP = 1e-4;

/** Result of a check: the largest error of each input's gradient, relative to that gradient's largest value. */
export interface GradientCheck {
  readonly errors: readonly number[];
  readonly worst: number;
}

/** Compares [∂f/∂input] with central differences of the reference. The gradient of an input without influence is zeros. */
export async function checkGradients(
  engine: Engine,
  f: CheckedFunction,
  inputs: readonly CheckInput[],
): Promise<GradientCheck> {
  const actual = await gradientsOnGpu(engine, f.gpu, inputs);
  return compare(actual, differences(f.reference, inputs.map(arrayOf)));
}

/**
 * Checks second derivatives: the gradient of Σᵢ ⟨cᵢ, ∂f/∂inputᵢ⟩ with fixed directions cᵢ of length 1. The sum is the
 * derivative of f along c, so the reference takes one difference along c, and not one for each value, and then differences of
 * that one.
 */
export async function checkSecondOrder(
  engine: Engine,
  f: CheckedFunction,
  inputs: readonly CheckInput[],
): Promise<GradientCheck> {
  const directions = unitDirections(inputs);
  const along = inputs.map(({ shape }, index) => engine.tensor(directions[index] ?? [], shape));
  const derivative = (...watched: Tensor[]): Tensor => {
    const first = grad(f.gpu, { createGraph: true, allowUnused: true })(...watched);
    return first.map((gradient, index) => sum(mul(gradient, along[index] ?? gradient))).reduce((a, b) => add(a, b));
  };
  const actual = await gradientsOnGpu(engine, derivative, inputs);
  for (const tensor of along) tensor.free();
  const derivative64 = (...arrays: ReferenceArray[]): ReferenceArray => {
    const at = (step: number): number => {
      const moved = arrays.map(({ shape, data }, input) => {
        return { shape, data: data.map((value, index) => value + step * (directions[input]?.[index] ?? 0)) };
      });
      return f.reference(...moved).data[0] ?? NaN;
    };
    return { shape: [], data: Float64Array.of((at(STEP) - at(-STEP)) / (2 * STEP)) };
  };
  return compare(actual, differences(derivative64, inputs.map(arrayOf)));
}

/** Fixed directions with values of both signs, together of length 1. */
function unitDirections(inputs: readonly CheckInput[]): Float64Array[] {
  const raw = inputs.map(({ values }) => Float64Array.from(values, (_, index) => Math.cos(1 + 2.3 * index)));
  const length = Math.hypot(...raw.flatMap((values) => [...values]));
  return raw.map((values) => values.map((value) => value / length));
}

async function gradientsOnGpu(
  engine: Engine,
  f: (...inputs: Tensor[]) => Tensor,
  inputs: readonly CheckInput[],
): Promise<Float32Array[]> {
  const tensors = inputs.map(({ values, shape }) => engine.tensor(values, shape, { requiresGrad: true }));
  const gradients = engine.scope(() => grad(f, { allowUnused: true })(...tensors));
  const bytes = await engine.device.read(...gradients.map(({ buffer }) => buffer));
  for (const tensor of [...gradients, ...tensors]) tensor.free();
  return inputs.map(({ values }, index) => new Float32Array(bytes[index] ?? new ArrayBuffer(0), 0, values.length));
}

function arrayOf({ shape, values }: CheckInput): ReferenceArray {
  // From float32, since that is where the GPU's function is evaluated.
  return { shape, data: Float64Array.from(Float32Array.from(values)) };
}

function differences(
  f: (...inputs: ReferenceArray[]) => ReferenceArray,
  inputs: readonly ReferenceArray[],
): Float64Array[] {
  return inputs.map(({ shape, data }, input) =>
    data.map((value, index) => {
      const at = (by: number): number => {
        const moved = { shape, data: data.with(index, value + by) };
        return f(...inputs.with(input, moved)).data[0] ?? NaN;
      };
      return (at(STEP) - at(-STEP)) / (2 * STEP);
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
