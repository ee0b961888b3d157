/**
 * @file A network whose weights are the running average of another's while that is trained.
 */
import type { Tensor } from '../../autograd/tensor.js';
import type { DeviceBuffer } from '../../gpu/memory/buffers.js';
import type { Device } from '../../gpu/device.js';
import { packIntoFlatBuffer } from '../../gpu/memory/flatBuffers.js';
import { average } from '../../kernels/optimisers.js';
import type { Sequential } from '../layers/index.js';

/** Two buffers of one size: what is averaged, and its average. */
interface Pair {
  readonly value: DeviceBuffer;
  readonly mean: DeviceBuffer;
}

/** Averages parameters and batch-norm statistics alike, each kind in one dispatch where it lies in one memory. */
export class WeightAverage {
  private readonly pairs: readonly Pair[];

  /**
   * Begins with the weights as they are.
   *
   * @param trained the network that is averaged
   * @param network one of the same layers, which becomes its average
   * @param decay share of the average that stays at each step, from 0 to below 1
   */
  constructor(
    private readonly device: Device,
    trained: Sequential,
    readonly network: Sequential,
    private readonly decay: number,
  ) {
    this.pairs = [
      ...pairsOf(device, trained.parameters, network.parameters),
      ...pairsOf(device, trained.state, network.state),
    ];
    for (const pair of this.pairs) this.move(pair, 0);
  }

  /** Moves the average on by the weights as they are. */
  apply(): void {
    for (const pair of this.pairs) this.move(pair, this.decay);
  }

  private move({ value, mean }: Pair, decay: number): void {
    average(this.device, { average: mean, value, count: mean.size / 4, decay });
  }
}

function pairsOf(device: Device, values: readonly Tensor[], means: readonly Tensor[]): Pair[] {
  if (values.length === 0) return [];
  const from = values.map(({ buffer }) => buffer);
  const to = means.map(({ buffer }) => buffer);
  if (from.length !== to.length) {
    throw new Error(`WeightAverage: got ${from.length} tensors and ${to.length}; it takes as many of each`);
  }
  const [value, mean] = [packIntoFlatBuffer(device, from), packIntoFlatBuffer(device, to)];
  if (value !== undefined && mean !== undefined) return [{ value, mean }];
  return from.flatMap((each, index) => {
    const own = to[index];
    return own === undefined ? [] : [{ value: each, mean: own }];
  });
}
