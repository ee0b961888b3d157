/**
 * @file Parses the values of flags. Errors name the accepted values.
 */
import { InvalidArgumentError } from 'commander';
import { above0, type Bounds, decimal, integers, numbers, outOfBounds, takes } from '../../gan/bounds.js';

/** Parses a decimal number within bounds. Integers take no exponent. */
export function numberWithin(bounds: Bounds): (text: string) => number {
  return (text) => {
    const isWritten = bounds.isInteger !== true || /^-?\d+$/.test(text.trim());
    const value = isWritten ? decimal(text) : undefined;
    const problem = value === undefined ? takes(bounds) : outOfBounds(value, bounds, 'all');
    if (value === undefined || problem !== undefined) throw new InvalidArgumentError(`It takes ${problem ?? ''}.`);
    // −0 is 0.
    return value === 0 ? 0 : value;
  };
}

/** Parses an integer from `least` to `most`. */
export function integer(least: number, most?: number): (text: string) => number {
  return numberWithin(integers(least, most));
}

/** Parses a number above 0, up to `most`. */
export function positive(most: number): (text: string) => number {
  return numberWithin(above0(most));
}

/** Parses a number from `least` to `most`. */
export function between(least: number, most: number): (text: string) => number {
  return numberWithin(numbers(least, most));
}

/** Parses an integer within bounds, or the word. */
export function integerOr<const Word extends string>(word: Word, bounds: Bounds): (text: string) => number | Word {
  const parse = numberWithin(bounds);
  return (text) => {
    if (text === word) return word;
    try {
      return parse(text);
    } catch {
      throw new InvalidArgumentError(`It takes ${takes(bounds)}, or ${word}.`);
    }
  };
}
