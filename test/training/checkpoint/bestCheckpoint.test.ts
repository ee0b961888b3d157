/**
 * @file The best checkpoint in the folder of a run, as its evaluations and its checkpoints say.
 */
import { appendFileSync, mkdtempSync, rmSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { StoredTensor } from '../../../src/data/weights/safetensors.js';
import { readBest } from '../../../src/training/checkpoint/bestCheckpoint.js';
import { CheckpointFolder } from '../../../src/training/checkpoint/checkpoints.js';
import { networkMetadata } from '../../../src/training/checkpoint/runCheckpoint.js';
import { findCheckpoint } from '../../../src/training/checkpoint/trainedGenerator.js';
import { RUN_FORMAT, type RunDescription } from '../../../src/training/run/runDescription.js';
import { readRun, RUN, runFiles } from '../../../src/training/run/runFiles.js';
import { RunFolder } from '../../../src/training/run/runFolder.js';
import { runSettings } from '../../../src/training/run/runSettings.js';
import { diagnosisOf } from '../../study/diagnoses.js';

const root = mkdtempSync(join(tmpdir(), 'best-'));
test.after(() => rmSync(root, { recursive: true }));

const IMAGES = { name: 'digits', sha256: '0'.repeat(64), height: 28, width: 28, channels: 1 };

let folders = 0;

/** A run with evaluations at 2, 4, 6 and 8, and checkpoints of some iterations. */
function newRun(
  saved: readonly number[],
  keepBest: RunDescription['arguments']['keepBest'] = 'frechet',
  values: readonly (number | null)[] = [9, 3, 5, 4],
): string {
  const path = join(root, `${++folders}`);
  const args = runSettings({ keepBest, iterations: 10 });
  const description: RunDescription = {
    format: RUN_FORMAT,
    arguments: args,
    dataset: { kind: 'digits', name: 'digits', count: 50, sha256: IMAGES.sha256 },
    parameters: { generator: 1, discriminator: 1 },
    sessions: [],
  };
  RunFolder.create(RUN, path, description).close();
  const checkpoints = new CheckpointFolder(runFiles(path).checkpoints);
  for (const iteration of saved) {
    const counter: StoredTensor = { shape: [], values: Uint32Array.of(iteration) };
    checkpoints.write(iteration, new Map([['iteration', counter]]), networkMetadata(args, IMAGES));
  }
  for (const [index, frechet] of values.entries()) {
    appendFileSync(
      runFiles(path).diagnoses,
      `${JSON.stringify(diagnosisOf({ iteration: 2 * (index + 1), frechet }))}\n`,
    );
  }
  return path;
}

test('the best checkpoint is that of the best evaluation whose checkpoint exists', () => {
  const path = newRun([4, 8, 10]);
  assert.equal(readBest(path, readRun(path)), { metric: 'frechet', iteration: 4, value: 3 });
  assert.is(findCheckpoint(path, 'best').checkpoint.iteration, 4);
  assert.is(findCheckpoint(path).checkpoint.iteration, 10);
  const without = newRun([2, 6, 10]);
  assert.is(findCheckpoint(without, 'best').checkpoint.iteration, 6, 'there is no checkpoint of 4 and of 8');
});

test('without a best checkpoint, the error says why', () => {
  const none = newRun([4, 8], 'none');
  assert.is(readBest(none, readRun(none)), undefined);
  assert.throws(() => findCheckpoint(none, 'best'), /keeps no best checkpoint; train --keep-best keeps one/);
  for (const early of [newRun([1]), newRun([4], 'frechet', [null, null]), newRun([4], 'frechet', [])]) {
    assert.is(readBest(early, readRun(early)), undefined);
    assert.throws(() => findCheckpoint(early, 'best'), /no best checkpoint yet: .*Fréchet distance/);
  }
  assert.throws(() => findCheckpoint(root, 'best'), /is not a run folder/);
  const file = new CheckpointFolder(runFiles(none).checkpoints).pathOf(4);
  assert.throws(
    () => findCheckpoint(file, 'best'),
    /is a file: the best checkpoint is searched in the folder of a run/,
  );
  assert.throws(() => findCheckpoint(file, 4), /is a file: a checkpoint of iteration 4 is searched/);
});

test('a damaged best checkpoint is an error, and no other one takes its place', () => {
  const path = newRun([4, 8, 10]);
  truncateSync(new CheckpointFolder(runFiles(path).checkpoints).pathOf(4), 20);
  assert.throws(() => findCheckpoint(path, 'best'), /000004\.safetensors/);
});

test.run();
