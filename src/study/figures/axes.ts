/**
 * @file Axes that the charts of a study share.
 */

/** From here on gridlines at 2 and 5 would be too many. */
const MANY = 3000;

/** A logarithmic axis over some values, all of them above 0, with gridlines at 1, 2 and 5 of each decade, or at 1 of many. */
export function logarithmic(values: readonly number[]): {
  readonly scale: { readonly type: 'log'; readonly domain: number[]; readonly nice: false };
  readonly ticks: number[];
} {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  // Room above and below, the more where all values are alike.
  const room = high / low < 2 ? 1.5 : 1.1;
  const domain = [low / room, high * room];
  const decades = Array.from({ length: 24 }, (_, index) => 10 ** (index - 12));
  const steps = high / low > MANY ? [1] : [1, 2, 5];
  const ticks = decades.flatMap((decade) => steps.map((step) => step * decade));
  return {
    scale: { type: 'log', domain, nice: false },
    ticks: ticks.filter((tick) => low / room <= tick && tick <= high * room),
  };
}
