/**
 * @file Parsers of flag values, each with an error that says what is taken.
 */
import { InvalidArgumentError } from 'commander';

/** An integer from `least` to `most`. */
export function integer(least: number, most = Number.MAX_SAFE_INTEGER): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!/^-?\d+$/.test(text.trim()) || !Number.isSafeInteger(value) || value < least || value > most) {
      const range = most === Number.MAX_SAFE_INTEGER ? `of at least ${least}` : `from ${least} to ${most}`;
      throw new InvalidArgumentError(`It takes an integer ${range}.`);
    }
    return value;
  };
}

/** A number above `above`, up to `most`. */
export function positive(most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() === '' || !(value > 0 && value <= most)) {
      throw new InvalidArgumentError(`It takes a number above 0, up to ${most}.`);
    }
    return value;
  };
}

/** A number from `least` to `most`. */
export function between(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() === '' || !(value >= least && value <= most)) {
      throw new InvalidArgumentError(`It takes a number from ${least} to ${most}.`);
    }
    return value;
  };
}

/** An integer of at least `least`, or the word `all`. */
export function integerOrAll(least: number): (text: string) => number | 'all' {
  const parse = integer(least);
  return (text) => {
    if (text === 'all') return 'all';
    try {
      return parse(text);
    } catch {
      throw new InvalidArgumentError(`It takes an integer of at least ${least}, or all.`);
    }
  };
}
