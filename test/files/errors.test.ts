/**
 * @file Errors of the file system as a user reads them: what could not be done to which file, why, and what helps.
 */
import {
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { FileError, onFile, systemCode } from '../../src/files/errors.js';

const root = mkdtempSync(join(tmpdir(), 'errors-'));
test.after(() => rmSync(root, { recursive: true }));

const FILE = join(root, 'file');
writeFileSync(FILE, 'content');

/** The error that `body` throws. */
function thrownBy(body: () => unknown): unknown {
  try {
    body();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
}

const read = (path: string) => () => onFile('read', path, () => readFileSync(path));

for (const [what, path, reason] of [
  ['a file that is not there', join(root, 'none'), 'it does not exist (ENOENT)'],
  ['a file under a file', join(FILE, 'below'), 'a part of its path is a file, not a folder (ENOTDIR)'],
  ['a folder', root, 'it is a folder, not a file (EISDIR)'],
  ['a name that is too long', join(root, 'x'.repeat(300)), 'its name is too long (ENAMETOOLONG)'],
] as const) {
  test(`${what} cannot be read, and the message says which and why`, () => {
    const error = thrownBy(read(path));
    if (!(error instanceof FileError)) throw error;
    assert.is(error.message, `cannot read ${path}: ${reason}`);
    assert.match(reason, `(${String(systemCode(error.cause))})`);
  });
}

test('a full disk is told as one, with what helps', () => {
  if (process.platform !== 'linux') return;
  const full = openSync('/dev/full', 'w');
  assert.throws(
    () => onFile('write', '/runs/1/run.json', () => writeSync(full, 'x')),
    /^cannot write \/runs\/1\/run\.json: no space is left on its disk; free some, or name a folder .*\(ENOSPC\)$/,
  );
  closeSync(full);
});

test('a reason that has no words here is told in the system’s', () => {
  const [one, two] = [join(root, 'one'), join(root, 'two')];
  symlinkSync(two, one);
  symlinkSync(one, two);
  assert.throws(read(one), /^cannot read .*one: ELOOP: .* \(ELOOP\)$/);
});

test('an infinitive of several words fits the message', () => {
  const path = join(FILE, 'folder');
  assert.throws(
    () => onFile('create the folder', path, () => mkdirSync(path, { recursive: true })),
    /^cannot create the folder .*file\/folder: a part of its path is a file/,
  );
});

test('the first file named stays the one that is named', () => {
  assert.throws(() => onFile('write', 'outer', read(join(root, 'none'))), /^cannot read .*none: it does not/);
});

test('errors that are not the file system’s pass as they are', () => {
  for (const error of [new Error('of the program'), new TypeError('no function'), 'a string', undefined]) {
    const body = (): never => {
      // eslint-disable-next-line @typescript-eslint/only-throw-error -- anything can be thrown
      throw error;
    };
    assert.is(
      thrownBy(() => onFile('read', FILE, body)),
      error,
    );
  }
});

test('what works is handed on', () => {
  assert.equal(
    onFile('read', FILE, () => readFileSync(FILE, 'utf8')),
    'content',
  );
});

test('only an error’s code of text counts as the system’s', () => {
  assert.is(systemCode(thrownBy(() => readFileSync(root))), 'EISDIR');
  for (const other of [new Error('x'), Object.assign(new Error('x'), { code: 7 }), { code: 'ENOENT' }, null]) {
    assert.is(systemCode(other), undefined);
  }
});

test.run();
