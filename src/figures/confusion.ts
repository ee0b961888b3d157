/**
 * @file A confusion matrix as a heat map: what the images are, downwards, and what they were taken for, across.
 */
import type { TopLevelSpec } from 'vega-lite';

export interface ConfusionOptions {
  /** Images by [label][class that they were given]. */
  readonly confusion: readonly (readonly number[])[];
  /** What labels are called. */
  readonly classes: readonly string[];
  readonly title: string;
  readonly subtitle: string;
}

/** Pixels of a cell. */
const CELL = { width: 46, height: 34 } as const;

/** Above this share of a row a cell is dark, and its number is white. */
const DARK = 0.3;

/** Names longer than this do not fit beside one another below the cells. */
const LONG_NAME = 4;

/** The chart, for `renderChart`. Single mistakes are to be seen beside thousands of hits, so colour goes by a root of the share. */
export function confusionChart({ confusion, classes, title, subtitle }: ConfusionOptions): TopLevelSpec {
  const name = (index: number): string => classes[index] ?? index.toString();
  const cells = confusion.flatMap((row, label) => {
    const all = row.reduce((sum, count) => sum + count, 0);
    return row.map((count, given) => ({
      is: name(label),
      given: name(given),
      count,
      share: all === 0 ? 0 : count / all,
    }));
  });
  const rows = confusion.map((row, label) => {
    const all = row.reduce((sum, count) => sum + count, 0);
    const right = all === 0 ? '–' : `${((100 * row[label]!) / all).toFixed(1)} %`;
    return { is: name(label), right, of: all.toLocaleString('en') };
  });
  const names = confusion.map((_, index) => name(index));
  const y = {
    field: 'is',
    type: 'nominal' as const,
    sort: names,
    scale: { paddingInner: 0.04, paddingOuter: 0 },
    axis: { title: 'the image is', domain: false, ticks: false, grid: false },
  };
  const x = {
    field: 'given',
    type: 'nominal' as const,
    sort: names,
    scale: { paddingInner: 0.03, paddingOuter: 0 },
    axis: {
      title: 'it was taken for',
      domain: false,
      ticks: false,
      labelAngle: names.some(({ length }) => length > LONG_NAME) ? -40 : 0,
    },
  };
  const width = CELL.width * confusion.length;
  const beside = (field: string, at: number, quiet: boolean) => ({
    data: { values: rows },
    mark: {
      type: 'text' as const,
      align: 'right' as const,
      ...(quiet ? { opacity: 0.7 } : { fontWeight: 600 as const }),
    },
    encoding: { y, x: { value: width + at }, text: { field, type: 'nominal' as const } },
  });
  const heading = (text: string, at: number) => ({
    data: { values: [{ text }] },
    mark: { type: 'text' as const, align: 'right' as const, baseline: 'bottom' as const, fontSize: 11 },
    encoding: { x: { value: width + at }, y: { value: -6 }, text: { field: 'text', type: 'nominal' as const } },
  });
  return {
    title: { text: title, subtitle },
    width,
    height: CELL.height * confusion.length,
    layer: [
      {
        data: { values: cells },
        mark: { type: 'rect' },
        encoding: {
          x,
          y,
          color: {
            field: 'share',
            type: 'quantitative',
            scale: { type: 'pow', exponent: 0.4, domain: [0, 1], range: ['#F3F6F9', '#08306B'] },
            legend: null,
          },
        },
      },
      {
        data: { values: cells },
        transform: [{ filter: 'datum.count > 0' }],
        mark: { type: 'text' },
        encoding: {
          x,
          y,
          text: { field: 'count', type: 'quantitative', format: ',d' },
          color: { condition: { test: `datum.share > ${DARK}`, value: 'white' }, value: '#222222' },
        },
      },
      beside('right', 64, false),
      beside('of', 116, true),
      heading('right', 64),
      heading('images', 116),
    ],
  };
}
