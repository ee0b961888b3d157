/**
 * @file The curves of a GAN's training as a chart: losses above, and below, over the same iterations, shares of images or a
 * critic's estimate of a distance.
 */
import type { TopLevelSpec } from 'vega-lite';
import { COLOURS } from './palette.js';
import { binCurve, binWidth, type CurvePoint } from './thinning.js';

const COLUMNS = ['generatorLoss', 'discriminatorLoss', 'realAccuracy', 'fakeAccuracy', 'foolingRate'] as const;

/** Columns of a run's metrics, all of the same length. The losses are any numbers, the others shares of a batch, 0 … 1. */
export interface TrainingCurves extends Readonly<Record<(typeof COLUMNS)[number], ArrayLike<number>>> {
  /** Ascending; a training's first iteration is 1. */
  readonly iterations: ArrayLike<number>;
  /** A critic's estimate of the Wasserstein distance on each batch, where the discriminator is a critic. */
  readonly wasserstein?: ArrayLike<number> | undefined;
}

interface Curve {
  /** Whose curve it is; the generator's and the discriminator's look the same in both panels. */
  readonly of: 'generator' | 'discriminator';
  /** Written at the curve's end, a line each. */
  readonly label: readonly string[];
  readonly points: readonly CurvePoint[];
}

interface Label {
  readonly of: string;
  readonly text: string;
  /** On the y axis. */
  readonly at: number;
}

interface Axis {
  readonly range: readonly [number, number];
  /** That a curve or its band reaches. */
  readonly highest: number;
}

interface PanelOptions {
  readonly title: string;
  readonly curves: readonly Curve[];
  /** First and last iteration. */
  readonly iterations: readonly [number, number];
  /** What the y axis must show. */
  readonly range: readonly [number, number];
  /** How to write a number of the y axis: a Vega expression of `datum.value`. */
  readonly labelExpr: string;
  /** Where to draw a dotted line across. */
  readonly reference?: number | undefined;
  /** The panel at the bottom names the iterations for all. */
  readonly bottom: boolean;
}

type Panel = Extract<TopLevelSpec, { vconcat: unknown }>['vconcat'][number];

/** Pixels of a panel. */
const WIDTH = 640;
const HEIGHT = 220;
const LABEL_LINE = 15;
/** On a y axis, about. */
const TICKS = 5;
/** A loss this many times as high as 95 % of the points are is left to stick out of the panel. */
const SPIKE = 4;

/** In both panels; a dash as well as a colour, for print in grey. */
const WHOSE = ['generator', 'discriminator'];
const BY_WHOSE = { field: 'of', type: 'nominal' as const, legend: null };
const COLOUR = { ...BY_WHOSE, scale: { domain: WHOSE, range: [COLOURS.blue, COLOURS.vermillion] } };
const DASH = {
  ...BY_WHOSE,
  scale: {
    domain: WHOSE,
    range: [
      [1, 0],
      [6, 2],
    ],
  },
};

/**
 * Draws both losses, and below them the discriminator's accuracy (the mean of that on real and on generated images) and
 * the share of generated images that it calls real; of a critic, whose zero means nothing, its estimate. A long training
 * is thinned to at most 250 points a curve, means of as many iterations as the subtitle says, with bands from the 5 % to the
 * 95 % quantile. Values that are not finite are left out, and the subtitle says so.
 *
 * @throws RangeError where the columns differ in length, or the iterations are not ascending integers
 */
export function trainingCurves(history: TrainingCurves, title: string): TopLevelSpec {
  checkColumns(history);
  const { iterations } = history;
  const count = iterations.length;
  const first = iterations[0] ?? 1;
  const last = iterations[count - 1] ?? 1;
  const width = binWidth(first, last);
  const thin = (values: ArrayLike<number>): readonly CurvePoint[] => binCurve(iterations, values, width);

  const losses: readonly Curve[] = [
    { of: 'generator', label: ['generator'], points: thin(history.generatorLoss) },
    { of: 'discriminator', label: ['discriminator'], points: thin(history.discriminatorLoss) },
  ];
  const axis = axisOf(losses);
  const below = history.wasserstein === undefined ? sharesBelow(history) : estimateBelow(history.wasserstein);
  const curves = below.columns.map(({ values, ...curve }) => ({ ...curve, points: thin(values) }));
  const lower = below.range === undefined ? axisOf(curves) : { range: below.range, highest: below.range[1] };
  const columns = [history.generatorLoss, history.discriminatorLoss, ...below.columns.map(({ values }) => values)];
  const beyond = (what: string, { range, highest }: Axis): string => {
    return highest > range[1] ? `${what} reach ${highest.toPrecision(3)}, beyond their axis` : '';
  };
  const subtitle = [
    howThinned(count, losses[0]?.points.length ?? 0, width),
    whatIsLeftOut(iterations, columns),
    beyond('the curves of the losses', axis),
    beyond('the estimate and its band', lower),
  ].filter((line) => line !== '');
  // One iteration alone is drawn in the middle.
  const margin = first === last ? 0.5 : 0;
  const common = { iterations: [first - margin, last + margin] as const };
  return {
    title: { text: title, subtitle, offset: 24 },
    spacing: 28,
    vconcat: [
      panel({
        ...common,
        title: 'Loss',
        curves: losses,
        range: axis.range,
        labelExpr: 'datum.label',
        bottom: false,
      }),
      panel({ ...common, ...below.panel, curves, range: lower.range, bottom: true }),
    ],
  };
}

/** What stands below the losses; its columns are yet to be thinned. */
interface Below {
  readonly columns: readonly (Omit<Curve, 'points'> & { readonly values: ArrayLike<number> })[];
  readonly panel: Pick<PanelOptions, 'title' | 'labelExpr' | 'reference'>;
  /** By the values if absent. */
  readonly range?: readonly [number, number];
}

function sharesBelow({ realAccuracy, fakeAccuracy, foolingRate }: TrainingCurves): Below {
  const accuracy = Float64Array.from(realAccuracy, (share, row) => (share + fakeAccuracy[row]!) / 2);
  return {
    columns: [
      { of: 'generator', label: ['generated images', 'called real'], values: foolingRate },
      { of: 'discriminator', label: ['accuracy of the', 'discriminator'], values: accuracy },
    ],
    panel: {
      title: 'Share of a batch',
      labelExpr: "format(datum.value * 100, '.0f') + '\u00a0%'",
      reference: 0.5,
    },
    range: [0, 1],
  };
}

function estimateBelow(wasserstein: ArrayLike<number>): Below {
  return {
    columns: [{ of: 'discriminator', label: ['critic', 'on a batch'], values: wasserstein }],
    panel: { title: 'Estimate of the Wasserstein distance', labelExpr: 'datum.label' },
  };
}

function checkColumns(history: TrainingCurves): void {
  const { iterations } = history;
  for (const name of [...COLUMNS, 'wasserstein'] as const) {
    const { length } = history[name] ?? iterations;
    if (length !== iterations.length) {
      const lengths = `${iterations.length} iterations, ${length} values`;
      throw new RangeError(`trainingCurves: ${name} does not fit: ${lengths}.`);
    }
  }
  for (let row = 0; row < iterations.length; row++) {
    const iteration = iterations[row]!;
    if (!Number.isSafeInteger(iteration) || (row > 0 && iteration <= iterations[row - 1]!)) {
      const where = row === 0 ? `${iteration} is the first` : `${iteration} follows ${iterations[row - 1]!}`;
      throw new RangeError(`trainingCurves: the iterations must be ascending integers, but ${where}.`);
    }
  }
}

function howThinned(count: number, points: number, width: number): string {
  if (count === 0) return 'no iteration yet';
  if (points === count) return 'every iteration that was recorded';
  const number = width.toLocaleString('en');
  return `lines: means of ${number} iterations each · bands: from their 5 % to their 95 % quantile`;
}

function whatIsLeftOut(iterations: ArrayLike<number>, columns: readonly ArrayLike<number>[]): string {
  let count = 0;
  let first: number | undefined;
  for (let row = 0; row < iterations.length; row++) {
    const bad = columns.filter((values) => !Number.isFinite(values[row])).length;
    if (bad > 0) first ??= iterations[row]!;
    count += bad;
  }
  if (first === undefined) return '';
  const what = count === 1 ? '1 value is not finite and' : `${count.toLocaleString('en')} values are not finite and`;
  return `${what} left out, ${count === 1 ? 'at' : 'the first at'} iteration ${first.toLocaleString('en')}`;
}

/**
 * A y axis of 0 and all of the curves and their bands, but for rare spikes, which would press the rest flat.
 */
function axisOf(curves: readonly Curve[]): Axis {
  const points = curves.flatMap((curve) => curve.points).filter(({ mean }) => mean !== null);
  const lows = points.map(({ mean, low }) => Math.min(mean ?? 0, low ?? 0));
  const highs = points.map(({ mean, high }) => Math.max(mean ?? 0, high ?? 0)).sort((a, b) => a - b);
  const lowest = lows.reduce((a, b) => Math.min(a, b), 0);
  const highest = Math.max(highs.at(-1) ?? 0, 0);
  const usual = Math.max(highs.at(Math.floor(0.95 * highs.length)) ?? 0, 0);
  const top = usual > 0 ? Math.min(highest, SPIKE * usual) : highest;
  return { range: lowest === top ? [0, 1] : [lowest, top], highest };
}

function panel(options: PanelOptions): Panel {
  const { title, curves, iterations, range, labelExpr, reference, bottom } = options;
  const x = {
    field: 'iteration',
    type: 'quantitative' as const,
    scale: { domain: [...iterations], nice: false, zero: false },
    axis: { title: bottom ? 'iteration' : null, labels: bottom, format: ',.0f', tickMinStep: 1, tickCount: 8 },
  };
  const y = {
    type: 'quantitative' as const,
    scale: { domain: [...range], nice: TICKS },
    axis: { title: null, tickCount: TICKS, labelExpr },
  };
  const mean = { ...y, field: 'mean' };
  const values = curves.flatMap(({ of, points }) => {
    return points.map((point, index) => ({ of, ...point, alone: isAlone(points, index) }));
  });
  return {
    width: WIDTH,
    height: HEIGHT,
    title: { text: title, fontSize: 13, offset: 10 },
    data: { values },
    layer: [
      {
        data: { values: reference === undefined ? [] : [{ at: reference }] },
        mark: { type: 'rule', strokeDash: [2, 2] },
        encoding: { y: { ...y, field: 'at' } },
      },
      {
        mark: { type: 'area', opacity: 0.18, clip: true },
        encoding: { x, y: { ...y, field: 'low' }, y2: { field: 'high' }, color: COLOUR },
      },
      { mark: { type: 'line', clip: true }, encoding: { x, y: mean, color: COLOUR, strokeDash: DASH } },
      {
        mark: { type: 'point', clip: true },
        transform: [{ filter: 'datum.alone' }],
        encoding: { x, y: mean, color: COLOUR },
      },
      {
        data: { values: labelsOf(curves, range) },
        mark: {
          type: 'text',
          align: 'left',
          baseline: 'middle',
          lineBreak: '\n',
          lineHeight: LABEL_LINE,
          fontWeight: 600,
        },
        encoding: { x: { value: WIDTH + 10 }, y: { ...y, field: 'at' }, text: { field: 'text' }, color: COLOUR },
      },
    ],
  };
}

/** A line cannot show a point between two gaps. */
function isAlone(points: readonly CurvePoint[], index: number): boolean {
  const isThere = (at: number): boolean => (points[at]?.mean ?? null) !== null;
  return isThere(index) && !isThere(index - 1) && !isThere(index + 1);
}

/** The names at the ends of the curves; two that would overlap are moved apart, evenly and within the panel. */
function labelsOf(curves: readonly Curve[], range: readonly [number, number]): readonly Label[] {
  const labels = curves.flatMap(({ of, label, points }): Label[] => {
    const end = points.findLast(({ mean }) => mean !== null)?.mean ?? null;
    const at = Math.min(Math.max(end ?? 0, range[0]), range[1]);
    return end === null ? [] : [{ of, text: label.join('\n'), at }];
  });
  const [lower, upper] = labels.sort((a, b) => a.at - b.at);
  if (lower === undefined || upper === undefined) return labels;
  const lines = Math.max(...curves.map(({ label }) => label.length));
  const room = (lines * LABEL_LINE + 2) * ((range[1] - range[0]) / HEIGHT);
  const shortage = room - (upper.at - lower.at);
  if (shortage <= 0) return labels;
  const at = Math.min(Math.max(lower.at - shortage / 2, range[0]), range[1] - room);
  return [
    { ...lower, at },
    { ...upper, at: at + room },
  ];
}
