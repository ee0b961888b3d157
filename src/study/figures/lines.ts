/**
 * @file Draws lines with marks, one for each dimension of z. Colour, dashes and the shape of the marks distinguish them, so
 * that no reader depends on colours alone.
 */
import { SERIES } from '../../figures/palette.js';

/** One more than there are colours, so that a repeated colour gets other dashes. */
export const DASHES: readonly (readonly number[])[] = [
  [1, 0],
  [8, 3],
  [2, 2],
  [8, 3, 2, 3],
  [12, 4],
  [4, 4],
  [1, 3],
  [12, 3, 2, 3, 2, 3],
  [16, 3, 4, 3],
];

/** Shapes of marks, as many as colours. */
export const SHAPES: readonly string[] = [
  'circle',
  'square',
  'triangle-up',
  'diamond',
  'cross',
  'triangle-down',
  'triangle-left',
  'triangle-right',
];

/** Largest number of marks per line: more of them would hide the dashes. */
const MOST_MARKS = 16;

/** Names the line of a dimension. */
export function lineName(zDim: number): string {
  return `z_dim ${zDim}`;
}

/** Returns `count` values, repeated from the first if there are too few. */
export function repeated<T>(values: readonly T[], count: number): T[] {
  return Array.from({ length: count }, (_, index) => values[index % values.length]!);
}

/** A point of a line. */
export interface LinePoint {
  /** Identifies the line. */
  readonly line: string;
  /** The line's name in the legend. */
  readonly of: string;
}

/** Encodings of colour and shape, and the dashes of each name in the domain. */
export interface LineEncoding {
  readonly line: object;
  readonly mark: object;
  readonly dashes: ReadonlyMap<string, readonly number[]>;
}

/** Assigns colours, shapes and dashes to names, in order. @param orient position of the legend */
export function lineEncoding(domain: readonly string[], orient: 'right' | 'bottom'): LineEncoding {
  const of = { field: 'of', type: 'nominal' as const, title: null };
  // Without this, faint lines that come first fade the legend.
  const legend = { symbolSize: 90, symbolOpacity: 1, orient };
  const scale = (values: readonly string[]) => ({ domain: [...domain], range: repeated(values, domain.length) });
  const color = { ...of, scale: scale(SERIES), legend };
  const dashes = repeated(DASHES, domain.length);
  return {
    line: { color },
    mark: { color, shape: { ...of, scale: scale(SHAPES), legend } },
    // Dashes as an encoding would also apply to the outlines of the legend's shapes.
    dashes: new Map(domain.map((name, index) => [name, dashes[index]!])),
  };
}

/** Thickness and opacity of lines and their marks. */
export interface LineStyle {
  readonly strokeWidth: number;
  readonly opacity?: number;
}

/**
 * Returns the layers of lines and of their marks. Marks make a line of one point visible.
 *
 * @param points each line's in the order of x
 * @param choose selects the points that get a mark; default: {@link chooseMarked}
 */
export function markedLines<P extends LinePoint>(
  points: readonly P[],
  encoding: LineEncoding,
  { strokeWidth, opacity = 1 }: LineStyle,
  choose: (line: readonly P[]) => P[] = chooseMarked,
) {
  const detail = { detail: { field: 'line' } };
  const names = [...new Set(points.map(({ of }) => of))];
  return [
    ...names.map((name) => ({
      data: { values: points.filter(({ of }) => of === name) },
      mark: {
        type: 'line' as const,
        strokeDash: [...(encoding.dashes.get(name) ?? [1, 0])],
        strokeWidth,
        opacity,
      },
      encoding: { ...encoding.line, ...detail },
    })),
    {
      data: { values: markedOf(points, choose) },
      mark: { type: 'point' as const, filled: true, size: 16 * strokeWidth, opacity },
      encoding: { ...encoding.mark, ...detail },
    },
  ];
}

/** Selects the points of each line that get a mark. */
function markedOf<P extends LinePoint>(points: readonly P[], choose: (line: readonly P[]) => P[]): P[] {
  const lines = new Map<string, P[]>();
  for (const point of points) {
    const line = lines.get(point.line);
    if (line === undefined) lines.set(point.line, [point]);
    else line.push(point);
  }
  return [...lines.values()].flatMap(choose);
}

/** Selects all points of a short line; of a long one, points at equal steps, including the last. */
export function chooseMarked<P>(line: readonly P[]): P[] {
  const step = Math.ceil(line.length / MOST_MARKS);
  return line.filter((_, index) => (line.length - 1 - index) % step === 0);
}
