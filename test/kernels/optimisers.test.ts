import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { DeviceBuffer } from '../../src/gpu/memory/buffers.js';
import { adam, type AdamOptions, average, biasCorrection, clip, increment, sgd } from '../../src/kernels/optimisers.js';
import * as reference from '../reference/ops.js';
import type { AdamResult, SgdResult } from '../reference/optimisers.js';
import { download, openTestDevice, upload } from '../support/device.js';
import { seededNormal } from '../support/random.js';

const device = await openTestDevice();
test.after(() => device.destroy());

function counterAt(value: number): DeviceBuffer {
  const buffer = device.allocatePersistent(4, 'counter');
  device.write(buffer, new Uint32Array([value]));
  return buffer;
}

const SETTINGS = { learningRate: 1e-3, beta1: 0.9, beta2: 0.999, epsilon: 1e-7, weightDecay: 0 };

/** Adam on fresh moments; `step` is the number of updates it is told. */
async function adamOnce(
  options: Partial<typeof SETTINGS>,
  gradient: readonly number[],
  step: number,
): Promise<Float32Array> {
  const zeros = gradient.map(() => 0);
  const buffers = {
    parameter: upload(device, zeros),
    gradient: upload(device, gradient),
    firstMoment: upload(device, zeros),
    secondMoment: upload(device, zeros),
    step: counterAt(step),
  };
  adam(device, { ...buffers, count: gradient.length, ...SETTINGS, ...options });
  const parameter = await download(device, buffers.parameter, gradient.length);
  for (const buffer of Object.values(buffers)) device.free(buffer);
  return parameter;
}

test('Adam’s first step is the learning rate, against the gradient’s sign', async () => {
  // m̂ / √v̂ = g / |g|; ε = 1e-7 takes 1e-6 of it where |g| = 0.1.
  const step = await adamOnce({}, [5, -0.1, 1e4, -1], 1);
  reference.assertClose(step, [-1e-3, 1e-3, -1e-3, 1e-3], 1.5e-6, 'first step');
});

for (const count of [1, 3, 64, 65, 100_003]) {
  test(`Adam on ${count} parameters over several steps`, async () => {
    const settings = { ...SETTINGS, weightDecay: 0.01 };
    let state: AdamResult = {
      parameter: seededNormal('parameter', count),
      firstMoment: new Float64Array(count),
      secondMoment: new Float64Array(count),
    };
    const buffers = {
      parameter: upload(device, state.parameter),
      firstMoment: upload(device, state.firstMoment),
      secondMoment: upload(device, state.secondMoment),
    };
    const counter = counterAt(0);
    const steps = count > 1000 ? 4 : 25;
    for (let step = 1; step <= steps; step++) {
      const gradient = seededNormal(`gradient ${step}`, count);
      state = reference.adamStep({ ...state, gradient, step, ...settings });
      increment(device, counter);
      adam(device, { ...buffers, gradient: upload(device, gradient), step: counter, count, ...settings });
    }
    // An update is at most a few lr = 1e-3 and good to some 1e-6 of itself; the parameter's own rounding, 25 · 2⁻²⁴ of up to 4, rules.
    reference.assertClose(await download(device, buffers.parameter, count), state.parameter, 1.5e-6, 'parameter');
    reference.assertClose(await download(device, buffers.firstMoment, count), state.firstMoment, 2e-6, 'first moment');
    reference.assertClose(
      await download(device, buffers.secondMoment, count),
      state.secondMoment,
      2e-6,
      'second moment',
    );
  });
}

const UPDATES = [1, 2, 3, 7, 10, 49, 100, 499, 500, 501, 693, 1000, 4999, 5001, 10_000, 100_000, 1_000_000];

for (const beta of [0.1, 0.5, 0.9, 0.99, 0.999, 0.9999]) {
  test(`1 − ${beta}ᵗ is accurate for every t`, async () => {
    for (const t of UPDATES) {
      // With β₂ = 0 and g = 1 the second moment is 1, and the step is (1 − β₁) / (1 − β₁ᵗ).
      const [first] = await adamOnce({ learningRate: 1, beta1: beta, beta2: 0, epsilon: 0 }, [1], t);
      // With β₁ = 0 it is 1 / √((1 − β₂) / (1 − β₂ᵗ)).
      const [second] = await adamOnce({ learningRate: 1, beta1: 0, beta2: beta, epsilon: 0 }, [1], t);
      const correction = -Math.expm1(t * Math.log(beta));
      // ln β, 1 − β, the product, the series or exp (up to 4 units) and three more operations: below 10 · 2⁻²⁴.
      reference.assertClose([-first!], [(1 - beta) / correction], 6e-7, `β₁ᵗ at t = ${t}`);
      reference.assertClose([-second!], [Math.sqrt(correction / (1 - beta))], 6e-7, `β₂ᵗ at t = ${t}`);
    }
  });
}

test('1 − βᵗ by itself is the same number, of an update that is not counted yet too', async () => {
  for (const beta of [0, 0.5, 0.999]) {
    for (const t of [1, 3, 500, 100_000]) {
      const corrections = await Promise.all(
        [0, 1].map((ahead) => download(device, biasCorrection(device, { step: counterAt(t - ahead), ahead, beta }), 1)),
      );
      assert.equal(corrections[0], corrections[1]);
      reference.assertClose(corrections[0]!, [1 - beta ** t], 6e-7, `β ${beta}, t ${t}`);
    }
  }
  assert.throws(() => biasCorrection(device, { step: counterAt(1), ahead: 0, beta: 1 }), /biasCorrection: got beta 1/);
});

test('an update that advances its counter has the bits of one that does not, and counts once', async () => {
  for (const count of [1, 3, 65, 100_003]) {
    for (const schedule of [undefined, { factors: upload(device, [0.5, 2]), count: 2 }]) {
      const updated = async (advances: boolean): Promise<readonly [Float32Array, number[]]> => {
        const parameter = upload(device, seededNormal('advancing', count));
        const moments = ['firstMoment', 'secondMoment'].map(() => upload(device, new Float32Array(count)));
        const [firstMoment, secondMoment] = moments;
        assert.ok(firstMoment && secondMoment);
        const step = device.allocatePersistent(8, 'counter');
        device.write(step, new Uint32Array([0, 0]));
        for (let update = 1; update <= 3; update++) {
          const gradient = upload(device, seededNormal(`advancing ${update}`, count));
          const buffers = { parameter, gradient, firstMoment, secondMoment, step };
          adam(device, { ...buffers, count, ...SETTINGS, ahead: 1, advances, schedule });
          if (!advances) increment(device, step);
        }
        const [bytes] = await device.read(step);
        return [await download(device, parameter, count), [...new Uint32Array(bytes!)].slice(0, 2)];
      };
      const [advanced, counter] = await updated(true);
      const [expected] = await updated(false);
      assert.equal(counter, [3, 0], `${count} parameters`);
      assert.equal(advanced, expected, `${count} parameters`);
    }
  }
});

test('updates that are not counted yet count all the same', async () => {
  const once = async (step: number, ahead: number): Promise<Float32Array> => {
    const [parameter, gradient] = [upload(device, [1, 2, 3]), upload(device, [1, -2, 0.5])];
    const [firstMoment, secondMoment] = [upload(device, [0.1, 0.2, 0.3]), upload(device, [0.3, 0.2, 0.1])];
    const buffers = { parameter, gradient, firstMoment, secondMoment };
    adam(device, { ...buffers, step: counterAt(step), ahead, count: 3, ...SETTINGS });
    return download(device, parameter, 3);
  };
  assert.equal(await once(5, 2), await once(7, 0));
  assert.not.equal(await once(5, 2), await once(5, 0));
});

test('a schedule multiplies the learning rate of each update, and its last factor serves ever after', async () => {
  const factors = upload(device, [0.5, 2, 0]);
  const settings = { ...SETTINGS, weightDecay: 0.1 };
  let state: AdamResult = {
    parameter: seededNormal('scheduled', 130),
    firstMoment: new Float64Array(130),
    secondMoment: new Float64Array(130),
  };
  const buffers = {
    parameter: upload(device, state.parameter),
    firstMoment: upload(device, state.firstMoment),
    secondMoment: upload(device, state.secondMoment),
  };
  const counter = counterAt(0);
  const seen: Float32Array[] = [];
  for (const [index, factor] of [0.5, 2, 0, 0].entries()) {
    const gradient = seededNormal(`scheduled ${index}`, 130);
    const learningRate = factor * settings.learningRate;
    state = reference.adamStep({ ...state, gradient, step: index + 1, ...settings, learningRate });
    const schedule = { factors, count: 3 };
    const steps = { step: counter, ahead: 1, count: 130, schedule };
    adam(device, { ...buffers, gradient: upload(device, gradient), ...steps, ...settings });
    increment(device, counter);
    seen.push(await download(device, buffers.parameter, 130));
    reference.assertClose(seen.at(-1) ?? [], state.parameter, 1e-6, `update ${index + 1}`);
  }
  assert.equal(seen[2], seen[1], 'a factor of 0 leaves the parameters as they are');
  assert.equal(seen[3], seen[1]);
});

test('a schedule of ones has the bits of none', async () => {
  const once = async (factors: readonly number[] | undefined): Promise<Float32Array> => {
    const [parameter, gradient] = [upload(device, [1, 2, 3]), upload(device, [1, -2, 0.5])];
    const [firstMoment, secondMoment] = [upload(device, [0.1, 0.2, 0.3]), upload(device, [0.3, 0.2, 0.1])];
    const schedule = factors === undefined ? undefined : { factors: upload(device, factors), count: factors.length };
    const buffers = { parameter, gradient, firstMoment, secondMoment, step: counterAt(3) };
    adam(device, { ...buffers, count: 3, ...SETTINGS, schedule });
    return download(device, parameter, 3);
  };
  assert.equal(await once([1, 1, 1]), await once(undefined));
  assert.not.equal(await once([1, 1, 2]), await once(undefined));
});

test('a steady gradient leaves the moments exactly where they settle', async () => {
  const buffers = {
    parameter: upload(device, [0]),
    gradient: upload(device, [0.7]),
    firstMoment: upload(device, [0.7]),
    secondMoment: upload(device, [Math.fround(0.7) ** 2]),
  };
  const before = await download(device, buffers.secondMoment, 1);
  const counter = counterAt(1000);
  for (let i = 0; i < 200; i++) adam(device, { ...buffers, step: counter, count: 1, ...SETTINGS });
  assert.equal([...(await download(device, buffers.firstMoment, 1))], [Math.fround(0.7)]);
  reference.assertClose(await download(device, buffers.secondMoment, 1), before, 1.2e-7, 'second moment');
});

/** What Adam leaves of a tiny gradient after a large one. */
const BETAS = [
  [0, 0],
  [0, 0.999],
  [0.9, 0],
  [0.5, 0.01],
  [0.01, 0.0625],
  [0.1, 0.1],
  [0.9, 0.999],
] as const;

for (const [beta1, beta2] of BETAS) {
  test(`a tiny gradient after a large one, β₁ ${beta1}, β₂ ${beta2}`, async () => {
    const gradients = [
      [1, -30, 1e3, 2],
      [1e-6, 1e-4, -1e-7, 0],
      [2e-6, 1e-4, 1, 1e-9],
    ];
    const settings = { ...SETTINGS, beta1, beta2, epsilon: 1e-8 };
    const zeros = [0, 0, 0, 0];
    let state: AdamResult = reference.adamStep({
      ...settings,
      ...{ parameter: zeros, gradient: zeros, firstMoment: zeros, secondMoment: zeros, step: 1 },
    });
    const buffers = {
      parameter: upload(device, zeros),
      firstMoment: upload(device, zeros),
      secondMoment: upload(device, zeros),
    };
    for (const [index, gradient] of gradients.entries()) {
      const rounded = Float32Array.from(gradient);
      state = reference.adamStep({ ...state, ...settings, gradient: rounded, step: index + 1 });
      const options = { ...buffers, gradient: upload(device, gradient), step: counterAt(index + 1), count: 4 };
      adam(device, { ...options, ...settings });
      reference.assertClose(await download(device, buffers.parameter, 4), state.parameter, 4e-6, `after ${index}`);
      for (const name of ['firstMoment', 'secondMoment'] as const) {
        const found = await download(device, buffers[name], 4);
        // Each by itself: beside its neighbours a moment of 1e-12 would be nothing. A mean at β rounds to 2⁻²⁴ / β at most.
        found.forEach((value, at) => {
          reference.assertClose([value], [state[name][at]!], 4e-6, `${name} ${at} after gradient ${index}`);
        });
      }
    }
  });
}

test('decay shrinks parameters without a gradient', async () => {
  const zeros = [0, 0];
  const parameter = upload(device, [2, -4]);
  const rest = {
    gradient: upload(device, zeros),
    firstMoment: upload(device, zeros),
    secondMoment: upload(device, zeros),
  };
  adam(device, { parameter, ...rest, step: counterAt(1), count: 2, ...SETTINGS, learningRate: 0.5, weightDecay: 0.25 });
  assert.equal([...(await download(device, parameter, 2))], [2 * 0.875, -4 * 0.875]);
});

for (const count of [1, 3, 64, 65, 4099]) {
  for (const momentum of [0, 0.9]) {
    test(`gradient descent on ${count} parameters, momentum ${momentum}`, async () => {
      const settings = { learningRate: 0.1, momentum, weightDecay: 0.01 };
      let state: SgdResult = { parameter: seededNormal('parameter', count), velocity: new Float64Array(count) };
      const parameter = upload(device, state.parameter);
      const velocity = upload(device, state.velocity);
      for (let step = 1; step <= 5; step++) {
        const gradient = seededNormal(`gradient ${step}`, count);
        state = reference.sgdStep({ ...state, gradient, ...settings });
        const shared = { parameter, gradient: upload(device, gradient), count, ...settings };
        sgd(device, momentum === 0 ? shared : { ...shared, velocity });
      }
      // Five steps of five roundings each: 25 · 2⁻²⁴.
      reference.assertClose(await download(device, parameter, count), state.parameter, 1.5e-6, 'parameter');
      if (momentum > 0)
        reference.assertClose(await download(device, velocity, count), state.velocity, 1.5e-6, 'velocity');
    });
  }
}

for (const count of [1, 3, 64, 65, 100_003]) {
  test(`clips ${count} weights`, async () => {
    const values = Float32Array.from(seededNormal('weights', count));
    const parameter = upload(device, values);
    clip(device, parameter, count, 0.5);
    assert.equal(await download(device, parameter, count), Float32Array.from(reference.clipped(values, 0.5)));
  });
}

test('clipping keeps what lies within as it is, brings ±∞ back, and lets NaN be seen', async () => {
  const values = [0.01, -0.01, 0, 0.0099, Infinity, -Infinity, NaN, 1];
  const parameter = upload(device, values);
  clip(device, parameter, values.length, 0.01);
  const limit = Math.fround(0.01);
  const wanted = [limit, -limit, 0, Math.fround(0.0099), limit, -limit, NaN, limit];
  assert.equal([...(await download(device, parameter, values.length))].map(String), wanted.map(String));
  for (const bad of [0, -1, NaN, Infinity]) {
    assert.throws(() => clip(device, parameter, 8, bad), `clip: got limit ${bad}; it takes a number above 0`);
  }
  assert.throws(() => clip(device, parameter, 9, 1), /clip: got parameter \[9\] in a buffer of 32 bytes/);
});

for (const count of [1, 3, 64, 65, 100_003]) {
  test(`averages ${count} weights over several steps`, async () => {
    let wanted: ArrayLike<number> = seededNormal('average', count);
    const mean = upload(device, wanted);
    for (let step = 1; step <= 5; step++) {
      const values = seededNormal(`weights ${step}`, count);
      wanted = reference.averaged(wanted, values, 0.9);
      average(device, { average: mean, value: upload(device, values), count, decay: 0.9 });
    }
    // Five steps of three roundings each.
    reference.assertClose(await download(device, mean, count), wanted, 1e-6, 'average');
  });
}

test('an average of decay 0 is the value itself; one buffer for both, or a decay of 1, is refused', async () => {
  const [mean, value] = [upload(device, [1, 2, 3, 4]), upload(device, [0.1, -0.7, 1e-30, 3])];
  average(device, { average: mean, value, count: 4, decay: 0 });
  assert.equal(await download(device, mean, 4), await download(device, value, 4));
  const spoilt = upload(device, [NaN, Infinity, -Infinity, 1]);
  average(device, { average: spoilt, value, count: 4, decay: 0 });
  assert.equal(await download(device, spoilt, 4), await download(device, value, 4), 'nothing of the old stays');
  average(device, { average: mean, value: upload(device, [NaN, Infinity, 1, 2]), count: 4, decay: 0.5 });
  assert.equal([...(await download(device, mean, 4))].map(Number.isFinite), [false, false, true, true]);
  assert.throws(() => average(device, { average: mean, value: mean, count: 4, decay: 0 }), /average: got one buffer/);
  assert.throws(
    () => average(device, { average: mean, value, count: 4, decay: 1 }),
    /average: got decay 1; .* below 1/,
  );
});

test('counts on the GPU, and past 2³² from zero', async () => {
  const counter = counterAt(0xfffffffe);
  increment(device, counter);
  increment(device, counter, 5);
  increment(device, counter, -1);
  const [bytes] = await device.read(counter);
  assert.is(new Uint32Array(bytes!)[0], 3);
});

test('refuses what does not fit, by name', () => {
  const [a, b, c, d] = [1, 2, 3, 4].map((value) => upload(device, [value, 0, 0, 0]));
  const good: AdamOptions = {
    parameter: a!,
    gradient: b!,
    firstMoment: c!,
    secondMoment: d!,
    step: counterAt(1),
    count: 4,
    ...SETTINGS,
  };
  assert.throws(() => adam(device, { ...good, count: 5 }), /adam: got parameter \[5\] in a buffer of 16 bytes/);
  assert.throws(() => adam(device, { ...good, gradient: a! }), /adam: got one buffer for two of parameter, gradient/);
  assert.throws(() => adam(device, { ...good, beta1: 1 }), /adam: got beta1 1; it takes one from 0 to below 1/);
  assert.throws(() => adam(device, { ...good, learningRate: NaN }), /adam: got learningRate NaN/);
  assert.throws(() => sgd(device, { ...good, momentum: 0.9 }), /sgd: got momentum 0\.9 and no velocity.*\[4\]/);
  assert.throws(() => sgd(device, { ...good, velocity: b! }), /sgd: got one buffer for two of/);
  assert.throws(() => increment(device, a!, 0.5), /increment: got 0\.5/);
});

test.run();
