import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Engine } from '../../src/autograd/engine.js';
import { grad, gradients } from '../../src/autograd/grad.js';
import * as ops from '../../src/autograd/ops/index.js';
import { taped } from '../../src/autograd/tape.js';
import type { Tensor } from '../../src/autograd/tensor.js';
import { download, openTestDevice, upload } from '../support/device.js';
import { seededNormal } from '../support/random.js';

const device = await openTestDevice();
test.after(() => device.destroy());

const engine = new Engine(device);

const parameter = (...values: number[]): Tensor => engine.tensor(values, [values.length], { requiresGrad: true });

async function valuesOf(tensor: Tensor | undefined): Promise<number[]> {
  assert.ok(tensor);
  return Array.from(await tensor.data());
}

test('noGrad and detach make constants', async () => {
  const x = parameter(1, 2);
  const hidden = engine.noGrad(() => ops.square(x));
  assert.is(hidden.requiresGrad, false);
  assert.is(hidden.node, undefined);
  assert.is(engine.isTaping, true);

  const detached = ops.square(x).detach();
  assert.is(detached.requiresGrad, false);
  // x · x² with the x² constant: the gradient is x², not 3x².
  const [gradient] = gradients(ops.sum(ops.mul(x, detached)), [x]);
  assert.equal(await valuesOf(gradient), [1, 4]);
  assert.equal(await valuesOf(detached), [1, 4]);
});

test('noGrad puts the tape back on after an exception', () => {
  assert.throws(() => {
    engine.noGrad(() => {
      throw new Error('broken');
    });
  }, /broken/);
  assert.is(engine.isTaping, true);
});

test('constants are not taped, nor is what is made of them', () => {
  const constant = engine.tensor([1, 2], [2]);
  const made = ops.add(ops.square(constant), constant);
  assert.is(made.requiresGrad, false);
  assert.is(made.node, undefined);
});

test('gradients add up over all uses of a tensor', async () => {
  const x = parameter(2, 3);
  const y = ops.square(x);
  // x³ + 2x² + x · x + 5x
  const total = ops.add(ops.add(ops.mul(x, y), ops.scale(y, 2)), ops.add(ops.mul(x, x), ops.scale(x, 5)));
  const [gradient] = gradients(ops.sum(total), [x]);
  assert.equal(await valuesOf(gradient), [3 * 4 + 6 * 2 + 5, 3 * 9 + 6 * 3 + 5]);
});

test('a chain of diamonds takes one step a node, not one a path', async () => {
  let x = parameter(1);
  const first = x;
  for (let level = 0; level < 30; level++) x = ops.scale(ops.add(x, x), 0.5);
  const [gradient] = gradients(ops.sum(x), [first]);
  assert.equal(await valuesOf(gradient), [1]);
});

test('an unused input and a constant one where that is allowed: zeros; the output itself: one', async () => {
  const x = parameter(1, 2);
  const unused = engine.tensor([1, 2, 3, 4, 5, 6], [2, 3], { requiresGrad: true });
  const constant = engine.tensor([7], [1]);
  const output = ops.sum(x);
  const [byX, byUnused, byConstant, byOutput] = gradients(output, [x, unused, constant, output], {
    allowUnused: true,
  });
  assert.equal(await valuesOf(byX), [1, 1]);
  assert.equal(byUnused?.shape, [2, 3]);
  assert.equal(await valuesOf(byUnused), [0, 0, 0, 0, 0, 0]);
  assert.equal(await valuesOf(byConstant), [0]);
  assert.equal(await valuesOf(byOutput), [1]);
});

test('gradients by a tensor in the middle and by the inputs at once', async () => {
  const x = parameter(3);
  const middle = ops.square(x);
  const [byMiddle, byX] = gradients(ops.sum(ops.square(middle)), [middle, x]);
  assert.equal(await valuesOf(byMiddle), [18]);
  assert.equal(await valuesOf(byX), [108]);
});

test('an upstream gradient multiplies all, and is of the output’s shape', async () => {
  const x = parameter(1, 2, 3);
  const loss = ops.sum(ops.square(x));
  const three = engine.tensor([3], []);
  const { commands } = device.trace(() => gradients(loss, [x], { upstream: three }));
  assert.not.ok(
    commands.some(({ kernel }) => kernel.name === 'fill'),
    'no constant is filled in',
  );
  const [gradient] = gradients(loss, [x], { upstream: three });
  assert.equal(Array.from((await gradient?.data()) ?? []), [6, 12, 18]);
  const refused = /gradients: got the upstream gradient \[1\] of the output \[\]; it takes one of its shape/;
  assert.throws(() => gradients(loss, [x], { upstream: engine.tensor([1], [1]) }), refused);
});

test('an output of more than one element is refused, and one of shape [1, 1] is not', async () => {
  const x = parameter(1, 2);
  assert.throws(() => gradients(ops.square(x), [x]), /^gradients: got the output \[2\]; it takes a scalar$/);
  const single = engine.tensor([3], [1, 1], { requiresGrad: true });
  const [gradient] = gradients(ops.square(single), [single]);
  assert.equal(gradient?.shape, [1, 1]);
  assert.equal(await valuesOf(gradient), [6]);
});

test('without createGraph the gradients are constants, and the tape is on afterwards', () => {
  const x = parameter(1, 2);
  const [gradient] = gradients(ops.sum(ops.square(x)), [x]);
  assert.ok(gradient);
  assert.is(gradient.requiresGrad, false);
  assert.is(gradient.node, undefined);
  assert.is(engine.isTaping, true);
  const [onTape] = gradients(ops.sum(ops.square(x)), [x], { createGraph: true });
  assert.is(onTape?.requiresGrad, true);
});

test('a gradient by x differentiated by w, which the function only closes over', async () => {
  const x = parameter(2, -3);
  const w = parameter(5, 7);
  // d/dx Σ w x² = 2 w x; its sum's gradient by w is 2x.
  const [byX] = grad((at) => ops.sum(ops.mul(w, ops.square(at))), { createGraph: true })(x);
  assert.ok(byX);
  assert.equal(await valuesOf(byX), [20, -42]);
  const [byW, again] = gradients(ops.sum(byX), [w, x]);
  assert.equal(await valuesOf(byW), [4, -6]);
  assert.equal(await valuesOf(again), [10, 14]);
});

test('grad differentiates within noGrad too, and takes inputs that ask for no gradient', async () => {
  const x = engine.tensor([3], [1]);
  const [gradient] = engine.noGrad(() => grad((at) => ops.sum(ops.square(at)))(x));
  assert.equal(await valuesOf(gradient), [6]);
});

test('grad of a tensor given twice tells the two uses apart', async () => {
  const x = parameter(3);
  const [first, second] = grad((a, b) => ops.sum(ops.mul(ops.square(a), b)))(x, x);
  assert.equal(await valuesOf(first), [18]);
  assert.equal(await valuesOf(second), [9]);
});

test('a chain of 5,000 additions, and its gradient, do not overflow the stack', () => {
  const x = parameter(1, 2, 3);
  const { commands } = device.trace(() => {
    let y = x;
    for (let step = 0; step < 5000; step++) y = ops.add(y, x);
    return gradients(ops.sum(y), [x], { createGraph: true });
  });
  assert.ok(commands.length >= 10_000, `${commands.length} commands`);
});

test('a scope frees what it does not return: the pool is flat', async () => {
  const x = parameter(...seededNormal('scope', 64));
  const step = (): Tensor[] => {
    return engine.scope(() => {
      const y = ops.tanh(ops.mul(x, ops.exp(x)));
      return gradients(ops.sum(ops.square(y)), [x], { createGraph: true });
    });
  };
  const once = async (): Promise<number[]> => {
    const result = step();
    const values = await Promise.all(result.map(valuesOf));
    for (const tensor of result) tensor.free();
    return values.flat();
  };
  const first = await once();
  const { count, bytes } = device.pool;
  for (let round = 0; round < 5; round++) assert.equal(await once(), first);
  assert.is(device.pool.count, count);
  assert.is(device.pool.bytes, bytes);
});

test('a scope frees everything where its body throws', () => {
  const x = parameter(1, 2, 3, 4);
  const broken = (): void => {
    engine.scope((): undefined => {
      ops.square(ops.square(x));
      throw new Error('broken');
    });
  };
  assert.throws(broken, /broken/);
  const { count } = device.pool;
  for (let round = 0; round < 3; round++) assert.throws(broken, /broken/);
  assert.is(device.pool.count, count);
});

test('scopes nest: what the inner one returns lives until the outer one ends', async () => {
  const x = parameter(1, 2);
  let inner: Tensor | undefined;
  const outer = engine.scope(() => {
    const square = engine.scope(() => ops.square(ops.neg(x)));
    inner = square;
    return ops.add(square, x);
  });
  assert.equal(await valuesOf(outer), [2, 6]);
  assert.is(inner?.buffer.physical, undefined);
  assert.throws(() => inner?.buffer.memory, /has no memory/);
  outer.free();
});

test('a tensor of the wrong number of values or of no elements is refused', () => {
  assert.throws(() => engine.tensor([1, 2, 3], [2, 2]), /^tensor: got 3 values for shape \[2, 2\]; it takes 4$/);
  assert.throws(() => engine.tensor([1], [2], { name: 'w' }), /^tensor w: got 1 values for shape \[2\]; it takes 2$/);
  for (const shape of [[0, 2], [-1], [1.5]]) {
    assert.match(
      refusal(() => engine.tensor([], shape)),
      `tensor: got the shape [${shape.join(', ')}]; it takes lengths that are integers of at least 1`,
    );
  }
  assert.throws(() => parameter(1, 2).write(new Float32Array(3)), /\[2\]: got 3 values/);
  const pair = engine.tensor([1, 2], [1, 2]);
  const takes = /concat: got a \[1, 2\], b \[3\] and axis 0; it takes shapes that differ in that axis only/;
  assert.throws(() => ops.concat(pair, parameter(1, 2, 3)), takes);
  const axes = /got . \[1, 2\] and axis (9|-3|0\.5); it takes an axis from -2 to 1$/;
  for (const axis of [9, -3, 0.5]) {
    assert.throws(() => ops.concat(pair, pair, axis), axes);
    assert.throws(() => ops.slice(pair, 0, 1, axis), axes);
  }
  const scalar = engine.tensor([1], []);
  assert.throws(() => ops.concat(scalar, scalar), /concat: got a \[\] and axis 0; it takes at least one axis$/);
  assert.throws(() => ops.slice(pair, 0, 2), /slice: got x \[1, 2\], first 0, count 2 and axis 0; it takes a range/);
  assert.throws(() => ops.slice(pair, 0.5, 1), /slice: got x \[1, 2\], first 0\.5/);
  assert.throws(
    () => ops.reshape(parameter(1, 2, 3), [2, 2]),
    /reshape: got tensor \[3\] and \[2, 2\]; it takes a shape of 3 values/,
  );
});

test('a vjp that returns a gradient of another shape is named', () => {
  const x = parameter(1, 2);
  const bad = taped(ops.sum(x).detach(), 'crooked', [x], (g) => [g]);
  assert.throws(() => gradients(bad, [x]), /crooked: the gradient .* does not fit the input .*\[2\]/);
});

const counter = device.allocatePersistent(4, 'counter');
device.write(counter, new Uint32Array([17]));
const source = { seed: 5, stream: 2, counter };

test('dropout: the gradient has the mask of the forward pass', async () => {
  const count = 20_000;
  const rate = 0.3;
  const x = engine.tensor(new Float32Array(count).fill(1), [count], { requiresGrad: true });
  const y = ops.dropout(x, { ...source, rate });
  const [gradient] = gradients(ops.sum(y), [x]);
  assert.ok(gradient);
  const [forward, backward] = [await y.data(), await gradient.data()];
  assert.equal(backward, forward);

  const kept = forward.filter((value) => value !== 0);
  assert.ok(kept.every((value) => value === Math.fround(1 / (1 - rate))));
  // Four standard deviations of a binomial share: 4 · √(0.3 · 0.7 / 20,000) = 0.013.
  assert.ok(Math.abs(kept.length / count - (1 - rate)) < 0.013, `${kept.length} of ${count} kept`);
});

test('addNoise: what comes back is what went in, to both orders', async () => {
  const counter = device.allocatePersistent(4, 'counter');
  device.write(counter, new Uint32Array([3]));
  const x = engine.tensor([1, -2, 3], [3], { requiresGrad: true });
  const f = (at: Tensor): Tensor => {
    return ops.sum(ops.square(ops.addNoise(at, { seed: 1, stream: 2, counter, deviation: 0.5, until: 9 })));
  };
  const noisy = await ops.addNoise(x, { seed: 1, stream: 2, counter, deviation: 0.5, until: 9 }).data();
  const [first] = gradients(f(x), [x]);
  assert.equal([...((await first?.data()) ?? [])], [...noisy.map((value) => 2 * value)]);
  const [inner] = grad(f, { createGraph: true })(x);
  if (inner === undefined) throw new Error('a gradient is expected');
  const [second] = gradients(ops.sum(ops.square(inner)), [x]);
  assert.equal([...((await second?.data()) ?? [])], [...noisy.map((value) => 8 * value)]);
});

test('dropout: another counter and another stream have other masks, and the second derivative has the same', async () => {
  const x = engine.tensor(new Float32Array(256).fill(1), [256], { requiresGrad: true });
  const mask = async (some: ops.RandomSource): Promise<string> => {
    return Array.from(await ops.dropout(x, { ...some, rate: 0.5 }).data()).join();
  };
  const later = upload(device, [0]);
  device.write(later, new Uint32Array([18]));
  const masks = await Promise.all([source, { ...source, stream: 3 }, { ...source, counter: later }].map(mask));
  assert.is(new Set(masks).size, 3);
  assert.is(await mask(source), masks[0]);

  // Σ dropout(x)²: the first derivative is 2 m² x, the second 2 m².
  const f = (at: Tensor): Tensor => ops.sum(ops.square(ops.dropout(at, { ...source, rate: 0.5 })));
  const [first] = grad(f, { createGraph: true })(x);
  assert.ok(first);
  const [second] = gradients(ops.sum(first), [x]);
  assert.ok(second);
  const expected = (masks[0] ?? '').split(',').map((m) => 2 * Number(m) ** 2);
  assert.equal(Array.from(await second.data()), expected);
  assert.equal(Array.from(await download(device, first.buffer, 256)), expected);
});

/** The message that a function throws. */
function refusal(body: () => unknown): string {
  try {
    body();
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  throw new Error('nothing was thrown');
}

test('an input that requires no gradient is refused by name, place and shape, and is zeros where that is allowed', async () => {
  const x = parameter(1, 2);
  const constant = engine.tensor([3, 4], [2], { name: 'scales' });
  const loss = ops.sum(ops.mul(x, constant));
  assert.match(
    refusal(() => gradients(loss, [x, constant])),
    /^gradients: input 2 of 2, scales \[2\], requires no gradient; make it with requiresGrad: true .*\. With allowUnused: true/,
  );
  const [byX, byConstant] = gradients(loss, [x, constant], { allowUnused: true });
  assert.equal(await valuesOf(byX), [3, 4]);
  assert.equal(await valuesOf(byConstant), [0, 0]);
});

test('an input that the output does not depend on is refused, by gradients and by grad', async () => {
  const x = parameter(1, 2);
  const other = engine.tensor([5], [1], { name: 'bias', requiresGrad: true });
  const named = /^gradients: the output \[\] does not depend on input 2 of 2, bias \[1\]\. .*allowUnused: true/;
  assert.match(
    refusal(() => gradients(ops.sum(ops.square(x)), [x, other])),
    named,
  );
  const f = (a: Tensor): Tensor => ops.sum(ops.square(a));
  assert.match(
    refusal(() => grad(f)(x, other)),
    named,
  );
  const [byX, byOther] = grad(f, { allowUnused: true })(x, other);
  assert.equal([await valuesOf(byX), await valuesOf(byOther)], [[2, 4], [0]]);
  // What was made of x afterwards is no part of the output.
  assert.match(
    refusal(() => gradients(ops.sum(x), [ops.square(x)])),
    /does not depend on input 1 of 1, \[2\]\./,
  );
});

test('a second derivative without createGraph is refused, and says what to do', async () => {
  const x = parameter(1, 2);
  const f = (at: Tensor): Tensor => ops.sum(ops.mul(at, ops.square(at)));
  const constant =
    /the output \[\] is a constant, and has no gradient by input 1 of 1, \[2\]\. Constants .*createGraph: true/;
  const [first] = gradients(f(x), [x]);
  assert.ok(first);
  assert.match(
    refusal(() => gradients(ops.sum(first), [x])),
    constant,
  );
  const twice = (createGraph: boolean) => grad((at) => ops.sum(grad(f, { createGraph })(at)[0] ?? at))(x);
  assert.match(
    refusal(() => twice(false)),
    constant,
  );
  assert.equal(await valuesOf(twice(true)[0]), [6, 12]);
  const [zero] = gradients(ops.sum(first), [x], { allowUnused: true });
  assert.equal(await valuesOf(zero), [0, 0]);
});

test('a constant output is refused: under noGrad, detached, of constants', () => {
  const x = parameter(1, 2);
  const constant = engine.tensor([1, 2], [2]);
  for (const [name, output] of [
    ['noGrad', engine.noGrad(() => ops.sum(x))],
    ['detach', ops.sum(x).detach()],
    ['constants', ops.sum(constant)],
  ] as const) {
    assert.match(
      refusal(() => gradients(output, [x])),
      /is a constant, and has no gradient by input 1 of 1/,
      name,
    );
  }
});

test('a derivative that is zero everywhere is zeros, and is no error', async () => {
  const x = parameter(-1, 2);
  for (const step of [ops.sign, ops.isPositive, ops.isNotPositive]) {
    assert.equal(await valuesOf(gradients(ops.sum(step(x)), [x])[0]), [0, 0]);
  }
  for (const f of [ops.abs, ops.relu]) {
    const [first] = grad((at) => ops.sum(f(at)), { createGraph: true })(x);
    assert.ok(first);
    assert.equal(await valuesOf(gradients(ops.sum(first), [x])[0]), [0, 0]);
  }
  const image = engine.tensor([1, 2, 3, 4], [1, 2, 2, 1], { requiresGrad: true });
  const [pooled] = grad((at) => ops.sum(ops.maxPool2d(at, { size: 2 })), { createGraph: true })(image);
  assert.ok(pooled);
  assert.equal(await valuesOf(gradients(ops.sum(pooled), [image])[0]), [0, 0, 0, 0]);
});

test('tensors of another engine, freed ones, and grad of nothing are refused', async () => {
  const x = parameter(1, 2);
  const loss = ops.sum(ops.square(x));
  const elsewhere = new Engine(device).tensor([1, 2], [2], { name: 'foreign', requiresGrad: true });
  assert.match(
    refusal(() => gradients(loss, [x, elsewhere])),
    /input 2 of 2, foreign \[2\], belongs to another engine/,
  );
  const upstream = new Engine(device).tensor([1], []);
  assert.match(
    refusal(() => gradients(loss, [x], { upstream })),
    /the upstream gradient \[\] belongs to another engine/,
  );
  assert.throws(() => grad(() => loss)(), /grad: got no inputs/);
  const freed = engine.tensor([1, 2], [2], { name: 'freed', requiresGrad: true });
  const ofFreed = ops.sum(ops.square(freed));
  freed.free();
  assert.match(
    refusal(() => gradients(ofFreed, [freed])),
    /input 1 of 1, freed \[2\], was freed/,
  );
  assert.match(
    refusal(() => gradients(ops.sum(ops.square(freed)), [x])),
    /freed/,
  );
  // A recording would take the freed tensor for one of its own, and give it memory of any content.
  assert.throws(() => device.trace(() => ops.square(freed)), /buffer freed has no memory: it was freed/);
  const again = engine.tensor([3], [1], { requiresGrad: true });
  assert.equal(await valuesOf(gradients(ops.square(again), [again])[0]), [6]);
});

test('async functions are refused where they would outlive what surrounds them', async () => {
  const x = parameter(1, 2);
  let runs = 0;
  // eslint-disable-next-line @typescript-eslint/require-await
  const asynchronous = (async () => {
    runs += 1;
    return ops.square(x);
  }) as unknown as () => Tensor;
  // Runs at once, so it allocates: the scope frees that. Its rejection is nobody's to handle.
  const promising = (() => {
    runs += 10;
    ops.square(ops.square(x));
    return Promise.reject(new Error('late'));
  }) as unknown as () => Tensor;
  const surrounds: Readonly<Record<string, (body: () => Tensor) => unknown>> = {
    scope: (body) => engine.scope(body),
    'scope of a device': (body) => device.scope(body),
    'scope in a recording': (body) => device.trace(() => device.scope(body)),
    'tree of a scope': (body) => engine.scope(() => [body()]),
    trace: (body) => device.trace(body),
    noGrad: (body) => engine.noGrad(body),
    withTape: (body) => engine.withTape(true, body),
    grad: (body) => grad(body)(x),
  };
  // The first round fills the pool.
  for (let round = 0; round < 2; round++) {
    const { count } = device.pool;
    for (const [name, surround] of Object.entries(surrounds)) {
      const frees = name.includes('scope') || name === 'trace';
      const before = runs;
      assert.throws(() => surround(asynchronous), /it takes a synchronous function|is a promise/, name);
      if (!name.startsWith('tree')) assert.is(runs, before, `${name}: refused before it runs`);
      if (frees) assert.throws(() => surround(promising), /got a function that returns a promise/, name);
    }
    if (round > 0) assert.is(device.pool.count, count);
  }
  const rejected = async (body: () => Promise<unknown>): Promise<string> => {
    return body().then(
      () => 'nothing was thrown',
      (error: unknown) => String(error),
    );
  };
  assert.match(await rejected(() => engine.record(asynchronous)), /a recording: got an async function/);
  assert.match(await rejected(() => engine.prepare(asynchronous)), /a recording: got an async function/);
  assert.is(engine.isTaping, true);
  assert.is(device.isRecording, false);
});

test.run();
