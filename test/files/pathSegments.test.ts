/**
 * @file Names that become a part of a path are one segment, whoever wrote them.
 */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { join } from 'node:path';
import { FileError } from '../../src/files/errors.js';
import { isSegment, joinSegment } from '../../src/files/pathSegments.js';

const GOOD = [
  'z100-seed1',
  'wgan-gp-critic-steps-2',
  'bce-label-smoothing-0.1',
  'strip-z2-seed1.png',
  '-',
  '_',
  'console',
];
const BAD = [
  ...['', '.', '..', 'a..b', '../x', 'z1-seed1/../../x', '/etc', 'a/b', 'a\\b', 'C:', 'a\0', 'a\nb', ' ', 'a b', 'a.'],
  ...['.hidden', 'ä', '種', 'a\u202e', 'con', 'NUL.json', 'com1', 'x'.repeat(241)],
];

test('a segment is joined as it is; anything else is refused, and shown on one line', () => {
  for (const name of GOOD) assert.is(joinSegment('folder', name), join('folder', name));
  for (const name of BAD) {
    assert.not(isSegment(name), JSON.stringify(name));
    assert.throws(
      () => joinSegment('folder', name),
      (error: unknown) =>
        error instanceof FileError && /^"[^\n\0]* cannot be a name in folder: it takes/.test(error.message),
    );
  }
});

test.run();
