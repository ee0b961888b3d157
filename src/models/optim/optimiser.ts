/**
 * @file Defines optimisers. Their state, including the number of updates, is on the GPU, so a recorded step updates it.
 */
import type { Engine } from '../../autograd/engine.js';
import type { Tensor } from '../../autograd/tensor.js';
import type { DeviceBuffer } from '../../gpu/memory/buffers.js';
import type { Device } from '../../gpu/device.js';
import { packIntoFlatBuffer, reserveFlatBuffer, sameLayout } from '../../gpu/memory/flatBuffers.js';

/** Updates parameters in place, given their gradients. */
export interface Optimiser {
  /** Applies one update. @param gradients one for each parameter, in the same order */
  step(gradients: readonly Tensor[]): void;
  /** Tensors that a checkpoint must hold in addition to the parameters. */
  readonly state: readonly Tensor[];
  dispose(): void;
}

/** One dispatch: the buffers of the gradient, the parameter and its state, in this order. */
interface Update {
  readonly buffers: readonly DeviceBuffer[];
  readonly count: number;
}

/**
 * A network's parameters and the optimiser's state for each, every kind packed into one flat buffer, so that a recorded step
 * updates the network in one dispatch.
 */
export class Columns {
  private readonly wholes: readonly (DeviceBuffer | undefined)[];

  /** @param columns kinds of tensors, the parameters first; tensor i of each kind belongs to parameter i. */
  constructor(
    private readonly device: Device,
    private readonly columns: readonly (readonly Tensor[])[],
  ) {
    this.wholes = columns.map((tensors) => packIntoFlatBuffer(device, buffersOf(tensors)));
  }

  /**
   * One dispatch for all if the gradients can be packed into one buffer too, otherwise one for each tensor, with the same
   * bits. They cannot be packed in eager mode, if two parameters share a gradient, or if a parameter belongs to another
   * optimiser as well.
   */
  updates(gradients: readonly Tensor[]): Update[] {
    const parameters = this.columns[0] ?? [];
    if (parameters.length !== gradients.length) {
      throw new Error(`optimiser: got ${gradients.length} gradients for ${parameters.length} parameters`);
    }
    const wholes = this.wholes.filter((whole) => whole !== undefined);
    const whole = wholes.length < this.wholes.length ? undefined : reserveFlatBuffer(this.device, buffersOf(gradients));
    if (whole !== undefined && wholes.every((other) => sameLayout(other, whole))) {
      return [{ buffers: [whole, ...wholes], count: whole.size / 4 }];
    }
    const columns = [gradients, ...this.columns];
    return parameters.map(({ size }, index) => ({
      buffers: buffersOf(columns.flatMap((tensors) => tensors[index] ?? [])),
      count: size,
    }));
  }
}

function buffersOf(tensors: readonly Tensor[]): DeviceBuffer[] {
  return tensors.map(({ buffer }) => buffer);
}

/** A tensor of zeros for each parameter, named after it. */
export function zerosLike(engine: Engine, parameters: readonly Tensor[], kind: string): Tensor[] {
  return parameters.map(({ shape, size, name }) => {
    return engine.tensor(new Float32Array(size), shape, { name: `${name ?? 'parameter'}/${kind}` });
  });
}
