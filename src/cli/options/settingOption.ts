/**
 * @file Makes a flag of a row of a settings table.
 */
import { InvalidArgumentError, Option } from 'commander';
import type { FlagRow, Named } from '../../gan/settingRow.js';
import { integerOr, numberWithin } from './arguments.js';

/** A flag whose value commander stores under the name of its setting. */
export class SettingOption extends Option {
  constructor(
    private readonly row: Named<FlagRow>,
    help: string,
  ) {
    super(row.flag, help);
    const { values } = row;
    if (values.kind === 'choice') this.choices(values.names);
    if (values.kind === 'list') this.argParser(namesOf(values.names));
    if (values.kind === 'number') {
      const { bounds, word = row.noneWord } = values;
      this.argParser(word === undefined ? numberWithin(bounds) : integerOr(word, bounds));
    }
  }

  override attributeName(): string {
    return this.row.name;
  }
}

/** Parses names separated by commas. */
function namesOf(names: readonly string[]): (text: string) => readonly string[] {
  return (text) => {
    const words = text.split(',').map((word) => word.trim());
    const found = names.filter((name) => words.includes(name));
    if (found.length === words.length) return found;
    throw new InvalidArgumentError(`It takes ${names.join(', ')}, or several separated by commas, each once.`);
  };
}
