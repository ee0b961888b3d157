/**
 * @file What `train` can be told.
 */
import type { ArchitectureName } from '../../models/networks/architectures.js';
import type { DataKind } from './dataOptions.js';
import type { VerdictName } from '../../evaluation/diagnosis.js';
import type { DeviceFlags } from './deviceOptions.js';
import type { PresetName } from '../../training/run/presets.js';
import type { ObjectiveFlags } from './objectiveFlags.js';

export interface TrainFlags extends DeviceFlags, ObjectiveFlags {
  readonly z: number;
  readonly arch?: ArchitectureName;
  readonly preset?: PresetName;
  readonly width?: number;
  readonly iterations?: number;
  readonly batch?: number;
  readonly sampleEvery?: number;
  readonly checkpointEvery?: number;
  readonly keep?: number | 'all';
  readonly seed: string;
  readonly data: DataKind;
  readonly dataDir?: string;
  readonly out?: string;
  readonly resume?: string;
  readonly tune: boolean;
  readonly eager?: boolean;
  /** Images of a look, 0 for none. */
  readonly diagnose?: number | undefined;
  readonly classifier?: string;
  readonly stopOn?: readonly VerdictName[];
  readonly patience: number;
  readonly json?: boolean;
}
