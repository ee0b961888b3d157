import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { readFile } from 'node:fs/promises';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { hexSha256, loadMnist, locateMnist, unpack } from '../../src/datasets/mnist.js';
import { FASHION_MNIST, MNIST, type PublishedDataset } from '../../src/datasets/published.js';
import { idxBytes, rejection, smallMnist, somePixels, withFolder } from '../data/fixtures.js';
import { SMALL } from './mirror.js';

test('plain files: shape, pixels and labels in file order', () =>
  withFolder(smallMnist(), async (folder) => {
    const train = await loadMnist(folder, 'train');
    assert.is(train.name, 'idx/train', 'nobody has published these');
    assert.is(train.published, undefined);
    assert.equal([train.count, train.height, train.width, train.channels], [6, 28, 28, 1]);
    assert.equal(Array.from(train.pixels), somePixels(6, 28));
    assert.equal(Array.from(train.labels), [5, 0, 4, 1, 9, 2]);
    const test = await loadMnist(folder, 'test');
    assert.equal([test.name, test.count], ['idx/test', 3]);
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

test('a dataset with published bytes gets the published name, packed or not', async () => {
  const other: PublishedDataset = { ...SMALL, name: 'other', sha256: MNIST.sha256 };
  const files = smallMnist();
  const packed = { ...files, 'train-images-idx3-ubyte': gzipSync(files['train-images-idx3-ubyte']!) };
  await withFolder(packed, async (folder) => {
    const train = await loadMnist(folder, 'train', [other, SMALL]);
    assert.equal([train.name, train.published], ['small/train', SMALL]);
    assert.is((await loadMnist(folder, 'test', [other, SMALL])).name, 'small/test');
  });
});

test('with one file of another origin, a split has no published name', async () => {
  const labels = idxBytes([6], [5, 0, 4, 1, 9, 3]);
  await withFolder({ ...smallMnist(), 'train-labels-idx1-ubyte': labels }, async (folder) => {
    assert.is((await loadMnist(folder, 'train', [SMALL])).name, 'idx/train');
    assert.is((await loadMnist(folder, 'test', [SMALL])).name, 'small/test');
  });
});

test('a file is unpacked by its content, not by its name', async () => {
  const files = smallMnist();
  const renamed = {
    'train-images.idx3-ubyte': gzipSync(files['train-images-idx3-ubyte']!),
    'train-labels-idx1-ubyte.gz': files['train-labels-idx1-ubyte']!,
  };
  await withFolder(renamed, async (folder) => {
    assert.is((await loadMnist(folder, 'train')).count, 6);
  });
});

test('another square size is accepted and reported, an oblong one is refused', async () => {
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

test('files that do not fit together are refused, with their names', async () => {
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

test('a damaged archive and an endless one are refused', async () => {
  const packed = gzipSync(smallMnist()['train-images-idx3-ubyte']!);
  assert.match(await complaintAbout({ 'train-images-idx3-ubyte': packed.subarray(0, 100) }), /cannot unpack gzip/);
  const bomb = gzipSync(new Uint8Array(1_000_001));
  assert.match(await rejection(unpack(bomb, 'bomb.gz', 1_000_000)), /MnistError: bomb.gz: cannot unpack gzip/);
  assert.is((await unpack(bomb, 'bomb.gz', 1_000_001)).length, 1_000_001);
});

test('the error names missing files and their source', async () => {
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

test('only an explicit folder is searched; without one, the first complete folder is used', () =>
  withFolder(smallMnist(), (complete) =>
    withFolder({}, async (empty) => {
      assert.is(await locateMnist({ candidates: [empty, '/nonexistent', complete] }), complete);
      assert.is(await locateMnist({ explicit: complete, candidates: [empty] }), complete);
      const message = await rejection(locateMnist({ explicit: empty, candidates: [complete] }));
      assert.match(message, `folder ${empty} holds no train-images-idx3-ubyte`);
      assert.not.match(message, complete);
      const fashion = await rejection(locateMnist({ explicit: empty, wanted: FASHION_MNIST }));
      assert.match(fashion, /^MnistError: No Fashion-MNIST: .* Fashion-MNIST is at https:/);
      const both = await rejection(locateMnist({ candidates: [empty, '/nonexistent'] }));
      assert.match(both, empty);
      assert.match(both, '/nonexistent does not exist');
    }),
  ));

/** Runs a test on the real files where an environment variable names their folder. */
function onReal(published: PublishedDataset, variable: string, first: readonly number[]): void {
  const folder = process.env[variable];
  if (folder === undefined || folder === '') {
    console.log(`SKIPPED real ${published.title}: set ${variable} to the folder that holds it`);
    return;
  }
  test(`the real ${published.title} has the known hashes, name, counts and first labels`, async () => {
    for (const [name, sha256] of Object.entries(published.sha256)) {
      const bytes = await unpack(await readFile(join(folder, `${name}.gz`)), name);
      assert.is(hexSha256(bytes), sha256, name);
    }
    const train = await loadMnist(folder, 'train');
    const test = await loadMnist(folder, 'test');
    assert.equal([train.name, test.name], [`${published.name}/train`, `${published.name}/test`]);
    assert.equal([train.count, train.height, train.width, test.count], [60_000, 28, 28, 10_000]);
    assert.equal(Array.from(train.labels.subarray(0, first.length)), first);
  });
}

onReal(MNIST, 'MNIST_DIR', [5, 0, 4, 1, 9, 2, 1, 3, 1, 4]);
onReal(FASHION_MNIST, 'FASHION_MNIST_DIR', [9, 0, 0, 3, 0, 2, 7, 2, 5, 5]);

test('the error for a folder of another kind names its contents', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'not-mnist-'));
  try {
    for (const name of ['a.png', 'b.PNG', 'c.jpg', 'train-labels-idx1-ubyte.gz', 'x'])
      writeFileSync(join(folder, name), '');
    mkdirSync(join(folder, 'faces'));
    symlinkSync('faces', join(folder, 'linked'));
    const message = await rejection(locateMnist({ explicit: folder }));
    const held = '2 PNG images, 2 folders, 1 JPEG image, 1 IDX file, 1 other file';
    for (const part of held.split(', ')) assert.match(message, part);
    assert.match(message, 'supported are the four IDX files');
    assert.match(await rejection(locateMnist({ explicit: join(folder, 'faces') })), 'It holds nothing;');
    assert.match(await rejection(locateMnist({ explicit: join(folder, 'x') })), 'is not a folder');
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test.run();
