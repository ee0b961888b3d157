/**
 * @file Measures the host's time for a replayed step: writing the batch, encoding and submitting.
 *
 * It depends on the number of dispatches and not on their size, so it is measured on a narrow network as well: a software
 * device computes on the host's own cores, and takes them from JavaScript as soon as it has work.
 */
import type { Gan } from '../../src/gan/gan.js';
import { median } from '../support/measure.js';

/** Steps before V8 and the driver have compiled what they run. */
const WARM_UP = 20;
const STEPS = 100;

/** @returns milliseconds of each step; the device is idle when a step begins. */
export async function hostTimes(gan: Gan): Promise<number[]> {
  const { device } = gan.engine;
  const plan = await gan.engine.record((): undefined => {
    gan.step();
  });
  const images = new Float32Array(gan.realImages.size);
  const times: number[] = [];
  for (let step = 0; step < WARM_UP + STEPS; step++) {
    const start = performance.now();
    gan.realImages.write(images);
    plan.replay();
    const time = performance.now() - start;
    await device.synchronize();
    if (step >= WARM_UP) times.push(time);
  }
  plan.dispose();
  return times;
}

/** `median 0.812 ms, minimum 0.640 ms`. */
export function describeTimes(times: readonly number[]): string {
  return `median ${median(times).toFixed(3)} ms, minimum ${Math.min(...times).toFixed(3)} ms`;
}
