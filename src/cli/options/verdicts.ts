/**
 * @file Verdicts on the command line: the words that flags take, and the exit code of each.
 */
import { InvalidArgumentError } from 'commander';
import { VERDICTS, type VerdictName } from '../../evaluation/diagnosis.js';

/** What a verdict is called where a space would not do, and the exit code of a training that it stopped. */
export const VERDICT_EXITS: Readonly<Record<string, number>> = Object.fromEntries(
  VERDICTS.map((name, index) => [worded(name), 10 + index]),
);

/** `not learning` → `not-learning`. */
function worded(name: VerdictName): string {
  return name.replace(' ', '-');
}

/** The exit code of a training that was stopped on a verdict. */
export function exitCodeOf(name: VerdictName): number {
  return VERDICT_EXITS[worded(name)] ?? 1;
}

/** For a flag: verdicts between commas. */
export function verdictNames(text: string): VerdictName[] {
  return text.split(',').map((word) => {
    const found = VERDICTS.find((name) => [name, worded(name)].includes(word.trim()));
    if (found !== undefined) return found;
    throw new InvalidArgumentError(`It takes one or more of ${Object.keys(VERDICT_EXITS).join(', ')}.`);
  });
}

/** For the help: `10 healthy, 11 collapsing, …`. */
export function exitCodes(): string {
  return Object.entries(VERDICT_EXITS)
    .map(([name, code]) => `${code} ${name}`)
    .join(', ');
}
