/**
 * @file Tables on a terminal: a head, and rows without lines between them.
 */
import Table from 'cli-table3';

/** A column's title, and where its cells stand. */
export type TableColumn = readonly [title: string, align: 'left' | 'right'];

/** An empty table. */
export function plainTable(columns: readonly TableColumn[]): Table.Table {
  return new Table({
    head: columns.map(([title]) => title),
    colAligns: columns.map(([, align]) => align),
    style: { head: [], border: [], compact: true },
    chars: { mid: '', 'left-mid': '', 'mid-mid': '', 'right-mid': '' },
  });
}
