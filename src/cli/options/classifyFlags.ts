/**
 * @file What `classify` can be told.
 */
import type { ClassifierName } from '../../models/networks/classifier.js';
import type { DataKind } from './dataOptions.js';
import type { DeviceFlags } from './deviceOptions.js';

export interface ClassifyTrainFlags extends DeviceFlags {
  readonly arch: ClassifierName;
  readonly data: DataKind;
  readonly dataDir?: string;
  readonly epochs: number;
  readonly batch: number;
  readonly learningRate: number;
  readonly schedule: 'constant' | 'one-cycle';
  readonly shift: number;
  readonly turn: number;
  readonly checkpointEvery?: number;
  readonly keep?: number | 'all';
  readonly seed: string;
  readonly out?: string;
  readonly resume?: string;
  readonly tune: boolean;
  readonly json?: boolean;
}

export interface ClassifyEvalFlags extends DeviceFlags {
  readonly data: DataKind;
  readonly dataDir?: string;
  readonly seed: string;
  readonly out?: string;
  readonly json?: boolean;
}

export interface ClassifyPredictFlags extends DeviceFlags {
  readonly classifier?: string;
  /** Whether to swap dark and light; as the border tells where absent. */
  readonly invert?: boolean;
  readonly json?: boolean;
}
