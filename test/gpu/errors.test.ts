/**
 * @file Tests that each refusal of the device reaches the caller as an error that names the kernel. Each test that makes a
 * device fail opens its own device, because a failed device stays failed.
 *
 * @own-process listens for unhandled rejections
 */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { DeviceBuffer } from '../../src/gpu/memory/buffers.js';
import { linearWorkgroups, type Dispatch } from '../../src/gpu/commands.js';
import type { Device } from '../../src/gpu/device.js';
import { DeviceLostError, GpuError, NoAdapterError, ShaderError, ValidationError } from '../../src/gpu/errors.js';
import { profilePlan } from '../../src/gpu/plan/profiler.js';
import { openDevice } from '../../src/host/node/device.js';
import { download, upload } from '../support/device.js';
import { BROKEN, COPY, accumulate, affine, copy, onBoth, openDeviceOf, thrownBy } from './kernels.js';

const unhandled: unknown[] = [];
process.on('unhandledRejection', (reason) => unhandled.push(reason));

const open: Device[] = [];
const fresh = async (files: Readonly<Record<string, string>> = {}): Promise<Device> => {
  const device = await openDeviceOf(files);
  open.push(device);
  return device;
};
test.after.each(() => {
  for (const device of open.splice(0)) device.destroy();
});

interface Pair {
  readonly x: DeviceBuffer;
  readonly y: DeviceBuffer;
}
const pairOn = (device: Device): Pair => ({ x: upload(device, [1, 2, 3, 4]), y: upload(device, [0, 0, 0, 0]) });

const WITH_UNIFORM = `struct Params { a: vec4u, b: vec4u }
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;
@group(0) @binding(2) var<uniform> params: Params;
@compute @workgroup_size(64) fn main(@builtin(global_invocation_id) id: vec3u) {
  y[id.x] = x[id.x] + f32(params.a.x + params.b.x);
}`;
const UNIFORM_FILE = { 'uniform.wgsl': WITH_UNIFORM };
const UNIFORM_KERNEL = { name: 'of two words', files: ['uniform.wgsl'] };

/** Dispatches that the device refuses, and what it says. */
const FAULTY: readonly (readonly [string, (pair: Pair) => Dispatch, RegExp])[] = [
  [
    'a binding too few',
    ({ x }) => ({ kernel: COPY, buffers: [x], workgroups: [1, 1, 1] }),
    /refused copy: .*entries \(1\).*\(2\)/,
  ],
  [
    'a binding too many',
    ({ x, y }) => ({ kernel: COPY, buffers: [x, y, x], workgroups: [1, 1, 1] }),
    /refused copy: .*binding/i,
  ],
  [
    'params that the kernel lacks',
    ({ x, y }) => ({ ...onBoth(COPY, x, y), params: { count: 1 } }),
    /refused copy: got params \{ count \}; it takes none/,
  ],
  ['a buffer both read and written', ({ x }) => onBoth(COPY, x, x), /refused copy: .*usage/i],
  [
    'too many workgroups',
    ({ x, y }) => ({ kernel: COPY, buffers: [x, y], workgroups: [70_000, 1, 1] }),
    /refused copy: .*workgroup.*70000.*65535/i,
  ],
  [
    'half a workgroup',
    ({ x, y }) => ({ kernel: COPY, buffers: [x, y], workgroups: [0.5, 1, 1] }),
    /refused copy: got \[0\.5, 1, 1\] workgroups/,
  ],
  [
    'params with a field left out',
    ({ x, y }) => ({ ...onBoth(UNIFORM_KERNEL, x, y), params: { a: [1, 2, 3, 4] } }),
    /refused of two words: got params \{ a \}; it takes \{ a, b \}/,
  ],
  [
    'params with a field of another name',
    ({ x, y }) => ({ ...onBoth(UNIFORM_KERNEL, x, y), params: { a: [1, 2, 3, 4], c: [1, 2, 3, 4] } }),
    /refused of two words: got params \{ a, c \}; it takes \{ a, b \}/,
  ],
  [
    'a field of too few values',
    ({ x, y }) => ({ ...onBoth(UNIFORM_KERNEL, x, y), params: { a: [1, 2, 3, 4], b: [1, 2, 3] } }),
    /refused of two words: got 3 values for its field b; it takes 4/,
  ],
  [
    'a fraction in a field of integers',
    ({ x, y }) => ({ ...onBoth(UNIFORM_KERNEL, x, y), params: { a: [1, 2, 3, 4], b: [1, 2, 3, 0.5] } }),
    /refused of two words: got 0.5 for its field b; it takes an integer/,
  ],
  [
    'params left out',
    ({ x, y }) => onBoth(UNIFORM_KERNEL, x, y),
    /refused of two words: got no params; it takes \{ a, b \}/,
  ],
];

for (const [what, faulty, message] of FAULTY) {
  test(`${what}: refused at once, naming the kernel`, async () => {
    const device = await fresh(UNIFORM_FILE);
    const pair = pairOn(device);
    accumulate(device, pair.x, pair.y);
    const error = await thrownBy(async () => {
      device.dispatch(faulty(pair));
      accumulate(device, pair.x, pair.y);
      await device.synchronize();
    });
    assert.instance(error, ValidationError);
    assert.match(error.message, message);
  });

  test(`${what}: refused in a plan, naming the kernel, and the device stays usable`, async () => {
    const device = await fresh(UNIFORM_FILE);
    const pair = pairOn(device);
    const { bytes } = device.pool;
    const trace = device.trace(() => {
      const between = device.allocate(16, 'between');
      copy(device, pair.x, between);
      device.dispatch(faulty(pair));
      copy(device, between, pair.y);
    });
    const error = await thrownBy(() => device.compile(trace));
    assert.instance(error, ValidationError);
    assert.match(error.message, message);

    const right = await device.compile(device.trace(() => copy(device, pair.x, pair.y)));
    right.replay();
    assert.equal(await download(device, pair.y, 4), Float32Array.of(1, 2, 3, 4));
    const between = device.allocate(16, 'took the memory of the failed plan');
    assert.is(device.pool.bytes, bytes + 16);
    device.free(between);
  });
}

/** Ways to ask for more than the device takes, and what is said of it. */
const BEYOND_LIMITS: readonly (readonly [string, (device: Device, pair: Pair) => void, RegExp])[] = [
  ...[
    [65_536, 1, 1],
    [1, 65_536, 1],
    [1, 1, 2 ** 33],
  ].map((workgroups): (typeof BEYOND_LIMITS)[number] => [
    `${workgroups.join(' × ')} workgroups`,
    (device, { x, y }) =>
      device.dispatch({ kernel: COPY, buffers: [x, y], workgroups: [workgroups[0]!, workgroups[1]!, workgroups[2]!] }),
    /refused copy: got workgroups \[.*\]; this device takes at most 65535/,
  ]),
  [
    'more elements than a grid has invocations',
    (device, { x, y }) =>
      device.dispatch({ kernel: COPY, buffers: [x, y], workgroups: linearWorkgroups(64 * 65_535 ** 2 + 1) }),
    /refused copy: got workgroups \[65535, 65536, 1\]; this device takes at most 65535/,
  ],
  [
    'a buffer longer than a binding',
    (device) => device.allocate(device.handle.limits.maxStorageBufferBindingSize + 1, 'too long'),
    /no GPU memory for too long \(128\.0 MiB\): one buffer holds at most 134217728 bytes/,
  ],
  [
    'a buffer of no length at all',
    (device) => device.allocate(NaN, 'of nothing'),
    /no GPU memory for of nothing .*one buffer holds at most/,
  ],
  [
    'more texels than a texture has',
    (device) => device.allocateTexture(1024 * device.handle.limits.maxTextureDimension2D + 1, 'too high'),
    /no GPU memory for too high \(.*\): a texture has at most 8192 rows/,
  ],
];

for (const [what, ask, message] of BEYOND_LIMITS) {
  test(`${what}: refused before the device sees it, which stays usable`, async () => {
    const device = await fresh();
    const pair = pairOn(device);
    const { bytes } = device.pool;
    accumulate(device, pair.x, pair.y);
    for (const refuse of [
      () => ask(device, pair),
      () => {
        device.scope(() => {
          device.allocate(16, 'of the scope');
          ask(device, pair);
        });
      },
      () => {
        const trace = device.trace(() => {
          copy(device, pair.x, pair.y);
          ask(device, pair);
        });
        return device.compile(trace);
      },
    ]) {
      assert.match(String(await thrownBy(refuse)), message);
      await device.synchronize();
      assert.is(device.isRecording, false);
    }
    // What was dispatched before and after is computed; the scope's buffer is free again.
    accumulate(device, pair.x, pair.y);
    assert.equal(await download(device, pair.y, 4), Float32Array.of(2, 4, 6, 8));
    assert.ok(device.pool.bytes <= bytes + 16);
  });
}

test('broken WGSL, eagerly: the error names kernel and line', async () => {
  const device = await fresh();
  const { x, y } = pairOn(device);
  const error = await thrownBy(() => {
    device.dispatch(onBoth(BROKEN, x, y));
    return device.read(y);
  });
  assert.instance(error, ShaderError);
  assert.match(error.message, /the shader of kernel broken sums does not compile/);
  assert.match(error.message, /:3:\d+ error: unresolved value 'undeclared'/);
});

test('broken WGSL, eagerly: what did not compile is not kept as if it had', async () => {
  const device = await fresh();
  const { x, y } = pairOn(device);
  copy(device, x, y);
  await device.synchronize();
  const { count } = device.pipelines;
  device.dispatch(onBoth(BROKEN, x, y));
  await thrownBy(() => device.synchronize());
  assert.is(device.pipelines.count, count);
  assert.throws(() => device.pipelines.get(BROKEN), /broken sums was dispatched before it was compiled/);
  assert.instance(await thrownBy(() => device.pipelines.prepare([BROKEN])), ShaderError);
});

test('broken WGSL in a plan: the error names kernel and line, and the device stays usable', async () => {
  const device = await fresh();
  const { x, y } = pairOn(device);
  const trace = device.trace(() => device.dispatch(onBoth(BROKEN, x, y)));
  for (const attempt of ['first', 'second']) {
    const error = await thrownBy(() => device.compile(trace));
    assert.instance(error, ShaderError, attempt);
    assert.match(error.message, /kernel broken sums does not compile:[^]*:3:\d+ error/);
  }
  copy(device, x, y);
  assert.equal(await download(device, y, 4), Float32Array.of(1, 2, 3, 4));
});

test('a kernel that asks for more than the device has is named', async () => {
  const device = await fresh({
    'greedy.wgsl': `var<workgroup> tile: array<f32, 100000>;
@compute @workgroup_size(64) fn main(@builtin(local_invocation_index) i: u32) { tile[i] = 1.0; }`,
  });
  const greedy: Dispatch = { kernel: { name: 'greedy', files: ['greedy.wgsl'] }, buffers: [], workgroups: [1, 1, 1] };
  const compiled = await thrownBy(() => device.compile(device.trace(() => device.dispatch(greedy))));
  assert.instance(compiled, ShaderError);
  assert.match(compiled.message, /kernel greedy [^]*workgroup/i);
  device.dispatch(greedy);
  const eager = await thrownBy(() => device.synchronize());
  assert.instance(eager, ShaderError);
  assert.match(eager.message, /kernel greedy /);
});

test('a shader file that is missing is named, and leaves no error scope open', async () => {
  const device = await fresh();
  const { x, y } = pairOn(device);
  const missing = { name: 'missing', files: ['nowhere.wgsl'] };
  assert.throws(() => device.dispatch(onBoth(missing, x, y)), /nowhere\.wgsl/);
  assert.match((await thrownBy(() => device.pipelines.prepare([missing]))).message, /nowhere\.wgsl/);
  assert.is((await thrownBy(() => device.handle.popErrorScope())).name, 'OperationError');
});

test('the first error is the one that is told, and it is told every time', async () => {
  const device = await fresh();
  const { x, y } = pairOn(device);
  device.dispatch(onBoth(BROKEN, x, y));
  device.dispatch({ kernel: COPY, buffers: [x], workgroups: [1, 1, 1] });
  for (const ask of [
    () => device.synchronize(),
    () => device.read(y),
    () => device.check(),
    () => device.dispatch(onBoth(COPY, x, y)),
  ]) {
    assert.match((await thrownBy(ask)).message, /broken sums/);
  }
});

test('what goes wrong in a replay is told by the next wait', async () => {
  for (const wait of ['synchronize', 'read'] as const) {
    const device = await fresh();
    const { x, y } = pairOn(device);
    const other = upload(device, [0, 0, 0, 0]);
    const plan = await device.compile(device.trace(() => copy(device, x, y)));
    // The memory goes behind the plan's back.
    x.memory.destroy();
    plan.replay();
    const error = await thrownBy(() => (wait === 'read' ? device.read(other) : device.synchronize()));
    assert.instance(error, ValidationError);
    assert.match(error.message, /destroyed/);
    assert.instance(await thrownBy(() => plan.replay()), ValidationError);
  }
});

/** Ways to meet a device that is gone. */
const MEETINGS: readonly (readonly [string, (device: Device, pair: Pair) => unknown])[] = [
  ['synchronize', (device) => device.synchronize()],
  ['read', (device, { y }) => device.read(y)],
  [
    'check, after a moment',
    async (device) => {
      await new Promise((resolve) => setTimeout(resolve, 50));
      device.check();
    },
  ],
  [
    'dispatch and synchronize',
    async (device, { x, y }) => {
      accumulate(device, x, y);
      await device.synchronize();
    },
  ],
  ['compile', (device, { x, y }) => device.compile(device.trace(() => accumulate(device, x, y)))],
  [
    'write and read',
    async (device, { x }) => {
      device.write(x, new Float32Array(4));
      await device.read(x);
    },
  ],
  [
    'allocate and read',
    async (device, { x }) => {
      await device.read(affine(device, x, 1, 1));
    },
  ],
];

for (const [what, meet] of MEETINGS) {
  test(`a lost device: ${what}`, async () => {
    const device = await fresh();
    const pair = pairOn(device);
    copy(device, pair.x, pair.y);
    await device.synchronize();
    device.handle.destroy();
    const error = await thrownBy(() => meet(device, pair));
    assert.instance(error, DeviceLostError);
    assert.match(error.message, /the GPU device was lost \(destroyed\)/);
    assert.instance(await thrownBy(() => meet(device, pair)), DeviceLostError, 'and again');
  });
}

test('a lost device: replay and synchronize; later replays throw by themselves', async () => {
  const device = await fresh();
  const { x, y } = pairOn(device);
  const plan = await device.compile(device.trace(() => accumulate(device, x, y)));
  plan.replay();
  device.handle.destroy();
  const error = await thrownBy(() => {
    plan.replay();
    return device.synchronize();
  });
  assert.instance(error, DeviceLostError);
  assert.instance(await thrownBy(() => plan.replay()), DeviceLostError);
  assert.instance(await thrownBy(() => profilePlan(device, plan)), DeviceLostError);
  plan.dispose();
});

test('a device lost while it is waited for ends the wait', async () => {
  const device = await fresh();
  const { x, y } = pairOn(device);
  accumulate(device, x, y);
  const waits = [device.read(y), device.read(x, y), device.synchronize()].map((wait) => thrownBy(() => wait));
  device.handle.destroy();
  for (const error of await Promise.all(waits)) assert.instance(error, DeviceLostError);
});

test('a device that was let go refuses what comes after, and can be let go twice', async () => {
  const device = await fresh();
  const { x, y } = pairOn(device);
  device.destroy();
  device.destroy();
  for (const use of [
    () => device.check(),
    () => device.read(y),
    () => device.synchronize(),
    () => copy(device, x, y),
  ]) {
    assert.match((await thrownBy(use)).message, /lost \(destroyed\): destroy\(\) was called/);
  }
  device.free(x);
});

test('an adapter that is not there: the error lists what is', async () => {
  const here = (await fresh()).adapter;
  const error = await thrownBy(() => openDevice({ name: 'Voodoo 2' }));
  assert.instance(error, NoAdapterError);
  assert.match(error.message, /no adapter whose name holds "Voodoo 2"; it offers: \S/);
  if (here.software) assert.match(error.message, /llvmpipe|swiftshader|basic render/i);
});

test('an adapter is found by its name in any case, and by a word of its driver’s', async () => {
  const { adapter } = await fresh();
  const driversWord = adapter.driver.split(' ').at(-1) ?? adapter.driver;
  for (const name of [adapter.name.toUpperCase(), adapter.name.replaceAll('-', ' '), driversWord]) {
    const device = await openDevice({ name });
    open.push(device);
    assert.is(device.adapter.key, adapter.key, name);
  }
  if (!adapter.software) return;
  const software = await openDevice({ software: true });
  open.push(software);
  assert.is(software.adapter.key, adapter.key);
});

test('every error is a GpuError that says what it is', () => {
  for (const error of [
    new ShaderError('k', 'x'),
    new ValidationError('k', 'x'),
    new DeviceLostError('unknown', ''),
    new NoAdapterError('none'),
  ]) {
    assert.instance(error, GpuError);
    assert.is(error.name, error.constructor.name);
  }
  assert.is(new DeviceLostError('unknown', '').message, 'the GPU device was lost (unknown)');
});

test('nothing above was rejected without being heard', async () => {
  await new Promise((resolve) => setTimeout(resolve, 50));
  assert.equal(unhandled, []);
});

test.run();
