/**
 * @file Can one judge from the loss alone? What training itself says, above the Fréchet distance that images show, over
 * the looks of the runs: a column a dimension, with the rank correlation of both in its title.
 */
import type { TopLevelSpec } from 'vega-lite';
import { COLOURS } from '../../figures/palette.js';
import { LEAST_PAIRS } from '../../evaluation/dynamics/rankCorrelation.js';
import type { LossSign } from '../measure/lossSigns.js';
import { type Results, type RunResult, spreadOf } from '../measure/results.js';
import { logarithmic } from './axes.js';
import { chartFigure, type Figure, type FigureTexts } from './figure.js';
import { type LineEncoding, lineEncoding, markedLines } from './lines.js';

type Panel = Extract<TopLevelSpec, { vconcat: unknown }>['vconcat'][number];

/** What is drawn of a study, and how it is told. */
interface Kind {
  readonly name: string;
  readonly title: string;
  readonly caption: string;
  /** By their names in the legend. */
  readonly signs: readonly (readonly [label: string, sign: LossSign])[];
}

const CRITIC: Kind = {
  name: 'wasserstein',
  title: "The critic's estimate of the Wasserstein distance, and the Fréchet distance",
  caption:
    "Above, how much more the critic gives real images than generated ones, in the critic's own scale, at each look: its " +
    'estimate of the Wasserstein distance. Where the line of held-out images falls away from the other, the critic knows ' +
    'its images by heart.',
  signs: [
    ['training images', 'wasserstein'],
    ['held-out images', 'wassersteinHeldOut'],
  ],
};

const LOSSES: Kind = {
  name: 'loss-against-distance',
  title: 'The losses, and the Fréchet distance',
  caption: 'Above, the mean loss of both networks over the last iterations before each look.',
  signs: [
    ["generator's loss", 'generatorLoss'],
    ["discriminator's loss", 'discriminatorLoss'],
  ],
};

const HOW_TO_READ =
  "Below, the Fréchet distance of this classifier's features. The rank correlation is Spearman's, over the looks of a run: " +
  'near 1, one can judge by what is above without looking at images; near 0 it tells nothing; near −1 it rises as images ' +
  'get better.';

/** In a row; pixels of a panel, by how many there are. */
const COLUMNS = 3;
const WIDTHS = [640, 340, 260];
const HEIGHTS = { above: 170, below: 130 };

/** A distance that moves by less than this factor would be a level line on a logarithmic axis, which hides its order. */
const FLAT = 4;

interface Point {
  /** Of a run, or the mean of all. */
  readonly line: string;
  readonly of: string;
  readonly iteration: number;
  readonly value: number;
}

/** @returns undefined where no run was looked at while it trained, or the looks do not tell of its losses */
export async function lossSignFigure(results: Results): Promise<Figure | undefined> {
  const { settings, runs } = results;
  const kind = [CRITIC, LOSSES].find(({ signs }) => signs.some(([, sign]) => runs.some((run) => isTold(run, sign))));
  if (kind === undefined) return undefined;
  const columns = settings.zDims.flatMap((zDim) => {
    const own = runs.filter((run) => run.zDim === zDim && kind.signs.some(([, sign]) => isTold(run, sign)));
    return own.length === 0 ? [] : [{ zDim, runs: own, told: toldCorrelations(kind, own) }];
  });
  const width = WIDTHS[Math.min(columns.length, COLUMNS) - 1] ?? 0;
  const cells = columns.map(({ zDim, runs: own, told }) => ({
    spacing: 14,
    vconcat: [
      signPanel(results, kind, own, { width, title: `z_dim ${zDim}`, subtitle: told }),
      distancePanel(results, own, width),
    ],
  }));
  const numbers = columns.map(({ zDim, told }) => `z_dim ${zDim}: ${told.join(', ')}`);
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

function isTold({ looks }: RunResult, sign: LossSign): boolean {
  return looks.some(({ signs }) => (signs?.[sign] ?? null) !== null);
}

/** The lines below the title of a dimension: the correlation of each sign, of several seeds the mean and the ends. */
function toldCorrelations({ signs }: Kind, runs: readonly RunResult[]): string[] {
  if (runs.every(({ looks }) => looks.length < LEAST_PAIRS)) {
    return [`no rank correlation: fewer than ${LEAST_PAIRS} looks`];
  }
  const lines = signs.map(([label, sign]) => {
    const found = runs.flatMap(({ correlations }) => correlations?.[sign] ?? []);
    const mean = spreadOf(found)?.mean;
    const ends = found.length < 2 ? '' : ` (${shown(Math.min(...found))} … ${shown(Math.max(...found))})`;
    return `${label}: ${mean === undefined ? '–' : `${shown(mean)}${ends}`}`;
  });
  return ['rank correlation with the distance below', ...lines];
}

function shown(correlation: number): string {
  return correlation.toFixed(2).replace('-', '−');
}

function signPanel(
  results: Results,
  { signs }: Kind,
  runs: readonly RunResult[],
  { width, title, subtitle }: { width: number; title: string; subtitle: readonly string[] },
): Panel {
  const points = signs.flatMap(([label, sign]) => pointsOf(runs, label, ({ signs: told }) => told?.[sign] ?? null));
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
        signs.map(([label]) => label),
        'bottom',
      ),
    ),
  };
}

function distancePanel(results: Results, runs: readonly RunResult[], width: number): Panel {
  const points = pointsOf(runs, 'Fréchet distance', ({ metrics }) => metrics.frechet);
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

/** Thin lines of the runs where there are several, and thick ones of their means. */
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

function pointsOf(
  runs: readonly RunResult[],
  label: string,
  valueOf: (look: RunResult['looks'][number]) => number | null,
): Point[] {
  return runs.flatMap(({ name, looks }) =>
    looks.flatMap((look): Point[] => {
      const value = valueOf(look);
      return value === null ? [] : [{ line: `${name}, ${label}`, of: label, iteration: look.iteration, value }];
    }),
  );
}

/** Over the runs, of each series at each iteration. */
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
