import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { IdxError, parseIdx } from '../../src/data/idx.js';
import { idxBytes } from './fixtures.js';

function messageOf(bytes: Uint8Array): string {
  try {
    parseIdx(bytes, 'some-file');
  } catch (error) {
    assert.instance(error, IdxError);
    return error instanceof Error ? error.message : '';
  }
  throw new Error('parseIdx accepted a broken file');
}

test('reads shape and elements', () => {
  const { shape, data } = parseIdx(idxBytes([2, 2, 3], [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 255]), 'f');
  assert.equal(shape, [2, 2, 3]);
  assert.equal(Array.from(data), [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 255]);
});

test('reads a file inside a larger buffer', () => {
  const padded = new Uint8Array([9, 9, 9, ...idxBytes([2], [7, 8])]);
  const { shape, data } = parseIdx(padded.subarray(3), 'f');
  assert.equal(shape, [2]);
  assert.equal(Array.from(data), [7, 8]);
});

test('the error of a wrong magic number shows the number and the file', () => {
  assert.match(
    messageOf(new Uint8Array([0x1f, 0x8b, 8, 3, 0, 0])),
    /some-file.*expected magic 00 00 08.*found 1f 8b 08 03/,
  );
  assert.match(messageOf(new Uint8Array([0, 0, 0x0d, 1, 0, 0, 0, 0])), /found 00 00 0d 01/);
  assert.match(messageOf(new Uint8Array([0, 0, 8, 0])), /rank ≥ 1, found 00 00 08 00/);
});

test('an empty file and one that ends inside its header are refused', () => {
  assert.match(messageOf(new Uint8Array(0)), /some-file.*found 0 in all/);
  assert.match(messageOf(idxBytes([2, 3], []).subarray(0, 9)), /header of rank 2 takes 12 bytes, found 9/);
});

test('missing and surplus bytes are counted', () => {
  assert.match(messageOf(idxBytes([2, 3], [1, 2, 3, 4, 5])), /truncated: sizes 2×3 take 6 bytes.*found 5/);
  assert.match(messageOf(idxBytes([2, 3], [1, 2, 3, 4, 5, 6, 7])), /too long: sizes 2×3 take 6 bytes.*found 7/);
});

test('huge sizes are refused at once, even if their product overflows', () => {
  const huge = 0xffffffff;
  assert.match(messageOf(idxBytes([huge, huge, huge], [0])), /truncated/);
  assert.throws(() => parseIdx(idxBytes([...new Array<number>(200).fill(huge), 0], []), 'f'), /found 0/);
});

test.run();
