/**
 * @file Exports the core and what needs Node: devices on Dawn, datasets from disk, run folders, training and studies.
 */
export * from './index.js';

export { adapterNames, createGpu, openDevice } from './host/node/device.js';
export { tuningFile } from './host/node/tuningFile.js';

// Datasets.
export { DATASET_KINDS, openDataset, type DatasetCallbacks, type DatasetKind } from './datasets/open.js';
export { loadMnist, locateMnist, MnistError, type MnistDataset } from './datasets/mnist.js';
export { downloadPublished } from './datasets/download.js';

// Checkpoints and run folders.
export { CheckpointFolder, readCheckpoint, type Checkpoint } from './training/checkpoint/checkpoints.js';
export { loadClassifier } from './training/checkpoint/trainedClassifier.js';
export { findCheckpoint, TrainedGenerator } from './training/checkpoint/trainedGenerator.js';
export { readRun, RUN } from './training/run/runFiles.js';
export { RunFolder } from './training/run/runFolder.js';
export type { RunDescription } from './training/run/runDescription.js';
export { GanRun } from './training/gan/ganRun.js';

// Studies and comparisons.
export { compare } from './study/compare.js';
export { study, type StudyCallbacks, type StudyOptions, type StudyResult } from './study/study.js';
export { collectResults, type Results } from './study/measure/results.js';
export { StudyFolder } from './study/plan/studyFolder.js';
