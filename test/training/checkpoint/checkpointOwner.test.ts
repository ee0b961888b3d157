/**
 * @file Checkpoints in the folder of a training are of that training, whoever reads them.
 */
import { cpSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { FileError } from '../../../src/files/errors.js';
import type { StoredTensor } from '../../../src/data/weights/safetensors.js';
import { lastCheckpoint } from '../../../src/study/measure/measuredCheckpoint.js';
import { ownerCheck } from '../../../src/training/checkpoint/checkpointOwner.js';
import { CheckpointError, CheckpointFolder, encodeCheckpoint } from '../../../src/training/checkpoint/checkpoints.js';
import { classifierMetadata } from '../../../src/training/classifier/classifierMetadata.js';
import {
  CLASSIFIER_FORMAT,
  type ClassifierDescription,
} from '../../../src/training/classifier/classifierDescription.js';
import { CLASSIFIER, classifierFiles } from '../../../src/training/classifier/classifierFolder.js';
import { networkMetadata } from '../../../src/training/checkpoint/runCheckpoint.js';
import { RUN_FORMAT, type RunDescription } from '../../../src/training/run/runDescription.js';
import { RUN, runFiles } from '../../../src/training/run/runFiles.js';
import { RunFolder } from '../../../src/training/run/runFolder.js';
import type { Snapshot } from '../../../src/data/weights/state.js';
import { findClassifier, readMetadata } from '../../../src/training/checkpoint/trainedClassifier.js';
import { findCheckpoint, newestCheckpoint } from '../../../src/training/checkpoint/trainedGenerator.js';
import { HAS_FIFOS, makeFifo } from '../../support/fifo.js';

const root = mkdtempSync(join(tmpdir(), 'owner-'));
test.after(() => rmSync(root, { recursive: true }));

const DESCRIPTION: RunDescription = {
  format: RUN_FORMAT,
  arguments: {
    architecture: 'dcgan',
    objective: { loss: 'hinge', pack: 2 },
    zDim: 5,
    width: 0.125,
    batch: 4,
    iterations: 4,
    sampleEvery: 2,
    checkpointEvery: 2,
    keep: 3,
    seed: '1',
    preset: 'quick',
    keepBest: 'none',
  },
  dataset: { kind: 'digits', name: 'digits', count: 50, sha256: '0'.repeat(64) },
  parameters: { generator: 1, discriminator: 1 },
  sessions: [],
};

const stateOf = (iteration: number): Snapshot => {
  return new Map<string, StoredTensor>([['iteration', { shape: [], values: Uint32Array.of(iteration) }]]);
};

type Changes = Partial<RunDescription['arguments']> & { readonly sha256?: string };

/** Writes the checkpoint of a run that may differ. */
function put(
  path: string,
  iteration: number,
  { sha256 = DESCRIPTION.dataset.sha256, ...changes }: Changes = {},
): string {
  const images = { name: 'digits', sha256, height: 28, width: 28, channels: 1 };
  const metadata = networkMetadata({ ...DESCRIPTION.arguments, ...changes }, images);
  return new CheckpointFolder(runFiles(path).checkpoints).write(iteration, stateOf(iteration), metadata);
}

let folders = 0;

/** A run with a checkpoint of iteration 2. */
function newRun(description = DESCRIPTION): string {
  const path = join(root, `${++folders}`);
  RunFolder.create(RUN, path, description).close();
  put(path, 2);
  return path;
}

const OTHERS: readonly (readonly [Changes, string])[] = [
  [{ seed: 'other' }, 'seed'],
  [{ architecture: 'article' }, 'architecture'],
  [{ zDim: 6 }, 'zDim'],
  [{ width: 0.25 }, 'width'],
  [{ batch: 8 }, 'batch'],
  [{ sha256: '1'.repeat(64) }, 'datasetSha256'],
  [{ objective: { loss: 'bce', pack: 2 } }, 'loss'],
  [{ objective: { loss: 'hinge', pack: 4 } }, 'objective'],
  [{ objective: { loss: 'hinge', pack: 2, conditional: true } }, 'conditional'],
  [{ objective: { loss: 'hinge', pack: 2, normaliseGenerator: 'none' } }, 'normaliseGenerator'],
  [{ objective: undefined }, 'loss'],
];

for (const [changes, fact] of OTHERS) {
  test(`a checkpoint of another ${fact} is skipped as the newest, and refused by its name (${JSON.stringify(changes)})`, () => {
    const path = newRun();
    const other = put(path, 4, changes);
    const problem = `${other} belongs to another run: its ${fact} is `;
    for (const { checkpoint, skipped } of [findCheckpoint(path), newestCheckpoint(path)]) {
      assert.is(checkpoint?.iteration, 2);
      assert.is(skipped.length, 1);
      assert.ok(skipped[0]?.message.startsWith(problem), skipped[0]?.message);
    }
    for (const body of [() => findCheckpoint(other), () => findCheckpoint(path, 4), () => lastCheckpoint(path, 4)]) {
      assert.throws(body, (error: unknown) => error instanceof CheckpointError && error.message.includes(problem));
    }
    assert.is(findCheckpoint(path, 2).checkpoint.iteration, 2);
    // Out of the run's folder it stands for itself.
    const alone = join(root, `alone-${folders}.safetensors`);
    renameSync(other, alone);
    assert.is(findCheckpoint(alone).checkpoint.iteration, 4);
  });
}

test('a checkpoint under another iteration’s name is refused, and so is one whose counter differs', () => {
  const path = newRun();
  const folder = new CheckpointFolder(runFiles(path).checkpoints);
  const renamed = join(folder.path, CheckpointFolder.fileName(9));
  cpSync(folder.list()[0] ?? '', renamed);
  assert.throws(() => findCheckpoint(renamed), /was renamed: it is the checkpoint of iteration 2/);
  assert.is(findCheckpoint(path).checkpoint.iteration, 2);
  const images = { name: 'digits', sha256: DESCRIPTION.dataset.sha256, height: 28, width: 28, channels: 1 };
  const counted = folder.write(8, stateOf(7), networkMetadata(DESCRIPTION.arguments, images));
  assert.throws(() => findCheckpoint(counted), /is not a checkpoint of iteration 8: its counter differs/);
});

test('an objective is the same in any order, and a run by default takes none by another', () => {
  const objective = { pack: 2, loss: 'hinge' } as const;
  const path = newRun({ ...DESCRIPTION, arguments: { ...DESCRIPTION.arguments, objective } });
  assert.is(findCheckpoint(path).checkpoint.iteration, 2);
  const usual = newRun({ ...DESCRIPTION, arguments: { ...DESCRIPTION.arguments, objective: undefined } });
  assert.throws(() => findCheckpoint(usual), /its loss is "hinge", not "bce"/);
});

test('a folder of checkpoints alone is taken as it is; a damaged description is told, not passed over', () => {
  const alone = join(root, 'checkpoints-alone');
  put(alone, 2, { seed: 'whatever' });
  assert.is(findCheckpoint(alone).checkpoint.iteration, 2);
  const damaged = newRun();
  writeFileSync(runFiles(damaged).run, '{');
  assert.throws(() => findCheckpoint(damaged), /run\.json is not JSON/);
  if (!HAS_FIFOS) return;
  rmSync(runFiles(damaged).run);
  makeFifo(runFiles(damaged).run);
  for (const body of [() => findCheckpoint(damaged), () => ownerCheck(damaged), () => RunFolder.open(RUN, damaged)]) {
    assert.throws(
      body,
      (error: unknown) => error instanceof FileError && error.message.includes('run.json: it is a FIFO'),
    );
  }
});

const TRAINING: ClassifierDescription = {
  format: CLASSIFIER_FORMAT,
  arguments: {
    classifier: 'article',
    batch: 4,
    epochs: 1,
    learningRate: 1e-3,
    schedule: 'constant',
    jitter: { shift: 0, turn: 0 },
    checkpointEvery: 1,
    keep: 3,
    seed: '1',
  },
  dataset: DESCRIPTION.dataset,
  test: DESCRIPTION.dataset,
  classes: Array.from({ length: 10 }, (_, digit) => digit.toString()),
  parameters: 1,
  iterations: 4,
  sessions: [],
};

test('of a classifier’s folder the weights are taken; where they are of another, or damaged, its newest checkpoint', () => {
  const path = join(root, 'classifier');
  const folder = RunFolder.create(CLASSIFIER, path, TRAINING);
  const metadata = classifierMetadata(TRAINING);
  const [two] = [2, 3].map((iteration) => {
    const stated = iteration === 2 ? metadata : { ...metadata, seed: 'other' };
    return folder.checkpoints.write(iteration, stateOf(iteration), stated);
  });
  folder.close();
  const { weights } = classifierFiles(path);
  writeFileSync(weights, encodeCheckpoint(4, stateOf(4), metadata));
  assert.equal(findClassifier(path), { file: weights, skipped: [] });
  writeFileSync(weights, encodeCheckpoint(4, stateOf(4), { ...metadata, learningRate: '0.5' }));
  const { file, skipped } = findClassifier(path);
  assert.is(file, two);
  assert.equal(
    skipped.map(({ message }) => /belongs to another run: its (\w+)/.exec(message)?.[1]),
    ['learningRate', 'seed'],
  );
  assert.throws(() => readMetadata(weights), /belongs to another run: its learningRate is "0\.5", not "0\.001"/);
  rmSync(weights);
  mkdirSync(weights);
  assert.match(findClassifier(path).skipped[0]?.message ?? '', /it is a folder, not a file/);
  rmSync(join(path, 'checkpoints'), { recursive: true });
  assert.throws(() => findClassifier(path), /classifier\.safetensors: it is a folder, not a file/);
});

test.run();
