/**
 * @file Grids of workgroups: none has an axis longer than a device takes, and each has room for all that was asked for.
 */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { foldedWorkgroups, linearWorkgroups, MOST_WORKGROUPS } from '../../src/gpu/commands.js';

const EDGES = [
  1,
  2,
  MOST_WORKGROUPS - 1,
  MOST_WORKGROUPS,
  MOST_WORKGROUPS + 1,
  2 * MOST_WORKGROUPS + 1,
  2 ** 25,
  2 ** 31,
];

test('a grid of one row is as long as asked for; a longer one folds into rows that waste less than one of them', () => {
  for (const count of EDGES) {
    const [x, y, z] = foldedWorkgroups(count);
    assert.is(z, 1);
    assert.is(y, Math.ceil(count / MOST_WORKGROUPS));
    assert.ok(x <= MOST_WORKGROUPS && y <= MOST_WORKGROUPS);
    assert.ok(x * y >= count && x * y - count < y, `${count}: ${x} × ${y}`);
    if (y === 1) assert.is(x, count);
  }
});

test('the index of a grid’s last invocation fits into 32 bits for all that a binding holds', () => {
  const [x, y] = linearWorkgroups(2 ** 27);
  assert.ok(x * y * 64 < 2 ** 32);
  assert.ok(x * y * 64 >= 2 ** 27);
  assert.equal(linearWorkgroups(0), [1, 1, 1]);
  assert.equal(linearWorkgroups(65), [2, 1, 1]);
});

test.run();
