/**
 * @file Measures spectral normalisation of a weight, including a step of the power iteration, at the sizes of both discriminators.
 */
import * as ops from '../../src/autograd/ops/index.js';
import type { Tensor } from '../../src/autograd/tensor.js';
import { noise } from '../../src/kernels/gemm/noise.js';
import { sizeOf } from '../../src/kernels/shape/strides.js';
import type { Bench, Case, Group, Row } from '../support/bench.js';
import { runMemoryBound } from '../support/memoryBound.js';

/** Twice the weight in, a product out and in again; the weight in and out. */
const PASSES = 8;
const BUFFERS = 4;

function spectralCase(name: string, shape: readonly number[]): Case {
  return { name: `${name} [${shape.join(', ')}]`, run: (bench) => run(bench, name, shape) };
}

async function run(bench: Bench, name: string, shape: readonly number[]): Promise<Row> {
  const { engine } = bench;
  const count = sizeOf(shape);
  const units = shape.at(-1) ?? 1;
  const weight = engine.tensor(noise(count, 1), shape);
  const u = engine.tensor(new Float32Array(units).fill(1 / Math.sqrt(units)), [units]);
  try {
    await check(name, weight, u);
    const body = (): void => {
      ops.spectralNormalise(weight, ops.powerIteration(weight, u, { moves: true }));
    };
    return await runMemoryBound(bench, body, { moved: PASSES * count * 4, footprint: BUFFERS * count * 4 });
  } finally {
    for (const tensor of [weight, u]) tensor.free();
    bench.device.pool.trim();
  }
}

/** A normalised weight stretches its own first vector by 1. */
async function check(name: string, weight: Tensor, u: Tensor): Promise<void> {
  const { engine } = weight;
  const sigma = engine.scope(() => {
    const vectors = ops.powerIteration(weight, u, { moves: true });
    return ops.spectralNorm(ops.spectralNormalise(weight, vectors), vectors);
  });
  const [value = NaN] = await sigma.data();
  sigma.free();
  if (!(Math.abs(value - 1) < 1e-4)) throw new Error(`spectralNorm ${name}: a normalised weight has σ ${value}`);
}

export const spectralNormGroup: Group = {
  name: 'spectralNorm',
  unit: 'GB/s',
  cases: [
    spectralCase('dcgan conv2', [4, 4, 64, 128]),
    spectralCase('article conv2', [5, 5, 64, 128]),
    spectralCase('article dense1', [3200, 256]),
  ],
  note: 'A step of the power iteration moves the weight 6 times, the division twice.',
};
