import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { packIntoFlatBuffer } from '../../src/gpu/memory/flatBuffers.js';
import { recordScalars, type RecordedScalar } from '../../src/kernels/scalarRing.js';
import { download, openTestDevice, upload } from '../support/device.js';
import { seededArray } from '../support/random.js';

const device = await openTestDevice();
test.after(() => device.destroy());

for (const scalars of [1, 2, 3, 4, 5, 6]) {
  test(`records ${scalars} scalars a step, the newest over the oldest`, async () => {
    const [capacity, steps] = [5, 7];
    const ring = upload(device, new Float32Array(capacity * scalars + 1).fill(-1));
    const counter = device.allocatePersistent(4, 'counter');
    device.write(counter, new Uint32Array([0]));
    const values = Array.from({ length: scalars }, () => upload(device, [0, 99]));
    const trace = device.trace(() => {
      const recorded = values.map((buffer) => ({ buffer }));
      recordScalars(device, { ring, counters: counter, capacity, scalars: recorded, advance: [1] });
    });
    const plan = await device.compile(trace);
    for (let step = 0; step < steps; step++) {
      values.forEach((buffer, j) => device.write(buffer, new Float32Array([step * 10 + j])));
      plan.replay();
    }
    plan.dispose();
    // Steps 5 and 6 lie in rows 0 and 1; what is behind the ring is untouched.
    const wanted = [5, 6, 2, 3, 4].flatMap((step) => Array.from({ length: scalars }, (_, j) => step * 10 + j));
    assert.equal([...(await download(device, ring, capacity * scalars + 1))], [...wanted, -1]);
  });
}

test('moves the counters on after the row is chosen, each by its own step and modulo 2³²', async () => {
  const counters = [1, 40, 0xffffffff, 7].map((start) => {
    const buffer = device.allocatePersistent(4, 'counter');
    device.write(buffer, new Uint32Array([start]));
    return buffer;
  });
  const whole = packIntoFlatBuffer(device, counters)!;
  const [ring, value] = [upload(device, [0, 0, 0, 0]), upload(device, [7])];
  recordScalars(device, { ring, counters: whole, capacity: 4, scalars: [{ buffer: value }], advance: [1, 2, 3] });
  recordScalars(device, { ring, counters: whole, capacity: 4, scalars: [{ buffer: value }], advance: [2] });
  recordScalars(device, { ring, counters: whole, capacity: 4, scalars: [{ buffer: value }] });
  assert.equal([...(await download(device, ring, 4))], [7, 7, 7, 0]);
  const bytes = await device.read(...counters);
  assert.equal(
    bytes.map((word) => new Uint32Array(word)[0]),
    [4, 42, 2, 7],
  );
});

test('takes one buffer for several scalars', async () => {
  const [ring, counter, value] = [upload(device, [0, 0]), upload(device, [0]), upload(device, [7])];
  recordScalars(device, { ring, counters: counter, capacity: 1, scalars: [{ buffer: value }, { buffer: value }] });
  assert.equal([...(await download(device, ring, 2))], [7, 7]);
});

for (const count of [1, 2, 31, 32, 33, 97, 1000]) {
  test(`means and shares of ${count} values among others`, async () => {
    const values = seededArray(`history ${count}`, [count + 7]).data;
    values[3] = 0;
    const buffer = upload(device, values);
    const ring = upload(device, new Float32Array(6));
    const counter = upload(device, [0]);
    const [first, functions] = [3, ['value', 'isAbove', 'isNotAbove'] as const];
    const scalars = functions.flatMap((of) => [
      { buffer, count, of },
      { buffer, first, count, of },
    ]);
    recordScalars(device, { ring, counters: counter, capacity: 1, scalars });
    const oracle = {
      value: (x: number) => x,
      isAbove: (x: number) => Number(x > 0),
      isNotAbove: (x: number) => Number(x <= 0),
    };
    const wanted = functions.flatMap((of) =>
      [0, first].map((from) => {
        return values.slice(from, from + count).reduce((sum, x) => sum + oracle[of](x) / count, 0);
      }),
    );
    const actual = await download(device, ring, 6);
    // A lane adds ⌈count / 32⌉ values, the first of them 31 sums more: 63 roundings at most of a mean of |x| below 1.
    wanted.forEach((value, j) => assert.ok(Math.abs(actual[j]! - value) <= 63 * 2 ** -24, `scalar ${j}`));
    assert.equal(
      [...new Uint32Array((await download(device, counter, 1)).buffer)].slice(0, 1),
      [0],
      'the counter stays',
    );
  });
}

test('shares are counted above a boundary, which itself is not above', async () => {
  const [ring, counter, buffer] = [upload(device, [0, 0, 0]), upload(device, [0]), upload(device, [0, 0.25, 0.5, 1])];
  const of = ['value', 'isAbove', 'isNotAbove'] as const;
  const scalars = of.map((name) => ({ buffer, count: 4, of: name }));
  recordScalars(device, { ring, counters: counter, capacity: 1, scalars, boundary: 0.5 });
  assert.equal([...(await download(device, ring, 3))], [0.4375, 0.25, 0.75]);
});

test('a NaN among the values shows in their mean, and is above nothing', async () => {
  const [ring, counter, buffer] = [upload(device, [0, 0, 0]), upload(device, [0]), upload(device, [1, NaN, 3])];
  const of = ['value', 'isAbove', 'isNotAbove'] as const;
  const scalars = of.map((name) => ({ buffer, count: 3, of: name }));
  recordScalars(device, { ring, counters: counter, capacity: 1, scalars });
  const [mean, positive, not] = await download(device, ring, 3);
  assert.ok(Number.isNaN(mean));
  assert.equal([positive, not], [Math.fround(2 / 3), Math.fround(1 / 3)]);
});

test('refuses what does not fit, by name', () => {
  const [ring, counter, value] = [upload(device, [0, 0, 0, 0]), upload(device, [0]), upload(device, [7])];
  assert.throws(
    () => recordScalars(device, { ring, counters: counter, capacity: 4, scalars: [] }),
    /recordScalars: got 0 scalars; it takes 1 to 6/,
  );
  const seven = Array.from({ length: 7 }, () => ({ buffer: value }));
  assert.throws(
    () => recordScalars(device, { ring, counters: counter, capacity: 1, scalars: seven }),
    /recordScalars: got 7 scalars/,
  );
  assert.throws(
    () => recordScalars(device, { ring, counters: counter, capacity: 5, scalars: [{ buffer: value }] }),
    /got ring \[5, 1\] in a buffer of 16 bytes/,
  );
  const record = (scalar: RecordedScalar, advance: number[] = []): void => {
    recordScalars(device, { ring, counters: counter, capacity: 4, scalars: [scalar], advance });
  };
  assert.throws(() => record({ buffer: ring }), /got the ring .* among its inputs/);
  assert.throws(() => record({ buffer: counter }), /got the counters .* among its inputs/);
  assert.throws(
    () => recordScalars(device, { ring, counters: ring, capacity: 4, scalars: [{ buffer: value }] }),
    /got the ring .* among its inputs/,
  );
  assert.throws(() => record({ buffer: value, first: 2, count: 3 }), /got scalar 0 \[5\] in a buffer of 16 bytes/);
  assert.throws(() => record({ buffer: value, count: 0 }), /got scalar 0 of 0 values from 0; it takes at least one/);
  assert.throws(() => record({ buffer: value, first: -1 }), /got scalar 0 of 1 values from -1/);
  assert.throws(() => record({ buffer: value }, [1, 1]), /got counters \[65\] in a buffer/);
  assert.throws(() => record({ buffer: value }, [0.5]), /got \[0\.5\] to add/);
  assert.throws(() => record({ buffer: value }, [1, 1, 1, 1, 1]), /it takes up to 4 integers/);
});

test.run();
