/**
 * @file Measures one point of a sweep: the arithmetic, time and memory of a step.
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

/** Measurements of one visit of a point. */
export interface Visit {
  readonly gigaflop: number;
  /** Milliseconds per step, one for each sample. */
  readonly times: readonly number[];
  /** Total time of the steps. */
  readonly seconds: number;
  /** Peak bytes of the pool and of uniforms: weights, moments, images and intermediate results. */
  readonly peakBytes: number;
}

/** Least duration of a sample: a synchronisation costs up to 0.2 ms. */
const SAMPLE_MS = 20;
const LEAST_SAMPLES = 3;
/** More samples add no information. */
const MOST_SAMPLES = 11;

/** Steps before the first sample: V8, the driver and the device's clock warm up. */
export const WARM_UP = 1;
/** Steps of the shortest visit. */
export const LEAST_STEPS = WARM_UP + LEAST_SAMPLES;

/**
 * Records the step and chooses its tiles, then measures it for at most `seconds`, but for at least {@link LEAST_STEPS}.
 *
 * @throws the device's errors, such as OutOfMemoryError
 */
export async function visit(engine: Engine, size: StepSize, seconds: number): Promise<Visit> {
  const { device } = engine;
  // The pool starts empty and is not trimmed before the end, so its final size is the peak.
  device.pool.trim();
  const gan = new Gan(engine, {
    architecture: dcganOfSide(size.side),
    ...{ zDim: Z_DIM, width: size.width, batch: size.batch },
    ...{ imageHeight: size.side, imageWidth: size.side, channels: 1 },
    ...{ seed: 1, random: seedrandom('growth'), ringCapacity: 16 },
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

/** Checks that the metrics are finite: a faulty step may be fast. */
async function checkLosses(gan: Gan): Promise<void> {
  const [bytes] = await gan.engine.device.read(gan.scalarRing);
  const losses = new Float32Array(bytes ?? new ArrayBuffer(0)).subarray(0, METRICS.length);
  if (losses.length === 0 || !losses.every(Number.isFinite) || losses[0] === 0) {
    throw new Error(`growth: the metrics of a step are ${losses.join(', ')}`);
  }
}
