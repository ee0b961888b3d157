/**
 * @file Axes that the charts of a study share.
 */
import { NEUTRALS } from '../../figures/palette.js';
import type { Better } from '../../evaluation/registry.js';

/** With this many decades or more, gridlines at 2 and 5 would be too many. */
const MANY = 3000;
/** Least number of gridlines that show the scale. */
const FEW = 3;

/**
 * Returns a logarithmic axis for values above 0. Gridlines lie at 1, 2 and 5 of each decade; for many decades only at 1,
 * for a short axis at each digit.
 */
export function logarithmic(values: readonly number[]): {
  readonly scale: { readonly type: 'log'; readonly domain: number[]; readonly nice: false };
  readonly ticks: number[];
} {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  // Adds a margin above and below, larger if all values are similar.
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

/** Draws a dotted line at the target value, for metrics that have one. */
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
