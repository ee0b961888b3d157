/**
 * @file Names and exit codes of verdicts on the command line.
 */
import { InvalidArgumentError } from 'commander';
import { VERDICTS, type VerdictName } from '../../evaluation/diagnosis.js';

/** The exit code of a training that a verdict stopped, by the verdict's name without spaces. */
export const VERDICT_EXITS: Readonly<Record<string, number>> = Object.fromEntries(
  VERDICTS.map((name, index) => [worded(name), 10 + index]),
);

/** `not learning` → `not-learning`. */
function worded(name: VerdictName): string {
  return name.replace(' ', '-');
}

/** The exit code of a training that a verdict stopped. */
export function exitCodeOf(name: VerdictName): number {
  return VERDICT_EXITS[worded(name)] ?? 1;
}

/** Parses verdicts separated by commas. */
export function verdictNames(text: string): VerdictName[] {
  return text.split(',').map((word) => {
    const found = VERDICTS.find((name) => [name, worded(name)].includes(word.trim()));
    if (found !== undefined) return found;
    throw new InvalidArgumentError(`It takes one or more of ${Object.keys(VERDICT_EXITS).join(', ')}.`);
  });
}

/** Describes the exit codes: `10 healthy, 11 collapsing, …`. */
export function exitCodes(): string {
  return Object.entries(VERDICT_EXITS)
    .map(([name, code]) => `${code} ${name}`)
    .join(', ');
}
