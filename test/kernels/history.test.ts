import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { gather } from '../../src/gpu/together.js';
import { recordScalars } from '../../src/kernels/history.js';
import { increment } from '../../src/kernels/optimisers.js';
import { download, openTestDevice, upload } from '../support/device.js';

const device = await openTestDevice();
test.after(() => device.destroy());

for (const scalars of [1, 2, 3, 4, 5, 6]) {
  test(`records ${scalars} scalars a step, the newest over the oldest`, async () => {
    const [capacity, steps] = [5, 7];
    const history = upload(device, new Float32Array(capacity * scalars + 1).fill(-1));
    const counter = device.allocatePersistent(4, 'counter');
    device.write(counter, new Uint32Array([0]));
    const values = Array.from({ length: scalars }, () => upload(device, [0, 99]));
    const trace = device.trace(() => {
      recordScalars(device, history, counter, capacity, values);
      increment(device, counter);
    });
    const plan = await device.compile(trace);
    for (let step = 0; step < steps; step++) {
      values.forEach((buffer, j) => device.write(buffer, new Float32Array([step * 10 + j])));
      plan.replay();
    }
    plan.dispose();
    // Steps 5 and 6 lie in rows 0 and 1; what is behind the ring is untouched.
    const wanted = [5, 6, 2, 3, 4].flatMap((step) => Array.from({ length: scalars }, (_, j) => step * 10 + j));
    assert.equal([...(await download(device, history, capacity * scalars + 1))], [...wanted, -1]);
  });
}

test('moves the counters on after the row is chosen, each by its own step and modulo 2³²', async () => {
  const counters = [1, 40, 0xffffffff, 7].map((start) => {
    const buffer = device.allocatePersistent(4, 'counter');
    device.write(buffer, new Uint32Array([start]));
    return buffer;
  });
  const whole = gather(device, counters)!;
  const [history, value] = [upload(device, [0, 0, 0, 0]), upload(device, [7])];
  recordScalars(device, history, whole, 4, [value], [1, 2, 3]);
  recordScalars(device, history, whole, 4, [value], [2]);
  recordScalars(device, history, whole, 4, [value]);
  assert.equal([...(await download(device, history, 4))], [7, 7, 7, 0]);
  const bytes = await device.read(...counters);
  assert.equal(
    bytes.map((word) => new Uint32Array(word)[0]),
    [4, 42, 2, 7],
  );
});

test('takes one buffer for several scalars', async () => {
  const [history, counter, value] = [upload(device, [0, 0]), upload(device, [0]), upload(device, [7])];
  recordScalars(device, history, counter, 1, [value, value]);
  assert.equal([...(await download(device, history, 2))], [7, 7]);
});

test('refuses what does not fit, by name', () => {
  const [history, counter, value] = [upload(device, [0, 0, 0, 0]), upload(device, [0]), upload(device, [7])];
  assert.throws(() => recordScalars(device, history, counter, 4, []), /recordScalars: got 0 scalars; it takes 1 to 6/);
  const seven = Array.from({ length: 7 }, () => value);
  assert.throws(() => recordScalars(device, history, counter, 1, seven), /recordScalars: got 7 scalars/);
  assert.throws(
    () => recordScalars(device, history, counter, 5, [value]),
    /got history \[5, 1\] in a buffer of 16 bytes/,
  );
  for (const input of [history, counter]) {
    assert.throws(() => recordScalars(device, history, counter, 4, [input]), /got the history .* among its inputs/);
  }
  assert.throws(() => recordScalars(device, history, history, 4, [value]), /got the history .* among its inputs/);
  assert.throws(() => recordScalars(device, history, counter, 4, [value], [1, 1]), /got counters \[65\] in a buffer/);
  assert.throws(() => recordScalars(device, history, counter, 4, [value], [0.5]), /got \[0\.5\] to add/);
  assert.throws(
    () => recordScalars(device, history, counter, 4, [value], [1, 1, 1, 1, 1]),
    /it takes up to 4 integers/,
  );
});

test.run();
