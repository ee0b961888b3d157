/**
 * @file Folders: made with those above them, and refused with a reason where they cannot be.
 */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { FileError } from '../../src/files/errors.js';
import { makeFolder } from '../../src/files/folders.js';

const root = mkdtempSync(join(tmpdir(), 'folders-'));
test.after(() => rmSync(root, { recursive: true }));

test('a folder is made with those above it, and the answer tells whether it was there', () => {
  const path = join(root, 'a', 'b', 'c');
  assert.is(makeFolder(path), true);
  assert.ok(existsSync(path));
  assert.is(makeFolder(path), false);
  assert.is(makeFolder(root), false);
});

test('a file in the way is named', () => {
  const file = join(root, 'file');
  writeFileSync(file, '');
  for (const path of [file, join(file, 'below')]) {
    assert.throws(
      () => makeFolder(path),
      (error: unknown) => error instanceof FileError && error.message.includes(`cannot create the folder ${path}: `),
    );
  }
});

if (process.platform === 'linux') {
  test('where no folder can be made the call comes back all the same', () => {
    assert.throws(() => makeFolder('/proc/none/at/all'), /cannot create the folder \/proc\/none\/at\/all/);
  });
}

test.run();
