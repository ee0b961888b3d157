/**
 * @file One point of a sweep: the step of one size, its arithmetic, its time and its memory.
 */
import { performance } from 'node:perf_hooks';
import seedrandom from 'seedrandom';
import type { Engine } from '../../src/autograd/engine.js';
import { Gan } from '../../src/gan/gan.js';
import { METRICS } from '../../src/gan/ganMetrics.js';
import { operationsOf, productsOf } from '../../bench/support/products.js';
import { median, timed } from '../../bench/support/measure.js';
import { dcganOfSide } from './networks.js';
import { Z_DIM, type StepSize } from './sweeps.js';

/** What one visit of a point measured. */
export interface Visit {
  readonly gigaflop: number;
  /** Milliseconds of a step, one for each sample. */
  readonly times: readonly number[];
  /** That the steps took, all together. */
  readonly seconds: number;
  /** Bytes of the pool and of uniforms at most: weights, moments, images, and what the step computes. */
  readonly peakBytes: number;
}

/** A sample is as many steps as take so long, since a synchronisation costs up to 0.2 ms. */
const SAMPLE_MS = 20;
const LEAST_SAMPLES = 3;
/** More tell nothing new. */
const MOST_SAMPLES = 11;

/** Steps before one counts: V8, the driver and the device's clock have to wake up. */
export const WARM_UP = 1;
/** Steps of the shortest visit. */
export const LEAST_STEPS = WARM_UP + LEAST_SAMPLES;

/**
 * Measures, once the step is recorded and its tiles are chosen, for at most `seconds`, or for {@link LEAST_STEPS} if those take longer.
 *
 * @throws the device's errors, of want of memory among them
 */
export async function visit(engine: Engine, size: StepSize, seconds: number): Promise<Visit> {
  const { device } = engine;
  // Nothing of another point is left in the pool, and nothing leaves it until the end: what it then holds is the peak.
  device.pool.trim();
  const gan = new Gan(engine, {
    architecture: dcganOfSide(size.side),
    ...{ zDim: Z_DIM, width: size.width, batch: size.batch },
    ...{ imageHeight: size.side, imageWidth: size.side, channels: 1 },
    ...{ seed: 1, random: seedrandom('growth'), historyCapacity: 16 },
  });
  try {
    const plan = await engine.record((): undefined => {
      gan.step();
    });
    try {
      const gigaflop = operationsOf(productsOf(engine, gan)) / 1e9;
      const random = seedrandom('images');
      const images = Float32Array.from({ length: gan.realImages.size }, () => 2 * random() - 1);
      const run = (steps: number): Promise<number> => {
        return timed(device, () => {
          for (let step = 0; step < steps; step++) {
            gan.realImages.write(images);
            plan.replay();
          }
        });
      };
      const start = performance.now();
      const warm = await run(WARM_UP);
      const steps = Math.max(1, Math.ceil(SAMPLE_MS / warm));
      const times: number[] = [];
      const isOver = (): boolean => {
        return times.length >= MOST_SAMPLES || performance.now() - start + steps * median(times) > 1000 * seconds;
      };
      while (times.length < LEAST_SAMPLES || !isOver()) times.push((await run(steps)) / steps);
      const took = (performance.now() - start) / 1000;
      const peakBytes = device.pool.bytes + device.uniforms.bytes;
      await checkLosses(gan);
      return { gigaflop, times, seconds: took, peakBytes };
    } finally {
      plan.dispose();
    }
  } finally {
    gan.dispose();
    device.pool.trim();
  }
}

/** A step that computes nonsense may be fast. */
async function checkLosses(gan: Gan): Promise<void> {
  const [bytes] = await gan.engine.device.read(gan.history);
  const losses = new Float32Array(bytes ?? new ArrayBuffer(0)).subarray(0, METRICS.length);
  if (losses.length === 0 || !losses.every(Number.isFinite) || losses[0] === 0) {
    throw new Error(`growth: the metrics of a step are ${losses.join(', ')}`);
  }
}
