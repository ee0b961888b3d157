/**
 * @file The table of a comparison, whatever it is written as: on the terminal, in Markdown, on the page.
 */
import { VERDICTS } from '../../metrics/diagnosis.js';
import { COLUMNS, spreadText } from './columns.js';
import type { ComparisonRow } from './comparisonResults.js';

/** What stands above a column: words are aligned left, numbers right. */
export interface Heading {
  readonly title: string;
  readonly about?: string;
  readonly align: 'left' | 'right';
}

export const HEADINGS: readonly Heading[] = [
  { title: 'method', align: 'left' },
  { title: 'z_dim', align: 'right' },
  { title: 'verdict', align: 'left' },
  ...COLUMNS.map(({ title, about, better }): Heading => {
    return { title: `${title} ${better === 'high' ? '↑' : '↓'}`, about, align: 'right' };
  }),
];

/** A cell for each heading. */
export function cellsOf(row: ComparisonRow): string[] {
  const numbers = COLUMNS.map((column) => spreadText(column, column.of(row)));
  return [row.method, row.zDim.toString(), verdictsText(row), ...numbers];
}

/** `2 healthy, 1 collapsed`; the number is left out where it is one of one. */
function verdictsText({ verdicts, runs }: ComparisonRow): string {
  const given = VERDICTS.filter((name) => verdicts[name] > 0);
  return given.map((name) => (runs === 1 ? name : `${verdicts[name]} ${name}`)).join(', ') || '–';
}
