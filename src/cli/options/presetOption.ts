/**
 * @file `--preset`, by which all commands that train mean the same.
 */
import { Option } from 'commander';
import { DEFAULT_PRESET, PRESET_NAMES } from '../../training/run/presets.js';

/** The flag; without it, {@link DEFAULT_PRESET} holds. */
export function presetOption(): Option {
  const about = `sizes that go together; article is the article's protocol (default: ${DEFAULT_PRESET})`;
  return new Option('--preset <name>', about).choices(PRESET_NAMES);
}
