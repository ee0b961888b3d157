/**
 * @file Derives the flags of a run's settings from their table.
 */
import type { Command } from 'commander';
import {
  COMMON_SETTINGS,
  type CommonSettings,
  describeRunDefault,
  type RequestedSettings,
  RUN_SETTINGS,
  type RunSetting,
  type RunSettings,
} from '../../training/run/runSettings.js';
import { SettingOption } from './settingOption.js';

/** The settings under their own names. */
export type RunFlags = RequestedSettings<RunSettings>;
export type CommonFlags = RequestedSettings<CommonSettings>;

/** Adds a flag for each setting of a run. */
export function withRunFlags(command: Command): Command {
  for (const row of RUN_SETTINGS) command.addOption(optionOf(row, row.help));
  return command;
}

/** Adds a flag for each setting that all runs of a study have in common. */
export function withCommonFlags(command: Command): Command {
  for (const row of COMMON_SETTINGS) command.addOption(optionOf(row, row.studyHelp ?? row.help));
  return command;
}

function optionOf(row: RunSetting, help: string): SettingOption {
  return new SettingOption(row, `${help} (default: ${describeRunDefault(row)})`);
}
