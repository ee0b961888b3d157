/**
 * @file The looks at all runs over their training: a line a dimension, the mean of its seeds, and a faint one a run.
 */
import type { TopLevelSpec } from 'vega-lite';
import { COLOURS } from '../../figures/chart.js';
import { type Results, spreadOf } from '../results.js';
import { type MetricName, SUMMARY_METRICS } from '../summaryMetrics.js';
import { logarithmic } from './axes.js';
import { chartFigure, type Figure } from './figure.js';

type Panel = Extract<TopLevelSpec, { vconcat: unknown }>['vconcat'][number];

const SHOWN: readonly MetricName[] = ['frechet', 'modes', 'switched'];

/** Pixels. */
const WIDTH = 640;
const HEIGHT = 190;

/** Dashes as well as colours, for print in grey. */
const DASHES = [
  [1, 0],
  [8, 3],
  [2, 2],
  [8, 3, 2, 3],
  [12, 4],
  [4, 4],
  [1, 3],
];
const LINES = [
  COLOURS.blue,
  COLOURS.vermillion,
  COLOURS.green,
  COLOURS.purple,
  COLOURS.orange,
  COLOURS.sky,
  COLOURS.grey,
];

interface Point {
  readonly line: string;
  readonly zDim: string;
  readonly iteration: number;
  readonly value: number;
}

/** @returns undefined where no run was looked at while it trained */
export async function trainingFigure(results: Results): Promise<Figure | undefined> {
  const panels = SHOWN.flatMap((name) => panel(results, name));
  if (panels.length === 0) return undefined;
  const many = results.settings.seeds.length > 1;
  return chartFigure(
    {
      name: 'training',
      alt: `Fréchet distance, digits made and share of fixed z that switch, over the iterations, a line for each of z_dim ${results.settings.zDims.join(', ')}`,
      caption: `Over training, by the looks that each run took${many ? '; thick: the mean of the seeds, thin: each seed' : ''}.`,
    },
    {
      title: { text: 'Over training', offset: 16 },
      spacing: 26,
      vconcat: panels,
      resolve: { scale: { color: 'shared', strokeDash: 'shared' } },
    },
  );
}

function panel(results: Results, name: MetricName): Panel[] {
  const runs = results.runs.flatMap(({ name: line, zDim, looks }) => {
    return looks.flatMap(({ iteration, metrics }): Point[] => {
      const value = metrics[name];
      return value === null ? [] : [{ line, zDim: `z_dim ${zDim}`, iteration, value }];
    });
  });
  if (runs.length === 0) return [];
  const names = results.settings.zDims.map((zDim) => `z_dim ${zDim}`);
  const means = names.flatMap((zDim) =>
    meansOf(
      runs.filter((point) => point.zDim === zDim),
      zDim,
    ),
  );
  const { title, about, most } = SUMMARY_METRICS[name];
  // A distance falls by orders of magnitude.
  const isDistance = name === 'frechet' && runs.every(({ value }) => value > 0);
  const log = isDistance ? logarithmic(runs.map(({ value }) => value)) : undefined;
  const scale = log?.scale ?? { nice: 5, ...(most === undefined ? {} : { domain: [0, most] }) };
  const axis = { title: null, ...(log === undefined ? { tickCount: 5 } : { values: log.ticks, format: '~g' }) };
  const of = { field: 'zDim', type: 'nominal' as const, title: null };
  const range = <T>(values: readonly T[]): T[] => names.map((_, index) => values[index % values.length]!);
  // The faint lines come first, and would fade the legend.
  const legend = {
    symbolType: 'stroke',
    symbolSize: 500,
    symbolOpacity: 1,
    symbolStrokeWidth: 2.5,
    orient: 'right' as const,
  };
  const encoding = {
    x: {
      field: 'iteration',
      type: 'quantitative' as const,
      scale: { domain: [0, results.settings.iterations], nice: false },
      axis: { title: name === SHOWN.at(-1) ? 'iteration' : null, format: ',.0f', tickMinStep: 1, tickCount: 8 },
    },
    y: { field: 'value', type: 'quantitative' as const, scale, axis },
    color: { ...of, scale: { domain: names, range: range(LINES) }, legend },
    strokeDash: { ...of, scale: { domain: names, range: range(DASHES) }, legend },
  };
  const many = results.settings.seeds.length > 1;
  return [
    {
      width: WIDTH,
      height: HEIGHT,
      title: { text: title, subtitle: about, fontSize: 13, offset: 8 },
      encoding,
      layer: [
        {
          data: { values: many ? runs : [] },
          mark: { type: 'line', strokeWidth: 1, opacity: 0.45 },
          encoding: { detail: { field: 'line' } },
        },
        { data: { values: means }, mark: { type: 'line', strokeWidth: 2.5 } },
      ],
    },
  ];
}

function meansOf(points: readonly Point[], zDim: string): Point[] {
  const iterations = [...new Set(points.map(({ iteration }) => iteration))].sort((a, b) => a - b);
  return iterations.map((iteration) => {
    const values = points.filter((point) => point.iteration === iteration).map(({ value }) => value);
    return { line: zDim, zDim, iteration, value: spreadOf(values)?.mean ?? 0 };
  });
}
