/**
 * @file Reverse-mode differentiation over the tape. VJPs are written in differentiable operations, so the backward
 * pass can be taped in its turn (`createGraph`) and differentiated again.
 */
import { Tensor, type Node } from './tensor.js';
import { add, fillLike } from './ops/basics.js';

export interface GradOptions {
  /** Tapes the backward pass, so that the gradients can be differentiated. */
  readonly createGraph?: boolean;
  /** The gradient by the output itself, of its shape, by which all are multiplied; 1 where absent. */
  readonly upstream?: Tensor;
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
 * @returns one tensor for each input, of its shape; zeros where the output does not depend on it.
 * @throws Error when the output is no scalar.
 */
export function gradients(output: Tensor, inputs: readonly Tensor[], options: GradOptions = {}): Tensor[] {
  if (output.size !== 1) throw new Error(`gradients: the output must be a scalar, got ${output.toString()}`);
  const { engine } = output;
  const { createGraph = false, upstream: seed } = options;
  if (seed !== undefined && seed.shape.join() !== output.shape.join()) {
    throw new Error(
      `gradients: got the upstream gradient ${seed.toString()} of ${output.toString()}; it takes its shape`,
    );
  }
  const targets = new Set(inputs);
  const order = pathsTo(targets, output);
  const onPath = new Set(order);

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
    const watched = inputs.map(watch);
    return gradients(inputs[0]?.engine.withTape(true, () => f(...watched)) ?? f(), watched, options);
  };
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
