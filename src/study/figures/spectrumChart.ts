/**
 * @file Draws the singular values of the generator's Jacobian, one line for each dimension: how many directions of z matter.
 */
import { type Results, spreadOf } from '../measure/results.js';
import { logarithmic } from './axes.js';
import { chartFigure, type Figure } from './figure.js';
import { lineEncoding, lineName, markedLines } from './lines.js';
import { chooseEvenly } from './strip.js';

/** Pixels. */
const WIDTH = 640;
const HEIGHT = 260;
/** Marks per line. */
const MOST_MARKS = 16;

/** @returns undefined if no finished run has singular values */
export async function spectrumFigure(results: Results): Promise<Figure | undefined> {
  const { zDims, seeds } = results.settings;
  const points = zDims.flatMap((zDim) => spectrumOf(results, zDim));
  if (points.length === 0) return undefined;
  const of = (field: 'index' | 'value', title: string) => {
    const { scale, ticks } = logarithmic(points.map((point) => point[field]));
    return { field, type: 'quantitative' as const, scale, axis: { title, values: ticks, format: '~g', grid: true } };
  };
  const encoding = lineEncoding(zDims.map(lineName), 'right');
  return chartFigure(
    {
      name: 'spectrum',
      alt: `Singular values of the generator's Jacobian over their index, a line for each of z_dim ${zDims.join(', ')}`,
      caption:
        'Singular values of the Jacobian over z of the finished runs, the largest first: a line that falls steeply is a ' +
        'generator that uses few directions of its z, one that stays level uses all alike. ' +
        `Both axes are logarithmic${seeds.length > 1 ? ', and each value is the mean of the seeds' : ''}.`,
    },
    {
      title: 'Spectrum of the Jacobian',
      width: WIDTH,
      height: HEIGHT,
      encoding: {
        x: of('index', 'index'),
        y: of('value', 'singular value'),
      },
      // Marks at equal factors have equal distances on a logarithmic axis.
      layer: markedLines(points, encoding, { strokeWidth: 2.5 }, (line) => chooseEvenly(line, MOST_MARKS)),
    },
  );
}

interface SpectrumPoint {
  readonly line: string;
  readonly of: string;
  /** Starts at 1. */
  readonly index: number;
  readonly value: number;
}

/** Mean over the seeds. A logarithmic axis cannot show 0, so zeros are dropped. */
function spectrumOf({ runs }: Results, zDim: number): SpectrumPoint[] {
  const spectra = runs.flatMap((run) => {
    const values = run.zDim === zDim ? run.diagnosis?.singularValues : undefined;
    return values === undefined || values === null ? [] : [values];
  });
  const longest = Math.max(0, ...spectra.map(({ length }) => length));
  return Array.from({ length: longest }, (_, place) => {
    const value = spreadOf(spectra.flatMap((values) => values[place] ?? []))?.mean ?? 0;
    return { line: lineName(zDim), of: lineName(zDim), index: place + 1, value };
  }).filter(({ value }) => value > 0);
}
