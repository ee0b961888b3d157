/**
 * @file Measures work: repeats it until a sample is long enough, and samples the device's limit in between.
 */
import type { DeviceBuffer } from '../../src/gpu/memory/buffers.js';
import type { Device } from '../../src/gpu/device.js';
import type { Plan } from '../../src/gpu/plan/plan.js';
import { noise } from '../../src/kernels/gemm/noise.js';

/** How long to measure. */
export interface Effort {
  /** Milliseconds that a sample takes at least: a synchronisation costs up to 0.2 ms, which must not count. */
  readonly sampleMs: number;
  /** Both are reached before a case ends. */
  readonly leastRuns: number;
  readonly leastMs: number;
}

export const THOROUGH: Effort = { sampleMs: 20, leastRuns: 7, leastMs: 1000 };
export const QUICK: Effort = { sampleMs: 5, leastRuns: 3, leastMs: 0 };

/** More repetitions of a dispatch in one plan would only take longer to set up. */
const MOST_REPEATS = 1024;

/** What the device can do at most, sampled anew each time: a shared or throttled machine changes from second to second. */
export interface Limit {
  /** @returns billions of operations or bytes a second. */
  sample(): Promise<number>;
}

/** Something to time: `run` does it once and returns the milliseconds it took. */
export interface Work {
  /** Floating-point operations or bytes of one run. */
  readonly amount: number;
  readonly run: () => Promise<number>;
}

export interface Measurement {
  readonly medianMs: number;
  readonly minMs: number;
  readonly runs: number;
  /** Billions a second, at the median. */
  readonly rate: number;
  /** Median of the limit's samples between the runs. */
  readonly limit: number;
  /** Median over the runs of each one's rate against the mean of the limit just before and just after. */
  readonly ofLimit: number;
  /** The fastest run against the limit's median: neighbours on a shared machine only ever slow a run down. */
  readonly bestOfLimit: number;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? NaN)) / 2;
}

/** Times `work` and the limit in turns, A B A B … A. */
export async function measure(work: Work, limit: Limit, effort: Effort): Promise<Measurement> {
  const times: number[] = [];
  const shares: number[] = [];
  const limits = [await limit.sample()];
  const start = performance.now();
  while (times.length < effort.leastRuns || performance.now() - start < effort.leastMs) {
    const before = limits.at(-1) ?? NaN;
    const time = await work.run();
    const after = await limit.sample();
    times.push(time);
    limits.push(after);
    shares.push(work.amount / time / 1e6 / ((before + after) / 2));
  }
  const medianMs = median(times);
  const minMs = Math.min(...times);
  return {
    medianMs,
    minMs,
    runs: times.length,
    rate: work.amount / medianMs / 1e6,
    limit: median(limits),
    ofLimit: median(shares),
    bestOfLimit: work.amount / minMs / 1e6 / median(limits),
  };
}

/** Milliseconds from giving work to the device until it is done. */
export async function timed(device: Device, body: () => void): Promise<number> {
  const start = performance.now();
  body();
  await device.synchronize();
  return performance.now() - start;
}

/** What work gave, and how long it took: by the clock, and on all cores of this process. */
export async function clocked<T>(
  body: () => Promise<T>,
): Promise<{ readonly result: T; readonly ms: number; readonly cpuMs: number }> {
  const [start, before] = [performance.now(), process.cpuUsage()];
  const result = await body();
  const { user, system } = process.cpuUsage(before);
  return { result, ms: performance.now() - start, cpuMs: (user + system) / 1000 };
}

/** For people. */
export function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(2)} s`;
}

/** A dispatch or a few, repeated inside one plan until a replay lasts long enough to be timed. */
export interface Repeated {
  /** Milliseconds of one repetition, by a replay of them all. */
  readonly run: () => Promise<number>;
  readonly dispose: () => void;
}

/**
 * Warms the kernels up and repeats them. A submission costs as much as a small kernel, so repetitions lie in one pass;
 * they write the same buffers, so the device must do them one after the other.
 */
export async function repeated(device: Device, body: () => void, sampleMs: number): Promise<Repeated> {
  const compile = (repeats: number): Promise<Plan<void>> => {
    return device.compile(
      device.trace(() => {
        for (let i = 0; i < repeats; i++) body();
      }),
    );
  };
  let repeats = 1;
  let plan = await compile(repeats);
  const replay = (): Promise<number> => timed(device, () => plan.replay());
  await replay();
  for (let time = await replay(); time < sampleMs && repeats < MOST_REPEATS; time = await replay()) {
    plan.dispose();
    const growth = Math.min(16, Math.max(2, Math.ceil(sampleMs / time)));
    repeats = Math.min(MOST_REPEATS, repeats * growth);
    plan = await compile(repeats);
    await replay();
  }
  return { run: async () => (await replay()) / repeats, dispose: () => plan.dispose() };
}

/** A buffer of {@link noise}, padding included. The caller frees it. */
export function noisy(
  device: Device,
  count: number,
  seed: number,
): { readonly buffer: DeviceBuffer; readonly data: Float32Array } {
  const buffer = device.allocatePersistent(count * 4, `noise ${seed}`);
  const data = noise(buffer.size / 4, seed);
  device.write(buffer, data);
  return { buffer, data };
}

/** Frees buffers, and hands their memory back so that no case is measured in the leftovers of another. */
export function discard(device: Device, buffers: Iterable<DeviceBuffer>): void {
  for (const buffer of buffers) device.free(buffer);
  device.pool.trim();
}
