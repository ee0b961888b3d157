/**
 * @file Layers against the float64 reference, in training and in inference, and the names of what they hold.
 */
import seedrandom from 'seedrandom';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Engine } from '../../../src/autograd/engine.js';
import { gradients } from '../../../src/autograd/grad.js';
import { sum } from '../../../src/autograd/ops/index.js';
import type { Tensor } from '../../../src/autograd/tensor.js';
import { glorotUniform, normal } from '../../../src/models/layers/initialisers.js';
import {
  batchNorm,
  conv2d,
  convTranspose2d,
  dense,
  dropout,
  flatten,
  groupNorm,
  layerNorm,
  reshapeTo,
  Sequential,
  type Builder,
  type Layer,
  type Pass,
} from '../../../src/models/layers/index.js';
import * as reference from '../../reference/ops.js';
import { openTestDevice } from '../../support/device.js';
import { seededArray } from '../../support/random.js';

const device = await openTestDevice();
test.after(() => device.destroy());

const engine = new Engine(device);
const counter = device.allocatePersistent(4, 'iteration');
device.write(counter, new Uint32Array([7]));

const TRAINING = { training: true, random: { seed: 1, stream: 100, counter } } satisfies Pass;
const INFERENCE: Pass = { ...TRAINING, training: false };

const CONVOLVED = { size: 3, stride: 2, padding: 'same', kernel: glorotUniform } as const;

function builder(seed: string): Builder {
  return { engine, random: seedrandom(seed) };
}

/** A float64 copy of a tensor. */
async function copyOf(tensor: Tensor | undefined): Promise<reference.Array64> {
  if (tensor === undefined) throw new Error('a tensor is missing');
  return reference.array64(tensor.shape, await tensor.data());
}

function names(layer: Layer): (string | undefined)[] {
  return [...layer.parameters, ...layer.state].map(({ name }) => name);
}

/** Biases start at zero, where a wrong one would not show. */
function stir(layer: Layer, seed: string): void {
  layer.parameters.forEach((parameter, index) => {
    const { data } = seededArray(`${seed}/${index}`, parameter.shape);
    parameter.write(Float32Array.from(data, (value) => 1 + 0.3 * value));
  });
}

test('dense: activation(x × kernel + bias)', async () => {
  const layer = dense(builder('dense'), 'd', 5, 7, { kernel: glorotUniform, activation: { leakyRelu: 0.2 } });
  assert.equal(names(layer), ['d/kernel', 'd/bias']);
  assert.equal(await layer.parameters[1]?.data(), new Float32Array(7), 'the bias starts at zero');
  layer.parameters[1]?.write(Float32Array.from(seededArray('dense bias', [7]).data));
  const x = seededArray('dense x', [3, 5]);
  const [kernel, bias] = [await copyOf(layer.parameters[0]), await copyOf(layer.parameters[1])];
  const y = layer.forward(engine.tensor(x.data, x.shape), TRAINING);
  const expected = reference.matmul(x, kernel, { bias, activation: { leakyRelu: 0.2 } });
  assert.equal(y.shape, [3, 7]);
  reference.assertClose(await y.data(), expected.data, 1e-6, 'dense');
});

test('dense without a bias', async () => {
  const layer = dense(builder('dense'), 'd', 5, 7, { kernel: normal(1), useBias: false });
  assert.equal(names(layer), ['d/kernel']);
  const x = seededArray('dense x', [3, 5]);
  const y = layer.forward(engine.tensor(x.data, x.shape), TRAINING);
  const expected = reference.matmul(x, await copyOf(layer.parameters[0]));
  reference.assertClose(await y.data(), expected.data, 1e-6, 'dense without bias');
});

for (const padding of ['same', 'valid'] as const) {
  test(`conv2d, stride 2, ${padding}`, async () => {
    const settings = { size: 5, stride: 2, padding, kernel: glorotUniform, activation: 'relu' } as const;
    const layer = conv2d(builder('conv'), 'c', 3, 4, settings);
    assert.equal(names(layer), ['c/kernel', 'c/bias']);
    assert.equal(layer.parameters[0]?.shape, [5, 5, 3, 4], 'HWIO');
    layer.parameters[1]?.write(Float32Array.from(seededArray('conv bias', [4]).data));
    const x = seededArray('conv x', [2, 9, 9, 3]);
    const [kernel, bias] = [await copyOf(layer.parameters[0]), await copyOf(layer.parameters[1])];
    const y = layer.forward(engine.tensor(x.data, x.shape), TRAINING);
    const expected = reference.conv2d(x, kernel, { stride: 2, padding, bias, activation: 'relu' });
    assert.equal(y.shape, expected.shape);
    reference.assertClose(await y.data(), expected.data, 2e-6, 'conv2d');
  });
}

test('convTranspose2d doubles the image under stride 2', async () => {
  const settings = { size: 4, stride: 2, padding: 'same', kernel: glorotUniform, activation: 'tanh' } as const;
  const layer = convTranspose2d(builder('transpose'), 't', 3, 2, settings);
  assert.equal(names(layer), ['t/kernel', 't/bias']);
  const x = seededArray('transpose x', [2, 5, 5, 3]);
  const [kernel, bias] = [await copyOf(layer.parameters[0]), await copyOf(layer.parameters[1])];
  const y = layer.forward(engine.tensor(x.data, x.shape), TRAINING);
  const expected = reference.convTranspose2d(x, kernel, { stride: 2, padding: 'same', bias, activation: 'tanh' });
  assert.equal(y.shape, [2, 10, 10, 2]);
  reference.assertClose(await y.data(), expected.data, 2e-6, 'convTranspose2d');
});

const NORM = { momentum: 0.9, epsilon: 1e-3, activation: 'relu' } as const;

test('batchNorm normalises by the batch while training', async () => {
  const layer = batchNorm(builder('norm'), 'n', 6, NORM);
  assert.equal(names(layer), ['n/gamma', 'n/beta', 'n/moving_mean', 'n/moving_variance']);
  assert.equal(await layer.parameters[0]?.data(), new Float32Array(6).fill(1));
  assert.equal(await layer.parameters[1]?.data(), new Float32Array(6));
  stir(layer, 'norm');
  const x = seededArray('norm x', [4, 3, 3, 6]);
  const [gamma, beta] = [await copyOf(layer.parameters[0]), await copyOf(layer.parameters[1])];
  const y = layer.forward(engine.tensor(x.data, x.shape), TRAINING);
  reference.assertClose(await y.data(), reference.batchNorm(x, gamma, beta, NORM).output.data, 2e-6, 'batchNorm');
});

test('batchNorm’s running averages after two updates, by hand; inference uses them and leaves them', async () => {
  const layer = batchNorm(builder('running'), 'n', 2, NORM);
  stir(layer, 'running');
  const [mean, variance] = layer.state;
  assert.equal(await mean?.data(), new Float32Array(2), 'the mean starts at 0');
  assert.equal(await variance?.data(), new Float32Array(2).fill(1), 'the variance at 1');
  // Channel 0: mean 2, variance 1; then mean 4, variance 4. Channel 1: mean −1, variance 9; then mean 0, variance 0.
  layer.forward(engine.tensor([1, -4, 3, 2], [2, 2]), TRAINING);
  layer.forward(engine.tensor([2, 0, 6, 0], [2, 2]), TRAINING);
  const expectedMean = [0.9 * 0.2 + 0.4, 0.9 * -0.1];
  const expectedVariance = [0.9 * (0.9 + 0.1) + 0.4, 0.9 * (0.9 + 0.9)];
  reference.assertClose((await mean?.data()) ?? [], expectedMean, 3e-7, 'running mean');
  reference.assertClose((await variance?.data()) ?? [], expectedVariance, 3e-7, 'running variance');

  const x = seededArray('running x', [5, 2]);
  const before = [await mean?.data(), await variance?.data()];
  const y = layer.forward(engine.tensor(x.data, x.shape), INFERENCE);
  const [gamma, beta] = [await copyOf(layer.parameters[0]), await copyOf(layer.parameters[1])];
  const given = [reference.array64([2], expectedMean), reference.array64([2], expectedVariance)] as const;
  const expected = reference.batchNormInference(x, gamma, beta, ...given, NORM);
  reference.assertClose(await y.data(), expected.data, 2e-6, 'inference');
  assert.equal([await mean?.data(), await variance?.data()], before);
});

test('batchNorm of a pass of two groups is two passes, the running averages included', async () => {
  const [together, inTurn] = [0, 1].map(() => batchNorm(builder('groups'), 'n', 3, NORM));
  if (together === undefined || inTurn === undefined) throw new Error('two layers are expected');
  const parts = ['first', 'second'].map((seed) => seededArray(seed, [2, 2, 2, 3]));
  const x = [...parts.flatMap(({ data }) => [...data])];
  const y = await together.forward(engine.tensor(x, [4, 2, 2, 3]), { ...TRAINING, groups: 2 }).data();
  const alone: Float32Array[] = [];
  for (const { data, shape } of parts) {
    alone.push(await inTurn.forward(engine.tensor(data, shape), TRAINING).data());
  }
  assert.equal([...y], [...alone[0]!, ...alone[1]!]);
  for (const [index, tensor] of together.state.entries()) {
    assert.equal(await tensor.data(), await inTurn.state[index]?.data(), tensor.name);
  }
});

test('layerNorm normalises each image by itself, in training and in inference', async () => {
  const layer = layerNorm(builder('layer norm'), 'n', 6, NORM);
  assert.equal(names(layer), ['n/gamma', 'n/beta']);
  assert.equal(await layer.parameters[0]?.data(), new Float32Array(6).fill(1));
  assert.equal(await layer.parameters[1]?.data(), new Float32Array(6));
  stir(layer, 'layer norm');
  const x = seededArray('norm x', [4, 3, 3, 6]);
  const [gamma, beta] = [await copyOf(layer.parameters[0]), await copyOf(layer.parameters[1])];
  const expected = reference.layerNorm(x, gamma, beta, NORM);
  for (const pass of [TRAINING, INFERENCE]) {
    const y = layer.forward(engine.tensor(x.data, x.shape), pass);
    reference.assertClose(await y.data(), expected.data, 2e-6, 'layerNorm');
  }
});

test('spectral: a layer by its kernel over σ, after one step of the power iteration from the u that it holds', async () => {
  const spectral = { kernel: glorotUniform, spectral: true } as const;
  const window = { size: 3, stride: 2, padding: 'same' } as const;
  const x = seededArray('spectral x', [2, 5, 5, 3]);
  const rows = reference.reshape(x, [10, 15]);
  const cases = [
    { layer: dense(builder('s'), 's', 15, 7, spectral), input: rows, axis: 1, apply: reference.matmul },
    {
      layer: conv2d(builder('s'), 's', 3, 4, { ...spectral, ...window }),
      input: x,
      axis: 3,
      apply: (a: reference.Array64, w: reference.Array64) => reference.conv2d(a, w, window),
    },
    {
      layer: convTranspose2d(builder('s'), 's', 3, 4, { ...spectral, ...window }),
      input: x,
      axis: 2,
      apply: (a: reference.Array64, w: reference.Array64) => reference.convTranspose2d(a, w, window),
    },
  ];
  for (const { layer, input, axis, apply } of cases) {
    assert.equal(names(layer), ['s/kernel', 's/bias', 's/singular_vector']);
    const [kernel, u] = [await copyOf(layer.parameters[0]), await copyOf(layer.state[0])];
    const vectors = reference.powerIteration(kernel, u, axis);
    const expected = apply(input, reference.spectralNormalise(kernel, { ...vectors, axis }));
    for (const pass of [INFERENCE, TRAINING]) {
      const y = await layer.forward(engine.tensor(input.data, input.shape), pass).data();
      reference.assertClose(y, expected.data, 5e-6, `units on axis ${axis}`);
    }
    reference.assertClose((await layer.state[0]?.data()) ?? [], vectors.u.data, 2e-6, 'u has moved');
  }
});

test('GELU and SiLU are activations of layers, with the values of the reference', async () => {
  const x = seededArray('gelu', [5, 7]);
  const images = seededArray('silu', [2, 4, 4, 3]);
  for (const activation of ['gelu', 'geluTanh', 'silu'] as const) {
    const full = dense(builder('gelu'), 'full', 7, 3, { kernel: glorotUniform, activation });
    stir(full, 'gelu');
    const [kernel, bias] = await Promise.all(full.parameters.map(copyOf));
    const y = await full.forward(engine.tensor(x.data, x.shape), TRAINING).data();
    reference.assertClose(y, reference.matmul(x, kernel!, { bias, activation }).data, 2e-6, `dense, ${activation}`);

    const options = { epsilon: 1e-3, groups: 3, activation } as const;
    const norm = groupNorm(builder('norm'), 'norm', 3, options);
    stir(norm, 'norm');
    assert.equal(names(norm), ['norm/gamma', 'norm/beta']);
    const [gamma, beta] = await Promise.all(norm.parameters.map(copyOf));
    const normalised = await norm.forward(engine.tensor(images.data, images.shape), INFERENCE).data();
    const expected = reference.groupNorm(images, gamma!, beta!, options);
    reference.assertClose(normalised, expected.data, 5e-6, `groupNorm, ${activation}`);
  }
});

test("dropout without a source in the pass draws from the engine's stream", async () => {
  const x = engine.tensor(new Float32Array(400).fill(1), [400]);
  const masks = await Promise.all([0, 1].map(() => dropout(0.5).forward(x, { training: true }).data()));
  assert.ok(masks[0]!.every((value) => value === 0 || value === 2));
  assert.not.equal(masks[0], masks[1]);
});

test('dropout drops while training, another mask for another layer, pass and iteration', async () => {
  const x = engine.tensor(new Float32Array(4000).fill(1), [4000]);
  const layer = dropout(0.5, 1);
  assert.equal(names(layer), []);
  const at = async (dropping: Layer, pass: Pass): Promise<Float32Array> => dropping.forward(x, pass).data();
  const first = await at(layer, TRAINING);
  assert.ok(first.every((value) => value === 0 || value === 2));
  const dropped = first.filter((value) => value === 0).length;
  assert.ok(Math.abs(dropped - 2000) < 5 * Math.sqrt(1000), `${dropped} of 4000 dropped`);
  assert.equal(await at(layer, TRAINING), first, 'a function of seed, stream and counter');
  assert.not.equal(await at(dropout(0.5, 2), TRAINING), first);
  assert.not.equal(await at(layer, { ...TRAINING, random: { ...TRAINING.random, stream: 200 } }), first);
  device.write(counter, new Uint32Array([8]));
  assert.not.equal(await at(layer, TRAINING), first);
  device.write(counter, new Uint32Array([7]));
});

test('dropout does nothing in inference', async () => {
  const x = engine.tensor(seededArray('dropout', [50]).data, [50]);
  assert.equal(await dropout(0.5, 1).forward(x, INFERENCE).data(), await x.data());
});

test('reshapeTo and flatten keep the batch', () => {
  const x = engine.tensor(new Float32Array(24), [2, 12]);
  const image = reshapeTo([2, 2, 3]).forward(x, TRAINING);
  assert.equal(image.shape, [2, 2, 2, 3]);
  assert.equal(flatten().forward(image, TRAINING).shape, [2, 12]);
});

test('Sequential chains, counts all numbers, and passes gradients to every parameter', async () => {
  const build = builder('sequence');
  const parts = [
    dense(build, 'a', 3, 4, { kernel: glorotUniform, useBias: false }),
    batchNorm(build, 'b', 4, { ...NORM, activation: 'tanh' }),
    dense(build, 'c', 4, 2, { kernel: glorotUniform }),
  ];
  const model = new Sequential('model', parts);
  assert.equal(names(model), [
    'a/kernel',
    'b/gamma',
    'b/beta',
    'c/kernel',
    'c/bias',
    'b/moving_mean',
    'b/moving_variance',
  ]);
  assert.is(model.parameterCount, 12 + 16 + 10);
  const x = engine.tensor(seededArray('sequence x', [5, 3]).data, [5, 3]);
  const y = model.forward(x, TRAINING);
  assert.equal(y.shape, [5, 2]);
  const byHand = parts.reduce((value, part) => part.forward(value, TRAINING), x);
  assert.equal(await y.data(), await byHand.data());
  for (const [index, gradient] of gradients(sum(y), model.parameters).entries()) {
    const values = await gradient.data();
    assert.equal(gradient.shape, model.parameters[index]?.shape);
    assert.ok(
      values.some((value) => value !== 0),
      `gradient of ${model.parameters[index]?.name ?? ''}`,
    );
  }
});

test('dispose gives the memory back to the pool', () => {
  const build = (): Sequential => {
    return new Sequential('model', [dense(builder('dispose'), 'a', 37, 41, { kernel: glorotUniform })]);
  };
  build().dispose();
  const { bytes } = device.pool;
  build().dispose();
  assert.is(device.pool.bytes, bytes);
});

for (const [name, make, shape] of [
  ['dense', (at: Builder) => dense(at, 'a', 3, 4, { kernel: glorotUniform, activation: 'tanh' }), [5, 3]],
  ['dense, spectral', (at: Builder) => dense(at, 'a', 3, 4, { kernel: glorotUniform, spectral: true }), [5, 3]],
  ['conv2d', (at: Builder) => conv2d(at, 'a', 2, 3, CONVOLVED), [2, 5, 5, 2]],
  ['conv2d without a bias', (at: Builder) => conv2d(at, 'a', 2, 3, { ...CONVOLVED, useBias: false }), [2, 5, 5, 2]],
  ['convTranspose2d', (at: Builder) => convTranspose2d(at, 'a', 2, 3, CONVOLVED), [2, 3, 3, 2]],
  ['batchNorm', (at: Builder) => batchNorm(at, 'a', 3, { momentum: 0.9, epsilon: 1e-3 }), [4, 2, 2, 3]],
  ['layerNorm', (at: Builder) => layerNorm(at, 'a', 3, { epsilon: 1e-3 }), [4, 2, 2, 3]],
] as const) {
  test(`${name}: substitutes make it the layer that has them as parameters, and no state moves`, async () => {
    const [own, other] = [make(builder('own')), make(builder('own'))];
    stir(own, 'own');
    stir(other, 'other');
    const values = seededArray('x', shape);
    const x = engine.tensor(values.data, shape);
    const states = await Promise.all(own.state.map((tensor) => tensor.data()));
    for (const pass of [TRAINING, INFERENCE]) {
      // A parameter without a substitute stands for itself: the last is left out at first, then none.
      for (const count of new Set([own.parameters.length - 1, own.parameters.length])) {
        const substitutes = new Map(own.parameters.slice(0, count).map((each, at) => [each, other.parameters[at]!]));
        const wanted = make(builder('own'));
        for (const [at, parameter] of wanted.parameters.entries()) {
          parameter.write(await (at < count ? other : own).parameters[at]!.data());
        }
        const expected = await wanted.forward(x, pass).data();
        assert.equal(await own.forward(x, { ...pass, substitutes }).data(), expected);
        const gradient = gradients(sum(own.forward(x, { ...pass, substitutes })), other.parameters, {
          allowUnused: true,
        });
        const passed = await Promise.all(gradient.map((each) => each.data()));
        assert.equal(
          passed.map((each) => each.some((value) => value !== 0)),
          other.parameters.map((_, at) => at < count),
        );
      }
    }
    assert.equal(await Promise.all(own.state.map((tensor) => tensor.data())), states);
  });
}

test.run();
