/**
 * @file A classifier's training in a folder: what it refuses to go on with, and what a failed one leaves.
 */
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Engine } from '../../../src/autograd/engine.js';
import type { ImageDataset } from '../../../src/data/dataset.js';
import { digitsDataset } from '../../../src/data/digits/digits.js';
import { CheckpointError, readCheckpoint } from '../../../src/training/checkpoint/checkpoints.js';
import type { ClassifierArguments } from '../../../src/training/classifier/classifierDescription.js';
import { CLASSIFIER, readClassifierRun } from '../../../src/training/classifier/classifierFolder.js';
import { type ClassifierContext, ClassifierRun } from '../../../src/training/classifier/classifierRun.js';
import { RunError } from '../../../src/training/run/runDescription.js';
import { RunFolder } from '../../../src/training/run/runFolder.js';
import { openTestDevice } from '../../support/device.js';

const device = await openTestDevice();
const root = mkdtempSync(join(tmpdir(), 'classifier-run-test-'));
test.after(() => {
  device.destroy();
  rmSync(root, { recursive: true });
});

const data = (dataset: ImageDataset) => ({ dataset, kind: 'digits' });

const CONTEXT: ClassifierContext = {
  engine: new Engine(device),
  train: data(digitsDataset({ seed: 'train', count: 8 })),
  test: data(digitsDataset({ seed: 'test', count: 5 })),
  classes: ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'],
  versions: { project: '0' },
  tuned: false,
};

const ARGUMENTS: ClassifierArguments = {
  classifier: 'article',
  batch: 4,
  epochs: 1.5,
  learningRate: 1e-3,
  schedule: 'one-cycle',
  jitter: { shift: 1, turn: 5 },
  checkpointEvery: 2,
  keep: 'all',
  seed: 'run',
};

async function finished(name: string, args: Partial<ClassifierArguments> = {}): Promise<string> {
  const path = join(root, name);
  const run = ClassifierRun.create(path, { ...ARGUMENTS, ...args }, CONTEXT);
  const looks: number[] = [];
  const phases: string[] = [];
  const observer = {
    evaluation: (_: unknown, iteration: number) => void looks.push(iteration),
    phaseEnded: (phase: string) => void phases.push(phase),
  };
  assert.is((await run.run(observer)).outcome, 'finished');
  assert.equal(phases, ['evaluation', 'checkpoint', 'evaluation', 'checkpoint', 'pictures']);
  assert.equal(looks, [2, 3], 'after an epoch and at the end');
  run.close();
  return path;
}

function refusal(path: string, context: ClassifierContext): Error {
  const folder = RunFolder.open(CLASSIFIER, path);
  try {
    ClassifierRun.resume(folder, context).close();
  } catch (error) {
    folder.close();
    return error as Error;
  }
  throw new Error(`${path} was gone on with`);
}

test('the weights say where they are from: data, hashes, seed, accuracy, and the command that makes them again', async () => {
  const path = await finished('told');
  const { metadata, iteration, tensors } = readCheckpoint(join(path, 'classifier.safetensors'));
  assert.is(iteration, 3);
  assert.equal(
    [...tensors.values()].reduce((sum, { values }) => sum + values.length, 0),
    600_810,
  );
  const { test: judged, dataset } = readClassifierRun(path);
  assert.equal(
    ['classifier', 'dataset', 'datasetSha256', 'test', 'testSha256', 'seed'].map((name) => metadata.get(name)),
    ['article', 'digits', dataset.sha256, 'digits', judged.sha256, 'run'],
  );
  const accuracy = Number(metadata.get('testAccuracy'));
  assert.ok(Number.isInteger(Math.round(5 * accuracy * 1e9) / 1e9), `${accuracy} of 5 images`);
  assert.is(
    metadata.get('command'),
    JSON.stringify(
      (
        'classify train --arch article --data digits --epochs 1.5 --batch 4 --learning-rate 0.001 ' +
        '--schedule one-cycle --shift 1 --turn 5 --seed run'
      ).split(' '),
    ),
  );
});

test('other images, and checkpoints of another training, are refused by name', async () => {
  const path = await finished('own');
  const others = data(digitsDataset({ seed: 'others', count: 8 }));
  for (const context of [
    { ...CONTEXT, train: others },
    { ...CONTEXT, test: others },
  ]) {
    const error = refusal(path, context);
    assert.instance(error, RunError);
    assert.match(error.message, /own belongs to digits with SHA-256 \w{64}; got other images \(digits\) with \w{64}/);
  }
  const strange = await finished('strange', { learningRate: 2e-3 });
  rmSync(join(path, 'checkpoints'), { recursive: true });
  cpSync(join(strange, 'checkpoints'), join(path, 'checkpoints'), { recursive: true });
  const error = refusal(path, CONTEXT);
  assert.instance(error, CheckpointError);
  assert.match(error.message, /000003\.safetensors belongs to another run: its learningRate is "0\.002", not "0\.001"/);
  assert.match(error.message, /remove .*checkpoints to start again from iteration 0/);
});

test('one that fails before its first iteration leaves no folder; a folder with something in it is left alone', async () => {
  const path = join(root, 'failing');
  const run = ClassifierRun.create(path, ARGUMENTS, CONTEXT);
  const full = (): never => {
    throw new Error('no more');
  };
  try {
    await run.run({ ready: full });
    assert.unreachable();
  } catch (error) {
    assert.match(String(error), /no more/);
  }
  run.close();
  assert.not.ok(existsSync(path));
  mkdirSync(join(root, 'mine', 'thing'), { recursive: true });
  assert.throws(
    () => ClassifierRun.create(join(root, 'mine'), ARGUMENTS, CONTEXT),
    /the classifier folder .* is not empty/,
  );
});

test.run();
