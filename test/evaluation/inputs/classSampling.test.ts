/**
 * @file Classes that a look asks for: by their shares, the first ones the same however many, and behind their z.
 */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { askedRows, drawClasses } from '../../../src/evaluation/inputs/classSampling.js';
import { CONDITION, conditionedRows } from '../../../src/models/layers/conditioning.js';

const SHARES = [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949];

test('they come as often as their shares say', () => {
  const count = 100_000;
  const drawn = drawClasses(count, { shares: SHARES, seed: 'a' });
  const total = SHARES.reduce((sum, share) => sum + share, 0);
  for (const [at, share] of SHARES.entries()) {
    const p = share / total;
    const found = drawn.filter((label) => label === at).length / count;
    assert.ok(Math.abs(found - p) < 5 * Math.sqrt((p * (1 - p)) / count), `class ${at}: ${found}, expected ${p}`);
  }
});

test('a seed is a sequence, of which fewer are the first; a share of 0 never comes', () => {
  const asked = { shares: [0, 1, 0, 2, 0, 0, 0, 0, 0, 0], seed: 'b' };
  const many = drawClasses(500, asked);
  assert.equal(drawClasses(20, asked), many.subarray(0, 20));
  assert.equal([...new Set(many)].sort(), [1, 3]);
  assert.not.equal(drawClasses(20, { ...asked, seed: 'c' }), many.subarray(0, 20));
});

test('rows are z with the classes behind, and z alone where nothing is asked', () => {
  const z = Float32Array.of(1, 2, 3, 4);
  const asked = { shares: SHARES, seed: 'd' };
  assert.equal(askedRows(z, 2, asked), conditionedRows(z, 2, drawClasses(2, asked)));
  assert.is(askedRows(z, 2, asked).length, 2 * (2 + CONDITION));
  assert.is(askedRows(z, 2, undefined), z);
});

test.run();
