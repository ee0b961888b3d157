/**
 * @file Draws the figure of a comparison: a row for each method, a panel for each metric, a point for each dimension of z.
 */
import type { TopLevelSpec } from 'vega-lite';
import { NEUTRALS, SERIES } from '../../figures/palette.js';
import { VERDICTS, type VerdictName } from '../../evaluation/diagnosis.js';
import { logarithmic } from '../figures/axes.js';
import { chartFigure, type Figure } from '../figures/figure.js';
import { repeated } from '../figures/lines.js';
import { panelTitle } from '../figures/panelTitle.js';
import { VERDICT_SHAPE } from '../figures/verdictShape.js';
import { betterWords } from '../../evaluation/metricText.js';
import { COLUMNS, type Column } from './columns.js';
import type { ComparisonResults, ComparisonRow } from './comparisonResults.js';
import { conditionsOf } from './conditions.js';

type Panel = Extract<TopLevelSpec, { concat: unknown }>['concat'][number];

/** Panels side by side; those at the left name the methods. */
const ACROSS = 3;
/** Pixels. */
const WIDTH = 230;
const STEP = 26;
/** The padding keeps the legends apart. */
const LEGEND = { orient: 'bottom' as const, symbolSize: 90, padding: 10 };
/** Of a method's row, for each dimension: room for its number. */
const LABEL = 11;

/** @returns undefined if nothing is measured */
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
      caption:
        'Each point is the mean of the runs of a method at one z_dim, which stands beside it; its shape is their worst verdict.',
    },
    {
      title: { text: 'Metrics by method', subtitle: `the finished runs on ${conditionsOf(results)}`, offset: 20 },
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
  const colour = {
    field: 'zDim',
    type: 'nominal' as const,
    title: 'z_dim',
    scale: { domain: zDims, range: repeated(SERIES, zDims.length) },
    legend: LEGEND,
  };
  const shape = {
    field: 'verdict',
    type: 'nominal' as const,
    title: 'verdict',
    scale: VERDICT_SHAPE,
    legend: LEGEND,
  };
  return {
    width: WIDTH,
    height: { step: Math.max(STEP, LABEL * zDims.length), for: 'position' },
    title: panelTitle(column.title, column.about, betterWords(column.better)),
    data: { values: [...points] },
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
    },
    layer: [
      { mark: { type: 'point', size: 80, strokeWidth: 2 }, encoding: { color: colour, shape } },
      // The shape is the verdict, so each point says its dimension in figures, and not by its colour alone.
      {
        mark: { type: 'text', align: 'left', baseline: 'middle', dx: 8, fontSize: 10, color: NEUTRALS.quiet.light },
        encoding: { text: { field: 'zDim' } },
      },
    ],
  };
}

/** The worst verdict that any of the runs got; undefined where none is measured. */
export function worstOf({ verdicts }: ComparisonRow): VerdictName | undefined {
  return VERDICTS.findLast((name) => verdicts[name] > 0);
}
