/**
 * @file The state of a GAN: complete, by name, read back and written again to the same bits.
 */
import { createHash } from 'node:crypto';
import seedrandom from 'seedrandom';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Engine } from '../../../src/autograd/engine.js';
import type { StoredTensor } from '../../../src/data/weights/safetensors.js';
import { ARCHITECTURES, type ArchitectureName } from '../../../src/models/networks/architectures.js';
import { lambda, Sequential } from '../../../src/models/layers/index.js';
import { Gan } from '../../../src/gan/gan.js';
import {
  counter,
  firstNonFinite,
  joinStates,
  networkState,
  restore,
  snapshot,
  type Snapshot,
} from '../../../src/data/weights/state.js';
import { openTestDevice } from '../../support/device.js';
import { slow } from '../../support/slow.js';

const device = await openTestDevice();
test.after(() => device.destroy());

const engine = new Engine(device);

const NAMES: readonly ArchitectureName[] = ['dcgan', 'article'];

function makeGan(name: ArchitectureName, seed = 'state'): Gan {
  return new Gan(engine, {
    architecture: ARCHITECTURES[name],
    zDim: 5,
    width: 0.125,
    batch: 4,
    imageHeight: 28,
    imageWidth: 28,
    channels: 1,
    seed: 7,
    random: seedrandom(seed),
    ringCapacity: 8,
  });
}

/** Steps on images that depend on the iteration alone. */
function train(gan: Gan, first: number, last: number): void {
  for (let iteration = first; iteration <= last; iteration++) {
    const random = seedrandom(`images/${iteration}`);
    gan.realImages.write(Float32Array.from({ length: gan.realImages.size }, () => 2 * random() - 1));
    engine.scope(() => {
      gan.step();
      return undefined;
    });
  }
}

/** SHA-256 of each tensor's bytes. */
function hashes(values: Snapshot): Map<string, string> {
  return new Map(
    [...values].map(([name, { values: numbers }]) => {
      const bytes = new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength);
      return [name, createHash('sha256').update(bytes).digest('hex')] as const;
    }),
  );
}

for (const name of NAMES) {
  test(`${name}: the state is the trained numbers thrice, the batch-norm statistics and three counters`, () => {
    const gan = makeGan(name);
    const { generator, discriminator, state } = gan;
    const trained = [...generator.parameters, ...discriminator.parameters];
    const statistics = [...generator.state, ...discriminator.state];
    const moments = ['adam_first_moment', 'adam_second_moment'].flatMap((kind) => {
      return trained.map((tensor) => `${tensor.name ?? ''}/${kind}`);
    });
    const counters = ['generator/adam_step', 'discriminator/adam_step', 'iteration'];
    const expected = [...[...trained, ...statistics].map((tensor) => tensor.name ?? ''), ...moments, ...counters];
    assert.equal([...state.keys()].sort(), expected.sort());

    const numbers = (shapes: Iterable<{ readonly shape: readonly number[] }>): number => {
      return [...shapes].reduce((sum, { shape }) => sum + shape.reduce((product, length) => product * length, 1), 0);
    };
    assert.is(numbers(state.values()), 3 * numbers(trained) + numbers(statistics) + 3);
    for (const [key, { type }] of state) assert.is(type, counters.includes(key) ? 'uint32' : 'float32', key);
    gan.dispose();
  });
}

test('a weight is found under the name of its layer', async () => {
  const gan = makeGan('dcgan');
  assert.equal(gan.state.get('generator/dense/kernel')?.shape, [5, 7 * 7 * 16]);
  assert.equal(gan.state.get('discriminator/norm2/moving_variance')?.shape, [16]);
  const values = await snapshot(device, gan.state);
  assert.equal(values.get('generator/norm1/gamma'), { shape: [16], values: new Float32Array(16).fill(1) });
  assert.equal(values.get('iteration'), { shape: [], values: new Uint32Array(1) });
  const [kernel] = gan.generator.parameters;
  assert.equal(values.get('generator/dense/kernel')?.values, await kernel?.data());
  gan.dispose();
});

for (const name of NAMES) {
  slow(`${name}: another GAN that gets the state goes on with the same bits`, async () => {
    const gan = makeGan(name);
    train(gan, 1, 3);
    const middle = await snapshot(device, gan.state);
    train(gan, 4, 5);
    const end = await snapshot(device, gan.state);

    assert.equal(middle.get('iteration')?.values, Uint32Array.of(3));
    assert.equal(middle.get('generator/adam_step')?.values, Uint32Array.of(3));
    const updates = { dcgan: 3, article: 6 };
    assert.equal(middle.get('discriminator/adam_step')?.values, Uint32Array.of(updates[name]), 'the halves are two');

    const other = makeGan(name, 'other weights');
    train(other, 1, 1);
    restore(device, other.state, middle, 'the middle');
    assert.equal(hashes(await snapshot(device, other.state)), hashes(middle));
    train(other, 4, 5);
    assert.equal(hashes(await snapshot(device, other.state)), hashes(end));
    const unmoved = [...hashes(end)].filter(([key, hash]) => hash === hashes(middle).get(key));
    assert.equal(unmoved, [], 'all of the state moves');
    gan.dispose();
    other.dispose();
  });
}

test('a snapshot that does not fit is refused by the name of the tensor, and nothing of it is written', async () => {
  const gan = makeGan('dcgan');
  const before = await snapshot(device, gan.state);
  // All of it would change, were it written.
  const changed = new Map(
    [...before].map(([key, { shape, values }]) => [key, { shape, values: values.map((value) => value + 1) }]),
  );
  const BETA = 'discriminator/norm2/beta';
  for (const [what, change, message] of [
    ['missing', { [BETA]: undefined }, /^ckpt: tensor discriminator\/norm2\/beta is missing$/],
    ['without the counter', { iteration: undefined }, /^ckpt: tensor iteration is missing$/],
    [
      'too much',
      { 'generator/extra': { shape: [1], values: new Float32Array(1) } },
      /^ckpt: tensor "generator\/extra" belongs to no part of this network$/,
    ],
    [
      'of another shape',
      { [BETA]: { shape: [4, 4], values: new Float32Array(16) } },
      /^ckpt: tensor discriminator\/norm2\/beta is float32 \[4, 4\], and the network has float32 \[16\]$/,
    ],
    [
      'of another type',
      { [BETA]: { shape: [16], values: new Uint32Array(16) } },
      /tensor discriminator\/norm2\/beta is uint32 \[16\], and the network has float32 \[16\]$/,
    ],
    [
      'a counter of floats',
      { iteration: { shape: [], values: new Float32Array(1) } },
      /tensor iteration is float32 \[\], and the network has uint32 \[\]$/,
    ],
  ] as const) {
    const entries = Object.entries({ ...Object.fromEntries(changed), ...change });
    const broken: Snapshot = new Map(entries.flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])));
    assert.throws(() => restore(device, gan.state, broken, 'ckpt'), message, what);
    assert.equal(hashes(await snapshot(device, gan.state)), hashes(before), `${what}: written nevertheless`);
  }
  gan.dispose();
});

test('the state of a wider GAN does not fit', async () => {
  const gan = makeGan('dcgan');
  const article = makeGan('article');
  const values = await snapshot(device, article.state);
  assert.throws(() => restore(device, gan.state, values, 'ckpt'), /^ckpt: tensor .* (is missing|and the network has)/);
  gan.dispose();
  article.dispose();
});

test('the first tensor with a number that is not finite is named', () => {
  const floats = (...values: number[]): StoredTensor => ({ shape: [values.length], values: Float32Array.from(values) });
  const fine: [string, StoredTensor][] = [
    ['a', floats(0, -0, 3e38, -3e38, 1e-45)],
    ['n', { shape: [], values: Uint32Array.of(2 ** 32 - 1) }],
  ];
  assert.is(firstNonFinite(new Map(fine)), undefined);
  assert.is(firstNonFinite(new Map()), undefined);
  for (const bad of [NaN, Infinity, -Infinity]) {
    assert.is(firstNonFinite(new Map([...fine, ['b', floats(1, 2, bad)], ['c', floats(bad)]])), 'b', String(bad));
  }
});

test('tensors that could not be told apart are no state', () => {
  const tensor = (name?: string) => engine.tensor([1], [1], { name });
  const network = (...names: (string | undefined)[]): Sequential => {
    return new Sequential('n', [{ ...lambda((x) => x), parameters: names.map(tensor) }]);
  };
  assert.equal([...networkState(network('a', 'b')).keys()], ['a', 'b']);
  assert.throws(() => networkState(network('a', 'a')), /a name of its own for a$/);
  assert.throws(() => networkState(network('a', undefined)), /a name of its own/);
  const entry = counter(device.allocatePersistent(4, 'counter'));
  assert.equal([...joinStates(new Map([['a', entry]]), new Map([['b', entry]])).keys()], ['a', 'b']);
  assert.throws(() => joinStates(new Map([['a', entry]]), new Map([['a', entry]])), /a name in common/);
});

test.run();
