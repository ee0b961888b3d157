/**
 * @file Reverse-mode differentiation over the tape. VJPs are written in differentiable operations, so the backward
 * pass can be taped in its turn (`createGraph`) and differentiated again.
 */
import { refuseAsync } from '../gpu/synchronous.js';
import type { Engine } from './engine.js';
import { Tensor, type Node } from './tensor.js';
import { add, fillLike } from './ops/basics.js';

export interface GradOptions {
  /** Tapes the backward pass, so that the gradients can be differentiated. */
  readonly createGraph?: boolean;
  /** The gradient by the output itself, of its shape, by which all are multiplied; 1 where absent. */
  readonly upstream?: Tensor;
  /** Gives zeros for an input that the output does not depend on or that requires no gradient, instead of an error. */
  readonly allowUnused?: boolean;
}

/** Puts an operation's result on the tape, if the tape runs and any input's gradient is asked for. */
export function taped(output: Tensor, op: string, inputs: readonly Tensor[], vjp: Node['vjp']): Tensor {
  const { engine, shape, buffer } = output;
  if (!engine.isTaping || !inputs.some((input) => input.requiresGrad)) return output;
  return new Tensor(engine, shape, buffer, { node: { op, inputs, vjp } });
}

/**
 * Gradients of a scalar by `inputs`.
 *
 * @param output a tensor of one element.
 * @returns one tensor for each input, of its shape. Where the derivative is zero everywhere, as that of `sign`, it is zeros.
 * @throws Error when the output is no scalar; when a tensor is of another engine or was freed; and, unless `allowUnused`,
 *   when an input requires no gradient or the output does not depend on it.
 */
export function gradients(output: Tensor, inputs: readonly Tensor[], options: GradOptions = {}): Tensor[] {
  if (output.size !== 1) throw new Error(`gradients: the output must be a scalar, got ${output.toString()}`);
  const { engine } = output;
  const { createGraph = false, upstream: seed, allowUnused = false } = options;
  if (seed !== undefined && seed.shape.join() !== output.shape.join()) {
    throw new Error(
      `gradients: got the upstream gradient ${seed.toString()} of ${output.toString()}; it takes its shape`,
    );
  }
  const named = (index: number): string => `input ${index + 1} of ${inputs.length}, ${inputs[index]?.toString() ?? ''}`;
  checkUsable(engine, output, 'the output');
  if (seed !== undefined) checkUsable(engine, seed, 'the upstream gradient');
  for (const [index, input] of inputs.entries()) checkUsable(engine, input, named(index));
  const targets = new Set(inputs.filter((input) => input.requiresGrad));
  const order = pathsTo(targets, output);
  const onPath = new Set(order);
  const unused = allowUnused ? -1 : inputs.findIndex((input) => !onPath.has(input));
  const without = inputs[unused];
  if (without !== undefined) throw unusedError(named(unused), without, output);

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

/**
 * The gradient of a function, as a function: `grad(f)(x, w)` is [∂f/∂x, ∂f/∂w]. With `createGraph` the gradients are on
 * the tape and can be differentiated again, by the inputs and by anything else that `f` uses.
 *
 * @param f a function of tensors with a scalar result.
 */
export function grad(f: (...inputs: Tensor[]) => Tensor, options: GradOptions = {}): (...inputs: Tensor[]) => Tensor[] {
  return (...inputs) => {
    const [first] = inputs;
    if (first === undefined) throw new Error('grad: got no inputs; it takes the tensors to differentiate by');
    refuseAsync('grad', f);
    const watched = inputs.map(watch);
    return gradients(
      first.engine.withTape(true, () => f(...watched)),
      watched,
      options,
    );
  };
}

/** @throws Error for a tensor of another engine, or one whose memory was given back */
function checkUsable(engine: Engine, tensor: Tensor, what: string): void {
  const named = what.endsWith(tensor.toString()) ? what : `${what} ${tensor.toString()}`;
  if (tensor.engine !== engine) throw new Error(`gradients: ${named} is of another engine than the output`);
  if (tensor.buffer.isFreed) throw new Error(`gradients: ${named} was freed; it takes tensors that still have memory`);
}

function unusedError(named: string, input: Tensor, output: Tensor): Error {
  const zeros = 'allowUnused: true gives zeros';
  if (!input.requiresGrad) {
    return new Error(
      `gradients: ${named}, requires no gradient; make it with requiresGrad: true before the output is computed (${zeros})`,
    );
  }
  const why =
    'a constant is what noGrad or detach made, what was computed from constants alone, and a gradient taken without ' +
    `createGraph: true`;
  const fault = output.requiresGrad ? 'does not depend on' : 'is a constant, and has no gradient by';
  return new Error(`gradients: the output ${output.toString()} ${fault} ${named}; ${why} (${zeros})`);
}

/** The tensor under a new identity, so that gradients by it are those of this use alone; they pass on to the tensor. */
function watch(tensor: Tensor): Tensor {
  const { engine, shape, buffer, name } = tensor;
  const node: Node = { op: 'watch', inputs: [tensor], vjp: (gradient) => [gradient] };
  return new Tensor(engine, shape, buffer, { name, requiresGrad: true, ...(tensor.requiresGrad ? { node } : {}) });
}

/** The tensors on a path from a target to the output, each before the inputs that it was made from. */
function pathsTo(targets: ReadonlySet<Tensor>, output: Tensor): Tensor[] {
  const reaches = new Map<Tensor, boolean>();
  const order: Tensor[] = [];
  // Depth first without recursion: a tape may be longer than the call stack is deep.
  const stack: { tensor: Tensor; next: number }[] = [{ tensor: output, next: 0 }];
  while (stack.length > 0) {
    const top = stack[stack.length - 1];
    if (top === undefined) break;
    const inputs = top.tensor.node?.inputs ?? [];
    const input = inputs[top.next];
    if (input !== undefined) {
      top.next += 1;
      if (!reaches.has(input)) stack.push({ tensor: input, next: 0 });
      continue;
    }
    stack.pop();
    if (reaches.has(top.tensor)) continue;
    const reached = targets.has(top.tensor) || inputs.some((tensor) => reaches.get(tensor) === true);
    reaches.set(top.tensor, reached);
    if (reached) order.push(top.tensor);
  }
  return order.reverse();
}
