/**
 * @file The learning-rate schedule against its definition.
 */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { oneCycle } from '../../../src/models/optim/schedules.js';

test('one cycle rises on half a cosine over three tenths of the updates, and falls on another', () => {
  const factors = oneCycle(100);
  assert.is(factors.length, 100);
  for (const [index, expected] of [
    [0, 1 / 25],
    [15, (1 + 1 / 25) / 2],
    [30, 1],
    [65, 1 / 2],
    [99, (1 - Math.cos(Math.PI / 70)) / 2],
  ] as const) {
    assert.ok(Math.abs(factors[index]! - expected) < 1e-7, `factor ${index} is ${factors[index]}, not ${expected}`);
  }
  for (let index = 1; index < 100; index++) {
    const rises = factors[index]! > factors[index - 1]!;
    assert.is(rises, index <= 30, `factor ${index}`);
  }
});

test('every length has factors above 0, up to 1', () => {
  for (const updates of [1, 2, 3, 4, 10, 469, 2814]) {
    const factors = oneCycle(updates);
    assert.is(factors.length, updates);
    assert.ok(
      factors.every((factor) => factor > 0 && factor <= 1),
      `${updates} updates: ${factors.join(' ')}`,
    );
  }
});

test.run();
