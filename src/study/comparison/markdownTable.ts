/**
 * @file A comparison's table in Markdown, for notes and pages.
 */
import { VERDICTS } from '../../metrics/diagnosis.js';
import { COLUMNS, spreadText } from './columns.js';
import type { ComparisonResults, ComparisonRow } from './comparisonResults.js';

/** A row a method and dimension. */
export function markdownTable({ rows }: ComparisonResults): string {
  const head = ['method', 'z_dim', 'verdict', ...COLUMNS.map(({ title }) => title)];
  const lines = rows.map((row) => [
    row.method,
    row.zDim.toString(),
    verdictsText(row),
    ...COLUMNS.map((column) => spreadText(column, column.of(row))),
  ]);
  const ruler = head.map((_, index) => (index === 0 || index === 2 ? '---' : '---:'));
  return [head, ruler, ...lines].map((cells) => `| ${cells.join(' | ')} |\n`).join('');
}

/** `2 healthy, 1 collapsed`; the number is left out where it is one of one. */
export function verdictsText({ verdicts, runs }: Pick<ComparisonRow, 'verdicts' | 'runs'>): string {
  const given = VERDICTS.filter((name) => verdicts[name] > 0);
  return given.map((name) => (runs === 1 ? name : `${verdicts[name]} ${name}`)).join(', ') || '–';
}
