/**
 * @file Defines which numbers a setting takes: the flags, the files and the library refuse the same ones.
 */
import { z } from 'zod';

/** The numbers that a setting takes. */
export interface Bounds {
  readonly isInteger?: boolean;
  readonly least: number;
  readonly most: number;
  /** `least` itself is none of them. */
  readonly isAboveLeast?: boolean;
  /** `most` itself is none of them. */
  readonly isBelowMost?: boolean;
}

/** Integers from `least` to `most`. */
export function integers(least: number, most = Number.MAX_SAFE_INTEGER): Bounds {
  return { isInteger: true, least, most };
}

/** Numbers above 0, up to `most`. */
export function above0(most: number): Bounds {
  return { least: 0, most, isAboveLeast: true };
}

/** Numbers from `least` to `most`. */
export function numbers(least: number, most: number): Bounds {
  return { least, most };
}

/** Below it, float32 has no full precision, and a GPU may take a number for 0. */
const SMALLEST_NORMAL = 2 ** -126;

/** What float32 makes of a number, as a GPU may hold it. */
function inFloat32(value: number): number {
  const rounded = Math.fround(value);
  return Math.abs(rounded) < SMALLEST_NORMAL ? 0 : rounded;
}

/**
 * Why a number is none of those: what is taken instead. Undefined where it is one.
 *
 * @param names whether both bounds are named, or only those that the value breaks
 */
export function outOfBounds(value: number, bounds: Bounds, names: 'all' | 'broken' = 'broken'): string | undefined {
  const taken = takes(bounds, names === 'all' ? undefined : value);
  if (bounds.isInteger === true) return Number.isSafeInteger(value) && isWithin(value, bounds) ? undefined : taken;
  if (!Number.isFinite(value) || !isWithin(value, bounds)) return taken;
  const rounded = inFloat32(value);
  if (isWithin(rounded, bounds) && (rounded !== 0 || value === 0)) return undefined;
  return `${taken} in float32, where this is ${rounded}`;
}

function isWithin(value: number, { least, most, isAboveLeast = false, isBelowMost = false }: Bounds): boolean {
  return (isAboveLeast ? value > least : value >= least) && (isBelowMost ? value < most : value <= most);
}

/** Such as `an integer from 1 to 4`. @param value where given, an upper bound is named only if it exceeds that */
export function takes(bounds: Bounds, value = Infinity): string {
  const { isInteger = false, least, most, isAboveLeast = false, isBelowMost = false } = bounds;
  const hasMost = most !== Number.MAX_SAFE_INTEGER && value > most;
  if (isInteger) return hasMost ? `an integer from ${least} to ${most}` : `an integer of at least ${least}`;
  if (isBelowMost)
    return isAboveLeast ? `a number above ${least} and below ${most}` : `a number from ${least} to below ${most}`;
  if (!isAboveLeast) return `a number from ${least} to ${most}`;
  return hasMost ? `a number above ${least}, up to ${most}` : `a number above ${least}`;
}

/** The number that a text writes in decimal digits: no hexadecimal, no `Infinity`, no blanks within. */
export function decimal(text: string): number | undefined {
  const trimmed = text.trim();
  return /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i.test(trimmed) ? Number(trimmed) : undefined;
}

/** The same numbers in a file. */
export function numberSchema(bounds: Bounds): z.ZodNumber {
  const { isInteger = false, least, most, isAboveLeast = false, isBelowMost = false } = bounds;
  if (isInteger) return most === Number.MAX_SAFE_INTEGER ? z.int().min(least) : z.int().min(least).max(most);
  const from = isAboveLeast ? z.number().gt(least) : z.number().gte(least);
  return (isBelowMost ? from.lt(most) : from.lte(most)).refine((value) => outOfBounds(value, bounds) === undefined, {
    error: ({ input }) => `it takes ${outOfBounds(Number(input), bounds) ?? ''}`,
  });
}
