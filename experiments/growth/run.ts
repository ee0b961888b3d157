/**
 * @file The sweeps: each point is visited on the way up and again on the way down, so that a slow minute of the machine
 * does not look like growth; points that would take too long are left out, and named.
 */
import type { Engine } from '../../src/autograd/engine.js';
import { OutOfMemoryError } from '../../src/gpu/errors.js';
import { median } from '../../bench/support/measure.js';
import { LEAST_STEPS, visit, type Visit } from './point.js';
import { sizeAt, type Sweep } from './sweeps.js';
import type { Point } from './verdict.js';

/** A value that was not measured, and why. */
export interface Skipped {
  readonly value: number;
  readonly reason: string;
}

export interface SweepResult {
  readonly sweep: Sweep;
  readonly points: readonly Point[];
  readonly skipped: readonly Skipped[];
}

/** Of a sweep's time, what one visit may take at most. */
const MOST_OF_SWEEP = 1 / 8;

/** @param seconds that the steps of the sweep may take, all together */
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
    const least = foreseen(sweep, visits, value);
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

/** Seconds of the shortest visit to where these were. */
function secondsOf(visits: readonly Visit[]): number {
  return (LEAST_STEPS * median(visits.flatMap(({ times }) => times))) / 1000;
}

/**
 * Seconds that a visit takes at least, if time goes on to grow as the arithmetic does: with the square of the width and
 * of the side. 0 for a sweep's first point.
 */
function foreseen({ parameter }: Sweep, visits: ReadonlyMap<number, readonly Visit[]>, value: number): number {
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
