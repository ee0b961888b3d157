/**
 * @file Measures batch normalisation with ReLU, forward and backward, at the DCGAN's two sizes.
 */
import { batchNormApply, batchNormGradient, batchNormStatistics } from '../../src/kernels/norm/batchNorm.js';
import type { Bench, Case, Group, Row } from '../support/bench.js';
import { runMemoryBound } from '../support/memoryBound.js';
import { discard, noisy } from '../support/measure.js';

const BATCH = 32;
const EPSILON = 1e-5;

/** Passes over a whole buffer. Forward: x for the statistics; x and y. Backward: dy, x for the sums; those and dx. */
const FORWARD = { passes: 3, buffers: 2 };
const BACKWARD = { passes: 5, buffers: 3 };

type Direction = 'forward' | 'backward';

function batchNormCase(side: number, channels: number, direction: Direction): Case {
  const rows = BATCH * side * side;
  const name = `${BATCH}·${side}·${side} × ${channels}, ${direction}`;
  return { name, run: (bench) => run(bench, name, rows, channels, direction) };
}

async function run(bench: Bench, name: string, rows: number, channels: number, direction: Direction): Promise<Row> {
  const { device } = bench;
  const count = rows * channels;
  const [x, dy] = [noisy(device, count, 1).buffer, noisy(device, count, 2).buffer];
  const perChannel = [4, 5, 6, 7].map((seed) => noisy(device, channels, seed).buffer);
  const [gamma = x, beta = x, mean = x, variance = x] = perChannel;
  device.write(gamma, new Float32Array(channels).fill(1));
  device.write(beta, new Float32Array(channels));
  device.write(variance, new Float32Array(channels).fill(1));
  const common = { x, gamma, beta, rows, channels, epsilon: EPSILON, activation: 'relu' } as const;
  try {
    await check(bench, name, { x, gamma, beta, rows, channels });
    const bytes = count * 4;
    const { passes, buffers } = direction === 'forward' ? FORWARD : BACKWARD;
    const body = (): void => {
      if (direction === 'backward') batchNormGradient(device, { ...common, mean, variance, dy });
      else batchNormApply(device, { ...common, ...batchNormStatistics(device, x, rows, channels) });
    };
    return await runMemoryBound(bench, body, { moved: passes * bytes, footprint: buffers * bytes });
  } finally {
    discard(device, [x, dy, ...perChannel]);
  }
}

/** What is normalised has mean 0 and variance 1 in every channel. */
async function check(
  { device }: Bench,
  name: string,
  options: Pick<Parameters<typeof batchNormApply>[1], 'x' | 'gamma' | 'beta' | 'rows' | 'channels'>,
): Promise<void> {
  const { x, rows, channels } = options;
  const trace = device.trace(() => {
    return batchNormApply(device, { ...options, epsilon: EPSILON, ...batchNormStatistics(device, x, rows, channels) });
  });
  const plan = await device.compile(trace, [trace.results]);
  plan.replay();
  const [bytes] = await device.read(plan.results);
  plan.dispose();
  const values = new Float32Array(bytes ?? new ArrayBuffer(0));
  for (const channel of [0, channels - 1]) {
    let [sum, squares] = [0, 0];
    for (let row = 0; row < rows; row++) {
      const value = values[row * channels + channel] ?? NaN;
      sum += value;
      squares += value * value;
    }
    if (!(Math.abs(sum / rows) < 1e-4 && Math.abs(squares / rows - 1) < 1e-3)) {
      throw new Error(`batchNorm ${name}: channel ${channel} has mean ${sum / rows} and mean square ${squares / rows}`);
    }
  }
}

export const batchNormGroup: Group = {
  name: 'batchNorm',
  unit: 'GB/s',
  cases: [
    batchNormCase(14, 64, 'forward'),
    batchNormCase(14, 64, 'backward'),
    batchNormCase(7, 128, 'forward'),
    batchNormCase(7, 128, 'backward'),
  ],
  note: 'Forward moves x, x, y; backward dy, x, dy, x, dx. The limit is a copy of the same footprint.',
};
