/**
 * @file Computes gradients in reverse mode over the tape. VJPs are written in differentiable operations, so the backward
 * pass can itself be recorded (`createGraph`) and differentiated again.
 */
import { refuseAsync } from '../gpu/synchronous.js';
import type { Engine } from './engine.js';
import { add } from './ops/elementwise.js';
import { fillLike } from './ops/shape.js';
import { pathsTo, watch } from './tape.js';
import type { Tensor } from './tensor.js';

/** Options of {@link gradients}, {@link grad} and {@link valueAndGrad}. */
export interface GradOptions {
  /** Records the backward pass on the tape, so that the gradients can be differentiated. */
  readonly createGraph?: boolean;
  /** Gradient by the output, of the output's shape; all gradients are multiplied by it. 1 if absent. */
  readonly upstream?: Tensor;
  /** Returns zeros for an input that the output does not depend on or that requires no gradient, instead of throwing. */
  readonly allowUnused?: boolean;
}

/**
 * Gradients of a scalar by `inputs`.
 *
 * @param output a tensor of one element
 * @returns one tensor for each input, of its shape; zeros if the derivative is zero everywhere, as that of `sign`
 * @throws Error if the output is not a scalar, if a tensor belongs to another engine or was freed, and, unless
 *   `allowUnused`, if an input requires no gradient or the output does not depend on it
 */
export function gradients(output: Tensor, inputs: readonly Tensor[], options: GradOptions = {}): Tensor[] {
  if (output.size !== 1) throw new Error(`gradients: got the output ${describe(output)}; it takes a scalar`);
  const { engine } = output;
  const { createGraph = false, upstream: seed, allowUnused = false } = options;
  if (seed !== undefined && seed.shape.join() !== output.shape.join()) {
    throw new Error(
      `gradients: got the upstream gradient ${describe(seed)} of the output ${describe(output)}; it takes one of its shape`,
    );
  }
  const named = (input: Tensor, index: number): string => `input ${index + 1} of ${inputs.length}, ${describe(input)}`;
  checkUsable(engine, output, `the output ${describe(output)}`);
  if (seed !== undefined) checkUsable(engine, seed, `the upstream gradient ${describe(seed)}`);
  for (const [index, input] of inputs.entries()) checkUsable(engine, input, `${named(input, index)},`);
  const targets = new Set(inputs.filter((input) => input.requiresGrad));
  const order = pathsTo(targets, output);
  const onPath = new Set(order);
  const unused = allowUnused ? -1 : inputs.findIndex((input) => !onPath.has(input));
  const without = inputs[unused];
  if (without !== undefined) throw unusedError(named(without, unused), without, output);

  return engine.withTape(createGraph, () => {
    const gradient = new Map<Tensor, Tensor>([[output, seed ?? fillLike(output, 1)]]);
    for (const tensor of order) {
      const { node } = tensor;
      const upstream = gradient.get(tensor);
      if (node === undefined || upstream === undefined) continue;
      const wanted = node.inputs.map((input) => onPath.has(input));
      const passed = node.vjp(upstream, wanted);
      node.inputs.forEach((input, index) => {
        const part = passed[index];
        if (part === undefined || wanted[index] !== true) return;
        if (part.shape.join() !== input.shape.join()) {
          throw new Error(`${node.op}: the gradient ${part.toString()} does not fit the input ${input.toString()}`);
        }
        const sum = gradient.get(input);
        gradient.set(input, sum === undefined ? part : add(sum, part));
      });
      if (!targets.has(tensor)) gradient.delete(tensor);
    }
    return inputs.map((input) => gradient.get(input) ?? fillLike(input, 0));
  });
}

/** A function of tensors whose result is a scalar. */
export type ScalarFunction = (...inputs: Tensor[]) => Tensor;

/**
 * Turns a function into its gradient: `grad(f)(x, w)` is [∂f/∂x, ∂f/∂w]. With `createGraph` the gradients are on the tape
 * and can be differentiated again, by the inputs and by anything else that `f` uses.
 *
 * @throws Error as {@link gradients} does, and if called without inputs
 */
export function grad(f: ScalarFunction, options: GradOptions = {}): (...inputs: Tensor[]) => Tensor[] {
  return (...inputs) => evaluate('grad', f, options, inputs).gradients;
}

/** The value of a function and its gradient by each input. */
export interface ValueAndGradients {
  readonly value: Tensor;
  readonly gradients: Tensor[];
}

/**
 * Like {@link grad}, and returns the function's value as well: `valueAndGrad(f)(x, w)` is
 * `{ value: f(x, w), gradients: [∂f/∂x, ∂f/∂w] }`. The value is computed once.
 *
 * @throws Error as {@link grad} does
 */
export function valueAndGrad(f: ScalarFunction, options: GradOptions = {}): (...inputs: Tensor[]) => ValueAndGradients {
  return (...inputs) => evaluate('valueAndGrad', f, options, inputs);
}

function evaluate(op: string, f: ScalarFunction, options: GradOptions, inputs: readonly Tensor[]): ValueAndGradients {
  const [first] = inputs;
  if (first === undefined) throw new Error(`${op}: got no inputs; it takes the tensors to differentiate by`);
  refuseAsync(op, f);
  const watched = inputs.map(watch);
  const value = first.engine.withTape(true, () => f(...watched));
  return { value, gradients: gradients(value, watched, options) };
}

/** The shape, after the name if the caller gave one. */
function describe({ name, shape }: Tensor): string {
  return `${name === undefined ? '' : `${name} `}[${shape.join(', ')}]`;
}

/** @throws Error for a tensor of another engine, or one that was freed */
function checkUsable(engine: Engine, tensor: Tensor, named: string): void {
  if (tensor.engine !== engine) throw new Error(`gradients: ${named} belongs to another engine than the output`);
  if (tensor.buffer.isFreed) throw new Error(`gradients: ${named} was freed; it takes tensors that still have memory`);
}

function unusedError(named: string, input: Tensor, output: Tensor): Error {
  const zeros = 'With allowUnused: true its gradient is zeros';
  if (!input.requiresGrad) {
    return new Error(
      `gradients: ${named}, requires no gradient; make it with requiresGrad: true before the output is computed. ${zeros}.`,
    );
  }
  const why =
    'Constants are the results of noGrad and detach, what was computed from constants alone, and gradients taken ' +
    'without createGraph: true';
  const fault = output.requiresGrad ? 'does not depend on' : 'is a constant, and has no gradient by';
  return new Error(`gradients: the output ${describe(output)} ${fault} ${named}. ${why}. ${zeros}.`);
}
