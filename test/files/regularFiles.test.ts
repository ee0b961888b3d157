/**
 * @file Only regular files are opened, and no more of them is read than is allowed.
 */
import {
  closeSync,
  ftruncateSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { removeTemporaries, writeAtomically } from '../../src/files/atomic.js';
import { FileError } from '../../src/files/errors.js';
import { JsonLines, readLines } from '../../src/files/jsonLines.js';
import { FolderLock } from '../../src/files/lock.js';
import { isMissing, openRegular, readRegularFile, readTextIfThere } from '../../src/files/regularFiles.js';
import { tuningFile } from '../../src/host/node/tuningFile.js';
import { HAS_FIFOS, makeFifo } from '../support/fifo.js';

const root = mkdtempSync(join(tmpdir(), 'regular-'));
test.after(() => rmSync(root, { recursive: true }));

const fifo = HAS_FIFOS ? makeFifo(join(root, 'fifo')) : '';

/** A file of so many bytes that takes no space on the disk. */
function sparse(name: string, bytes: number): string {
  const path = join(root, name);
  const file = openSync(path, 'w');
  ftruncateSync(file, bytes);
  closeSync(file);
  return path;
}

const refused = (path: string, body: () => unknown, problem: string): void => {
  assert.throws(body, (error: unknown) => {
    return error instanceof FileError && error.message.includes(path) && error.message.includes(problem);
  });
};

test('a regular file is read whole, by way of links too', () => {
  const path = join(root, 'file');
  const bytes = Uint8Array.from({ length: 200_000 }, (_, index) => index % 251);
  for (const content of [new Uint8Array(0), bytes]) {
    writeFileSync(path, content);
    assert.equal(new Uint8Array(readRegularFile(path, 200_000)), content);
  }
  symlinkSync('file', join(root, 'link'));
  assert.is(readRegularFile(join(root, 'link'), 200_000).length, 200_000);
});

test('a file of more bytes than are allowed is refused before any are read', () => {
  const path = sparse('large', 2 ** 41);
  refused(path, () => readRegularFile(path, 2 ** 31 - 1), 'it is too large: 2,199,023,255,552 bytes, at most 2,147,');
  writeFileSync(join(root, 'ten'), '0123456789');
  assert.is(readRegularFile(join(root, 'ten'), 10).length, 10);
  refused('ten', () => readRegularFile(join(root, 'ten'), 9), '10 bytes, at most 9');
});

test('a file that states no size is read to its end, and within the bound', () => {
  if (process.platform !== 'linux') return;
  assert.ok(
    readRegularFile('/proc/self/status', 2 ** 20)
      .toString()
      .startsWith('Name:'),
  );
  refused('/proc/self/status', () => readRegularFile('/proc/self/status', 10), 'more than 10 bytes');
});

test('what is no regular file is named, and does not block', async () => {
  refused(root, () => readRegularFile(root, 10), 'it is a folder, not a file');
  if (!HAS_FIFOS) return;
  refused(fifo, () => readRegularFile(fifo, 10), 'it is a FIFO, not a regular file');
  refused(fifo, () => openRegular(fifo, 'append'), 'it is a FIFO, not a regular file');
  refused('/dev/zero', () => readRegularFile('/dev/zero', 10), 'it is a character device, not a regular file');
  refused('/dev/full', () => openRegular('/dev/full', 'append'), 'it is a character device, not a regular file');
  const socket = join(root, 'socket');
  const server = createServer().listen(socket);
  await new Promise((resolve) => server.once('listening', resolve));
  refused(socket, () => readRegularFile(socket, 10), 'it is a socket, not a regular file');
  await new Promise((resolve) => server.close(resolve));
});

test('nothing at all is missing; a link that leads nowhere is not', () => {
  const [none, broken] = [join(root, 'none'), join(root, 'broken')];
  symlinkSync('nowhere', broken);
  assert.is(readTextIfThere(none, 10), undefined);
  refused(broken, () => readTextIfThere(broken, 10), 'it is a link that leads nowhere');
  const errorOf = (path: string): unknown => {
    try {
      return readRegularFile(path, 10);
    } catch (error) {
      return error;
    }
  };
  assert.equal(
    [none, broken, root].map((path) => isMissing(errorOf(path), path)),
    [true, false, false],
  );
});

test('whatever reads or appends by a path refuses a FIFO instead of waiting', () => {
  if (!HAS_FIFOS) return;
  refused(fifo, () => new JsonLines(fifo), 'it is a FIFO');
  refused(fifo, () => [...readLines(fifo)], 'it is a FIFO');
  refused(fifo, () => writeAtomically(fifo, ''), 'it is no regular file');
  const folder = mkdtempSync(join(root, 'locked-'));
  makeFifo(join(folder, '.lock'));
  assert.not(FolderLock.isHeld(folder));
  refused('.lock', () => FolderLock.acquire(folder), 'it is a FIFO');
  const store = tuningFile(fifo);
  assert.is(store.load('adapter').size, 0);
  store.save(
    'adapter',
    new Map([['problem', { tile: 'direct-4', operand: 'patches', rows: 1, columns: 1, inner: 1 }]]),
  );
});

test('what lies under the name of a temporary, a FIFO or a link, is neither opened nor followed', () => {
  const folder = mkdtempSync(join(root, 'temporary-'));
  const [path, other] = [join(folder, 'x'), join(folder, 'other')];
  writeFileSync(other, 'kept');
  symlinkSync(other, join(folder, `.x.${process.pid}.tmp`));
  if (HAS_FIFOS) makeFifo(join(folder, `.y.${process.pid}.tmp`));
  for (const content of ['one', 'two']) {
    writeAtomically(path, content);
    removeTemporaries(folder);
    assert.equal(
      [path, other].map((each) => readFileSync(each, 'utf8')),
      [content, 'kept'],
    );
  }
});

test('lines are found across the portions that a file is read in, and one that is too long is passed over', () => {
  const path = join(root, 'lines');
  const lines = Array.from({ length: 3000 }, (_, index) => `${index} ${'ä😀'.repeat(index % 90)}`);
  writeFileSync(path, `${lines.join('\n')}\nhalf`);
  assert.equal([...readLines(path)], lines);
  const log = new JsonLines(path);
  log.truncate((line) => Number(line.split(' ')[0]) < 2000);
  log.append([{ last: true }]);
  log.close();
  assert.equal([...readLines(path)], [...lines.slice(0, 2000), '{"last":true}']);
  writeFileSync(path, `first\n${'x'.repeat(2 ** 24 + 1)}\nlast\n`);
  assert.equal([...readLines(path)], ['first', 'last']);
  refused('huge', () => [...readLines(sparse('huge', 2 ** 40))], 'it is too large');
  assert.equal([...readLines(join(root, 'none'))], []);
});

test('a log that is a link is not followed: it may lead anywhere', () => {
  if (!HAS_FIFOS) return;
  const [target, link] = [join(root, 'target'), join(root, 'log')];
  writeFileSync(target, 'mine');
  symlinkSync(target, link);
  refused(link, () => new JsonLines(link), 'it is a link, and links are not followed here');
  assert.is(readFileSync(target, 'utf8'), 'mine');
});

test.run();
