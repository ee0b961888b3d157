/**
 * @file Exports the core and what needs Node: devices on Dawn, datasets from disk, run folders, training and studies.
 */
export * from './index.js';

export { adapterNames, createGpu, openDevice } from './host/node/device.js';
export { shippedChoices, tuningFile } from './host/node/tuningFile.js';

// Datasets.
export {
  DATASET_KINDS,
  DatasetRequestError,
  openDataset,
  type DatasetCallbacks,
  type DatasetKind,
  type DatasetWarning,
  type OpenDatasetOptions,
  type OpenedDataset,
} from './datasets/open.js';
export { loadMnist, locateMnist, MnistError, type MnistDataset } from './datasets/mnist.js';
export { downloadPublished } from './datasets/download.js';

// Errors of files and folders.
export { FileError } from './files/errors.js';
export { LockedError } from './files/lock.js';

// Checkpoints and run folders.
export {
  CheckpointError,
  CheckpointFolder,
  readCheckpoint,
  type Checkpoint,
} from './training/checkpoint/checkpoints.js';
export { loadClassifier } from './training/checkpoint/trainedClassifier.js';
export { findCheckpoint, TrainedGenerator } from './training/checkpoint/trainedGenerator.js';
export { readRun, RUN } from './training/run/runFiles.js';
export { RunFolder } from './training/run/runFolder.js';
export { RunError, type RunDescription } from './training/run/runDescription.js';
export { GanRun } from './training/gan/ganRun.js';

// Studies and comparisons.
export {
  compare,
  type CompareCallbacks,
  type ComparedMethod,
  type CompareOptions,
  type CompareResult,
} from './study/compare.js';
export type { ConductCallbacks, ConductOptions, ImageOptions, RunFailure } from './study/conduct.js';
export { StudyError, type StudySettings } from './study/plan/studyDescription.js';
export { study, type StudyCallbacks, type StudyOptions, type StudyResult } from './study/study.js';
export { collectResults, type Results } from './study/measure/results.js';
export { StudyFolder } from './study/plan/studyFolder.js';
