/**
 * @file Classifiers out of files: those that come with the project do what they say, and what is no classifier is refused.
 */
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import seedrandom from 'seedrandom';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Engine } from '../../../src/autograd/engine.js';
import type { ImageDataset } from '../../../src/data/dataset.js';
import { digitsDataset } from '../../../src/data/digits/digits.js';
import { loadMnist } from '../../../src/datasets/mnist.js';
import { FileError } from '../../../src/files/errors.js';
import { CLASSIFIERS } from '../../../src/models/networks/classifier.js';
import { CheckpointError, encodeCheckpoint } from '../../../src/training/checkpoint/checkpoints.js';
import { evaluateClassifier } from '../../../src/training/classifier/classifierEvaluation.js';
import { networkState, snapshot, type Snapshot } from '../../../src/data/weights/state.js';
import { bundledClassifier, classNames, loadClassifier } from '../../../src/training/checkpoint/trainedClassifier.js';
import { openTestDevice } from '../../support/device.js';

const device = await openTestDevice();
const root = mkdtempSync(join(tmpdir(), 'classifier-test-'));
test.after(() => {
  device.destroy();
  rmSync(root, { recursive: true });
});

const engine = new Engine(device);

/** Megabytes, of 10⁶ bytes, that one which is committed may have. */
const MOST_MEGABYTES = 5;

const README = readFileSync(new URL('../../../assets/README.md', import.meta.url), 'utf8');

/** Its path, and what its file says, where assets/README.md says the same. */
async function checkBundled(kind: string, dataset: ImageDataset, least: number): Promise<void> {
  const path = bundledClassifier(dataset.name) ?? '';
  const bytes = readFileSync(path);
  assert.ok(bytes.length < MOST_MEGABYTES * 1e6, `${bytes.length} bytes`);
  const { model, metadata } = loadClassifier(engine, path);
  const { accuracy } = await evaluateClassifier(engine, model, dataset);
  model.dispose();
  assert.ok(accuracy >= least, `${kind}: ${accuracy} of ${dataset.name}`);
  assert.is(metadata.get('dataset')?.split('/')[0], kind);
  const section = README.split(/^## /m).find((part) => part.startsWith(`${kind}-classifier.safetensors`)) ?? '';
  const told = `${(100 * Number(metadata.get('testAccuracy'))).toFixed(2)} %`;
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  for (const fact of [
    metadata.get('command'),
    metadata.get('datasetSha256'),
    metadata.get('testSha256'),
    told,
    sha256,
  ]) {
    assert.ok(section.includes(fact ?? 'nothing'), `assets/README.md tells ${fact ?? 'nothing'} of ${kind}`);
  }
}

test('the one for the built-in digits reads 96.5 % of digits of a seed that it never saw', async () => {
  await checkBundled('digits', digitsDataset({ seed: 'never seen', count: 1000 }), 0.965);
});

const mnist = process.env.MNIST_DIR;
if (mnist === undefined || mnist === '') {
  console.log('SKIPPED the accuracy of the classifier for MNIST: set MNIST_DIR to the folder that holds it');
} else {
  test('the one for MNIST reads 99.2 % of its 10,000 test images', async () => {
    const dataset = await loadMnist(mnist, 'test');
    await checkBundled('mnist', dataset, 0.992);
  });
}

test('there is one for MNIST and one for the digits, whatever the split', () => {
  for (const name of ['mnist/train', 'mnist/test', 'mnist']) {
    assert.match(bundledClassifier(name) ?? '', /assets[\\/]mnist-classifier\.safetensors$/);
  }
  for (const name of ['digits', 'digits/test']) {
    assert.match(bundledClassifier(name) ?? '', /assets[\\/]digits-classifier\.safetensors$/);
  }
  for (const name of ['fashion-mnist/train', 'idx/train', '']) assert.is(bundledClassifier(name), undefined);
});

let made: Promise<Snapshot> | undefined;

/** The weights of a classifier that was never trained. */
function weights(): Promise<Snapshot> {
  made ??= (async () => {
    const model = CLASSIFIERS.article({ engine, random: seedrandom('weights') });
    const values = await snapshot(device, networkState(model));
    model.dispose();
    return values;
  })();
  return made;
}

function write(name: string, bytes: Uint8Array): string {
  const path = join(root, name);
  writeFileSync(path, bytes);
  return path;
}

function refusal(path: string): string {
  try {
    loadClassifier(engine, path);
  } catch (error) {
    if (!(error instanceof CheckpointError)) throw error;
    return error.message;
  }
  throw new Error(`${path} was taken`);
}

test('weights come back to the bit, out of a checkpoint of a training as well', async () => {
  const stored = await weights();
  const moments = [...stored].map(([name, tensor]) => [`${name}/adam_first_moment`, tensor] as const);
  const step = { shape: [], values: Uint32Array.of(3) };
  const all = new Map([...stored, ...moments, ['classifier/adam_step', step], ['iteration', step]]);
  for (const [name, tensors] of [
    ['weights.safetensors', stored],
    ['000003.safetensors', all],
  ] as const) {
    const { model, metadata } = loadClassifier(
      engine,
      write(name, encodeCheckpoint(3, tensors, { classifier: 'article' })),
    );
    assert.is(metadata.get('classifier'), 'article');
    assert.equal(await snapshot(device, networkState(model)), stored);
    model.dispose();
  }
});

test('a file that is damaged, of another shape, or no classifier is refused by name, and takes no memory', async () => {
  const stored = await weights();
  const whole = encodeCheckpoint(3, stored, { classifier: 'article' });
  const cut = write('cut.safetensors', whole.subarray(0, 100_000));
  assert.ok(refusal(cut).startsWith(cut), refusal(cut));
  const altered = Uint8Array.from(whole);
  altered[altered.length - 5]! ^= 1;
  assert.match(refusal(write('altered.safetensors', altered)), /altered\.safetensors was altered or damaged/);
  const keras = write('keras.safetensors', encodeCheckpoint(3, stored, { classifier: 'keras' }));
  const misfit = /keras\.safetensors: tensor classifier\/conv2\/kernel is float32 \[3, 3, 32, 32\]/;
  assert.match(refusal(keras), misfit);
  const { bytes } = device.pool;
  assert.match(refusal(keras), misfit);
  assert.is(device.pool.bytes, bytes);
  const other = write('other.safetensors', encodeCheckpoint(3, stored, { classifier: 'vgg' }));
  assert.match(refusal(other), /other\.safetensors: there is no classifier "vgg"/);
  const gan = write('gan.safetensors', encodeCheckpoint(3, stored, { architecture: 'dcgan' }));
  assert.match(refusal(gan), /gan\.safetensors is a checkpoint, but not of a classifier/);
  const half = new Map([...stored].filter(([name]) => !name.includes('dense2')));
  const missing = write('half.safetensors', encodeCheckpoint(3, half, { classifier: 'article' }));
  assert.match(refusal(missing), /half\.safetensors: tensor classifier\/dense2\/kernel is missing/);

  try {
    loadClassifier(engine, join(root, 'nowhere'));
    assert.unreachable();
  } catch (error) {
    assert.instance(error, FileError);
    assert.match((error as Error).message, /cannot read .*nowhere/);
  }
});

test('classes are called what the file says, else by their numbers', () => {
  const numbers = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'];
  const names = numbers.map((number) => `class ${number}`);
  assert.equal(classNames(new Map([['classes', JSON.stringify(names)]])), names);
  for (const text of [undefined, '', '[]', '["one"]', '{}', 'null']) {
    assert.equal(classNames(new Map(text === undefined ? [] : [['classes', text]])), numbers);
  }
  assert.is(classNames(new Map([['classes', JSON.stringify(['\u001b[31m', ...names.slice(1)])]]))[0], '\\u{1b}[31m');
});

test.run();
