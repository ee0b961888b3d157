/**
 * @file The folder of a run: made, refused where something is in it, opened again, locked, taken back; and its files.
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
import { readMetrics } from '../../../src/training/run/metricsLog.js';
import { RunError, type RunDescription } from '../../../src/training/run/runDescription.js';
import { isAtWork, readRun, runFiles, RunFolder } from '../../../src/training/run/runFolder.js';

const root = mkdtempSync(join(tmpdir(), 'run-folder-'));
test.after(() => rmSync(root, { recursive: true }));

const DESCRIPTION: RunDescription = {
  format: 'zdim-gan-lab/run/1',
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
  RunFolder.create(path, DESCRIPTION).close();
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
  const folder = RunFolder.create(path, DESCRIPTION);
  assert.is(folder.path, path);
  assert.equal(readRun(path), DESCRIPTION);
  assert.equal(contents(path), [LOCK_NAME, 'metrics.jsonl', 'run.json']);
  assert.equal(folder.files, {
    run: join(path, 'run.json'),
    metrics: join(path, 'metrics.jsonl'),
    diagnoses: join(path, 'diagnoses.jsonl'),
    images: join(path, 'images'),
    curves: join(path, 'curves.png'),
    checkpoints: join(path, 'checkpoints'),
  });
  folder.close();
  assert.equal(contents(path), ['metrics.jsonl', 'run.json']);
});

test('an empty folder is taken, what killed processes left in it notwithstanding', () => {
  const dead = JSON.stringify({ pid: 2 ** 30, host: hostname(), born: 'long ago' });
  for (const files of [{}, { [LOCK_NAME]: dead, '.run.json.4194305.tmp': '{"form' }]) {
    const path = folderWith(files);
    RunFolder.create(path, DESCRIPTION).close();
    assert.equal(readRun(path), DESCRIPTION);
    assert.equal(contents(path), ['metrics.jsonl', 'run.json'], 'what they left is gone');
  }
});

test('a folder that is not empty is refused by name, and left as it was', () => {
  for (const name of ['precious.txt', '.hidden', 'metrics.jsonl']) {
    const path = folderWith({ [name]: 'mine' });
    const message = new RegExp(`^the run folder ${path} is not empty; name another with --out$`);
    assertThrows(() => RunFolder.create(path, DESCRIPTION), RunError, message);
    assert.equal(contents(path), [name]);
    assert.is(readFileSync(join(path, name), 'utf8'), 'mine');
  }
});

test('a folder with a run is refused with the way to go on with it, and left as it was', () => {
  const path = closedRun();
  assertThrows(
    () => RunFolder.create(path, OF_Z_2),
    RunError,
    /^the folder .* holds a run already: --resume goes on with it, --out names another$/,
  );
  assert.equal(contents(path), ['metrics.jsonl', 'run.json']);
  assert.equal(readRun(path), DESCRIPTION);
});

test('a file in the folder’s place, or in that of one above it, is refused', () => {
  const file = join(folderWith({ file: '' }), 'file');
  for (const path of [file, join(file, 'run')]) {
    assertThrows(() => RunFolder.create(path, DESCRIPTION), FileError, /^cannot create the folder .*file/);
  }
});

test('a run whose description cannot be written leaves no new folder', () => {
  const path = newPath();
  const broken = { ...DESCRIPTION, parameters: { generator: 1n, discriminator: 1n } } as unknown as RunDescription;
  assert.throws(() => RunFolder.create(path, broken), /BigInt/);
  assert.not(contents(root).includes(path.slice(root.length + 1)));
  RunFolder.create(path, DESCRIPTION).close();
});

test('run.json is JSON for people too, is replaced as a whole, and leaves nothing beside it', () => {
  const folder = RunFolder.create(newPath(), DESCRIPTION);
  folder.writeRun(OF_Z_2);
  assert.equal(readRun(folder.path), OF_Z_2);
  const text = readFileSync(folder.files.run, 'utf8');
  assert.ok(text.startsWith('{\n  "format": "zdim-gan-lab/run/1",\n') && text.endsWith('}\n'), text);
  folder.close();
  assert.equal(contents(folder.path), ['metrics.jsonl', 'run.json']);
});

test('a run is opened with its description, and gone on with', () => {
  const path = newPath();
  const first = RunFolder.create(path, DESCRIPTION);
  first.metrics.append(1, [ROW]);
  first.writeRun(OF_Z_2);
  first.close();

  const { folder, description } = RunFolder.open(path);
  assert.equal(description, OF_Z_2);
  folder.metrics.append(2, [ROW]);
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
  RunFolder.open(path).folder.close();
  assert.equal(contents(path), ['.hidden', 'images', 'metrics.jsonl', 'notes.txt', 'run.json']);
  assert.equal(contents(runFiles(path).images), ['mine.png']);
});

test('a folder without a run is told from one whose run.json is damaged; neither gets a lock', () => {
  const missing = [newPath(), folderWith(), join(folderWith({ file: '' }), 'file')];
  const damaged = [folderWith({ 'run.json': '{"format":' }), folderWith({ 'run.json': '{"format":"another/1"}' })];
  for (const path of [...missing, ...damaged]) {
    for (const take of [() => readRun(path), () => RunFolder.open(path)]) {
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
  const folder = RunFolder.create(path, DESCRIPTION);
  assert.ok(isAtWork(path));
  const refusal = new RegExp(`^the folder ${path} is in use by process ${process.pid}$`);
  assertThrows(() => RunFolder.open(path), LockedError, refusal);
  assertThrows(() => RunFolder.create(path, DESCRIPTION), LockedError, refusal);
  assert.equal(contents(path), [LOCK_NAME, 'metrics.jsonl', 'run.json'], 'the first has lost nothing');
  folder.close();
  assert.not(isAtWork(path));
  RunFolder.open(path).folder.close();
});

test('a run that came to nothing is taken back; what others put into its folder stays', () => {
  const empty = RunFolder.create(newPath(), DESCRIPTION);
  empty.discard();
  assert.not(contents(root).includes(empty.path.slice(root.length + 1)));

  const shared = RunFolder.create(newPath(), DESCRIPTION);
  writeFileSync(join(shared.path, 'notes.txt'), 'mine');
  shared.discard();
  assert.equal(contents(shared.path), ['notes.txt']);
});

/** All that writes into a run's folder, or removes from it. */
const WRITERS: Readonly<Record<string, (folder: RunFolder) => unknown>> = {
  'run.json': (folder) => folder.writeRun(OF_Z_2),
  'a picture': (folder) => folder.writeImage('fixed', 10, Uint8Array.of(1)),
  'the curves': (folder) => folder.writeCurves(Uint8Array.of(1)),
  metrics: (folder) => folder.metrics.append(1, [ROW]),
  'cut metrics': (folder) => folder.metrics.truncate(0),
  'flushed metrics': (folder) => folder.metrics.flush(),
  'the diagnoses': (folder) => folder.diagnoses.truncate(0),
  'a checkpoint, and the removal of old ones': (folder) => folder.checkpoints.write(9, new Map(), {}, 1),
  'checkpoints put aside': (folder) => folder.checkpoints.tidy(0),
  'a run that comes to nothing': (folder) => folder.discard(),
};

for (const [what, write] of Object.entries(WRITERS)) {
  test(`a folder that was replaced stays as it is: ${what}`, () => {
    const folder = RunFolder.create(newPath(), DESCRIPTION);
    folder.checkpoints.write(3, new Map(), {});
    // Another process's, with files of the same names.
    const moved = newPath();
    renameSync(folder.path, moved);
    cpSync(moved, folder.path, { recursive: true });
    const other = JSON.stringify({ pid: process.ppid, host: hostname(), born: '' });
    writeFileSync(join(folder.path, LOCK_NAME), other);
    const before = readdirSync(folder.path, { recursive: true }).sort();
    if (write === WRITERS['a run that comes to nothing']) write(folder);
    else assertThrows(() => write(folder), FolderLostError, /it was replaced while it was written, and is in use by/);
    assert.equal(readdirSync(folder.path, { recursive: true }).sort(), before);
    assert.equal(readRun(folder.path), DESCRIPTION);
    assert.is(readFileSync(join(folder.path, LOCK_NAME), 'utf8'), other);
    if (write !== WRITERS['a run that comes to nothing']) folder.close();
  });
}

test('metrics that were removed or replaced while they are written are told of', () => {
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
    const folder = RunFolder.create(newPath(), DESCRIPTION);
    folder.metrics.append(1, [ROW]);
    happen(folder.files.metrics);
    const message = new RegExp(`metrics\\.jsonl was ${what} while it was written; nothing more is written$`);
    assertThrows(() => folder.metrics.append(2, [ROW]), FolderLostError, message);
    folder.close();
    assert.equal(contents(folder.path).includes(LOCK_NAME), false, 'the folder is given back all the same');
  }
});

test('links in the place of folders in a run are refused, and what they lead to stays as it is', () => {
  const outside = folderWith({ '000007.safetensors': 'mine', '.fixed-000010.png.999999999.tmp': 'mine' });
  const LINKED = {
    images: (folder) => folder.writeImage('fixed', 10, Uint8Array.of(1)),
    checkpoints: (folder) => folder.checkpoints.write(9, new Map(), {}, 1),
  } satisfies Record<string, (folder: RunFolder) => unknown>;
  const before = contents(outside);
  for (const [name, write] of Object.entries(LINKED)) {
    const folder = RunFolder.create(newPath(), DESCRIPTION);
    symlinkSync(outside, join(folder.path, name));
    const message = new RegExp(`${name}: it is a link, and links are not followed here$`);
    assertThrows(() => write(folder), FileError, message);
    if (name === 'checkpoints') assertThrows(() => folder.checkpoints.tidy(0), FileError, message);
    folder.close();
    assertThrows(() => RunFolder.open(folder.path), FileError, message);
    assert.equal(isAtWork(folder.path), false);
  }
  assert.equal(contents(outside), before);
});

test('pictures are named by iteration so that they sort, and replaced where they are drawn again', () => {
  const folder = RunFolder.create(newPath(), DESCRIPTION);
  const png = Uint8Array.of(137, 80, 78, 71);
  assert.is(folder.writeImage('fixed', 250, Uint8Array.of(0)), join(folder.files.images, 'fixed-000250.png'));
  folder.writeImage('fixed', 250, png);
  for (const iteration of [1000, 999_999, 5]) folder.writeImage('walk', iteration, png);
  folder.writeCurves(png);
  assert.equal(contents(folder.files.images), [
    'fixed-000250.png',
    'walk-000005.png',
    'walk-001000.png',
    'walk-999999.png',
  ]);
  for (const path of [join(folder.files.images, 'fixed-000250.png'), folder.files.curves]) {
    assert.equal([...readFileSync(path)], [...png]);
  }
  folder.close();
});

test.run();
