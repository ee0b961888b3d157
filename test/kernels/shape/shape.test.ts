import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  broadcastTo,
  concat,
  concatColumns,
  copy,
  fill,
  slice,
  sliceColumns,
  transpose,
} from '../../../src/kernels/shape/shape.js';
import * as reference from '../../reference/ops.js';
import { describe, sizeOf } from '../../reference/tensor.js';
import { download, openTestDevice, upload } from '../../support/device.js';
import { seededArray } from '../../support/random.js';

const device = await openTestDevice();
test.after(() => device.destroy());

// Values are moved and not computed, so every comparison is exact.

const BROADCASTS: readonly (readonly [readonly number[], readonly number[]])[] = [
  [[], []],
  [[], [3, 5]],
  [[1], [8]],
  [[7], [3, 7]],
  [[64], [5, 64]],
  [
    [5, 1],
    [5, 64],
  ],
  [
    [5, 1],
    [5, 7],
  ],
  [
    [2, 1, 3],
    [2, 4, 3],
  ],
  [
    [2, 1, 8],
    [2, 4, 8],
  ],
  [
    [2, 1, 3, 1, 2],
    [5, 2, 7, 3, 4, 2],
  ],
  [
    [1, 4, 1, 8],
    [3, 4, 5, 8],
  ],
  [
    [4, 3],
    [4, 3],
  ],
];

test('broadcastTo repeats as NumPy does', async () => {
  for (const [from, to] of BROADCASTS) {
    const x = seededArray('broadcast', from);
    const y = broadcastTo(device, upload(device, x.data), from, to);
    const actual = await download(device, y, sizeOf(to));
    assert.equal(
      Array.from(actual),
      Array.from(reference.broadcastTo(x, to).data),
      `${describe(from)} to ${describe(to)}`,
    );
  }
});

// From [68, 40] on four that fill tiles, with no, one, two and four axes before the last two.
const TRANSPOSES: readonly (readonly [readonly number[], readonly number[]])[] = [
  [[], []],
  [[5], [0]],
  [
    [1, 9],
    [1, 0],
  ],
  [
    [3, 7],
    [1, 0],
  ],
  [
    [4, 4],
    [1, 0],
  ],
  [
    [36, 100],
    [1, 0],
  ],
  [
    [100, 36],
    [1, 0],
  ],
  [
    [6, 64],
    [1, 0],
  ],
  [
    [2, 4, 8, 12],
    [0, 3, 1, 2],
  ],
  [
    [2, 12, 4, 8],
    [0, 2, 3, 1],
  ],
  [
    [2, 7, 7, 3],
    [0, 3, 1, 2],
  ],
  [
    [5, 5, 4, 8],
    [0, 1, 3, 2],
  ],
  [
    [3, 4, 8],
    [1, 0, 2],
  ],
  [
    [3, 5, 7],
    [2, 1, 0],
  ],
  [
    [4, 3, 8],
    [2, 1, 0],
  ],
  [
    [2, 3, 4, 5, 2, 3],
    [5, 3, 1, 0, 2, 4],
  ],
  [
    [2, 3, 4, 4, 2, 4],
    [2, 1, 0, 4, 5, 3],
  ],
  [
    [3, 2, 4, 2, 8, 4],
    [3, 1, 0, 2, 5, 4],
  ],
];

test('transpose takes any permutation', async () => {
  for (const [shape, permutation] of TRANSPOSES) {
    const x = seededArray('transpose', shape);
    const y = transpose(device, upload(device, x.data), shape, permutation);
    const actual = await download(device, y, sizeOf(shape));
    const expected = reference.transpose(x, permutation);
    assert.equal(Array.from(actual), Array.from(expected.data), `${describe(shape)} by ${describe(permutation)}`);
  }
});

test('every permutation of four axes, and back', async () => {
  const permutations = (rest: readonly number[]): number[][] =>
    rest.length === 0
      ? [[]]
      : rest.flatMap((axis) => permutations(rest.filter((other) => other !== axis)).map((tail) => [axis, ...tail]));
  for (const shape of [
    [4, 8, 12, 4],
    [2, 3, 5, 4],
  ]) {
    const x = upload(device, seededArray('permutations', shape).data);
    const original = Array.from(await download(device, x, sizeOf(shape)));
    for (const permutation of permutations([0, 1, 2, 3])) {
      const back = permutation.map((_, axis) => permutation.indexOf(axis));
      const turned = permutation.map((axis) => shape[axis]!);
      const y = transpose(device, transpose(device, x, shape, permutation), turned, back);
      assert.equal(Array.from(await download(device, y, sizeOf(shape))), original, describe(permutation));
    }
  }
});

test('more elements than one row of workgroups has invocations', async () => {
  const [rows, columns] = [16_411, 260];
  const x = upload(
    device,
    Float32Array.from({ length: rows }, (_, at) => at),
  );
  const spread = broadcastTo(device, x, [rows, 1], [rows, columns]);
  const values = await download(device, spread, rows * columns);
  assert.is(
    values.findIndex((value, at) => value !== Math.floor(at / columns)),
    -1,
  );
  fill(device, spread, rows * columns - 1, 7);
  const filled = await download(device, spread, rows * columns);
  assert.is(
    filled.findIndex((value) => value !== 7),
    rows * columns - 1,
  );
  device.free(spread);
});

test('more tiles than one row of workgroups', async () => {
  // 65,536 tiles of 256 values are 2²⁴ values: every index is a float32 still.
  const [slices, side] = [65_536, 16];
  const count = slices * side * side;
  const values = new Float32Array(count);
  for (let at = 0; at < count; at++) values[at] = at;
  const x = upload(device, values);
  const turned = await download(device, transpose(device, x, [slices, side, side], [0, 2, 1]), count);
  let wrong = 0;
  for (let at = 0; at < count; at++) if (turned[at] !== (at & ~255) + ((at & 15) << 4) + ((at >> 4) & 15)) wrong++;
  assert.is(wrong, 0);
});

test('copy and fill leave alone what lies behind', async () => {
  for (const count of [1, 2, 3, 4, 5, 8, 127]) {
    const source = upload(device, seededArray('copy', [count]).data);
    const target = upload(device, new Float32Array(count + 5).fill(9));
    copy(device, source, target, count);
    const copied = Array.from(await download(device, target, count + 5));
    assert.equal(copied, [...(await download(device, source, count)), 9, 9, 9, 9, 9], `copy ${count}`);

    fill(device, target, count, -0.5);
    const filled = Array.from(await download(device, target, count + 5));
    assert.equal(filled, [...new Array<number>(count).fill(-0.5), 9, 9, 9, 9, 9], `fill ${count}`);
  }
});

test('concat and slice by values and by words', async () => {
  for (const [a, b] of [
    [1, 1],
    [4, 3],
    [3, 4],
    [257, 1],
    [1024, 1021],
    [1021, 2050],
  ] as const) {
    const [x, y] = [seededArray('concat a', [a]), seededArray('concat b', [b])];
    const joined = concat(device, {
      a: upload(device, [...x.data, NaN]),
      aCount: a,
      b: upload(device, [...y.data, NaN]),
      bCount: b,
    });
    const expected = reference.concat(x, y);
    assert.equal(await download(device, joined, a + b), Float32Array.from(expected.data), `${a} and ${b}`);
    for (const [first, count] of [
      [0, a],
      [a, b],
      [1, a + b - 1],
      [a + b - 1, 1],
      [4 * Math.floor(a / 4), b],
    ] as const) {
      const part = await download(device, slice(device, joined, first, count), count);
      assert.equal(part, Float32Array.from(reference.slice(expected, first, count).data), `${count} from ${first}`);
    }
  }
});

test('refuses what does not fit, naming the op and the shapes', () => {
  const x = upload(device, [1, 2, 3, 4, 5, 6]);
  assert.throws(() => broadcastTo(device, x, [2, 3], [2, 4]), /broadcastTo: got x \[2, 3\].* \[2, 4\]/);
  assert.throws(() => broadcastTo(device, x, [2, 3], [3]), /broadcastTo: got x \[2, 3\].* \[3\]/);
  assert.throws(() => broadcastTo(device, x, [2, 3], [0, 2, 3]), /broadcastTo: got x/);
  assert.throws(() => transpose(device, x, [2, 3], [0]), /transpose: got x \[2, 3\].* 2 axes, not \[0\]/);
  assert.throws(() => transpose(device, x, [2, 3], [0, 0]), /not \[0, 0\]/);
  assert.throws(() => transpose(device, x, [2, 3], [0, 2]), /not \[0, 2\]/);
  assert.throws(() => transpose(device, x, [1, 1, 1, 1, 1, 2, 3], [0, 1, 2, 3, 4, 5, 6]), /at most 6 axes/);
  assert.throws(() => copy(device, x, upload(device, [1]), 6), /copy: got target \[6\] in a buffer of 16 bytes/);
  assert.throws(
    () => concat(device, { a: x, aCount: 6, b: upload(device, [1]), bCount: 5 }),
    /concat: got b \[5\] in a buffer of 16 bytes/,
  );
  assert.throws(() => concat(device, { a: x, aCount: 0, b: x, bCount: 6 }), /concat: got a \[0\].*at least 1/);
  assert.throws(() => slice(device, x, 7, 2), /slice: got x \[9\] in a buffer of 32 bytes/);
  assert.throws(() => slice(device, x, -1, 2), /slice: got first -1; it takes an integer of at least 0/);
  assert.throws(() => slice(device, x, 1, 0), /slice: got count \[0\]; it takes lengths of at least 1/);
  assert.throws(() => fill(device, x, 0, 1), /fill: got target \[0\]/);
});

/** Rows, and the columns of a and b: words of one value and of four, 1 and primes. */
const COLUMNS: readonly (readonly [number, number, number])[] = [
  [1, 1, 1],
  [7, 3, 2],
  [5, 4, 8],
  [3, 128, 1],
  [67, 12, 4],
  [129, 1, 31],
];

test('concatColumns puts the rows of b behind those of a, and sliceColumns takes them apart again', async () => {
  for (const [rows, left, right] of COLUMNS) {
    const [a, b] = [seededArray('a', [rows, left]), seededArray('b', [rows, right])];
    const y = concatColumns(device, {
      rows,
      a: upload(device, a.data),
      aColumns: left,
      b: upload(device, b.data),
      bColumns: right,
    });
    const what = `[${rows}, ${left} + ${right}]`;
    const joined = await download(device, y, rows * (left + right));
    assert.equal([...joined], [...reference.concat(a, b, 1).data], what);
    const [first, second] = [
      sliceColumns(device, y, { rows, columns: left + right, first: 0, width: left }),
      sliceColumns(device, y, { rows, columns: left + right, first: left, width: right }),
    ];
    assert.equal([...(await download(device, first, rows * left))], [...a.data], `a of ${what}`);
    assert.equal([...(await download(device, second, rows * right))], [...b.data], `b of ${what}`);
  }
});

test('sliceColumns takes columns from the middle, and refuses what is none', async () => {
  const x = seededArray('middle', [11, 16]);
  const buffer = upload(device, x.data);
  for (const [first, width] of [
    [4, 8],
    [3, 5],
    [15, 1],
  ] as const) {
    const y = await download(device, sliceColumns(device, buffer, { rows: 11, columns: 16, first, width }), 11 * width);
    assert.equal([...y], [...reference.slice(x, first, width, 1).data], `${width} from ${first}`);
  }
  for (const [first, width] of [
    [-1, 2],
    [15, 2],
    [0, 0],
    [0.5, 1],
  ] as const) {
    const takes = new RegExp(`sliceColumns: got first ${first} and width ${width}; it takes a range of 16 columns`);
    assert.throws(() => sliceColumns(device, buffer, { rows: 11, columns: 16, first, width }), takes);
  }
  assert.throws(
    () => concatColumns(device, { rows: 11, a: buffer, aColumns: 16, b: buffer, bColumns: 17 }),
    /concatColumns: got b \[11, 17\]/,
  );
});

test.run();
