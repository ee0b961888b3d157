/**
 * @file Draws the evaluations of all runs over training, one line for each dimension: the mean of its seeds. Large panels
 * also show each run as a thin line; further metrics are small panels.
 */
import type { TopLevelSpec } from 'vega-lite';
import { type Results, spreadOf } from '../measure/results.js';
import { type MetricName, METRICS, metricsWith } from '../../evaluation/registry.js';
import { logarithmic, targetLine } from './axes.js';
import { chartFigure, type Figure } from './figure.js';
import { lineEncoding, lineName, markedLines } from './lines.js';
import { panelTitle } from './panelTitle.js';

type Panel = Extract<TopLevelSpec, { vconcat: unknown }>['vconcat'][number];

const LARGE = metricsWith(({ chart }) => chart?.size === 'large');
const SMALL = metricsWith(({ chart }) => chart?.size === 'small');

/** Pixels. */
const LARGE_SIZE = { width: 640, height: 190 };
const SMALL_SIZE = { width: 230, height: 150 };
const COLUMNS = 3;

interface Point {
  readonly line: string;
  /** The name of its dimension. */
  readonly of: string;
  readonly iteration: number;
  readonly value: number;
}

/** @returns undefined if no run was evaluated while it trained */
export async function trainingFigure(results: Results): Promise<Figure | undefined> {
  const panels = LARGE.flatMap((name) => largePanel(results, name));
  if (panels.length === 0) return undefined;
  const many = results.settings.seeds.length > 1;
  return chartFigure(
    {
      name: 'training',
      alt: `${titlesOf(LARGE)} over the iterations, a line for each of z_dim ${results.settings.zDims.join(', ')}`,
      caption: `The evaluations of each run over training${many ? '; thick: the mean of the seeds, thin: each seed' : ''}.`,
    },
    {
      title: { text: 'Over training', offset: 16 },
      spacing: 26,
      vconcat: panels,
      resolve: { scale: { color: 'shared', shape: 'shared' } },
    },
  );
}

/** Draws further metrics in small panels. @returns undefined if no run was evaluated while it trained */
export async function signsFigure(results: Results): Promise<Figure | undefined> {
  const panels = SMALL.flatMap((name) => smallPanel(results, name));
  if (panels.length === 0) return undefined;
  const { zDims, seeds } = results.settings;
  return chartFigure(
    {
      name: 'training-signs',
      alt: `${titlesOf(SMALL)} over the iterations, a line for each of z_dim ${zDims.join(', ')}`,
      caption: `Further metrics of each run over training${seeds.length > 1 ? '; each line is the mean of the seeds' : ''}.`,
    },
    {
      title: { text: 'Over training: further metrics', offset: 20 },
      columns: COLUMNS,
      spacing: { row: 30, column: 36 },
      concat: panels,
      resolve: { scale: { color: 'shared', shape: 'shared' } },
    },
  );
}

function titlesOf(names: readonly MetricName[]): string {
  return names.map((name) => METRICS[name].title).join(', ');
}

function largePanel(results: Results, name: MetricName): Panel[] {
  const runs = pointsOf(results, name);
  if (runs.length === 0) return [];
  const { title, about } = METRICS[name];
  const many = results.settings.seeds.length > 1;
  const encoding = lineEncoding(results.settings.zDims.map(lineName), 'right');
  return [
    {
      ...LARGE_SIZE,
      title: { text: title, subtitle: about, fontSize: 13, offset: 8 },
      encoding: {
        x: iterationAxis(results, { title: name === LARGE.at(-1) ? 'iteration' : null, tickCount: 8 }),
        y: valueAxis(name, runs),
      },
      layer: [
        ...markedLines(many ? runs : [], encoding, { strokeWidth: 1, opacity: 0.45 }),
        ...markedLines(meansOf(results, runs), encoding, { strokeWidth: 2.5 }),
      ],
    },
  ];
}

function smallPanel(results: Results, name: MetricName): Panel[] {
  const means = meansOf(results, pointsOf(results, name));
  if (means.length === 0) return [];
  const { title, about, better } = METRICS[name];
  const encoding = lineEncoding(results.settings.zDims.map(lineName), 'bottom');
  return [
    {
      ...SMALL_SIZE,
      title: panelTitle(title, about),
      encoding: {
        x: iterationAxis(results, { title: 'iteration', tickCount: 4 }),
        y: valueAxis(name, means),
      },
      layer: [...targetLine(better), ...markedLines(means, encoding, { strokeWidth: 2 })],
    },
  ];
}

function iterationAxis(results: Results, axis: { title: string | null; tickCount: number }) {
  return {
    field: 'iteration',
    type: 'quantitative' as const,
    scale: { domain: [0, results.settings.iterations], nice: false },
    axis: { ...axis, format: ',.0f', tickMinStep: 1 },
  };
}

function valueAxis(name: MetricName, points: readonly Point[]) {
  const { range, chart } = METRICS[name];
  const most = range?.[1];
  const isLogarithmic = chart?.axis === 'logarithmic' && points.every(({ value }) => value > 0);
  const log = isLogarithmic ? logarithmic(points.map(({ value }) => value)) : undefined;
  const scale = log?.scale ?? { nice: 5, ...(most === undefined ? {} : { domain: [0, most] }) };
  const axis = { title: null, ...(log === undefined ? { tickCount: 5 } : { values: log.ticks, format: '~g' }) };
  return { field: 'value', type: 'quantitative' as const, scale, axis };
}

function pointsOf(results: Results, name: MetricName): Point[] {
  return results.runs.flatMap(({ name: line, zDim, evaluations }) => {
    return evaluations.flatMap(({ iteration, metrics }): Point[] => {
      const value = metrics[name];
      return value === null ? [] : [{ line, of: lineName(zDim), iteration, value }];
    });
  });
}

/** Means over the seeds of each dimension at each iteration. */
function meansOf({ settings }: Results, points: readonly Point[]): Point[] {
  return settings.zDims.flatMap((each) => {
    const of = lineName(each);
    const own = points.filter((point) => point.of === of);
    const iterations = [...new Set(own.map(({ iteration }) => iteration))].sort((a, b) => a - b);
    return iterations.map((iteration) => {
      const values = own.filter((point) => point.iteration === iteration).map(({ value }) => value);
      return { line: of, of, iteration, value: spreadOf(values)?.mean ?? 0 };
    });
  });
}
