/**
 * @file Checkpoints: what is written is read, whatever is damaged is found out, and the newest good one is used.
 */
import {
  closeSync,
  existsSync,
  ftruncateSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { FileError } from '../../../src/files/errors.js';
import { encodeSafetensors, parseSafetensors, type StoredTensor } from '../../../src/data/weights/safetensors.js';
import { CheckpointError, CheckpointFolder, readCheckpoint } from '../../../src/training/checkpoint/checkpoints.js';
import type { Snapshot } from '../../../src/data/weights/state.js';
import { HAS_FIFOS, makeFifo } from '../../support/fifo.js';

const root = mkdtempSync(join(tmpdir(), 'checkpoints-'));
test.after(() => rmSync(root, { recursive: true }));

const METADATA = { architecture: 'dcgan', zDim: '5', seed: 'Ä 種 🎲' };

function stateOf(iteration: number): Snapshot {
  return new Map<string, StoredTensor>([
    ['generator/dense/kernel', { shape: [2, 3], values: Float32Array.of(1.5, -0, 3e38, 1e-45, -2, iteration) }],
    ['generator/dense/bias', { shape: [1], values: Float32Array.of(Math.fround(Math.PI)) }],
    ['iteration', { shape: [], values: Uint32Array.of(iteration) }],
    ['discriminator/adam_step', { shape: [], values: Uint32Array.of(2 ** 32 - 1) }],
  ]);
}

let folders = 0;

/** A folder with checkpoints of these iterations. */
function folderOf(...iterations: number[]): CheckpointFolder {
  const folder = new CheckpointFolder(join(root, `${++folders}`, 'checkpoints'));
  for (const iteration of iterations) folder.write(iteration, stateOf(iteration), METADATA);
  return folder;
}

const pathOf = (folder: CheckpointFolder, iteration: number): string => {
  return join(folder.path, CheckpointFolder.fileName(iteration));
};

const listed = (folder: CheckpointFolder): string[] => folder.list().map((path) => basename(path));

function damage(path: string, change: (bytes: Buffer) => Uint8Array): void {
  writeFileSync(path, change(readFileSync(path)));
}

const flip = (at: number, bit: number) => (bytes: Buffer) => {
  bytes[at]! ^= 1 << bit;
  return bytes;
};

/** The error of reading a checkpoint; undefined where it is read. */
function problemOf(path: string): string | undefined {
  try {
    readCheckpoint(path);
    return undefined;
  } catch (error) {
    if (!(error instanceof CheckpointError)) throw error;
    assert.ok(error.message.startsWith(path), `names the file: ${error.message}`);
    return error.message;
  }
}

test('what is written is read: every bit, the iteration, and what it tells of the network', () => {
  const folder = folderOf();
  const path = folder.write(500, stateOf(500), METADATA);
  assert.is(path, join(folder.path, '000500.safetensors'));
  const { iteration, metadata, tensors } = readCheckpoint(path);
  assert.is(iteration, 500);
  for (const [key, value] of Object.entries(METADATA)) assert.is(metadata.get(key), value);
  assert.equal([...tensors.keys()].sort(), [...stateOf(500).keys()].sort());
  for (const [name, { shape, values }] of stateOf(500)) {
    const found = tensors.get(name);
    assert.equal(found?.shape, shape);
    assert.equal(
      Buffer.from(found?.values.buffer ?? new ArrayBuffer(0)).toString('hex'),
      Buffer.from(values.buffer).toString('hex'),
    );
  }
});

test('values that are a part of a larger buffer are written alone', () => {
  const folder = folderOf();
  const large = new Float32Array(8).fill(9);
  const tensors: Snapshot = new Map([['w', { shape: [2], values: new Float32Array(large.buffer, 4, 2) }]]);
  assert.equal(readCheckpoint(folder.write(1, tensors, {})).tensors.get('w')?.values, Float32Array.of(9, 9));
});

test('the order of the tensors does not matter to the bytes', () => {
  const folder = folderOf(1);
  const path = pathOf(folder, 1);
  const before = readFileSync(path);
  folder.write(1, new Map([...stateOf(1)].reverse()), METADATA);
  assert.equal(readFileSync(path), before);
});

test('a folder lists checkpoints alone, the newest first, past six digits as well', () => {
  const folder = folderOf(5, 999_999, 1_000_000, 12_345_678, 40);
  for (const name of ['notes.txt', '12.safetensors', '000007.safetensors.damaged', '.000008.safetensors.1.tmp']) {
    writeFileSync(join(folder.path, name), '');
  }
  assert.equal(listed(folder), [
    '12345678.safetensors',
    '1000000.safetensors',
    '999999.safetensors',
    '000040.safetensors',
    '000005.safetensors',
  ]);
  assert.is(folder.newest().checkpoint?.iteration, 12_345_678);
  assert.is(CheckpointFolder.iterationOf(join('a', '012345.safetensors')), 12_345);
  assert.ok(Number.isNaN(CheckpointFolder.iterationOf('a/12345.safetensors')));
});

test('of more than are to be kept the oldest go', () => {
  const folder = folderOf();
  for (const iteration of [2, 4, 6, 8]) folder.write(iteration, stateOf(iteration), METADATA, { newest: 3 });
  assert.equal(listed(folder), ['000008.safetensors', '000006.safetensors', '000004.safetensors']);
  folder.write(10, stateOf(10), METADATA, { newest: 1 });
  assert.equal(readdirSync(folder.path), ['000010.safetensors']);
  assert.is(folder.newest().checkpoint?.iteration, 10);
});

test('a file with any one bit flipped is found out', () => {
  const path = pathOf(folderOf(3), 3);
  const good = readFileSync(path);
  const file = openSync(path, 'r+');
  for (let at = 0; at < good.length; at++) {
    for (let bit = 0; bit < 8; bit++) {
      writeSync(file, Uint8Array.of(good[at]! ^ (1 << bit)), 0, 1, at);
      assert.ok(problemOf(path), `byte ${at} of ${good.length}, bit ${bit}`);
    }
    writeSync(file, good, at, 1, at);
  }
  closeSync(file);
  assert.is(problemOf(path), undefined);
});

test('a file cut short anywhere, ending in zeros from anywhere on, or with more behind it, is found out', () => {
  const path = pathOf(folderOf(3), 3);
  const good = readFileSync(path);
  const file = openSync(path, 'r+');
  for (let length = good.length - 1; length >= 0; length--) {
    ftruncateSync(file, length);
    assert.ok(problemOf(path), `the first ${length} of ${good.length} bytes`);
  }
  writeSync(file, good, 0, good.length, 0);
  for (let at = good.length - 1; at >= 0; at--) {
    writeSync(file, Uint8Array.of(0), 0, 1, at);
    const same = good.subarray(at).every((byte) => byte === 0);
    assert.is(problemOf(path) === undefined, same, `zeros from byte ${at} on`);
  }
  writeSync(file, Buffer.concat([good, Uint8Array.of(0)]), 0, good.length + 1, 0);
  assert.ok(problemOf(path), 'one byte more');
  closeSync(file);
});

test('an altered file is found out by its checksum, one of another program by what it lacks', () => {
  const folder = folderOf(3);
  const path = pathOf(folder, 3);
  const good = readFileSync(path);
  const { tensors, metadata } = parseSafetensors(good, path);
  const stale = /was altered or damaged: its checksum does not match its content/;
  for (const [what, changed, message] of [
    ['a number', { metadata, tensors: new Map([...tensors, ...stateOf(4)]) }, stale],
    ['a note', { tensors, metadata: new Map([...metadata, ['zDim', '6']]) }, stale],
    ['the iteration', { tensors, metadata: new Map([...metadata, ['iteration', '4']]) }, stale],
    ['one more note', { tensors, metadata: new Map([...metadata, ['more', '']]) }, stale],
    ['one tensor less', { metadata, tensors: new Map([...tensors].slice(1)) }, stale],
    ['no checksum', { tensors, metadata: new Map([...metadata].filter(([key]) => key !== 'sha256')) }, stale],
    [
      'another program',
      { tensors, metadata: new Map() },
      /is a safetensors file, but not a checkpoint of this program/,
    ],
  ] as const) {
    writeFileSync(path, encodeSafetensors(changed));
    assert.match(problemOf(path) ?? `${what}: read nevertheless`, message);
  }
  writeFileSync(path, 'PNG or so, no safetensors at all');
  assert.match(problemOf(path) ?? '', /not a safetensors file/);
});

test('a damaged newest is named, and the one before it used', () => {
  const folder = folderOf(2, 4, 6);
  damage(pathOf(folder, 6), (bytes) => bytes.subarray(0, bytes.length / 2));
  damage(pathOf(folder, 4), flip(400, 3));
  const { checkpoint, skipped } = folder.newest();
  assert.is(checkpoint?.iteration, 2);
  assert.equal(checkpoint?.tensors.get('iteration')?.values, Uint32Array.of(2));
  assert.is(skipped.length, 2);
  assert.ok(skipped[0]?.message.startsWith(pathOf(folder, 6)) && skipped[1]?.message.startsWith(pathOf(folder, 4)));
});

test('where all are damaged, each is named', () => {
  const folder = folderOf(2, 4);
  for (const path of folder.list()) damage(path, () => Buffer.alloc(0));
  assert.throws(
    () => folder.newest(),
    (error: unknown) =>
      error instanceof CheckpointError &&
      error.message.includes(`no checkpoint in ${folder.path} is usable`) &&
      folder.list().every((path) => error.message.includes(path)),
  );
});

test('one that does not fit is skipped like a damaged one; any other error is none of the file’s', () => {
  const folder = folderOf(2, 4);
  const { checkpoint, skipped } = folder.newest(({ path, iteration }) => {
    if (iteration === 4) throw new CheckpointError(`${path} belongs to another run`);
  });
  assert.is(checkpoint?.iteration, 2);
  assert.match(skipped[0]?.message ?? '', /000004\.safetensors belongs to another run/);
  const bug = (): never => {
    throw new TypeError('a bug');
  };
  assert.throws(() => folder.newest(bug), /^a bug$/);
});

test('what cannot be read is named like a damaged one: a folder, a FIFO, a link to nowhere, more than 2 GiB', () => {
  const folder = folderOf(2);
  mkdirSync(pathOf(folder, 4));
  symlinkSync('nowhere', pathOf(folder, 5));
  const large = openSync(pathOf(folder, 6), 'w');
  ftruncateSync(large, 3 * 2 ** 30);
  closeSync(large);
  const expected: [number, RegExp][] = [
    [6, /it is too large: 3,221,225,472 bytes, at most 2,147,483,647 bytes are read/],
    [5, /it is a link that leads nowhere/],
    [4, /it is a folder, not a file/],
  ];
  if (HAS_FIFOS) {
    makeFifo(pathOf(folder, 7));
    expected.unshift([7, /it is a FIFO, not a regular file/]);
  }
  const { checkpoint, skipped } = folder.newest();
  assert.is(checkpoint?.iteration, 2);
  assert.is(skipped.length, expected.length);
  expected.forEach(([iteration, message], index) => {
    assert.instance(skipped[index], CheckpointError);
    assert.ok(skipped[index]?.message.includes(pathOf(folder, iteration)));
    assert.match(skipped[index]?.message ?? '', message);
  });
  // Put aside, even where a folder has the name already; and none costs a good one its place.
  mkdirSync(`${pathOf(folder, 6)}.damaged`);
  folder.tidy(2);
  assert.equal(listed(folder), ['000002.safetensors']);
  assert.ok(existsSync(`${pathOf(folder, 6)}.damaged-2`));
  mkdirSync(pathOf(folder, 1));
  folder.write(4, stateOf(4), METADATA, { newest: 2 });
  assert.equal(listed(folder), ['000004.safetensors', '000002.safetensors', '000001.safetensors']);
  rmSync(pathOf(folder, 2));
  symlinkSync(join(root, 'elsewhere'), pathOf(folder, 8));
  folder.write(8, stateOf(8), METADATA);
  assert.is(folder.newest().checkpoint?.iteration, 8);
  assert.not(existsSync(join(root, 'elsewhere')), 'a link is replaced, not followed');
});

test('one that was given another’s name is not taken for it', () => {
  const folder = folderOf(2, 4);
  renameSync(pathOf(folder, 4), pathOf(folder, 9));
  const { checkpoint, skipped } = folder.newest();
  assert.is(checkpoint?.iteration, 2);
  assert.match(skipped[0]?.message ?? '', /000009\.safetensors was renamed: it is the checkpoint of iteration 4/);
  assert.is(readCheckpoint(pathOf(folder, 9)).iteration, 4, 'by itself it is as good as ever');
});

test('a folder without checkpoints has none, be it there or not; one that cannot be read is an error', () => {
  assert.equal(folderOf().newest(), { checkpoint: undefined, skipped: [] });
  mkdirSync(folderOf().path, { recursive: true });
  const file = join(root, 'file');
  writeFileSync(file, '');
  assert.throws(
    () => new CheckpointFolder(file).newest(),
    (error: unknown) => error instanceof FileError && error.message.startsWith(`cannot read ${file}`),
  );
});

test('tidying puts what is damaged aside, where it neither counts as newest nor costs a good one its place', () => {
  const folder = folderOf(2, 4, 6, 8);
  for (const iteration of [6, 8]) damage(pathOf(folder, iteration), flip(300, 1));
  const { checkpoint } = folder.newest();
  folder.tidy(checkpoint?.iteration ?? NaN);
  assert.equal(listed(folder), ['000004.safetensors', '000002.safetensors']);
  assert.equal(folder.newest().skipped, []);
  folder.write(6, stateOf(6), METADATA, { newest: 2 });
  assert.equal(listed(folder), ['000006.safetensors', '000004.safetensors']);
  assert.equal(
    readdirSync(folder.path).filter((name) => name.endsWith('.damaged')),
    ['000006.safetensors.damaged', '000008.safetensors.damaged'],
  );
});

test('tidying removes what killed writers left, and nothing else', () => {
  const folder = folderOf(2);
  writeFileSync(join(folder.path, '.000004.safetensors.12345.tmp'), 'half');
  writeFileSync(join(folder.path, 'notes.txt'), 'mine');
  assert.is(folder.newest().checkpoint?.iteration, 2, 'it counts as nothing');
  folder.tidy(2);
  assert.equal(readdirSync(folder.path).sort(), ['000002.safetensors', 'notes.txt']);
  assert.not.throws(() => folderOf().tidy(0), 'no folder, nothing to do');
});

test('a checkpoint that cannot be written costs none of those before it, and leaves nothing', () => {
  const folder = folderOf(2);
  mkdirSync(pathOf(folder, 4));
  assert.throws(
    () => folder.write(4, stateOf(4), METADATA, { newest: 1 }),
    (error: unknown) => error instanceof FileError && error.message.startsWith(`cannot write ${pathOf(folder, 4)}`),
  );
  assert.equal(readdirSync(folder.path).sort(), ['000002.safetensors', '000004.safetensors']);
  assert.is(problemOf(pathOf(folder, 2)), undefined);
});

test.run();
