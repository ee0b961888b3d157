/**
 * @file Tests the classes drawn for conditional generators: their frequencies, their order, and their place behind z.
 */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { inputRows, drawClasses } from '../../../src/evaluation/inputs/classSampling.js';
import { CONDITION, conditionedRows } from '../../../src/models/layers/conditioning.js';

const SHARES = [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949];

test('classes are drawn with the frequencies of their shares', () => {
  const count = 100_000;
  const drawn = drawClasses(count, { shares: SHARES, seed: 'a' });
  const total = SHARES.reduce((sum, share) => sum + share, 0);
  for (const [at, share] of SHARES.entries()) {
    const p = share / total;
    const found = drawn.filter((label) => label === at).length / count;
    assert.ok(Math.abs(found - p) < 5 * Math.sqrt((p * (1 - p)) / count), `class ${at}: ${found}, expected ${p}`);
  }
});

test('a smaller count gives the first classes of the same sequence; a class of share 0 is never drawn', () => {
  const sampling = { shares: [0, 1, 0, 2, 0, 0, 0, 0, 0, 0], seed: 'b' };
  const many = drawClasses(500, sampling);
  assert.equal(drawClasses(20, sampling), many.subarray(0, 20));
  assert.equal([...new Set(many)].sort(), [1, 3]);
  assert.not.equal(drawClasses(20, { ...sampling, seed: 'c' }), many.subarray(0, 20));
});

test('rows hold z and the classes behind it, or z alone without sampling', () => {
  const z = Float32Array.of(1, 2, 3, 4);
  const sampling = { shares: SHARES, seed: 'd' };
  assert.equal(inputRows(z, 2, sampling), conditionedRows(z, 2, drawClasses(2, sampling)));
  assert.is(inputRows(z, 2, sampling).length, 2 * (2 + CONDITION));
  assert.is(inputRows(z, 2, undefined), z);
});

test.run();
