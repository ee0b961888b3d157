/**
 * @file The folder of a classifier's training: `classifier.json`, `metrics.jsonl`, `checkpoints/`, and at the end
 * `classifier.safetensors`, `evaluation.json` and `confusion.png`.
 */
import { join } from 'node:path';
import { parseRecord } from '../../files/json.js';
import { RunError } from '../run/runDescription.js';
import { type FolderKind, readDescription } from '../run/runFolder.js';
import {
  CLASSIFIER_FORMAT,
  ClassifierDescription,
  ClassifierMetricsLine,
  type ClassifierMetricsRow,
} from './classifierDescription.js';

/** The folder of a classifier's training. */
export const CLASSIFIER: FolderKind<ClassifierDescription> = {
  name: 'classifier',
  file: 'classifier.json',
  format: CLASSIFIER_FORMAT,
  schema: ClassifierDescription,
  error: RunError,
  folders: ['checkpoints'],
  logs: ['metrics.jsonl'],
};

/** Paths of a training's files. */
export function classifierFiles(path: string) {
  return {
    description: join(path, CLASSIFIER.file),
    metrics: join(path, 'metrics.jsonl'),
    checkpoints: join(path, 'checkpoints'),
    weights: join(path, 'classifier.safetensors'),
    evaluation: join(path, 'evaluation.json'),
    confusion: join(path, 'confusion.png'),
  };
}

/** Reads `classifier.json`. @throws RunError if the folder is not a classifier's, or the file is damaged or older; FileError */
export function readClassifierRun(path: string): ClassifierDescription {
  return readDescription(CLASSIFIER, path);
}

/** Parses a line of `metrics.jsonl`; undefined if it is not a complete row. */
export function parseClassifierMetrics(line: string): ClassifierMetricsRow | undefined {
  return ClassifierMetricsLine.safeParse(parseRecord(line)).data;
}
