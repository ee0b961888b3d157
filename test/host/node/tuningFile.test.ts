/**
 * @file The file of measured tiles: it survives what happens to files in a cache.
 */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { cacheFolder, tuningFile } from '../../../src/host/node/tuningFile.js';

const root = mkdtempSync(join(tmpdir(), 'tuning-file-'));
test.after(() => rmSync(root, { recursive: true }));

const CHOICES = new Map([
  ['matmul 32x100x1024', 'subgroup-16x32'],
  ['conv2d ä "quoted"', 'register-4x16'],
]);

test('what is saved is loaded, by another store as well', () => {
  const path = join(root, 'round', 'trip.json');
  tuningFile(path).save('adapter / driver 1.0', CHOICES);
  assert.equal(tuningFile(path).load('adapter / driver 1.0'), CHOICES);
  assert.equal(readdirSync(join(root, 'round')), ['trip.json'], 'nothing is left beside it');
});

test('a file that is not there holds nothing', () => {
  assert.is(tuningFile(join(root, 'none.json')).load('adapter').size, 0);
});

test('two adapters do not mix, and saving one keeps the other', () => {
  const path = join(root, 'two.json');
  const store = tuningFile(path);
  const others = new Map([['matmul 1x1x1', 'direct']]);
  store.save('a', CHOICES);
  store.save('b', others);
  assert.equal(store.load('a'), CHOICES);
  assert.equal(store.load('b'), others);
  assert.is(store.load('c').size, 0);
  assert.is(store.load('').size, 0);
  store.save('a', others);
  assert.equal(store.load('a'), others, 'the old choices are replaced');
  assert.equal(store.load('b'), others);
});

for (const [what, text] of [
  ['cut short', '{"a": {"matmul": "dir'],
  ['empty', ''],
  ['binary', '\0\u0001\u0002'],
  ['an array', '[1, 2]'],
  ['null', 'null'],
  ['of other types', '{"a": ["direct"], "b": 3}'],
] as const) {
  test(`a file that is ${what} holds nothing, and is written over`, () => {
    const path = join(root, 'corrupt.json');
    writeFileSync(path, text);
    const store = tuningFile(path);
    assert.is(store.load('a').size, 0);
    store.save('a', CHOICES);
    assert.equal(store.load('a'), CHOICES);
  });
}

test('entries that are no names of tiles are left out', () => {
  const path = join(root, 'entries.json');
  writeFileSync(path, '{"a": {"good": "direct", "bad": 7, "worse": null}}');
  assert.equal(tuningFile(path).load('a'), new Map([['good', 'direct']]));
});

test('where nothing can be written, saving passes in silence and loading holds nothing', () => {
  // A file in the place of a folder: a mode would not keep root out.
  const blocker = join(root, 'blocker');
  writeFileSync(blocker, 'a file');
  const store = tuningFile(join(blocker, 'deep', 'tuning.json'));
  assert.not.throws(() => store.save('a', CHOICES));
  assert.is(store.load('a').size, 0);
  assert.is(readFileSync(blocker, 'utf8'), 'a file');
});

test('where the name is a folder, saving passes in silence', () => {
  const path = join(root, 'folder.json');
  mkdirSync(path);
  assert.not.throws(() => tuningFile(path).save('a', CHOICES));
  assert.is(tuningFile(path).load('a').size, 0);
});

test('by default it lies in the user’s cache', () => {
  const before = process.env.XDG_CACHE_HOME;
  try {
    process.env.XDG_CACHE_HOME = root;
    assert.is(cacheFolder(), join(root, 'zdim-gan-lab'));
    tuningFile().save('a', CHOICES);
    assert.equal(tuningFile().load('a'), CHOICES);
    const [name = '', ...rest] = readdirSync(join(root, 'zdim-gan-lab'));
    assert.match(name, /^tuning-v\d+\.json$/);
    assert.is(rest.length, 0);
    process.env.XDG_CACHE_HOME = '';
    assert.is(cacheFolder(), join(homedir(), '.cache', 'zdim-gan-lab'));
  } finally {
    if (before === undefined) delete process.env.XDG_CACHE_HOME;
    else process.env.XDG_CACHE_HOME = before;
  }
});

test.run();
