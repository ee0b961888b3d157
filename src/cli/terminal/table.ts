/**
 * @file Lays out tables of text.
 */
import Table from 'cli-table3';
import { escapeText } from './style.js';

/** Title and alignment of a column. */
export type TableColumn = readonly [title: string, align: 'left' | 'right'];

const BARE_CODE = /\x1b\[\d+m/g;

/** Lays out rows under a head. Escapes the cells, which may come from outside. */
export class TextTable {
  private readonly table: Table.Table;

  /** @param hasRules whether to draw lines between the rows */
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
    // The library adds codes that close colours; marks have keys, so bare codes are the library's.
    return this.table.toString().replaceAll(BARE_CODE, '').split('\n');
  }
}
