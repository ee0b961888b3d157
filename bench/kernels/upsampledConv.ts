/**
 * @file Measures a convolution of an up-sampled image and its gradients, computed on the small image and, beside it, as two
 * operations, at the sizes of the article's generator.
 */
import { gradients } from '../../src/autograd/grad.js';
import { conv2d, mul, sum, upsampledConv2d, upsample2x } from '../../src/autograd/ops/index.js';
import type { Tensor } from '../../src/autograd/tensor.js';
import { noise } from '../../src/kernels/gemm/noise.js';
import { sizeOf } from '../../src/kernels/shape/strides.js';
import type { Bench, Case, Group, Row } from '../support/bench.js';
import { measure, repeated } from '../support/measure.js';

const BATCH = 32;
const KERNEL = 5;

/** Outputs differ by rounding alone. */
const TOLERANCE = 1e-4;

interface Way {
  readonly name: string;
  readonly apply: (x: Tensor, w: Tensor) => Tensor;
  /** Multiply-adds for each pixel of the small image, channel and filter. */
  readonly multiplyAdds: number;
}

const FOLDED: Way = { name: 'upsampledConv2d', apply: upsampledConv2d, multiplyAdds: (KERNEL + 1) ** 2 };
const IN_TWO: Way = {
  name: 'upsample2x, conv2d',
  apply: (x, w) => conv2d(upsample2x(x), w),
  multiplyAdds: 4 * KERNEL ** 2,
};

/** A way at one size: the product, and its gradients by the image and by the kernel. */
function upsampledCase(way: Way, size: number, channels: number, filters: number): Case {
  const name = `${way.name} ${KERNEL}×${KERNEL} ${size}×${size}×${channels} → ${2 * size}×${2 * size}×${filters}`;
  return { name, run: (bench) => run(bench, way, [BATCH, size, size, channels], filters) };
}

async function run(
  bench: Bench,
  way: Way,
  shape: readonly [number, number, number, number],
  filters: number,
): Promise<Row> {
  const { device, engine, effort, limit } = bench;
  const [images, height, width, channels] = shape;
  const random = (seed: number, of: readonly number[]): Tensor => {
    return engine.tensor(noise(sizeOf(of), seed), of, { requiresGrad: true });
  };
  const x = random(1, shape);
  const w = random(2, [KERNEL, KERNEL, channels, filters]);
  const dy = random(3, [images, 2 * height, 2 * width, filters]);
  const body = (): void => {
    gradients(sum(mul(way.apply(x, w), dy)), [x, w]);
  };
  try {
    await check(x, w);
    device.trace(body);
    await engine.tuner.tune();
    const work = await repeated(device, body, effort.sampleMs);
    const amount = 3 * 2 * way.multiplyAdds * sizeOf(shape) * filters;
    const measured = await measure({ amount, run: work.run }, limit, effort);
    work.dispose();
    return { ...measured, tile: '' };
  } finally {
    for (const tensor of [x, w, dy]) tensor.free();
    device.pool.trim();
  }
}

/** @throws Error if both ways do not agree */
async function check(x: Tensor, w: Tensor): Promise<void> {
  const { engine } = x;
  const [folded, inTwo] = engine.scope(() => engine.noGrad(() => [FOLDED.apply(x, w), IN_TWO.apply(x, w)]));
  const [got, expected] = [await folded.data(), await inTwo.data()];
  const largest = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const index = got.findIndex((value, i) => !(Math.abs(value - (expected[i] ?? NaN)) <= TOLERANCE * largest));
  for (const tensor of [folded, inTwo]) tensor.free();
  if (index >= 0)
    throw new Error(`upsampledConv2d: element ${index} is ${got[index]} and should be ${expected[index]}`);
}

export const upsampledConvGroup: Group = {
  name: 'upsampledConv',
  unit: 'GFLOP/s',
  cases: [FOLDED, IN_TWO].flatMap((way) => [upsampledCase(way, 7, 128, 64), upsampledCase(way, 14, 64, 1)]),
  note: 'With both gradients. Each way counts the multiply-adds that it takes: 36 and 100 for four pixels.',
};
