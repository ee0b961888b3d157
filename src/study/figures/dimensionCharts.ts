/**
 * @file Draws the metrics of the finished runs against the dimension of z: a point for each run, a line through the means.
 */
import type { TopLevelSpec } from 'vega-lite';
import { NEUTRALS } from '../../figures/palette.js';
import type { Results } from '../measure/results.js';
import { formatMetric } from '../../evaluation/metricText.js';
import { type MetricName, METRICS, metricsWith } from '../../evaluation/registry.js';
import { logarithmic, targetLine } from './axes.js';
import { chartFigure, type Figure } from './figure.js';
import { panelTitle } from './panelTitle.js';
import { VERDICT_COLOUR, VERDICT_SHAPE } from './verdictShape.js';

type Panel = Extract<TopLevelSpec, { concat: unknown }>['concat'][number];

/** Metrics of training have a chart of their own. */
const PANELS = metricsWith(({ table, ofRun }) => table !== undefined && ofRun !== true);

const COLUMNS = 3;
/** Pixels. */
const WIDTH = 230;
const HEIGHT = 170;

/** A verdict has a shape and a colour, for prints in grey. */
const BY_VERDICT = { field: 'verdict', type: 'nominal' as const, title: null };
const COLOUR = {
  ...BY_VERDICT,
  scale: VERDICT_COLOUR,
  legend: { orient: 'bottom' as const, symbolSize: 90 },
};
const SHAPE = {
  ...BY_VERDICT,
  scale: VERDICT_SHAPE,
};

/** @returns undefined if no run is measured */
export async function dimensionsFigure(results: Results): Promise<Figure | undefined> {
  const panels = PANELS.flatMap((name) => panel(results, name));
  if (panels.length === 0) return undefined;
  const many = results.settings.seeds.length > 1;
  const means = results.dimensions.map(({ zDim, metrics: { frechet } }) => {
    return `z_dim ${zDim}: ${frechet === null ? 'not measured' : formatMetric('frechet', frechet.mean)}`;
  });
  return chartFigure(
    {
      name: 'dimensions',
      alt: `${panels.length} metrics against the dimension of z. Fréchet distance: ${means.join(', ')}`,
      caption: many
        ? 'Each point is a run, its shape and colour the verdict; the line goes through the means of the seeds.'
        : 'Each point is a run, its shape and colour the verdict.',
    },
    {
      title: { text: 'Metrics by dimension of z', subtitle: 'finished runs', offset: 20 },
      columns: COLUMNS,
      spacing: { row: 30, column: 36 },
      concat: panels,
      resolve: { scale: { color: 'shared', shape: 'shared' } },
    },
  );
}

function panel(results: Results, name: MetricName): Panel[] {
  const runs = results.runs.flatMap(({ zDim, verdict, metrics }) => {
    const value = metrics?.[name] ?? null;
    return value === null || verdict === null ? [] : [{ zDim, verdict, value }];
  });
  if (runs.length === 0) return [];
  const means = results.dimensions.flatMap(({ zDim, metrics }) => {
    const spread = metrics[name];
    return spread === null ? [] : [{ zDim, value: spread.mean }];
  });
  const { title, about, better, range } = METRICS[name];
  const most = range?.[1];
  const x = {
    field: 'zDim',
    type: 'ordinal' as const,
    scale: { domain: results.settings.zDims.toSorted((a, b) => a - b) },
    axis: { title: 'z_dim', grid: true },
  };
  // Effective dimensions are compared with z_dim by their order of magnitude.
  const isDimension = name === 'effectiveDimension' && runs.every(({ value }) => value > 0);
  const reference = isDimension ? results.settings.zDims.map((zDim) => ({ zDim, value: zDim })) : [];
  const log = isDimension ? logarithmic([...runs, ...reference].map(({ value }) => value)) : undefined;
  const scale = log?.scale ?? { nice: 5, ...(most === undefined ? {} : { domain: [0, most] }) };
  const axis = { title: null, ...(log === undefined ? { tickCount: 5 } : { values: log.ticks, format: '~g' }) };
  const y = { field: 'value', type: 'quantitative' as const, scale, axis };
  return [
    {
      width: WIDTH,
      height: HEIGHT,
      title: panelTitle(title, isDimension ? `${about}; dashed: z_dim itself` : about),
      encoding: { x, y },
      layer: [
        ...targetLine(better),
        ...greyLine(reference, [4, 3]),
        ...greyLine(means),
        { data: { values: runs }, mark: { type: 'point', size: 70 }, encoding: { color: COLOUR, shape: SHAPE } },
      ],
    },
  ];
}

/** A line through values, with a dash at each, since a single value makes no line. */
function greyLine(values: readonly object[], strokeDash: readonly number[] = [1, 0]) {
  const look = { color: NEUTRALS.quiet.light, strokeWidth: 1.5 };
  return [
    { data: { values: [...values] }, mark: { type: 'line' as const, strokeDash: [...strokeDash], ...look } },
    {
      data: { values: [...values] },
      mark: { type: 'tick' as const, size: 14, thickness: 1.5, color: NEUTRALS.quiet.light },
    },
  ];
}
