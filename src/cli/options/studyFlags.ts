/**
 * @file What `study` can be told. A flag that is not given is undefined: the preset's value stands in for it, or that of a
 * study which goes on.
 */
import type { ArchitectureName } from '../../models/networks/architectures.js';
import type { PresetName } from '../../training/run/presets.js';
import type { DataKind } from './dataOptions.js';
import type { DeviceFlags } from './deviceOptions.js';
import type { ObjectiveFlags } from './objectiveFlags.js';

export interface StudyFlags extends DeviceFlags, ObjectiveFlags {
  readonly z?: readonly number[];
  readonly seeds?: number;
  readonly preset?: PresetName;
  readonly arch?: ArchitectureName;
  readonly width?: number;
  readonly batch?: number;
  readonly iterations?: number;
  readonly sampleEvery?: number;
  readonly samples?: number;
  readonly data?: DataKind;
  readonly dataDir?: string;
  readonly out?: string;
  readonly jobs: number;
  readonly onlyReport?: boolean;
  /** Begins without asking. */
  readonly yes?: boolean;
  readonly tune: boolean;
  readonly json?: boolean;
}
