/**
 * @file Records operations on the tape. A tensor on the tape holds its {@link Node}: the inputs it was computed from
 * and the vector-Jacobian product that passes its gradient on to them.
 */
import { type Node, Tensor } from './tensor.js';

/** Records the result of an operation, if the tape runs and any input requires a gradient. */
export function taped(output: Tensor, op: string, inputs: readonly Tensor[], vjp: Node['vjp']): Tensor {
  const { engine, shape, buffer } = output;
  if (!engine.isTaping || !inputs.some((input) => input.requiresGrad)) return output;
  return new Tensor(engine, shape, buffer, { node: { op, inputs, vjp } });
}

/** Returns the same values as a new tensor. Gradients by it count this use only, and also flow to the original tensor. */
export function watch(tensor: Tensor): Tensor {
  const { engine, shape, buffer, name } = tensor;
  const node: Node = { op: 'watch', inputs: [tensor], vjp: (gradient) => [gradient] };
  return new Tensor(engine, shape, buffer, { name, requiresGrad: true, ...(tensor.requiresGrad ? { node } : {}) });
}

/** Lists the tensors on a path from a target to the output in reverse order: each before the inputs it was computed from. */
export function pathsTo(targets: ReadonlySet<Tensor>, output: Tensor): Tensor[] {
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
