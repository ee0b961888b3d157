/**
 * @file The option `--preset` of all commands that train.
 */
import { Option } from 'commander';
import { DEFAULT_PRESET, PRESET_NAMES } from '../../training/run/presets.js';

/** The option; {@link DEFAULT_PRESET} applies without it. */
export function presetOption(): Option {
  const text = `set of sizes; article is the protocol of triwave33's article (default: ${DEFAULT_PRESET})`;
  return new Option('--preset <name>', text).choices(PRESET_NAMES);
}
