/**
 * @file Tables of text.
 */
import Table from 'cli-table3';
import { escapeText } from './style.js';

/** A column's title, and where its cells stand. */
export type TableColumn = readonly [title: string, align: 'left' | 'right'];

const BARE_CODE = /\x1b\[\d+m/g;

/** Lays out rows under a head; a cell from outside cannot leave its place. */
export class TextTable {
  private readonly table: Table.Table;

  /** @param hasRules whether lines stand between the rows */
  constructor(columns: readonly TableColumn[], hasRules = false) {
    this.table = new Table({
      head: columns.map(([title]) => title),
      colAligns: columns.map(([, align]) => align),
      style: { head: [], border: [], compact: !hasRules },
      ...(hasRules ? {} : { chars: { mid: '', 'left-mid': '', 'mid-mid': '', 'right-mid': '' } }),
    });
  }

  /** Adds a row. */
  push(cells: readonly (string | number)[]): void {
    this.table.push(cells.map((cell) => escapeText(cell.toString())));
  }

  /** The table, line by line. */
  get lines(): string[] {
    // The table closes colours that it takes to be open; marks have keys, so these are its own.
    return this.table.toString().replaceAll(BARE_CODE, '').split('\n');
  }
}
