/**
 * @file The file of measured tiles: it survives what happens to files in a cache.
 */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { TileChoice } from '../../../src/kernels/gemm/choices.js';
import { cacheFolder, readChoices, shippedChoices, tuningFile, tuningOf } from '../../../src/host/node/tuningFile.js';

const root = mkdtempSync(join(tmpdir(), 'tuning-file-'));
test.after(() => rmSync(root, { recursive: true }));

const DIRECT: TileChoice = { tile: 'direct-4', operand: 'patches', rows: 1, columns: 1, inner: 1 };

const CHOICES = new Map<string, TileChoice>([
  ['matmul 32x100x1024', { tile: 'subgroup-16', operand: 'patches', rows: 32, columns: 1024, inner: 100 }],
  ['conv2d ä "quoted"', { tile: 'register-4x16', operand: 'weightGradient', rows: 25, columns: 64, inner: 0.5 }],
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
  const others = new Map([['matmul 1x1x1', DIRECT]]);
  store.save('a', CHOICES);
  store.save('b', others);
  assert.equal(store.load('a'), CHOICES);
  assert.equal(store.load('b'), others);
  assert.is(store.load('c').size, 0);
  assert.is(store.load('').size, 0);
  store.save('a', others);
  assert.equal(store.load('a'), new Map([...CHOICES, ...others]), 'another process may have measured other problems');
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

test('entries that are no choices are left out', () => {
  const path = join(root, 'entries.json');
  const entries = { good: DIRECT, bad: 7, worse: null, tile: { ...DIRECT, tile: 3 }, size: { ...DIRECT, rows: -1 } };
  writeFileSync(path, JSON.stringify({ a: entries }));
  assert.equal(tuningFile(path).load('a'), new Map([['good', DIRECT]]));
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

test('the package ships choices of the software adapters, and every one of them is of the format', () => {
  const all = readChoices();
  assert.ok(all.some(({ adapter }) => adapter.name.startsWith('llvmpipe')));
  for (const { adapter, choices } of all) {
    assert.ok(choices.size > 0, adapter.name);
    assert.equal(shippedChoices(adapter), choices);
  }
});

test('with shipped choices a tuner measures nothing, unless it is asked to', () => {
  const before = process.env.XDG_CACHE_HOME;
  process.env.XDG_CACHE_HOME = join(root, 'asked');
  try {
    const [{ adapter } = { adapter: undefined }] = readChoices();
    assert.ok(adapter);
    tuningFile().save('key', CHOICES);
    assert.ok(tuningOf(adapter, undefined).known);
    assert.equal(tuningOf(adapter, undefined).store?.load('key'), CHOICES);
    assert.is(tuningOf(adapter, false).measure, false);
    const anew = tuningOf(adapter, true);
    assert.equal([anew.measure, anew.known, anew.store?.load('key').size], [true, undefined, 0]);
    assert.is(tuningOf({ ...adapter, name: 'new', architecture: 'new' }, undefined).known, undefined);
  } finally {
    if (before === undefined) delete process.env.XDG_CACHE_HOME;
    else process.env.XDG_CACHE_HOME = before;
  }
});

test.run();
