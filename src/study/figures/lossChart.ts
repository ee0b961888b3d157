/**
 * @file Draws losses (or a critic's estimates) above the Fréchet distance over training, with their rank correlation: can
 * one judge a run by its losses alone? One column for each dimension.
 */
import type { TopLevelSpec } from 'vega-lite';
import { COLOURS } from '../../figures/palette.js';
import { LEAST_PAIRS } from '../../evaluation/dynamics/rankCorrelation.js';
import type { MetricName } from '../../evaluation/registry.js';
import { type Results, type RunResult, spreadOf } from '../measure/results.js';
import { logarithmic } from './axes.js';
import { chartFigure, type Figure, type FigureTexts } from './figure.js';
import { type LineEncoding, lineEncoding, markedLines } from './lines.js';

type Panel = Extract<TopLevelSpec, { vconcat: unknown }>['vconcat'][number];

/** One of the two figures. */
interface Kind {
  readonly name: string;
  readonly title: string;
  readonly caption: string;
  /** Metrics above the distance, with their names in the legend. */
  readonly series: readonly (readonly [label: string, metric: MetricName])[];
}

const CRITIC: Kind = {
  name: 'wasserstein',
  title: "The critic's estimate of the Wasserstein distance, and the Fréchet distance",
  caption:
    "Above: the critic's mean score of real images less that of generated ones, its estimate of the Wasserstein distance, " +
    "in the critic's own scale. If the line of held-out images falls away from that of training images, the critic " +
    'overfits its images.',
  series: [
    ['training images', 'wasserstein'],
    ['held-out images', 'wassersteinHeldOut'],
  ],
};

const LOSSES: Kind = {
  name: 'loss-against-distance',
  title: 'The losses, and the Fréchet distance',
  caption: 'Above: the mean loss of both networks over the last iterations before each evaluation.',
  series: [
    ["generator's loss", 'generatorLoss'],
    ["discriminator's loss", 'discriminatorLoss'],
  ],
};

const HOW_TO_READ =
  "Below: the Fréchet distance of this classifier's features. The rank correlation is Spearman's, over the evaluations of " +
  'a run. Near 1: the upper curve falls when images get better, so it can replace looking at them. Near 0: it says ' +
  'nothing. Near −1: it rises when images get better.';

/** Columns in a row, and the width of a panel in pixels by the number of columns. */
const COLUMNS = 3;
const WIDTHS = [640, 340, 260];
const HEIGHTS = { above: 170, below: 130 };

/** A distance that changes by less than this factor has a linear axis: a logarithmic one would show a level line. */
const FLAT = 4;

interface Point {
  /** A run, or the mean of all. */
  readonly line: string;
  readonly of: string;
  readonly iteration: number;
  readonly value: number;
}

/** @returns undefined if no run was evaluated while it trained, or no evaluation has its losses */
export async function lossFigure(results: Results): Promise<Figure | undefined> {
  const { settings, runs } = results;
  const kind = [CRITIC, LOSSES].find(({ series }) =>
    series.some(([, metric]) => runs.some((run) => hasMetric(run, metric))),
  );
  if (kind === undefined) return undefined;
  const columns = settings.zDims.flatMap((zDim) => {
    const own = runs.filter((run) => run.zDim === zDim && kind.series.some(([, metric]) => hasMetric(run, metric)));
    return own.length === 0 ? [] : [{ zDim, runs: own, correlations: correlationLines(kind, own) }];
  });
  const width = WIDTHS[Math.min(columns.length, COLUMNS) - 1] ?? 0;
  const cells = columns.map(({ zDim, runs: own, correlations }) => ({
    spacing: 14,
    vconcat: [
      seriesPanel(results, kind, own, { width, title: `z_dim ${zDim}`, subtitle: correlations }),
      distancePanel(results, own, width),
    ],
  }));
  const numbers = columns.map(({ zDim, correlations }) => `z_dim ${zDim}: ${correlations.join(', ')}`);
  const many = settings.seeds.length > 1;
  const texts: FigureTexts = {
    name: kind.name,
    alt: `${kind.title}, over the iterations. ${numbers.join('; ')}`,
    caption: `${kind.caption} ${HOW_TO_READ}${many ? ' Thick: the mean of the seeds, thin: each seed.' : ''}`,
  };
  return chartFigure(texts, {
    title: { text: kind.title, offset: 20 },
    columns: COLUMNS,
    spacing: { row: 36, column: 40 },
    concat: cells,
    resolve: { scale: { color: 'shared', shape: 'shared' } },
  });
}

function hasMetric({ evaluations }: RunResult, name: MetricName): boolean {
  return evaluations.some(({ metrics }) => metrics[name] !== null);
}

/** The lines below a dimension's title: the correlation of each series; of several seeds the mean and the range. */
function correlationLines({ series }: Kind, runs: readonly RunResult[]): string[] {
  if (runs.every(({ evaluations }) => evaluations.length < LEAST_PAIRS)) {
    return [`no rank correlation: fewer than ${LEAST_PAIRS} evaluations`];
  }
  const lines = series.map(([label, metric]) => {
    const found = runs.flatMap(({ correlations }) => correlations[metric] ?? []);
    const mean = spreadOf(found)?.mean;
    const ends = found.length < 2 ? '' : ` (${format(Math.min(...found))} … ${format(Math.max(...found))})`;
    return `${label}: ${mean === undefined ? '–' : `${format(mean)}${ends}`}`;
  });
  return ['rank correlation with the distance below', ...lines];
}

function format(correlation: number): string {
  return correlation.toFixed(2).replace('-', '−');
}

function seriesPanel(
  results: Results,
  { series }: Kind,
  runs: readonly RunResult[],
  { width, title, subtitle }: { width: number; title: string; subtitle: readonly string[] },
): Panel {
  const points = series.flatMap(([label, metric]) => pointsOf(runs, label, metric));
  return {
    width,
    height: HEIGHTS.above,
    title: { text: title, subtitle: [...subtitle], fontSize: 13, offset: 8 },
    encoding: {
      x: iterationAxis(results, null),
      y: { field: 'value', type: 'quantitative', scale: { nice: 5 }, axis: { title: null, tickCount: 5 } },
    },
    layer: lines(
      runs,
      points,
      lineEncoding(
        series.map(([label]) => label),
        'bottom',
      ),
    ),
  };
}

function distancePanel(results: Results, runs: readonly RunResult[], width: number): Panel {
  const points = pointsOf(runs, 'Fréchet distance', 'frechet');
  const values = points.map(({ value }) => value);
  const [least, most] = [Math.min(...values), Math.max(...values)];
  const log = least > 0 && most / least > FLAT ? logarithmic(values) : undefined;
  const axis = { title: null, ...(log === undefined ? { tickCount: 5 } : { values: log.ticks, format: '~g' }) };
  return {
    width,
    height: HEIGHTS.below,
    title: { text: 'Fréchet distance', fontSize: 12, fontWeight: 400, offset: 6 },
    encoding: {
      x: iterationAxis(results, 'iteration'),
      y: { field: 'value', type: 'quantitative', scale: log?.scale ?? { nice: 5, zero: false }, axis },
      color: { value: COLOURS.green },
    },
    layer: lines(runs, points, { line: {}, mark: {}, dashes: new Map() }),
  };
}

/** Thin lines for the runs if there are several, and thick lines for their means. */
function lines(runs: readonly RunResult[], points: readonly Point[], encoding: LineEncoding) {
  return [
    ...markedLines(runs.length > 1 ? points : [], encoding, { strokeWidth: 1, opacity: 0.45 }),
    ...markedLines(meansOf(points), encoding, { strokeWidth: 2.5 }),
  ];
}

function iterationAxis({ settings }: Results, title: string | null) {
  return {
    field: 'iteration',
    type: 'quantitative' as const,
    scale: { domain: [0, settings.iterations], nice: false },
    axis: {
      title,
      labels: title !== null,
      format: ',.0f',
      tickMinStep: 1,
      tickCount: 4,
      labelOverlap: true,
      labelSeparation: 8,
    },
  };
}

function pointsOf(runs: readonly RunResult[], label: string, metric: MetricName): Point[] {
  return runs.flatMap(({ name, evaluations }) =>
    evaluations.flatMap(({ iteration, metrics }): Point[] => {
      const value = metrics[metric];
      return value === null ? [] : [{ line: `${name}, ${label}`, of: label, iteration, value }];
    }),
  );
}

/** Means over the runs, for each series and iteration. */
function meansOf(points: readonly Point[]): Point[] {
  const groups = new Map<string, Point[]>();
  for (const point of points) {
    const place = `${point.iteration} ${point.of}`;
    groups.set(place, [...(groups.get(place) ?? []), point]);
  }
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    const mean = spreadOf(group.map(({ value }) => value))?.mean;
    return first === undefined || mean === undefined ? [] : [{ ...first, line: first.of, value: mean }];
  });
}
