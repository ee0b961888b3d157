/**
 * @file The figure of a comparison: a row a method, a panel a measurement, a point a dimension of z.
 */
import type { TopLevelSpec } from 'vega-lite';
import { COLOURS } from '../../figures/chart.js';
import { VERDICTS, type VerdictName } from '../../metrics/diagnosis.js';
import { logarithmic } from '../figures/axes.js';
import { chartFigure, type Figure } from '../figures/figure.js';
import { panelTitle } from '../figures/panelTitle.js';
import { VERDICT_SHAPE } from '../figures/verdictShape.js';
import { COLUMNS, type Column } from './columns.js';
import type { ComparisonResults, ComparisonRow } from './comparisonResults.js';
import { conditionsOf } from './conditions.js';

type Panel = Extract<TopLevelSpec, { concat: unknown }>['concat'][number];

/** Panels side by side; those at the left name the methods. */
const ACROSS = 3;
/** Pixels. */
const WIDTH = 230;
const STEP = 26;

/** Of the dimensions, the largest first. */
const HUES = [COLOURS.blue, COLOURS.orange, COLOURS.vermillion, COLOURS.purple, COLOURS.green, COLOURS.sky];

/** @returns undefined where nothing is measured */
export async function comparisonFigure(results: ComparisonResults): Promise<Figure | undefined> {
  const methods = results.methods.map(({ method }) => method);
  const measured = COLUMNS.map((column) => ({ column, points: pointsOf(results, column) }));
  const shown = measured.filter(({ points }) => points.length > 0);
  const panels = shown.map(({ column, points }, index) => panel(results, column, points, index % ACROSS === 0));
  if (panels.length === 0) return undefined;
  return chartFigure(
    {
      name: 'comparison',
      alt: `Measurements of ${methods.join(', ')} at z_dim ${results.settings.zDims.join(', ')}`,
      caption: 'Each point is the mean of the runs of a method at one z_dim; its shape is their worst verdict.',
    },
    {
      title: { text: 'What keeps the modes', subtitle: `the finished runs on ${conditionsOf(results)}`, offset: 20 },
      columns: ACROSS,
      spacing: { row: 30, column: 30 },
      concat: panels,
      resolve: { scale: { color: 'shared', shape: 'shared' } },
    },
  );
}

/** A row in a panel. */
interface Point {
  readonly method: string;
  readonly zDim: string;
  readonly verdict: VerdictName;
  readonly value: number;
}

function pointsOf({ rows }: ComparisonResults, column: Column): Point[] {
  return rows.flatMap((row) => {
    const value = column.of(row)?.mean;
    const verdict = worstOf(row);
    return value === undefined || verdict === undefined
      ? []
      : [{ method: row.method, zDim: row.zDim.toString(), verdict, value }];
  });
}

function panel(
  { methods, settings }: ComparisonResults,
  column: Column,
  points: readonly Point[],
  isFirst: boolean,
): Panel {
  const log = column.isLogarithmic === true ? logarithmic(points.map(({ value }) => value)) : undefined;
  const linear = { zero: true, ...(column.most === undefined ? { nice: 5 } : { domain: [0, column.most] }) };
  const zDims = settings.zDims.map(String);
  return {
    width: WIDTH,
    height: { step: STEP, for: 'position' },
    title: panelTitle(`${column.title} ${column.better === 'high' ? '→' : '←'}`, column.about),
    data: { values: [...points] },
    mark: { type: 'point', size: 80, strokeWidth: 2 },
    encoding: {
      x: {
        field: 'value',
        type: 'quantitative',
        scale: log?.scale ?? linear,
        axis: {
          title: null,
          grid: true,
          ...(log === undefined ? { tickCount: 5 } : { values: log.ticks, format: '~s' }),
        },
      },
      y: {
        field: 'method',
        type: 'nominal',
        sort: null,
        scale: { domain: methods.map(({ method }) => method) },
        axis: { title: null, labels: isFirst, grid: true, labelLimit: 420 },
      },
      // Points of one place would hide each other.
      yOffset: { field: 'zDim', type: 'nominal', scale: { domain: zDims } },
      color: {
        field: 'zDim',
        type: 'nominal',
        title: 'z_dim',
        scale: { domain: zDims, range: zDims.map((_, index) => HUES[index % HUES.length] ?? COLOURS.grey) },
        legend: { orient: 'bottom', symbolSize: 90 },
      },
      shape: {
        field: 'verdict',
        type: 'nominal',
        title: 'verdict',
        scale: VERDICT_SHAPE,
        legend: { orient: 'bottom', symbolSize: 90 },
      },
    },
  };
}

/** The worst verdict that any of the runs got; undefined where none is measured. */
export function worstOf({ verdicts }: ComparisonRow): VerdictName | undefined {
  return VERDICTS.findLast((name) => verdicts[name] > 0);
}
