/**
 * @file Prints the table line by line: a run takes minutes, so each row appears as soon as it is measured.
 */
import type { Group, Row } from './bench.js';

/** Widths of the columns after the name. */
const WIDTHS = [20, 11, 11, 9, 9, 10, 10];

export class Table {
  private readonly nameWidth: number;

  constructor(
    private readonly print: (line: string) => void,
    names: readonly string[],
  ) {
    this.nameWidth = Math.max(0, ...names.map((name) => name.length)) + 2;
  }

  heading({ name, unit }: Group): void {
    this.print('');
    this.line(name, ['tile', 'median ms', 'min ms', unit, 'limit', '% of limit', '% at best']);
  }

  row(name: string, row: Row): void {
    const cells = [row.medianMs.toFixed(3), row.minMs.toFixed(3), row.rate.toFixed(1), row.limit.toFixed(1)];
    const shares = [row.ofLimit, row.bestOfLimit].map((share) => (100 * share).toFixed(1));
    this.line(name, [row.tile === '' ? '-' : row.tile, ...cells, ...shares]);
  }

  private line(name: string, cells: readonly string[]): void {
    const padded = cells.map((cell, index) => cell.padStart(WIDTHS[index] ?? 0));
    this.print(`${name.padEnd(this.nameWidth)}${padded.join(' ')}`);
  }
}
