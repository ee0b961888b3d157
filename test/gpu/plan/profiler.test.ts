/**
 * @file Where a plan's time goes.
 */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { profilePlan } from '../../../src/gpu/plan/profiler.js';
import { download, upload } from '../../support/device.js';
import { accumulate, affine, chain, copy, openDeviceOf, thrownBy } from '../kernels.js';

const device = await openDeviceOf({
  'slow.wgsl': `@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;
@compute @workgroup_size(64) fn main(@builtin(global_invocation_id) id: vec3u) {
  var sum = x[id.x];
  for (var i = 0; i < 20000; i++) { sum = sin(sum) + 1.0; }
  y[id.x] = sum;
}`,
});
test.after(() => device.destroy());

if (!device.handle.features.has('timestamp-query')) {
  console.log('SKIPPED: this device has no timestamp-query');
  test('without timestamps profiling is refused', async () => {
    const plan = await device.compile(device.trace(() => undefined));
    assert.match((await thrownBy(() => profilePlan(device, plan))).message, /no timestamp-query/);
  });
} else {
  test('kernels are named and counted, and the one that takes longest comes first', async () => {
    const x = upload(device, new Float32Array(4096).fill(0.5));
    const y = upload(device, new Float32Array(4096));
    const plan = await device.compile(
      device.trace(() => {
        chain(device, x, 5);
        accumulate(device, x, y);
        device.dispatch({ kernel: { name: 'slow', files: ['slow.wgsl'] }, buffers: [x, y], workgroups: [64, 1, 1] });
      }),
    );
    plan.replay();
    await device.synchronize();
    const start = performance.now();
    const times = await profilePlan(device, plan);
    const elapsed = performance.now() - start;

    const byName = new Map(times.map((time) => [time.kernel, time]));
    assert.equal([...byName.keys()].sort(), ['accumulate', 'affine', 'slow']);
    assert.is(byName.get('affine')?.dispatches, 5);
    assert.is(byName.get('slow')?.dispatches, 1);
    assert.is(times[0]?.kernel, 'slow');
    const total = times.reduce((sum, time) => sum + time.milliseconds, 0);
    assert.ok(
      times.every(({ milliseconds }) => milliseconds >= 0),
      JSON.stringify(times),
    );
    assert.ok(total > 0 && total <= elapsed, `${total} ms on the GPU within ${elapsed} ms`);
    plan.dispose();
  });

  test('profiling is a replay: it comes after what was given before, and does the step once', async () => {
    const [one, x, y] = [upload(device, [1, 1, 1, 1]), upload(device, [0, 0, 0, 0]), upload(device, [0, 0, 0, 0])];
    const plan = await device.compile(device.trace(() => accumulate(device, x, y)));
    copy(device, one, x);
    await profilePlan(device, plan);
    assert.equal(await download(device, y, 4), Float32Array.of(1, 1, 1, 1));
    plan.dispose();
  });

  test('a plan of nothing takes no time', async () => {
    assert.equal(await profilePlan(device, await device.compile(device.trace(() => undefined))), []);
  });

  test('a plan that was disposed of is refused', async () => {
    const x = upload(device, [1, 2, 3, 4]);
    const plan = await device.compile(device.trace(() => affine(device, x, 1, 0)));
    plan.dispose();
    assert.match((await thrownBy(() => profilePlan(device, plan))).message, /disposed/);
  });
}

test.run();
