/** @file Writes the tables of settings into the texts of docs/losses.md and docs/command-line.md, between their markers. */
import { describeDefault, lossesTaking, SETTINGS } from '../../src/gan/settings.js';
import { COMMON_SETTINGS, describeRunDefault, RUN_SETTINGS } from '../../src/training/run/runSettings.js';
import { withTable } from './docsTable.js';

/** The settings of an objective. @throws Error if the text has no markers */
export function withSettingsTable(text: string): string {
  return withTable(text, 'settings', settingsTable());
}

/** The other settings of a run. @throws Error if the text has no markers */
export function withRunSettingsTable(text: string): string {
  return withTable(text, 'run settings', runSettingsTable());
}

function settingsTable(): string {
  const rows = SETTINGS.map((row) => [
    `\`${row.flag}\``,
    row.help,
    describeDefault(row),
    row.losses === undefined ? 'all' : lossesTaking(row).join(', '),
  ]);
  return tableOf(['flag', 'setting', 'default', 'losses'], rows);
}

function runSettingsTable(): string {
  const common = new Set<string>(COMMON_SETTINGS.map(({ name }) => name));
  const rows = RUN_SETTINGS.map((row) => [
    `\`${row.flag}\``,
    row.help,
    describeRunDefault(row),
    common.has(row.name) ? 'yes' : 'no',
    row.canChange === true ? 'yes' : 'no',
  ]);
  return tableOf(['flag', 'meaning', 'default', 'common to the runs of a study', 'may change with `--resume`'], rows);
}

function tableOf(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [headings, headings.map(() => '---'), ...rows];
  return lines.map((cells) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`).join('\n');
}
