/**
 * @file Computes the cells of a comparison's table, for the terminal, Markdown and the page.
 */
import { VERDICTS } from '../../evaluation/diagnosis.js';
import { headingOf } from '../../evaluation/metricText.js';
import { type GlossaryEntry, VERDICT_ENTRY, Z_DIM_ENTRY } from '../report/glossary.js';
import { COLUMNS, spreadText } from './columns.js';
import type { ComparisonRow } from './comparisonResults.js';

/** What stands above a column: words are aligned left, numbers right. */
export interface Heading {
  /** With the sign of which values are better. */
  readonly title: string;
  /** For the glossary, where the title has no sign. */
  readonly entry: GlossaryEntry;
  readonly align: 'left' | 'right';
}

export const HEADINGS: readonly Heading[] = [
  wordHeading({ title: 'method', about: 'a loss, and the settings that differ from its defaults' }, 'left'),
  wordHeading(Z_DIM_ENTRY, 'right'),
  wordHeading(VERDICT_ENTRY, 'left'),
  ...COLUMNS.map((column): Heading => ({ title: headingOf(column), entry: column, align: 'right' })),
];

function wordHeading(entry: GlossaryEntry, align: Heading['align']): Heading {
  return { title: entry.title, entry, align };
}

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
