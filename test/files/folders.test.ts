/**
 * @file Folders: made with those above them, and refused with a reason where they cannot be.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { FileError } from '../../src/files/errors.js';
import { makeFolder, makeNewFolder } from '../../src/files/folders.js';

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

test('the first free name is taken, whatever has the others', () => {
  const firstFree = join(root, 'new', 'run');
  assert.equal(makeNewFolder({ firstFree }), { path: firstFree, made: true });
  writeFileSync(`${firstFree}-2`, 'a file');
  symlinkSync('nowhere', `${firstFree}-3`);
  mkdirSync(`${firstFree}-4`);
  assert.equal(makeNewFolder({ firstFree }), { path: `${firstFree}-5`, made: true });
  assert.equal(makeNewFolder(firstFree), { path: firstFree, made: false }, 'a path that is named is taken as it is');
});

test('processes that ask for the first free name at once get a folder each', async () => {
  const folders = new URL('../../src/files/folders.ts', import.meta.url).href;
  const firstFree = join(root, 'raced', 'run');
  const each = 20;
  const code = `
    import { makeNewFolder } from ${JSON.stringify(folders)};
    for (let i = 0; i < ${each}; i++) console.log(makeNewFolder({ firstFree: ${JSON.stringify(firstFree)} }).path);`;
  const processes = Array.from({ length: 3 }, async () => {
    const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '--eval', code], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let text = '';
    child.stdout.on('data', (chunk) => (text += String(chunk)));
    await once(child, 'close');
    return text.trim().split('\n');
  });
  const paths = (await Promise.all(processes)).flat();
  assert.is(new Set(paths).size, 3 * each);
  assert.is(readdirSync(join(root, 'raced')).length, 3 * each);
});

if (process.platform === 'linux') {
  test('where no folder can be made the call comes back all the same', () => {
    assert.throws(() => makeFolder('/proc/none/at/all'), /cannot create the folder \/proc\/none\/at\/all/);
  });
}

test.run();
