import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { DeviceBuffer } from '../../../src/gpu/memory/buffers.js';
import { increment } from '../../../src/kernels/optimisers.js';
import { philox4x32, type Words2, type Words4 } from '../../../src/kernels/random/philox.js';
import {
  addNoise,
  dropout,
  randomBits,
  randomNormal,
  randomOneHot,
  randomUniform,
} from '../../../src/kernels/random/random.js';
import * as reference from '../../reference/ops.js';
import { download, openTestDevice, upload } from '../../support/device.js';
import { seededInts, seededNormal } from '../../support/random.js';

const device = await openTestDevice();
test.after(() => device.destroy());

const MANY = 1 << 20;

function counterAt(iteration: number): DeviceBuffer {
  const buffer = device.allocatePersistent(4, 'counter');
  device.write(buffer, new Uint32Array([iteration]));
  return buffer;
}

async function downloadWords(buffer: DeviceBuffer, count: number): Promise<Uint32Array> {
  const [bytes] = await device.read(buffer);
  return new Uint32Array(bytes!, 0, count);
}

/** What the GPU must draw: the words of blocks 0, 1, ... */
function hostWords(count: number, seed: number, stream: number, iteration: number): number[] {
  const blocks = Array.from({ length: Math.ceil(count / 4) }, (_, block) =>
    philox4x32([block, iteration, 0, 0], [seed, stream]),
  );
  return blocks.flat().slice(0, count);
}

/** As assert.equal, but quick to tell where long arrays differ. */
function assertSame(actual: ArrayLike<number>, expected: readonly number[], what: string): void {
  assert.is(actual.length, expected.length);
  const index = expected.findIndex((value, i) => actual[i] !== value);
  assert.is(index, -1, `${what}: ${actual[index]} at ${index}, expected ${expected[index]}`);
}

const hex = (words: readonly number[]): string => words.map((word) => word.toString(16).padStart(8, '0')).join(' ');

/** Random123's published vectors: https://github.com/DEShawResearch/random123/blob/main/tests/kat_vectors */
const KNOWN: readonly { counter: Words4; key: Words2; words: string }[] = [
  { counter: [0, 0, 0, 0], key: [0, 0], words: '6627e8d5 e169c58d bc57ac4c 9b00dbd8' },
  {
    counter: [0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff],
    key: [0xffffffff, 0xffffffff],
    words: '408f276d 41c83b0e a20bc7c6 6d5451fd',
  },
  {
    counter: [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344],
    key: [0xa4093822, 0x299f31d0],
    words: 'd16cfe09 94fdcceb 5001e420 24126ea1',
  },
];

for (const { counter, key, words } of KNOWN) {
  test(`philox on the host: ${words}`, () => {
    assert.is(hex(philox4x32(counter, key)), words);
  });
}

test('philox on the GPU: the published vector of zeros', async () => {
  const y = randomBits(device, { count: 4, seed: 0, stream: 0, counter: counterAt(0) });
  assert.is(hex([...(await downloadWords(y, 4))]), KNOWN[0]!.words);
});

test('philox on the GPU: the host’s bits, for edges and for seeded keys', async () => {
  const edges = [0, 1, 0xffff, 0x10000, 0x7fffffff, 0x80000000, 0xffffffff];
  const drawn = seededInts('keys', 30, 0, 0xffffffff);
  const words = [...edges, ...drawn];
  for (const [i, seed] of words.entries()) {
    const [stream, iteration] = [words[(i + 3) % words.length]!, words[(i * 5 + 1) % words.length]!];
    const y = randomBits(device, { count: 37, seed, stream, counter: counterAt(iteration) });
    const what = `seed ${seed}, stream ${stream}, iteration ${iteration}`;
    assertSame(await downloadWords(y, 37), hostWords(37, seed, stream, iteration), what);
  }
});

test('more blocks than one row of workgroups holds', async () => {
  // 65,535 workgroups of 64 blocks fill a row of the grid; these are some more.
  const count = 4 * (64 * 65_535 + 1000);
  const y = randomBits(device, { count, seed: 1, stream: 2, counter: counterAt(3) });
  const words = await downloadWords(y, count);
  device.free(y);
  for (const block of [0, 1, 64 * 32_768, 64 * 65_535 - 1, 64 * 65_535, count / 4 - 1]) {
    const got = [...words.subarray(4 * block, 4 * block + 4)];
    assert.equal(got, philox4x32([block, 3, 0, 0], [1, 2]), `block ${block}`);
  }
});

test('uniforms are the upper 24 bits, exactly', async () => {
  for (const count of [1, 3, 4, 1001]) {
    const y = randomUniform(device, { count, seed: 7, stream: 2, counter: counterAt(5) });
    const wanted = hostWords(count, 7, 2, 5).map((word) => (word >>> 8) / 2 ** 24);
    assertSame(await download(device, y, count), wanted, `${count} uniforms`);
  }
});

test('normals are Box and Muller’s of those uniforms', async () => {
  const count = 4096;
  const y = randomNormal(device, { count, seed: 11, stream: 3, counter: counterAt(9) });
  const uniforms = hostWords(count, 11, 3, 9).map((word) => (word >>> 8) / 2 ** 24);
  const wanted = uniforms.map((_, i) => {
    const first = i - (i % 2);
    const radius = Math.sqrt(-2 * Math.log(uniforms[first]! + 2 ** -24));
    const angle = 2 * Math.PI * (uniforms[first + 1]! - 0.5);
    return radius * (i % 2 === 0 ? Math.cos(angle) : Math.sin(angle));
  });
  // WGSL grants sin and cos 2⁻¹¹ on [−π, π], and log 2⁻²¹ near 1 (a radius of 2⁻¹⁰); times a radius of at most 5.77.
  const actual = await download(device, y, count);
  const worst = Math.max(...wanted.map((value, i) => Math.abs(value - actual[i]!)));
  assert.ok(worst < 5.77 * 2 ** -11 + 2 ** -10, `off by ${worst}`);
});

interface Moments {
  mean: number;
  variance: number;
  kurtosis: number;
}

function momentsOf(values: Float32Array): Moments {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const central = (power: number): number =>
    values.reduce((sum, value) => sum + (value - mean) ** power, 0) / values.length;
  const variance = central(2);
  return { mean, variance, kurtosis: central(4) / variance ** 2 };
}

function assertWithin(actual: number, expected: number, sigma: number, what: string): void {
  assert.ok(Math.abs(actual - expected) <= 5 * sigma, `${what}: ${actual}, expected ${expected} within 5 · ${sigma}`);
}

test('a million uniforms have a uniform’s moments', async () => {
  const values = await download(
    device,
    randomUniform(device, { count: MANY, seed: 1, stream: 0, counter: counterAt(0) }),
    MANY,
  );
  const { mean, variance, kurtosis } = momentsOf(values);
  assertWithin(mean, 0.5, Math.sqrt(1 / 12 / MANY), 'mean');
  // Var(s²) = (μ₄ − σ⁴) / n = (1/80 − 1/144) / n
  assertWithin(variance, 1 / 12, Math.sqrt((1 / 80 - 1 / 144) / MANY), 'variance');
  // The kurtosis' error is below that of μ₄ / σ⁴ at a known σ: Var = (μ₈ − μ₄²) / (σ⁸ n) = (1/2304 − 1/6400) · 12⁴ / n
  assertWithin(kurtosis, 1.8, Math.sqrt(((1 / 2304 - 1 / 6400) * 12 ** 4) / MANY), 'kurtosis');
  assert.ok(values.every((value) => value >= 0 && value < 1));
});

test('a million normals have a normal’s moments', async () => {
  const values = await download(
    device,
    randomNormal(device, { count: MANY, seed: 1, stream: 1, counter: counterAt(0) }),
    MANY,
  );
  const { mean, variance, kurtosis } = momentsOf(values);
  assertWithin(mean, 0, Math.sqrt(1 / MANY), 'mean');
  assertWithin(variance, 1, Math.sqrt(2 / MANY), 'variance');
  assertWithin(kurtosis, 3, Math.sqrt(24 / MANY), 'kurtosis');
  assert.ok(values.every((value) => Math.abs(value) < 5.78));
  for (const [bound, share] of [
    [1, 0.682689492],
    [2, 0.954499736],
    [3, 0.997300204],
  ] as const) {
    const inside = values.filter((value) => Math.abs(value) < bound).length / MANY;
    assertWithin(inside, share, Math.sqrt((share * (1 - share)) / MANY), `share within ${bound}`);
  }
});

test('streams, seeds, iterations and neighbours are uncorrelated', async () => {
  const draw = (seed: number, stream: number, iteration: number): Promise<Float32Array> =>
    download(device, randomNormal(device, { count: MANY, seed, stream, counter: counterAt(iteration) }), MANY);
  const base = await draw(1, 0, 0);
  const correlation = (a: Float32Array, b: Float32Array): number =>
    a.reduce((sum, value, i) => sum + value * b[i]!, 0) / a.length;
  const sigma = Math.sqrt(1 / MANY);
  assertWithin(correlation(base, await draw(1, 1, 0)), 0, sigma, 'streams');
  assertWithin(correlation(base, await draw(2, 0, 0)), 0, sigma, 'seeds');
  assertWithin(correlation(base, await draw(1, 0, 1)), 0, sigma, 'iterations');
  for (const lag of [1, 2, 4]) {
    assertWithin(correlation(base.subarray(0, MANY - lag), base.subarray(lag)), 0, sigma, `lag ${lag}`);
  }
});

test('a replayed step draws anew, as its counter tells', async () => {
  const counter = counterAt(0);
  const trace = device.trace(() => {
    const y = randomUniform(device, { count: 8, seed: 3, stream: 0, counter });
    increment(device, counter);
    return y;
  });
  const plan = await device.compile(trace, [trace.results]);
  for (const iteration of [0, 1, 2]) {
    plan.replay();
    const wanted = hostWords(8, 3, 0, iteration).map((word) => (word >>> 8) / 2 ** 24);
    assert.equal([...(await download(device, trace.results, 8))], wanted);
  }
  plan.dispose();
});

for (const [count, rate] of [
  [1, 0.5],
  [4099, 0.25],
  [65536, 0.5],
  [100_003, 0.9],
] as const) {
  test(`dropout of ${count} values at ${rate}`, async () => {
    const x = seededNormal('dropout', count);
    const source = { rate, seed: 5, stream: 8, counter: counterAt(2) };
    const y = await download(device, dropout(device, upload(device, x), count, source), count);
    const scale = Math.fround(1 / (1 - rate));
    const words = hostWords(count, 5, 8, 2);
    const kept = words.map((word) => word >= Math.round(rate * 2 ** 32));
    const wanted = [...x].map((value, i) => (kept[i] === true ? Math.fround(value * scale) : 0));
    assertSame(y, wanted, 'dropout');
    const share = kept.filter(Boolean).length / count;
    if (count > 1) assertWithin(share, 1 - rate, Math.sqrt((rate * (1 - rate)) / count), 'kept share');
  });
}

test('dropout of dy has the mask of dropout of x', async () => {
  const count = 1000;
  const source = { rate: 0.4, seed: 5, stream: 8, counter: counterAt(2) };
  const y = await download(
    device,
    dropout(device, upload(device, new Float64Array(count).fill(3)), count, source),
    count,
  );
  const dx = await download(
    device,
    dropout(device, upload(device, new Float64Array(count).fill(7)), count, source),
    count,
  );
  const mask = [...y].map((value) => Number(value !== 0));
  assertSame(
    [...dx].map((value) => Number(value !== 0)),
    mask,
    'mask',
  );
});

test('dropout keeps a NaN, dropped or not', async () => {
  const x = Float64Array.from({ length: 70 }, (_, at) => (at % 3 === 0 ? NaN : 1));
  const y = await download(
    device,
    dropout(device, upload(device, x), 70, { rate: 0.5, seed: 1, stream: 1, counter: counterAt(0) }),
    70,
  );
  assert.ok(y.every((value, at) => Number.isNaN(value) === (at % 3 === 0)));
  assert.ok(y.includes(0) && y.includes(2));
});

test('a dropout rate of 0 keeps everything', async () => {
  const x = seededNormal('keep', 100);
  const y = dropout(device, upload(device, x), 100, { rate: 0, seed: 1, stream: 1, counter: counterAt(0) });
  assert.equal([...(await download(device, y, 100))], [...x]);
});

for (const [until, iteration, left] of [
  [undefined, 0, 1],
  [undefined, 1000, 1],
  [10, 0, 1],
  [10, 4, 0.6],
  [10, 9, 0.1],
  [10, 10, 0],
  [10, 4_000_000_000, 0],
  [4_000_000_000, 1_000_000_000, 0.75],
] as const) {
  test(`noise until iteration ${until ?? 'ever'}: at ${iteration} there is ${left} of it left`, async () => {
    const count = 1003;
    const x = upload(device, seededNormal('noisy', count));
    const source = { seed: 5, stream: 9, counter: counterAt(iteration) };
    const y = await download(device, addNoise(device, x, count, { ...source, deviation: 0.25, until }), count);
    const [was, noise] = [await download(device, x, count), randomNormal(device, { ...source, count })];
    const drawn = await download(device, noise, count);
    const wanted = [...was].map((value, i) => value + 0.25 * left * drawn[i]!);
    if (left === 0) assertSame(y, [...was], 'no noise');
    else reference.assertClose(y, wanted, 2e-7, 'noisy');
  });
}

/** The class of each word: the first whose cumulative share is above it. */
function classesOf(words: readonly number[], shares: readonly number[]): number[] {
  const total = shares.reduce((sum, share) => sum + share, 0);
  const upTo = shares.map((_, last) => shares.slice(0, last + 1).reduce((sum, share) => sum + share, 0) / total);
  const bounds = upTo.map((share) => Math.round(share * 2 ** 32));
  return words.map((word) => bounds.findIndex((bound) => word < bound));
}

for (const [count, shares] of [
  [1, [1]],
  [3, [1, 1]],
  [7, [0, 2, 1]],
  [37, [0.5, 0, 0, 0.25, 0.25]],
  [4099, [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]],
  [1001, Array.from({ length: 16 }, (_, at) => at + 1)],
] as const) {
  test(`one-hot: ${count} rows of ${shares.length} classes are those of the words, by their shares`, async () => {
    const classes = shares.length;
    const y = randomOneHot(device, { count, shares, seed: 5, stream: 9, counter: counterAt(3) });
    const wanted = classesOf(hostWords(count, 5, 9, 3), shares);
    const rows = wanted.flatMap((found) => Array.from({ length: classes }, (_, at) => Number(at === found)));
    assertSame(await download(device, y, count * classes), rows, 'one-hot');
    for (const [at, share] of shares.entries()) {
      if (share === 0) assert.not.ok(wanted.includes(at), `class ${at}`);
    }
  });
}

test('one-hot: classes come as often as their shares say', async () => {
  const shares = [1, 2, 3, 4];
  const y = randomOneHot(device, { count: MANY, shares, seed: 2, stream: 7, counter: counterAt(1) });
  const rows = await download(device, y, MANY * 4);
  for (const [at, share] of shares.entries()) {
    let drawn = 0;
    for (let row = 0; row < MANY; row++) drawn += rows[row * 4 + at]!;
    const p = share / 10;
    assertWithin(drawn / MANY, p, Math.sqrt((p * (1 - p)) / MANY), `class ${at}`);
  }
});

test('a replayed step draws other classes, as its counter tells', async () => {
  const counter = counterAt(0);
  const shares = [1, 1, 1];
  const trace = device.trace(() => {
    const y = randomOneHot(device, { count: 9, shares, seed: 3, stream: 0, counter });
    increment(device, counter);
    return y;
  });
  const plan = await device.compile(trace, [trace.results]);
  for (const iteration of [0, 1, 2]) {
    plan.replay();
    const drawn = await download(device, trace.results, 27);
    const found = Array.from({ length: 9 }, (_, row) => drawn.subarray(3 * row, 3 * row + 3).indexOf(1));
    assert.equal(found, classesOf(hostWords(9, 3, 0, iteration), shares));
  }
  plan.dispose();
});

test('refuses what does not fit, by name', () => {
  const counter = counterAt(0);
  const x = upload(device, [1, 2, 3, 4]);
  assert.throws(() => randomUniform(device, { count: 0, seed: 1, stream: 0, counter }), /randomUniform: got count 0/);
  assert.throws(() => randomNormal(device, { count: 4, seed: -1, stream: 0, counter }), /randomNormal: got seed -1/);
  assert.throws(() => randomBits(device, { count: 4, seed: 1, stream: 2 ** 32, counter }), /randomBits: got stream/);
  const source = { seed: 1, stream: 0, counter };
  for (const shares of [[], [0, 0], [1, -1], [NaN], [Infinity], new Array<number>(17).fill(1)]) {
    assert.throws(() => randomOneHot(device, { ...source, count: 4, shares }), /randomOneHot: got shares \[.*1 to 16/);
  }
  assert.throws(() => randomOneHot(device, { ...source, count: 1.5, shares: [1] }), /randomOneHot: got count 1\.5/);
  assert.throws(
    () => randomOneHot(device, { ...source, seed: -1, count: 1, shares: [1] }),
    /randomOneHot: got seed -1/,
  );
  assert.throws(() => dropout(device, x, 4, { rate: 1, seed: 1, stream: 0, counter }), /dropout: got rate 1/);
  const noise = { seed: 1, stream: 0, counter };
  for (const deviation of [0, -1, NaN, Infinity]) {
    assert.throws(() => addNoise(device, x, 4, { ...noise, deviation }), /^addNoise: got deviation .*above 0$/);
  }
  for (const until of [0, 1.5, 2 ** 32]) {
    assert.throws(() => addNoise(device, x, 4, { ...noise, deviation: 1, until }), /^addNoise: got until /);
  }
  assert.throws(() => addNoise(device, x, 5, { ...noise, deviation: 1 }), /^addNoise: got x \[5\]/);
  assert.throws(() => dropout(device, x, 5, { rate: 0.5, seed: 1, stream: 0, counter }), /dropout: got x \[5\]/);
});

test.run();
