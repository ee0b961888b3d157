/**
 * @file Draws the sweeps: time above, memory below, on logarithmic axes, with a dashed line proportional to the arithmetic.
 */
import type { TopLevelSpec } from 'vega-lite';
import { COLOURS, NEUTRALS } from '../../src/figures/palette.js';
import type { SweepResult } from './run.js';
import { USUAL, Z_DIM, type StepSize } from './sweeps.js';
import { described, growthOf, type Growth, type Point } from './verdict.js';

type Panel = Extract<TopLevelSpec, { concat: unknown }>['concat'][number];

/** A row of panels. */
interface Quantity {
  readonly title: string;
  readonly of: (point: Point) => number;
  readonly law: (growth: Growth) => string;
  readonly colour: string;
}

/** Pixels. */
const WIDTH = 250;
const HEIGHT = 210;

const MEBI = 2 ** 20;

const QUANTITIES: readonly Quantity[] = [
  {
    title: 'time of a step, ms',
    of: ({ minMs }) => minMs,
    law: ({ timeByArithmetic }) => described(timeByArithmetic),
    colour: COLOURS.blue,
  },
  {
    title: 'peak GPU memory, MiB',
    of: ({ peakBytes }) => peakBytes / MEBI,
    law: ({ memoryByArithmetic }) => described(memoryByArithmetic),
    colour: COLOURS.vermillion,
  },
];

const NAMES: Readonly<Record<keyof StepSize, string>> = {
  batch: 'images in a batch',
  width: 'width of the networks (1: 64 and 128 channels)',
  side: 'side of the images, pixels',
};

const FRACTIONS: Readonly<Record<string, string>> = { '0.25': '¼', '0.5': '½' };

export function growthChart(results: readonly SweepResult[], adapter: string): TopLevelSpec {
  const sweeps = results.filter(({ points }) => points.length > 0);
  const panels = QUANTITIES.flatMap((quantity, row) => {
    const all = sweeps.flatMap(({ points }) => points.map(quantity.of));
    const domain = [Math.min(...all) / 1.6, Math.max(...all) * 1.6];
    return sweeps.map((sweep, column) => {
      return panel(sweep, quantity, domain, { left: column === 0, bottom: row === QUANTITIES.length - 1 });
    });
  });
  return {
    title: {
      text: 'Growth of a training step',
      subtitle: [
        `${adapter} · dcgan, z ${Z_DIM}; batch ${USUAL.batch}, width ${USUAL.width}, side ${USUAL.side}, except for the size on the x axis · ` +
          'both axes logarithmic',
        'points: fastest step · dashed: proportional to the multiply-adds, through the default size',
      ],
      offset: 20,
    },
    spacing: { row: 26, column: 22 },
    columns: sweeps.length,
    concat: panels,
  };
}

function panel(
  { sweep, points }: SweepResult,
  { title, of, law, colour }: Quantity,
  domain: readonly number[],
  { left, bottom }: { readonly left: boolean; readonly bottom: boolean },
): Panel {
  const { parameter } = sweep;
  const values = points.map(({ value }) => value);
  const anchor = points.find(({ value }) => value === USUAL[parameter]) ?? points[0];
  const data = points.map((point) => ({
    value: point.value,
    measured: of(point),
    arithmetic: anchor === undefined ? 0 : (of(anchor) * point.gigaflop) / anchor.gigaflop,
  }));
  const growth = growthOf(points);
  const named = values.map((value) => `datum.value === ${value} ? '${FRACTIONS[value] ?? value}' : `).join('');
  const x = {
    field: 'value',
    type: 'quantitative' as const,
    scale: { type: 'log' as const, base: 2, nice: false, padding: 10 },
    axis: bottom
      ? { title: NAMES[parameter], values, labelExpr: `${named}''`, labelOverlap: false }
      : { title: null, values, labels: false },
  };
  const scale = { type: 'log' as const, domain: [...domain], nice: false };
  const axis = { title: left ? title : null, labels: left, format: ',~g', values: ticks(domain), grid: true };
  const y = { type: 'quantitative' as const, scale, axis };
  return {
    width: WIDTH,
    height: HEIGHT,
    data: { values: data },
    layer: [
      {
        mark: { type: 'line', color: NEUTRALS.quiet.light, strokeDash: [5, 4], strokeWidth: 1.5, clip: true },
        encoding: { x, y: { ...y, field: 'arithmetic' } },
      },
      {
        mark: { type: 'line', color: colour, strokeWidth: 1.5, point: { color: colour, size: 45, filled: true } },
        encoding: { x, y: { ...y, field: 'measured' } },
      },
      {
        data: { values: growth === undefined ? [] : [{ text: `grows as arithmetic to the power\n${law(growth)}` }] },
        mark: {
          type: 'text',
          align: 'left',
          baseline: 'top',
          lineBreak: '\n',
          lineHeight: 16,
          fontSize: 12,
          fontWeight: 600,
          color: colour,
        },
        encoding: { x: { value: 8 }, y: { value: 6 }, text: { field: 'text' } },
      },
    ],
  };
}

/** Returns 1 and 3 of each decade. */
function ticks([low = 1, high = 1]: readonly number[]): number[] {
  const decades = Array.from({ length: 12 }, (_, index) => 10 ** (index - 3));
  return decades.flatMap((decade) => [decade, 3 * decade]).filter((value) => low <= value && value <= high);
}
