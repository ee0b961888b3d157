/**
 * @file Measures layer normalisation with leaky ReLU, forward and backward, at the sizes of the DCGAN's discriminator.
 */
import { layerNorm, layerNormGradient } from '../../src/kernels/norm/layerNorm.js';
import type { Bench, Case, Group, Row } from '../support/bench.js';
import { runMemoryBound } from '../support/memoryBound.js';
import { discard, noisy } from '../support/measure.js';

const BATCH = 64;
const EPSILON = 1e-5;

/**
 * Passes over a whole buffer. Forward: x three times, y. Backward: dy, x, y in and g, g · x̂ out; x, g in and dx out; g and
 * g · x̂ once more for the sums.
 */
const FORWARD = { passes: 4, buffers: 2 };
const BACKWARD = { passes: 10, buffers: 6 };

type Direction = 'forward' | 'backward';

function layerNormCase(side: number, channels: number, direction: Direction): Case {
  const name = `${BATCH}·${side}·${side} × ${channels}, ${direction}`;
  return { name, run: (bench) => run(bench, name, side * side, channels, direction) };
}

async function run(bench: Bench, name: string, pixels: number, channels: number, direction: Direction): Promise<Row> {
  const { device } = bench;
  const count = BATCH * pixels * channels;
  const [x, dy] = [noisy(device, count, 1).buffer, noisy(device, count, 2).buffer];
  const [gamma, beta] = [noisy(device, channels, 3).buffer, noisy(device, channels, 4).buffer];
  device.write(gamma, new Float32Array(channels).fill(1));
  device.write(beta, new Float32Array(channels));
  const common = { x, gamma, images: BATCH, pixels, channels, activation: { leakyRelu: 0.2 } } as const;
  const { y, statistics } = layerNorm(device, { ...common, beta, epsilon: EPSILON });
  try {
    await check(bench, name, { ...common, beta, epsilon: EPSILON, activation: 'none' });
    const bytes = count * 4;
    const { passes, buffers } = direction === 'forward' ? FORWARD : BACKWARD;
    const body = (): void => {
      if (direction === 'forward') layerNorm(device, { ...common, beta, epsilon: EPSILON });
      else layerNormGradient(device, { ...common, dy, y, statistics });
    };
    return await runMemoryBound(bench, body, { moved: passes * bytes, footprint: buffers * bytes });
  } finally {
    discard(device, [x, dy, y, statistics, gamma, beta]);
  }
}

/** What is normalised has mean 0 and variance 1 in every image. */
async function check({ device }: Bench, name: string, options: Parameters<typeof layerNorm>[1]): Promise<void> {
  const size = options.pixels * options.channels;
  const { y, statistics } = layerNorm(device, options);
  const [bytes] = await device.read(y);
  for (const buffer of [y, statistics]) device.free(buffer);
  const values = new Float32Array(bytes ?? new ArrayBuffer(0));
  for (const image of [0, BATCH - 1]) {
    let [sum, squares] = [0, 0];
    for (const value of values.subarray(image * size, (image + 1) * size)) {
      sum += value;
      squares += value * value;
    }
    if (!(Math.abs(sum / size) < 1e-4 && Math.abs(squares / size - 1) < 1e-3)) {
      throw new Error(`layerNorm ${name}: image ${image} has mean ${sum / size} and mean square ${squares / size}`);
    }
  }
}

export const layerNormGroup: Group = {
  name: 'layerNorm',
  unit: 'GB/s',
  cases: [
    layerNormCase(14, 64, 'forward'),
    layerNormCase(14, 64, 'backward'),
    layerNormCase(7, 128, 'forward'),
    layerNormCase(7, 128, 'backward'),
  ],
  note: 'Forward moves x, x, x, y; backward dy, x, y, g, g·x̂, x, g, dx, g, g·x̂. The limit is a copy of the same footprint.',
};
