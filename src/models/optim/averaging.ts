/**
 * @file Averages the weights of a network during training (exponential moving average).
 */
import type { Tensor } from '../../autograd/tensor.js';
import type { DeviceBuffer } from '../../gpu/memory/buffers.js';
import type { Device } from '../../gpu/device.js';
import { packIntoFlatBuffer } from '../../gpu/memory/flatBuffers.js';
import { average } from '../../kernels/optimisers.js';
import type { Sequential } from '../layers/index.js';

/** Two buffers of the same size: values and their average. */
interface Pair {
  readonly value: DeviceBuffer;
  readonly mean: DeviceBuffer;
}

/** Averages parameters and batch-norm statistics, each kind in one dispatch if it can be packed into one flat buffer. */
export class WeightAverage {
  private readonly pairs: readonly Pair[];

  /**
   * Starts with the current weights.
   *
   * @param trained the network to average
   * @param network a network of the same layers, which receives the average
   * @param decay share of the average that an update keeps, from 0 to below 1
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

  /** Updates the average with the current weights. */
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
    throw new Error(`WeightAverage: got ${from.length} and ${to.length} tensors; it takes equal numbers`);
  }
  const [value, mean] = [packIntoFlatBuffer(device, from), packIntoFlatBuffer(device, to)];
  if (value !== undefined && mean !== undefined) return [{ value, mean }];
  return from.flatMap((each, index) => {
    const own = to[index];
    return own === undefined ? [] : [{ value: each, mean: own }];
  });
}
