/**
 * @file Fully connected layers.
 */
import * as ops from '../../autograd/ops/index.js';
import type { Builder, Layer } from './layer.js';
import { weighted, type WeightedOptions } from './weighted.js';

/** activation(x × kernel + bias), [batch, inputs] → [batch, units]. */
export function dense(builder: Builder, name: string, inputs: number, units: number, options: WeightedOptions): Layer {
  const { activation = 'none' } = options;
  return weighted(builder, name, { shape: [inputs, units], unitAxis: 1 }, options, (x, kernel, bias) => {
    return ops.matmul(x, kernel, { bias, activation });
  });
}
