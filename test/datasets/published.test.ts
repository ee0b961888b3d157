import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { FASHION_MNIST, identify, MNIST, MNIST_FILES, PUBLISHED, whereToGet } from '../../src/datasets/published.js';

const FILES = Object.values(MNIST_FILES).flatMap(({ images, labels }) => [images, labels]);

test('each has a hash for each file, two https mirrors, and ten classes', () => {
  for (const { title, sha256, mirrors, classes } of PUBLISHED) {
    assert.equal(Object.keys(sha256), FILES, title);
    for (const hash of Object.values(sha256)) assert.match(hash, /^[0-9a-f]{64}$/);
    assert.is(mirrors.length, 2, title);
    for (const mirror of mirrors) assert.match(mirror, /^https:\/\/.*\/$/);
    assert.is(new Set(classes).size, 10, title);
  }
});

test('no two share a file or a name, so that each file identifies its dataset', () => {
  const hashes = PUBLISHED.flatMap(({ sha256 }) => Object.values(sha256));
  assert.is(new Set(hashes).size, hashes.length);
  assert.is(new Set(PUBLISHED.map(({ name }) => name)).size, PUBLISHED.length);
});

test('a split is identified by all of its files', () => {
  const [images, labels] = ['train-images-idx3-ubyte', 'train-labels-idx1-ubyte'];
  const pick = (a: typeof MNIST, b: typeof MNIST) => ({ [images]: a.sha256[images]!, [labels]: b.sha256[labels]! });
  assert.is(identify(pick(MNIST, MNIST)), MNIST);
  assert.is(identify(pick(FASHION_MNIST, FASHION_MNIST)), FASHION_MNIST);
  assert.is(identify(pick(MNIST, FASHION_MNIST)), undefined);
  assert.is(identify({ [images]: '00' }), undefined);
  assert.is(identify({ [labels]: MNIST.sha256[images]! }), undefined);
});

test('the source of a dataset names its mirrors', () => {
  for (const mirror of FASHION_MNIST.mirrors) assert.ok(whereToGet(FASHION_MNIST).includes(mirror));
});

test.run();
