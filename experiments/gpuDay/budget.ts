/**
 * @file Parses the budget of a GPU day.
 */

const SECONDS = { s: 1, m: 60, h: 3600 } as const;

/** `90s`, `25m` or `2h`, in seconds. @throws Error for anything else */
export function parseBudget(text: string): number {
  const [, digits = '', unit = ''] = /^(\d+(?:\.\d+)?)([smh])$/.exec(text) ?? [];
  const known = Object.entries(SECONDS).find(([name]) => name === unit)?.[1];
  const seconds = known === undefined ? 0 : known * Number(digits);
  if (seconds > 0) return seconds;
  throw new Error(`--budget ${text}: it takes a time with its unit, such as 90s, 25m or 2h`);
}
