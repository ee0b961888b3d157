/**
 * @file Defines the bounds of numbers: flags, files and the library accept the same numbers.
 */
import { z } from 'zod';

/** The numbers that a setting accepts. */
export interface Bounds {
  readonly isInteger?: boolean;
  readonly least: number;
  readonly most: number;
  /** Excludes `least`. */
  readonly isAboveLeast?: boolean;
  /** Excludes `most`. */
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

/** The smallest normal float32. A GPU may flush smaller numbers to 0. */
const SMALLEST_NORMAL = 2 ** -126;

/** A number as a GPU may store it in float32. */
function inFloat32(value: number): number {
  const rounded = Math.fround(value);
  return Math.abs(rounded) < SMALLEST_NORMAL ? 0 : rounded;
}

/**
 * What is accepted instead of a number; undefined for an accepted number.
 *
 * @param names whether both bounds are named, or only those that the value violates
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

/** Such as `an integer from 1 to 4`. @param value if given, the upper bound is named only if the value exceeds it */
export function takes(bounds: Bounds, value = Infinity): string {
  const { isInteger = false, least, most, isAboveLeast = false, isBelowMost = false } = bounds;
  const hasMost = most !== Number.MAX_SAFE_INTEGER && value > most;
  if (isInteger) return hasMost ? `an integer from ${least} to ${most}` : `an integer of at least ${least}`;
  if (isBelowMost)
    return isAboveLeast ? `a number above ${least} and below ${most}` : `a number from ${least} to below ${most}`;
  if (!isAboveLeast) return `a number from ${least} to ${most}`;
  return hasMost ? `a number above ${least}, up to ${most}` : `a number above ${least}`;
}

/** Parses a decimal number; undefined for hexadecimal, `Infinity` or inner blanks. */
export function decimal(text: string): number | undefined {
  const trimmed = text.trim();
  return /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i.test(trimmed) ? Number(trimmed) : undefined;
}

/** A schema that accepts the same numbers in a file. */
export function numberSchema(bounds: Bounds): z.ZodNumber {
  const { isInteger = false, least, most, isAboveLeast = false, isBelowMost = false } = bounds;
  if (isInteger) return most === Number.MAX_SAFE_INTEGER ? z.int().min(least) : z.int().min(least).max(most);
  const from = isAboveLeast ? z.number().gt(least) : z.number().gte(least);
  return (isBelowMost ? from.lt(most) : from.lte(most)).refine((value) => outOfBounds(value, bounds) === undefined, {
    error: ({ input }) => `it takes ${outOfBounds(Number(input), bounds) ?? ''}`,
  });
}
