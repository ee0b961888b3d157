/**
 * @file The looks at all runs over their training: a line a dimension, the mean of its seeds. Three measurements stand
 * large, with a faint line a run; others are small panels.
 */
import type { TopLevelSpec } from 'vega-lite';
import { type Results, spreadOf } from '../measure/results.js';
import { type MetricName, SUMMARY_METRICS } from '../measure/summaryMetrics.js';
import { logarithmic, targetLine } from './axes.js';
import { chartFigure, type Figure } from './figure.js';
import { lineEncoding, lineName, markedLines } from './lines.js';
import { panelTitle } from './panelTitle.js';

type Panel = Extract<TopLevelSpec, { vconcat: unknown }>['vconcat'][number];

const LARGE: readonly MetricName[] = ['frechet', 'modes', 'switched'];
const SMALL: readonly MetricName[] = [
  'coverage',
  'recall',
  'variety',
  'sure',
  'displacement',
  'gap',
  'lossBalance',
  'generatorGradient',
  'discriminatorGradient',
];

/** What falls or grows by orders of magnitude. */
const LOGARITHMIC: readonly MetricName[] = ['frechet', 'generatorGradient', 'discriminatorGradient'];

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

/** @returns undefined where no run was looked at while it trained */
export async function trainingFigure(results: Results): Promise<Figure | undefined> {
  const panels = LARGE.flatMap((name) => largePanel(results, name));
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
      resolve: { scale: { color: 'shared', shape: 'shared' } },
    },
  );
}

/** More of the looks, in small panels. @returns undefined where no run was looked at while it trained */
export async function signsFigure(results: Results): Promise<Figure | undefined> {
  const panels = SMALL.flatMap((name) => smallPanel(results, name));
  if (panels.length === 0) return undefined;
  const { zDims, seeds } = results.settings;
  const titles = SMALL.map((name) => SUMMARY_METRICS[name].title).join(', ');
  return chartFigure(
    {
      name: 'training-signs',
      alt: `Over the iterations, a line for each of z_dim ${zDims.join(', ')}: ${titles}`,
      caption: `More of the looks that each run took${seeds.length > 1 ? '; each line is the mean of the seeds' : ''}.`,
    },
    {
      title: { text: 'Over training: further signs', offset: 20 },
      columns: COLUMNS,
      spacing: { row: 30, column: 36 },
      concat: panels,
      resolve: { scale: { color: 'shared', shape: 'shared' } },
    },
  );
}

function largePanel(results: Results, name: MetricName): Panel[] {
  const runs = pointsOf(results, name);
  if (runs.length === 0) return [];
  const { title, about } = SUMMARY_METRICS[name];
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
  const { title, about, better } = SUMMARY_METRICS[name];
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
  const { most } = SUMMARY_METRICS[name];
  const isLogarithmic = LOGARITHMIC.includes(name) && points.every(({ value }) => value > 0);
  const log = isLogarithmic ? logarithmic(points.map(({ value }) => value)) : undefined;
  const scale = log?.scale ?? { nice: 5, ...(most === undefined ? {} : { domain: [0, most] }) };
  const axis = { title: null, ...(log === undefined ? { tickCount: 5 } : { values: log.ticks, format: '~g' }) };
  return { field: 'value', type: 'quantitative' as const, scale, axis };
}

function pointsOf(results: Results, name: MetricName): Point[] {
  return results.runs.flatMap(({ name: line, zDim, looks }) => {
    return looks.flatMap(({ iteration, metrics }): Point[] => {
      const value = metrics[name];
      return value === null ? [] : [{ line, of: lineName(zDim), iteration, value }];
    });
  });
}

/** Over the seeds of each dimension, at each iteration. */
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
