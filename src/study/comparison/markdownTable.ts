/**
 * @file A comparison's table in Markdown, for notes and pages.
 */
import type { ComparisonResults } from './comparisonResults.js';
import { cellsOf, HEADINGS } from './comparisonTable.js';

/** A row a method and dimension. */
export function markdownTable({ rows }: ComparisonResults): string {
  const head = HEADINGS.map(({ title }) => title);
  const ruler = HEADINGS.map(({ align }) => (align === 'left' ? '---' : '---:'));
  return [head, ruler, ...rows.map(cellsOf)].map((cells) => `| ${cells.join(' | ')} |\n`).join('');
}
