/**
 * @file Records products whose kernel adds a bias and applies an activation before it writes its sums.
 */
import type { DeviceBuffer } from '../../gpu/memory/buffers.js';
import { biasGradient } from '../../kernels/gemm/bias.js';
import type { Activation, EpilogueOptions } from '../../kernels/options.js';
import { taped } from '../tape.js';
import type { Tensor } from '../tensor.js';
import { activate, activationGradient } from './activations.js';
import { add } from './elementwise.js';
import { sum } from './reduce.js';

/** Puts activation(product + bias) on the tape, given the product's own VJP. */
export function withEpilogue(
  op: string,
  buffer: DeviceBuffer,
  shape: readonly number[],
  factors: readonly [Tensor, Tensor],
  { bias, activation = 'none' }: EpilogueOptions<Tensor>,
  vjp: (gradient: Tensor, wanted: readonly boolean[]) => readonly (Tensor | undefined)[],
): Tensor {
  const { engine } = factors[0];
  const inputs = bias === undefined ? factors : [...factors, bias];
  const output: Tensor = taped(engine.wrap(buffer, shape), op, inputs, (dy, wanted) => {
    const [gradient, byBias] = epilogueGradients(dy, output, activation, wanted[2] === true);
    return [...vjp(gradient, wanted), byBias];
  });
  return output;
}

/** The gradients by the product and by its bias: in one pass over the values where nothing is taped. */
function epilogueGradients(
  dy: Tensor,
  y: Tensor,
  activation: Activation,
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

export function checkBias(op: string, bias: Tensor | undefined, columns: number): void {
  if (bias !== undefined && bias.shape.join() !== columns.toString()) {
    throw new Error(`${op}: got bias [${bias.shape.join(', ')}]; it takes [${columns}], one value a column`);
  }
}

/** Bias and activation where the kernel has no epilogue. */
export function epilogue(x: Tensor, { bias, activation = 'none' }: EpilogueOptions<Tensor>): Tensor {
  return activate(bias === undefined ? x : add(x, bias), activation);
}
