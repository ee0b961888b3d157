/**
 * @file Axes that the charts of a study share.
 */
import { NEUTRALS } from '../../figures/palette.js';
import type { Better } from '../../evaluation/registry.js';

/** From here on gridlines at 2 and 5 would be too many. */
const MANY = 3000;
/** With fewer gridlines a reader could not tell the scale. */
const FEW = 3;

/**
 * A logarithmic axis over some values, all of them above 0. Gridlines lie at 1, 2 and 5 of each decade, of many decades
 * at 1 alone, and at each digit where those would be too few.
 */
export function logarithmic(values: readonly number[]): {
  readonly scale: { readonly type: 'log'; readonly domain: number[]; readonly nice: false };
  readonly ticks: number[];
} {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  // Room above and below, the more where all values are alike.
  const room = high / low < 2 ? 1.5 : 1.1;
  const domain = [low / room, high * room];
  const decades = Array.from({ length: 24 }, (_, index) => 10 ** (index - 12));
  const ticksAt = (steps: readonly number[]): number[] =>
    decades
      .flatMap((decade) => steps.map((step) => step * decade))
      .filter((tick) => low / room <= tick && tick <= high * room);
  const usual = ticksAt(high / low > MANY ? [1] : [1, 2, 5]);
  return {
    scale: { type: 'log', domain, nice: false },
    ticks: usual.length < FEW ? ticksAt([1, 2, 3, 4, 5, 6, 7, 8, 9]) : usual,
  };
}

/** A dotted line across a panel at the value that is best, where a measurement has such a target. */
export function targetLine(better: Better | undefined) {
  if (typeof better !== 'number') return [];
  return [
    {
      data: { values: [{ target: better }] },
      mark: { type: 'rule' as const, color: NEUTRALS.quiet.light, strokeDash: [2, 3] },
      encoding: {
        x: { value: 0 },
        x2: { value: 'width' as const },
        y: { field: 'target', type: 'quantitative' as const },
      },
    },
  ];
}
