/**
 * @file Decides whether time and memory grow faster than the arithmetic, by the exponents of power laws.
 */
import { fitPowerLaw, LEAST_POINTS, type PowerLaw } from './fit.js';

/** A point of a sweep, over all its visits. */
export interface Point {
  /** The size that the sweep varies. */
  readonly value: number;
  readonly gigaflop: number;
  readonly medianMs: number;
  /** The fastest sample: other load on the machine can only slow a step down. */
  readonly minMs: number;
  readonly samples: number;
  readonly peakBytes: number;
}

export interface Growth {
  /** Fitted to the fastest samples. */
  readonly timeByArithmetic: PowerLaw;
  readonly timeByValue: PowerLaw;
  readonly memoryByArithmetic: PowerLaw;
  readonly memoryByValue: PowerLaw;
  readonly arithmeticByValue: PowerLaw;
  /** The steepest growth of time over arithmetic between two neighbours: one overall exponent may hide a bend. */
  readonly steepest: { readonly from: number; readonly to: number; readonly exponent: number };
}

/** Tolerance above 1, in standard errors of the exponent. */
const ERRORS = 2;

/** @returns undefined for too few points */
export function growthOf(points: readonly Point[]): Growth | undefined {
  if (points.length < LEAST_POINTS) return undefined;
  const column = (of: (point: Point) => number): number[] => points.map(of);
  const [values, arithmetic] = [column(({ value }) => value), column(({ gigaflop }) => gigaflop)];
  const [times, memory] = [column(({ minMs }) => minMs), column(({ peakBytes }) => peakBytes)];
  const segments = points.slice(1).map((to, index) => {
    const from = points[index] ?? to;
    const exponent = Math.log(to.minMs / from.minMs) / Math.log(to.gigaflop / from.gigaflop);
    return { from: from.value, to: to.value, exponent };
  });
  return {
    timeByArithmetic: fitPowerLaw(arithmetic, times),
    timeByValue: fitPowerLaw(values, times),
    memoryByArithmetic: fitPowerLaw(arithmetic, memory),
    memoryByValue: fitPowerLaw(values, memory),
    arithmeticByValue: fitPowerLaw(values, arithmetic),
    steepest: segments.reduce((most, segment) => (segment.exponent > most.exponent ? segment : most)),
  };
}

/** Whether the exponent does not exceed 1 significantly. */
export function growsNoFaster({ exponent, exponentError }: PowerLaw): boolean {
  return exponent <= 1 + ERRORS * exponentError;
}

/** `0.97 ± 0.01` */
export function described({ exponent, exponentError }: PowerLaw): string {
  const digits = exponentError < 0.005 ? 3 : 2;
  return `${exponent.toFixed(digits)} ± ${exponentError.toFixed(digits)}`;
}

/** Returns the lines to print for a sweep. */
export function growthLines(parameter: string, growth: Growth | undefined): string[] {
  if (growth === undefined) return [`  too few points for an exponent over ${parameter}`];
  const { timeByArithmetic, memoryByArithmetic, steepest } = growth;
  const verdict = (law: PowerLaw): string => (growsNoFaster(law) ? 'ok' : 'MISSED');
  return [
    `  exponent over ${parameter}: arithmetic ${described(growth.arithmeticByValue)}, ` +
      `time ${described(growth.timeByValue)}, memory ${described(growth.memoryByValue)}`,
    `  time over arithmetic ${described(timeByArithmetic)}: ${verdict(timeByArithmetic)}; ` +
      `memory over arithmetic ${described(memoryByArithmetic)}: ${verdict(memoryByArithmetic)} ` +
      `(at most 1 + ${ERRORS} errors)`,
    `  steepest between neighbours, time over arithmetic: ${steepest.exponent.toFixed(2)}, ` +
      `from ${parameter} ${steepest.from} to ${steepest.to}`,
  ];
}
