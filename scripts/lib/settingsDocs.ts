/** @file Writes the table of all settings into the text of docs/losses.md, between its markers. */
import { describeDefault, lossesTaking, SETTINGS } from '../../src/gan/settings.js';
import { withTable } from './docsTable.js';

/** @throws Error if the text has no markers */
export function withSettingsTable(text: string): string {
  return withTable(text, 'settings', settingsTable());
}

function settingsTable(): string {
  const rows = SETTINGS.map((row) => [
    `\`${row.flag}\``,
    row.help,
    describeDefault(row),
    row.losses === undefined ? 'all' : lossesTaking(row).join(', '),
  ]);
  const lines = [['flag', 'setting', 'default', 'losses'], ['---', '---', '---', '---'], ...rows];
  return lines.map((cells) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`).join('\n');
}
