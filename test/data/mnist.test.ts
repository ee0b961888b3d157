import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { readFile } from 'node:fs/promises';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { loadMnist, locateMnist, MNIST_SHA256, unpack } from '../../src/data/mnist.js';
import { idxBytes, rejection, smallMnist, somePixels, withFolder } from './fixtures.js';

test('plain files: shape, pixels and labels in file order', () =>
  withFolder(smallMnist(), async (folder) => {
    const train = await loadMnist(folder, 'train');
    assert.is(train.name, 'mnist/train');
    assert.equal([train.count, train.height, train.width, train.channels], [6, 28, 28, 1]);
    assert.equal(Array.from(train.pixels), somePixels(6, 28));
    assert.equal(Array.from(train.labels), [5, 0, 4, 1, 9, 2]);
    const test = await loadMnist(folder, 'test');
    assert.equal([test.name, test.count], ['mnist/test', 3]);
    assert.is.not(test.sha256, train.sha256);
  }));

test('gzipped files give the same dataset, hash and all', async () => {
  const plain = smallMnist();
  const packed = Object.fromEntries(Object.entries(plain).map(([name, bytes]) => [`${name}.gz`, gzipSync(bytes)]));
  await withFolder(plain, (one) =>
    withFolder(packed, async (other) => {
      const { sha256 } = await loadMnist(one, 'train');
      assert.is((await loadMnist(other, 'train')).sha256, sha256);
      assert.match(sha256, /^[0-9a-f]{64}$/);
    }),
  );
});

test('what a file is called does not decide whether it is unpacked', async () => {
  const files = smallMnist();
  const renamed = {
    'train-images.idx3-ubyte': gzipSync(files['train-images-idx3-ubyte']!),
    'train-labels-idx1-ubyte.gz': files['train-labels-idx1-ubyte']!,
  };
  await withFolder(renamed, async (folder) => {
    assert.is((await loadMnist(folder, 'train')).count, 6);
  });
});

test('another square size is taken and reported, an oblong one is not', async () => {
  const labels = idxBytes([2], [0, 9]);
  const square = {
    'train-images-idx3-ubyte': idxBytes([2, 8, 8], somePixels(2, 8)),
    'train-labels-idx1-ubyte': labels,
  };
  await withFolder(square, async (folder) => {
    const dataset = await loadMnist(folder, 'train');
    assert.equal([dataset.height, dataset.width], [8, 8]);
  });
  const oblong = { ...square, 'train-images-idx3-ubyte': idxBytes([2, 4, 16], somePixels(2, 8)) };
  await withFolder(oblong, async (folder) => {
    assert.match(await rejection(loadMnist(folder, 'train')), /square.*found 2×4×16/);
  });
});

async function complaintAbout(changes: Record<string, Uint8Array>): Promise<string> {
  let message = '';
  await withFolder({ ...smallMnist(), ...changes }, async (folder) => {
    message = await rejection(loadMnist(folder, 'train'));
  });
  return message;
}

test('files that do not fit together are refused, by name', async () => {
  assert.match(
    await complaintAbout({ 'train-labels-idx1-ubyte': idxBytes([5], [1, 2, 3, 4, 5]) }),
    /6 images in .*train-images.*5 labels in .*train-labels/,
  );
  assert.match(
    await complaintAbout({ 'train-labels-idx1-ubyte': idxBytes([6], [1, 2, 3, 10, 5, 6]) }),
    /train-labels.*0 … 9, found 10 at index 3/,
  );
  assert.match(
    await complaintAbout({ 'train-images-idx3-ubyte': smallMnist()['train-labels-idx1-ubyte']! }),
    /train-images.*rank 3.*found 1/,
  );
  assert.match(
    await complaintAbout({ 'train-labels-idx1-ubyte': smallMnist()['train-images-idx3-ubyte']! }),
    /train-labels.*rank 1, found 3/,
  );
  assert.match(await complaintAbout({ 'train-images-idx3-ubyte': idxBytes([0, 28, 28], []) }), /at least one.*0×28×28/);
  assert.match(
    await complaintAbout({ 'train-images-idx3-ubyte': smallMnist()['train-images-idx3-ubyte']!.subarray(0, 1000) }),
    /IdxError: .*train-images-idx3-ubyte: truncated/,
  );
});

test('a damaged archive and one that unpacks without end are refused', async () => {
  const packed = gzipSync(smallMnist()['train-images-idx3-ubyte']!);
  assert.match(await complaintAbout({ 'train-images-idx3-ubyte': packed.subarray(0, 100) }), /cannot unpack gzip/);
  const bomb = gzipSync(new Uint8Array(1_000_001));
  assert.match(await rejection(unpack(bomb, 'bomb.gz', 1_000_000)), /MnistError: bomb.gz: cannot unpack gzip/);
  assert.is((await unpack(bomb, 'bomb.gz', 1_000_001)).length, 1_000_001);
});

test('what is missing is named, and where to get it', async () => {
  const nowhere = join('/nonexistent', 'mnist');
  const missingFolder = await rejection(loadMnist(nowhere, 'train'));
  assert.match(missingFolder, `folder ${nowhere} does not exist`);
  assert.match(missingFolder, 'https://ossci-datasets.s3.amazonaws.com/mnist/');
  const imagesOnly = { 'train-images-idx3-ubyte': smallMnist()['train-images-idx3-ubyte']! };
  await withFolder(imagesOnly, async (folder) => {
    assert.match(await rejection(loadMnist(folder, 'train')), `folder ${folder} holds no train-labels-idx1-ubyte[.gz]`);
    assert.match(await rejection(loadMnist(join(folder, 'train-images-idx3-ubyte'), 'train')), /is not a folder/);
  });
});

test('an explicit folder is the only one looked at; otherwise the first complete one is', () =>
  withFolder(smallMnist(), (complete) =>
    withFolder({}, async (empty) => {
      assert.is(await locateMnist({ candidates: [empty, '/nonexistent', complete] }), complete);
      assert.is(await locateMnist({ explicit: complete, candidates: [empty] }), complete);
      const message = await rejection(locateMnist({ explicit: empty, candidates: [complete] }));
      assert.match(message, `folder ${empty} holds no train-images-idx3-ubyte`);
      assert.not.match(message, complete);
      const both = await rejection(locateMnist({ candidates: [empty, '/nonexistent'] }));
      assert.match(both, empty);
      assert.match(both, '/nonexistent does not exist');
    }),
  ));

const realFolder = process.env.MNIST_DIR;
if (realFolder === undefined) {
  console.log('SKIPPED real MNIST: set MNIST_DIR to the folder that holds it');
} else {
  test('the real MNIST has the known hashes, counts and first labels', async () => {
    for (const [name, sha256] of Object.entries(MNIST_SHA256)) {
      const bytes = await unpack(await readFile(join(realFolder, `${name}.gz`)), name);
      assert.is(createHash('sha256').update(bytes).digest('hex'), sha256, name);
    }
    const train = await loadMnist(realFolder, 'train');
    const test = await loadMnist(realFolder, 'test');
    assert.equal([train.count, train.height, train.width, test.count], [60_000, 28, 28, 10_000]);
    assert.equal(Array.from(train.labels.subarray(0, 10)), [5, 0, 4, 1, 9, 2, 1, 3, 1, 4]);
    assert.equal(Array.from(test.labels.subarray(0, 5)), [7, 2, 1, 0, 4]);
  });
}

test.run();
