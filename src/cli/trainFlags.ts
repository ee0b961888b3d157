/**
 * @file What `train` can be told.
 */
import type { ArchitectureName } from '../models/architectures.js';
import type { DataKind } from './data.js';
import type { VerdictName } from '../metrics/diagnosis.js';
import type { DeviceFlags } from './device.js';
import type { ObjectiveFlags } from './objectiveFlags.js';

/** Sizes of a run that go together. A flag that is given outweighs the preset's. */
export const PRESETS = {
  /** The published channel counts. */
  standard: { width: 1, batch: 32, iterations: 3000, sampleEvery: 500 },
  /** Recognisable digits within about three minutes on a 2-core software device. */
  quick: { width: 0.5, batch: 32, iterations: 2000, sampleEvery: 250 },
} as const;

export interface TrainFlags extends DeviceFlags, ObjectiveFlags {
  readonly z: number;
  readonly arch: ArchitectureName;
  readonly preset: keyof typeof PRESETS;
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
