/**
 * @file Runs the sweeps. Each point is measured on the way up and on the way down, so that a slow phase of the machine does
 * not look like growth. Points that would take too long are skipped and listed.
 */
import type { Engine } from '../../src/autograd/engine.js';
import { OutOfMemoryError } from '../../src/gpu/errors.js';
import { median } from '../../bench/support/measure.js';
import { LEAST_STEPS, visit, type Visit } from './point.js';
import { sizeAt, type Sweep } from './sweeps.js';
import type { Point } from './verdict.js';

/** A value that was not measured, with the reason. */
export interface Skipped {
  readonly value: number;
  readonly reason: string;
}

export interface SweepResult {
  readonly sweep: Sweep;
  readonly points: readonly Point[];
  readonly skipped: readonly Skipped[];
}

/** Largest share of a sweep's time that one visit may take. */
const MOST_OF_SWEEP = 1 / 8;

/** @param seconds time for all steps of the sweep */
export async function runSweep(engine: Engine, sweep: Sweep, seconds: number): Promise<SweepResult> {
  const visits = new Map<number, Visit[]>();
  const skipped: Skipped[] = [];
  let left = seconds;
  const most = (): number => Math.min(seconds * MOST_OF_SWEEP, left);
  const go = async (value: number): Promise<Visit> => {
    const result = await visit(engine, sizeAt(sweep, value), most());
    left -= result.seconds;
    return result;
  };
  for (const value of sweep.values) {
    const least = estimate(sweep, visits, value);
    if (least > most()) {
      skipped.push({ value, reason: tooLong(least, most()) });
      continue;
    }
    try {
      visits.set(value, [await go(value)]);
    } catch (error) {
      if (!(error instanceof OutOfMemoryError)) throw error;
      skipped.push({ value, reason: error.message });
    }
  }
  for (const [value, both] of [...visits].reverse()) {
    if (secondsOf(both) <= most()) both.push(await go(value));
  }
  return { sweep, points: [...visits].map(([value, both]) => pointOf(value, both)), skipped };
}

function tooLong(seconds: number, allowed: number): string {
  return `${LEAST_STEPS} steps would take about ${seconds.toFixed(1)} s, of ${allowed.toFixed(1)} s allowed`;
}

/** Seconds of the shortest visit of the same point. */
function secondsOf(visits: readonly Visit[]): number {
  return (LEAST_STEPS * median(visits.flatMap(({ times }) => times))) / 1000;
}

/**
 * Estimates the seconds of the shortest visit: time grows with the arithmetic, that is with the square of width and side.
 * 0 for a sweep's first point.
 */
function estimate({ parameter }: Sweep, visits: ReadonlyMap<number, readonly Visit[]>, value: number): number {
  const last = [...visits].at(-1);
  if (last === undefined) return 0;
  const [before, measured] = last;
  return secondsOf(measured) * (value / before) ** (parameter === 'batch' ? 1 : 2);
}

function pointOf(value: number, visits: readonly Visit[]): Point {
  const times = visits.flatMap((each) => each.times);
  return {
    value,
    gigaflop: visits[0]?.gigaflop ?? NaN,
    medianMs: median(times),
    minMs: Math.min(...times),
    samples: times.length,
    peakBytes: Math.max(...visits.map(({ peakBytes }) => peakBytes)),
  };
}
