/**
 * @file Records products whose kernel adds a bias and applies an activation before it writes its sums.
 */
import type { DeviceBuffer } from '../../../gpu/memory/buffers.js';
import { biasGradient } from '../../../kernels/gemm/bias.js';
import type { Epilogue, EpilogueOptions, FusedActivation } from '../../../kernels/options.js';
import { taped } from '../../tape.js';
import type { Node, Tensor } from '../../tensor.js';
import { activate, activationGradient, splitActivation } from '../activations.js';
import { add } from '../elementwise.js';
import { sum } from '../reduce.js';

/** A product of two tensors, as a kernel computes it. */
interface Product {
  readonly op: string;
  readonly factors: readonly [Tensor, Tensor];
  /** Shape of the result. */
  readonly shape: readonly number[];
  readonly run: (epilogue: Epilogue) => DeviceBuffer;
  /** VJP of the product alone. */
  readonly vjp: Node['vjp'];
}

/** Computes and records activation(product + bias). An activation that the kernel does not fuse follows as a separate operation. */
export function withEpilogue(product: Product, { bias, activation }: EpilogueOptions<Tensor>): Tensor {
  const { op, factors, shape, run, vjp } = product;
  const { fused, after } = splitActivation(activation);
  const { engine } = factors[0];
  const buffer = run({ bias: bias?.buffer, activation: fused });
  const inputs = bias === undefined ? factors : [...factors, bias];
  const output: Tensor = taped(engine.wrap(buffer, shape), op, inputs, (dy, wanted) => {
    const [gradient, byBias] = epilogueGradients(dy, output, fused, wanted[2] === true);
    return [...vjp(gradient, wanted), byBias];
  });
  return activate(output, after);
}

/** Gradients by the product and by its bias; one fused kernel unless the backward pass is recorded. */
function epilogueGradients(
  dy: Tensor,
  y: Tensor,
  activation: FusedActivation,
  wantsBias: boolean,
): readonly [Tensor, Tensor | undefined] {
  const { engine, shape, size } = dy;
  if (wantsBias && activation !== 'none' && !engine.isTaping) {
    const columns = shape.at(-1) ?? 1;
    const options = { dy: dy.buffer, y: y.buffer, rows: size / columns, columns, activation };
    const { dx, dBias } = biasGradient(engine.device, options);
    return [engine.wrap(dx, shape), engine.wrap(dBias, [columns])];
  }
  const gradient = activationGradient(dy, y, activation);
  const axes = shape.slice(0, -1).map((_, axis) => axis);
  return [gradient, wantsBias ? sum(gradient, { axes }) : undefined];
}

/** @throws Error for a bias that is not [columns] */
export function checkBias(op: string, bias: Tensor | undefined, columns: number): void {
  if (bias !== undefined && bias.shape.join() !== columns.toString()) {
    throw new Error(`${op}: got bias [${bias.shape.join(', ')}]; it takes [${columns}], one value for each column`);
  }
}

/** activation(x + bias), for kernels without an epilogue. */
export function epilogue(x: Tensor, { bias, activation = 'none' }: EpilogueOptions<Tensor>): Tensor {
  return activate(bias === undefined ? x : add(x, bias), activation);
}
