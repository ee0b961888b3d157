/**
 * @file RunFolder, by the folder of a run: creation, refusals, opening, locking, discarding, and its files.
 */
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { FileError } from '../../../src/files/errors.js';
import { FolderLostError, LOCK_NAME, LockedError } from '../../../src/files/lock.js';
import { parseMetrics, readMetrics } from '../../../src/training/run/metricsLog.js';
import { RUN_FORMAT, RunError, type RunDescription } from '../../../src/training/run/runDescription.js';
import { readRun, RUN, runFiles } from '../../../src/training/run/runFiles.js';
import { isInUse, RunFolder } from '../../../src/training/run/runFolder.js';

const root = mkdtempSync(join(tmpdir(), 'run-folder-'));
test.after(() => rmSync(root, { recursive: true }));

const DESCRIPTION: RunDescription = {
  format: RUN_FORMAT,
  arguments: {
    architecture: 'dcgan',
    zDim: 100,
    width: 1,
    batch: 32,
    iterations: 3000,
    sampleEvery: 500,
    checkpointEvery: 500,
    keep: 3,
    seed: '1',
    preset: 'standard',
    keepBest: 'none',
  },
  dataset: { kind: 'digits', name: 'digits', count: 50, sha256: '0'.repeat(64) },
  parameters: { generator: 1, discriminator: 1 },
  sessions: [],
};

const OF_Z_2: RunDescription = { ...DESCRIPTION, arguments: { ...DESCRIPTION.arguments, zDim: 2 } };

const ROW = { generatorLoss: 0.7, discriminatorLoss: 0.5, realAccuracy: 1, fakeAccuracy: 0.5, foolingRate: 0 };

let folders = 0;
const newPath = (): string => join(root, `${++folders}`);

/** A folder with these files in it. */
function folderWith(files: Readonly<Record<string, string>> = {}): string {
  const path = newPath();
  mkdirSync(path);
  for (const [name, content] of Object.entries(files)) writeFileSync(join(path, name), content);
  return path;
}

/** A run that nobody works on. */
function closedRun(): string {
  const path = newPath();
  RunFolder.create(RUN, path, DESCRIPTION).close();
  return path;
}

const contents = (path: string): string[] => readdirSync(path).sort();

/** @throws AssertionError unless `body` throws this kind of error with this message */
function assertThrows(body: () => unknown, kind: new (message: string) => Error, message: RegExp): void {
  let thrown: unknown;
  try {
    body();
  } catch (error) {
    thrown = error;
  }
  assert.instance(thrown, kind);
  assert.match(thrown instanceof Error ? thrown.message : '', message);
}

test('a new run has its description at once, in a folder that is made with those above it', () => {
  const path = join(newPath(), 'deep', 'er');
  const folder = RunFolder.create(RUN, path, DESCRIPTION);
  assert.is(folder.path, path);
  assert.equal(readRun(path), DESCRIPTION);
  assert.equal(contents(path), [LOCK_NAME, 'run.json']);
  folder.close();
  assert.equal(contents(path), ['run.json']);
});

test('an empty folder is taken, what killed processes left in it notwithstanding', () => {
  const dead = JSON.stringify({ pid: 2 ** 30, host: hostname(), born: 'long ago' });
  for (const files of [{}, { [LOCK_NAME]: dead, '.run.json.4194305.tmp': '{"form' }]) {
    const path = folderWith(files);
    RunFolder.create(RUN, path, DESCRIPTION).close();
    assert.equal(readRun(path), DESCRIPTION);
    assert.equal(contents(path), ['run.json'], 'what they left is gone');
  }
});

test('a folder that is not empty is refused by name, and left as it was', () => {
  for (const name of ['precious.txt', '.hidden', 'metrics.jsonl']) {
    const path = folderWith({ [name]: 'mine' });
    const message = new RegExp(`^the run folder ${path} is not empty: it holds ${name}; name another with --out$`);
    assertThrows(() => RunFolder.create(RUN, path, DESCRIPTION), RunError, message);
    assert.equal(contents(path), [name]);
    assert.is(readFileSync(join(path, name), 'utf8'), 'mine');
  }
});

test('a folder with a run is refused with the way to go on with it, and left as it was', () => {
  const path = closedRun();
  assertThrows(
    () => RunFolder.create(RUN, path, OF_Z_2),
    RunError,
    /^the folder .* already holds a run; resume it with --resume, or name another with --out$/,
  );
  assert.equal(contents(path), ['run.json']);
  assert.equal(readRun(path), DESCRIPTION);
});

test('a file in the folder’s place, or in that of one above it, is refused', () => {
  const file = join(folderWith({ file: '' }), 'file');
  for (const path of [file, join(file, 'run')]) {
    assertThrows(() => RunFolder.create(RUN, path, DESCRIPTION), FileError, /^cannot create the folder .*file/);
  }
});

test('a run whose description cannot be written leaves no new folder', () => {
  const path = newPath();
  const broken = { ...DESCRIPTION, parameters: { generator: 1n, discriminator: 1n } } as unknown as RunDescription;
  assertThrows(
    () => RunFolder.create(RUN, path, broken),
    RunError,
    /^a run cannot be created: parameters\.generator: /,
  );
  assert.not(contents(root).includes(path.slice(root.length + 1)));
  RunFolder.create(RUN, path, DESCRIPTION).close();
});

test('run.json is JSON for people too, is replaced as a whole, and leaves nothing beside it', () => {
  const folder = RunFolder.create(RUN, newPath(), DESCRIPTION);
  folder.describe(OF_Z_2);
  assert.equal(readRun(folder.path), OF_Z_2);
  const text = readFileSync(runFiles(folder.path).run, 'utf8');
  assert.ok(text.startsWith('{\n  "format": "zdim-gan-lab/run/2",\n') && text.endsWith('}\n'), text);
  folder.close();
  assert.equal(contents(folder.path), ['run.json']);
});

test('a run is opened with its description, and gone on with', () => {
  const path = newPath();
  const first = RunFolder.create(RUN, path, DESCRIPTION);
  first.log('metrics.jsonl', parseMetrics).append([{ iteration: 1, ...ROW }]);
  first.describe(OF_Z_2);
  assert.equal(first.description, OF_Z_2);
  first.close();

  const folder = RunFolder.open(RUN, path);
  assert.equal(folder.description, OF_Z_2);
  folder.log('metrics.jsonl', parseMetrics).append([{ iteration: 2, ...ROW }]);
  folder.close();
  assert.equal(
    readMetrics(runFiles(path).metrics),
    [1, 2].map((iteration) => ({ iteration, ...ROW })),
  );
});

test('opening clears away what killed writers left, and nothing else', () => {
  const path = closedRun();
  mkdirSync(runFiles(path).images);
  const mine = ['notes.txt', '.hidden', join('images', 'mine.png')];
  for (const name of [
    ...mine,
    '.run.json.4194305.tmp',
    '.curves.png.4194305.tmp',
    join('images', '.fixed-000010.png.4194305.tmp'),
  ]) {
    writeFileSync(join(path, name), '');
  }
  RunFolder.open(RUN, path).close();
  assert.equal(contents(path), ['.hidden', 'images', 'notes.txt', 'run.json']);
  assert.equal(contents(runFiles(path).images), ['mine.png']);
});

test('a folder without a run is told from one whose run.json is damaged; neither gets a lock', () => {
  const missing = [newPath(), folderWith(), join(folderWith({ file: '' }), 'file')];
  const damaged = [folderWith({ 'run.json': '{"format":' }), folderWith({ 'run.json': '{"format":"another/1"}' })];
  for (const path of [...missing, ...damaged]) {
    for (const take of [() => readRun(path), () => RunFolder.open(RUN, path)]) {
      try {
        take();
        assert.unreachable(path);
      } catch (error) {
        if (!(error instanceof RunError)) throw error;
        assert.is(error.missing, missing.includes(path), error.message);
        assert.match(error.message, join(path, 'run.json'));
      }
    }
  }
  for (const path of damaged) assert.equal(contents(path), ['run.json']);
});

test('a folder at work is refused to a second, and free again when it is closed', () => {
  const path = newPath();
  const folder = RunFolder.create(RUN, path, DESCRIPTION);
  assert.ok(isInUse(path));
  const refusal = new RegExp(`^the folder ${path} is in use by process ${process.pid}$`);
  assertThrows(() => RunFolder.open(RUN, path), LockedError, refusal);
  assertThrows(() => RunFolder.create(RUN, path, DESCRIPTION), LockedError, refusal);
  assert.equal(contents(path), [LOCK_NAME, 'run.json'], 'the first has lost nothing');
  folder.close();
  assert.not(isInUse(path));
  RunFolder.open(RUN, path).close();
});

test('a run that came to nothing is taken back; what others put into its folder stays', () => {
  const empty = RunFolder.create(RUN, newPath(), DESCRIPTION);
  empty.discard();
  assert.not(contents(root).includes(empty.path.slice(root.length + 1)));

  const shared = RunFolder.create(RUN, newPath(), DESCRIPTION);
  logOf(shared);
  writeFileSync(join(shared.path, 'notes.txt'), 'mine');
  shared.discard();
  assert.equal(contents(shared.path), ['notes.txt']);
});

type Folder = RunFolder<RunDescription>;

/** Everything that writes into a folder, or removes from it. */
const WRITERS: Readonly<Record<string, (folder: Folder) => unknown>> = {
  'the description': (folder) => folder.describe(OF_Z_2),
  'a picture': (folder) => folder.write('images/fixed-000010.png', Uint8Array.of(1)),
  'a file': (folder) => folder.write('curves.png', Uint8Array.of(1)),
  'a new log': (folder) => folder.log('diagnoses.jsonl', parseMetrics),
  'a checkpoint, and the removal of old ones': (folder) => folder.checkpoints.write(9, new Map(), {}, { newest: 1 }),
  'checkpoints put aside': (folder) => folder.checkpoints.tidy(0),
  'a discarded run': (folder) => folder.discard(),
};

/** Everything that changes an open log. */
const LOG_WRITERS: Readonly<Record<string, (log: ReturnType<typeof logOf>) => unknown>> = {
  append: (log) => log.append([{ iteration: 1, ...ROW }]),
  truncate: (log) => log.truncate(0),
  flush: (log) => log.flush(),
};

const logOf = (folder: Folder) => folder.log('metrics.jsonl', parseMetrics);

/** Replaces a folder by that of another process, with files of the same names. */
function replaceFolder(path: string): string {
  const moved = newPath();
  renameSync(path, moved);
  cpSync(moved, path, { recursive: true });
  const other = JSON.stringify({ pid: process.ppid, host: hostname(), born: '' });
  writeFileSync(join(path, LOCK_NAME), other);
  return other;
}

const REPLACED = /it was replaced while it was written, and is in use by/;

for (const [what, write] of Object.entries(WRITERS)) {
  test(`a folder that was replaced stays as it is: ${what}`, () => {
    const folder = RunFolder.create(RUN, newPath(), DESCRIPTION);
    folder.checkpoints.write(3, new Map(), {});
    const other = replaceFolder(folder.path);
    const before = readdirSync(folder.path, { recursive: true }).sort();
    if (write === WRITERS['a discarded run']) write(folder);
    else assertThrows(() => write(folder), FolderLostError, REPLACED);
    assert.equal(readdirSync(folder.path, { recursive: true }).sort(), before);
    assert.equal(readRun(folder.path), DESCRIPTION);
    assert.is(readFileSync(join(folder.path, LOCK_NAME), 'utf8'), other);
    if (write !== WRITERS['a discarded run']) folder.close();
  });
}

test('the log of a folder that was replaced is not written', () => {
  for (const write of Object.values(LOG_WRITERS)) {
    const folder = RunFolder.create(RUN, newPath(), DESCRIPTION);
    const log = logOf(folder);
    replaceFolder(folder.path);
    assertThrows(() => write(log), FolderLostError, REPLACED);
    folder.close();
  }
});

test('a log that was removed or replaced while it is written is an error', () => {
  for (const [what, happen] of [
    ['removed', (path: string) => rmSync(path)],
    [
      'replaced',
      (path: string) => {
        renameSync(path, `${path}.old`);
        writeFileSync(path, '');
      },
    ],
  ] as const) {
    const folder = RunFolder.create(RUN, newPath(), DESCRIPTION);
    const log = logOf(folder);
    log.append([{ iteration: 1, ...ROW }]);
    happen(log.path);
    const message = new RegExp(`metrics\\.jsonl was ${what} while it was written; nothing more is written$`);
    assertThrows(() => log.append([{ iteration: 2, ...ROW }]), FolderLostError, message);
    folder.close();
    assert.equal(contents(folder.path).includes(LOCK_NAME), false, 'the folder is free again');
  }
});

test('links in the place of folders in a run are refused, and what they lead to stays as it is', () => {
  const outside = folderWith({ '000007.safetensors': 'mine', '.fixed-000010.png.999999999.tmp': 'mine' });
  const LINKED = {
    images: (folder) => folder.write('images/fixed-000010.png', Uint8Array.of(1)),
    checkpoints: (folder) => folder.checkpoints.write(9, new Map(), {}, { newest: 1 }),
  } satisfies Record<string, (folder: Folder) => unknown>;
  const before = contents(outside);
  for (const [name, write] of Object.entries(LINKED)) {
    const folder = RunFolder.create(RUN, newPath(), DESCRIPTION);
    symlinkSync(outside, join(folder.path, name));
    const message = new RegExp(`${name}: it is a link, and links are not followed here$`);
    assertThrows(() => write(folder), FileError, message);
    if (name === 'checkpoints') assertThrows(() => folder.checkpoints.tidy(0), FileError, message);
    folder.close();
    assertThrows(() => RunFolder.open(RUN, folder.path), FileError, message);
    assert.equal(isInUse(folder.path), false);
  }
  assert.equal(contents(outside), before);
});

test('files are written into sub-folders and replaced as a whole; objects become indented JSON', () => {
  const folder = RunFolder.create(RUN, newPath(), DESCRIPTION);
  const name = join('images', 'fixed-000250.png');
  assert.is(folder.write(name, Uint8Array.of(0)), join(folder.path, name));
  folder.write(name, Uint8Array.of(137, 80));
  assert.equal([...readFileSync(join(folder.path, name))], [137, 80]);
  assert.is(readFileSync(folder.write('a.json', { b: 1 }), 'utf8'), '{\n  "b": 1\n}\n');
  assert.is(readFileSync(folder.write('a.txt', 'text'), 'utf8'), 'text');
  folder.close();
  assert.equal(contents(folder.path), ['a.json', 'a.txt', 'images', 'run.json']);
});

test.run();
