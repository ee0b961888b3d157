/**
 * @file Draws a training step: each dispatch is a bar, in the order of execution and in the row of its family, above the
 * phases of the step. Each family's share of the time is beside its row.
 */
import type { TopLevelSpec } from 'vega-lite';
import { NEUTRALS } from '../../src/figures/palette.js';
import { FAMILIES, type Family } from './families.js';
import type { Phase } from './phases.js';
import { TIMED_REPLAYS } from './dispatchTimes.js';

/** A dispatch, in the order of execution. */
export interface TimedDispatch {
  readonly family: Family;
  readonly milliseconds: number;
}

interface ChartOptions {
  readonly about: readonly string[];
  /** Milliseconds of the step without timestamps. */
  readonly stepMs: number;
}

type Panel = Extract<TopLevelSpec, { hconcat: unknown }>['hconcat'][number];

/** Pixels. */
const WIDTH = 720;
const SHARES_WIDTH = 130;
const ROW = 30;
const BAR = 18;
/** Between neighbours of one row; what is too narrow for it goes without. */
const GAP = 1;
/** About what a letter of a phase's label takes. */
const LETTER = 5.6;
const LABEL_SIZE = 11;
const LABEL_LINE = 14;

const BANDS = [NEUTRALS.ground.light, NEUTRALS.band.light];
const QUIET = NEUTRALS.quiet.light;

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

export function profileChart(
  dispatches: readonly TimedDispatch[],
  phases: readonly Phase[],
  { about, stepMs }: ChartOptions,
): TopLevelSpec {
  const ends: number[] = [];
  for (const { milliseconds } of dispatches) ends.push((ends.at(-1) ?? 0) + milliseconds);
  const total = ends.at(-1) ?? 0;
  const startOf = (index: number): number => ends[index - 1] ?? 0;
  const names = FAMILIES.map(([name]) => name).filter((name) => dispatches.some(({ family }) => family === name));
  const colours = FAMILIES.filter(([name]) => names.includes(name)).map(([, colour]) => colour);
  const y = {
    field: 'family',
    type: 'nominal' as const,
    sort: names,
    scale: { domain: names, paddingInner: 1 - BAR / ROW, paddingOuter: (1 - BAR / ROW) / 2 },
  };
  const colour = {
    field: 'family',
    type: 'nominal' as const,
    scale: { domain: names, range: colours },
    legend: null,
  };
  const pixel = total / WIDTH;
  const bars = dispatches.map(({ family, milliseconds }, index) => {
    const start = startOf(index);
    return { family, start, end: start + Math.max(milliseconds / 2, milliseconds - GAP * pixel) };
  });
  const bands = phases.map(({ label, first }, index) => {
    const [start, end] = [startOf(first), startOf(phases[index + 1]?.first ?? dispatches.length)];
    const text = [...label, duration(end - start)];
    const fits = Math.max(...text.map(({ length }) => length)) * LETTER < (end - start) / pixel;
    return { start, end, middle: (start + end) / 2, shade: index % 2, text: fits ? text.join('\n') : '' };
  });
  const shares = names.map((family) => {
    const own = dispatches.filter((dispatch) => dispatch.family === family);
    const milliseconds = sum(own.map((dispatch) => dispatch.milliseconds));
    const share = milliseconds / total;
    return { family, share, text: `${(100 * share).toFixed(1)} %, ${duration(milliseconds)}, ${own.length}×` };
  });
  const height = ROW * names.length;
  return {
    title: {
      text: 'One training step, dispatch by dispatch',
      subtitle: [
        [...about, `${dispatches.length} dispatches`].join(' · '),
        'G: generator; D: discriminator, on both: real and generated images; an update: gradients, then Adam.',
        `Each dispatch in a pass of its own under timestamps, the median of ${TIMED_REPLAYS} replays, drawn end to end: ` +
          `${duration(total)}. Replayed as one pass: ${duration(stepMs)}.`,
      ],
      offset: 20,
    },
    spacing: 24,
    hconcat: [timeline({ bars, bands, y, colour, total, height }), sharesPanel({ shares, y, colour, height })],
  };
}

interface Rows {
  readonly y: object;
  readonly colour: object;
  readonly height: number;
}

function timeline({
  bars,
  bands,
  y,
  colour,
  total,
  height,
}: Rows & { readonly bars: readonly object[]; readonly bands: readonly object[]; readonly total: number }): Panel {
  const axis = { title: 'milliseconds', grid: false, tickCount: 10 };
  const time = { type: 'quantitative' as const, scale: { domain: [0, total], nice: false } };
  const x = { ...time, field: 'start', axis };
  const whole = { y: { value: 0 }, y2: { value: height } };
  return {
    width: WIDTH,
    height,
    layer: [
      {
        data: { values: [...bands] },
        mark: { type: 'rect' },
        encoding: {
          x,
          x2: { field: 'end' },
          ...whole,
          color: { field: 'shade', type: 'nominal', scale: { domain: [0, 1], range: BANDS }, legend: null },
        },
      },
      {
        data: { values: [...bands] },
        mark: {
          type: 'text',
          align: 'center',
          baseline: 'bottom',
          lineBreak: '\n',
          lineHeight: LABEL_LINE,
          fontSize: LABEL_SIZE,
          // The first line is what lies at y.
          dy: -6 - 2 * LABEL_LINE,
        },
        encoding: { x: { ...time, field: 'middle' }, y: { value: 0 }, text: { field: 'text' } },
      },
      {
        data: { values: [...bars] },
        // The outline keeps what is shorter than a pixel in sight.
        mark: { type: 'bar', height: BAR, strokeWidth: 0.6 },
        encoding: {
          x,
          x2: { field: 'end' },
          y: { ...y, axis: { title: null, domain: false, ticks: false, labelFontSize: 12, labelLimit: 0 } },
          color: colour,
          stroke: colour,
        },
      },
    ],
    resolve: { scale: { color: 'independent' } },
  };
}

function sharesPanel({ shares, y, colour, height }: Rows & { readonly shares: readonly object[] }): Panel {
  const x = { field: 'share', type: 'quantitative' as const, axis: null };
  const row = { ...y, axis: null };
  return {
    width: SHARES_WIDTH,
    height,
    title: { text: 'Share of the time', fontSize: 12, fontWeight: 600, offset: 6, anchor: 'start' },
    data: { values: [...shares] },
    layer: [
      { mark: { type: 'bar', height: BAR }, encoding: { x, y: row, color: colour } },
      {
        mark: { type: 'text', align: 'left', baseline: 'middle', dx: 5, fontSize: 11, color: QUIET },
        encoding: { x, y: row, text: { field: 'text' } },
      },
    ],
  };
}

/** Three digits. */
function duration(milliseconds: number): string {
  const digits = milliseconds >= 100 ? 0 : milliseconds >= 10 ? 1 : milliseconds >= 1 ? 2 : 3;
  return `${milliseconds.toFixed(digits)} ms`;
}
