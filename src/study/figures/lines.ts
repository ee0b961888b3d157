/**
 * @file A line for each dimension of z, told apart in every chart by the same colour and dashes.
 */
import { COLOURS } from '../../figures/chart.js';

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

/** What a line of a dimension is called. */
export function lineName(zDim: number): string {
  return `z_dim ${zDim}`;
}

/** Encodings of the field `zDim`, which holds a {@link lineName}. @param orient where the legend is */
export function lineEncoding(zDims: readonly number[], orient: 'right' | 'bottom') {
  const domain = zDims.map(lineName);
  const of = { field: 'zDim', type: 'nominal' as const, title: null };
  const range = <T>(values: readonly T[]): T[] => domain.map((_, index) => values[index % values.length]!);
  // Faint lines may come first, and would fade the legend.
  const legend = { symbolType: 'stroke', symbolSize: 500, symbolOpacity: 1, symbolStrokeWidth: 2.5, orient };
  return {
    color: { ...of, scale: { domain, range: range(LINES) }, legend },
    strokeDash: { ...of, scale: { domain, range: range(DASHES) }, legend },
  };
}
