/**
 * @file Lines with marks: a line for each dimension of z, told apart in every chart by colour, dashes and the shape of its
 * marks, so that no reader depends on colours alone.
 */
import { SERIES } from '../../figures/palette.js';

/** One more than there are colours: after those come once, other dashes go with the same colours. */
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

/** Marks of a line at most: between more of them, dashes would not be seen. */
const MOST_MARKS = 16;

/** What a line of a dimension is called. */
export function lineName(zDim: number): string {
  return `z_dim ${zDim}`;
}

/** So many of some values, from the first on, and again where there are too few. */
export function repeated<T>(values: readonly T[], count: number): T[] {
  return Array.from({ length: count }, (_, index) => values[index % values.length]!);
}

/** A point of a line. */
export interface LinePoint {
  /** Points of one line have the same. */
  readonly line: string;
  /** What the line is of, as the legend names it. */
  readonly of: string;
}

/** Which line looks how: the encodings of colour and shape, and the dashes of each name in the domain. */
export interface LineEncoding {
  readonly line: object;
  readonly mark: object;
  readonly dashes: ReadonlyMap<string, readonly number[]>;
}

/** Looks of lines by the names that they are of, in the order of the domain. @param orient where the legend is */
export function lineEncoding(domain: readonly string[], orient: 'right' | 'bottom'): LineEncoding {
  const of = { field: 'of', type: 'nominal' as const, title: null };
  // Faint lines may come first, and would fade the legend.
  const legend = { symbolSize: 90, symbolOpacity: 1, orient };
  const scale = (values: readonly string[]) => ({ domain: [...domain], range: repeated(values, domain.length) });
  const color = { ...of, scale: scale(SERIES), legend };
  const dashes = repeated(DASHES, domain.length);
  return {
    line: { color },
    mark: { color, shape: { ...of, scale: scale(SHAPES), legend } },
    // As an encoding they would cut up the outlines of the legend's shapes.
    dashes: new Map(domain.map((name, index) => [name, dashes[index]!])),
  };
}

/** Thickness and faintness of lines and their marks. */
export interface LineLook {
  readonly strokeWidth: number;
  readonly opacity?: number;
}

/**
 * The layers of some lines: the lines, and marks on them, without which a line of one point would not be seen.
 *
 * @param points of each line in the order of x
 * @param choose the points of a line that get a mark; every so many of them where absent
 */
export function markedLines<P extends LinePoint>(
  points: readonly P[],
  encoding: LineEncoding,
  { strokeWidth, opacity = 1 }: LineLook,
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

/** The points of each line that get a mark. */
function markedOf<P extends LinePoint>(points: readonly P[], choose: (line: readonly P[]) => P[]): P[] {
  const lines = new Map<string, P[]>();
  for (const point of points) {
    const line = lines.get(point.line);
    if (line === undefined) lines.set(point.line, [point]);
    else line.push(point);
  }
  return [...lines.values()].flatMap(choose);
}

/** All points of a short line; of a long one each so many, the last among them. */
export function chooseMarked<P>(line: readonly P[]): P[] {
  const step = Math.ceil(line.length / MOST_MARKS);
  return line.filter((_, index) => (line.length - 1 - index) % step === 0);
}
