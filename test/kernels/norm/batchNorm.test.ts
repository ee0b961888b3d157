import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  batchNormApply,
  batchNormGradient,
  batchNormInferenceGradient,
  batchNormStatistics,
} from '../../../src/kernels/norm/batchNorm.js';
import type { NormGradients } from '../../../src/kernels/norm/norm.js';
import type { FusedActivation } from '../../../src/kernels/options.js';
import { batchNormInference } from '../../reference/batch-norm.js';
import * as reference from '../../reference/ops.js';
import { type Array64, array64, map64 } from '../../reference/tensor.js';
import { download, openTestDevice, upload } from '../../support/device.js';
import { seededArray } from '../../support/random.js';

const device = await openTestDevice();
test.after(() => device.destroy());

const EPSILON = 1e-3;
const ACTIVATIONS: readonly FusedActivation[] = ['none', 'relu', 'tanh', 'sigmoid', { leakyRelu: 0.2 }];
const nameOf = (activation: FusedActivation): string => JSON.stringify(activation);

/** Both alignment paths, one chunk and many, a last chunk that is short. */
const SHAPES = [
  [1, 1],
  [1, 64],
  [2, 3],
  [7, 4],
  [33, 65],
  [127, 6],
  [4099, 64],
  [25088, 1],
  [25088, 8],
] as const;

/** A float32 sum over a chunk of n ≤ 196 rows errs by at most n · 2⁻²⁴ ≈ 1.2e-5 of Σ|d|, and by some √n · 2⁻²⁴ in practice. */
const SUM_TOLERANCE = 1.2e-5;

interface Case {
  readonly rows: number;
  readonly channels: number;
  readonly activation: FusedActivation;
  readonly x: Array64;
  readonly gamma: Array64;
  readonly beta: Array64;
  readonly dy: Array64;
}

function makeCase(rows: number, channels: number, activation: FusedActivation): Case {
  const seed = `batch norm ${rows} ${channels}`;
  return {
    rows,
    channels,
    activation,
    x: map64(seededArray(`${seed} x`, [rows, channels]), (value) => Math.fround(2 * value + 3)),
    gamma: map64(seededArray(`${seed} gamma`, [channels]), (value) => Math.fround(1 + 0.3 * value)),
    beta: seededArray(`${seed} beta`, [channels]),
    dy: seededArray(`${seed} dy`, [rows, channels]),
  };
}

/** Forward and backward on the GPU, by the batch's statistics. */
async function runBatch(
  c: Case,
): Promise<{ y: Float32Array; dx: Float32Array; dGamma: Float32Array; dBeta: Float32Array }> {
  const { rows, channels, activation } = c;
  const [x, gamma, beta, dy] = [c.x, c.gamma, c.beta, c.dy].map(({ data }) => upload(device, data));
  const { mean, variance } = batchNormStatistics(device, x!, rows, channels);
  const affine = { gamma: gamma!, beta: beta! };
  const shared = { x: x!, mean, variance, ...affine, rows, channels, epsilon: EPSILON, activation };
  const y = batchNormApply(device, shared);
  const gradients = batchNormGradient(device, { ...shared, dy: dy! });
  return { y: await download(device, y, rows * channels), ...(await fetchGradients(gradients, rows, channels)) };
}

async function fetchGradients(
  { dx, dGamma, dBeta }: NormGradients,
  rows: number,
  channels: number,
): Promise<{ dx: Float32Array; dGamma: Float32Array; dBeta: Float32Array }> {
  return {
    dx: await download(device, dx, rows * channels),
    dGamma: await download(device, dGamma, channels),
    dBeta: await download(device, dBeta, channels),
  };
}

const dot = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
  Array.from(a).reduce((sum, value, i) => sum + value * b[i]!, 0);

test('normalises a column worked by hand', async () => {
  const x = upload(device, [1, 2, 3, 4]);
  const { mean, variance } = batchNormStatistics(device, x, 4, 1);
  assert.equal([...(await download(device, mean, 1))], [2.5]);
  assert.equal([...(await download(device, variance, 1))], [1.25]);
  const [gamma, beta] = [upload(device, [2]), upload(device, [1])];
  const y = batchNormApply(device, { x, mean, variance, gamma, beta, rows: 4, channels: 1, epsilon: 0 });
  // 1 + 2 · (x − 2.5) / √1.25
  const wanted = [-1.5, -0.5, 0.5, 1.5].map((d) => 1 + (2 * d) / Math.sqrt(1.25));
  reference.assertClose(await download(device, y, 4), wanted, 4e-7, 'by hand');
});

for (const [rows, channels] of SHAPES) {
  test(`statistics of [${rows}, ${channels}]`, async () => {
    const { x } = makeCase(rows, channels, 'none');
    const wanted = reference.batchNorm(x, array64([channels]), array64([channels]), { epsilon: EPSILON });
    const { mean, variance } = batchNormStatistics(device, upload(device, x.data), rows, channels);
    const what = `[${rows}, ${channels}]`;
    reference.assertClose(await download(device, mean, channels), wanted.mean.data, SUM_TOLERANCE, `mean ${what}`);
    reference.assertClose(
      await download(device, variance, channels),
      wanted.variance.data,
      2 * SUM_TOLERANCE,
      `variance ${what}`,
    );
  });
}

test('a mean far above the spread does not spoil the variance', async () => {
  // E[x²] − E[x]² in float32 would be off by 1e8 · 2⁻²⁴ ≈ 6, where the variance is 0.01.
  const x = map64(seededArray('far mean', [5000, 5]), (value) => Math.fround(1e4 + 0.1 * value));
  const wanted = reference.batchNorm(x, array64([5]), array64([5]), { epsilon: EPSILON });
  const { mean, variance } = batchNormStatistics(device, upload(device, x.data), 5000, 5);
  // The mean is rounded to 2⁻²⁴ of itself; the variance is taken from differences, which keep all their digits.
  reference.assertClose(await download(device, mean, 5), wanted.mean.data, 1.2e-7, 'mean');
  reference.assertClose(await download(device, variance, 5), wanted.variance.data, 2 * SUM_TOLERANCE, 'variance');
});

test('an outlier in the first row does not spoil the variance', async () => {
  // The shift is then 1e4 away from the other rows: the difference cancels by the chunk's 32 rows, to 32 · 32 · 2⁻²⁴ at worst.
  const x = seededArray('outlier', [320, 4]);
  for (let c = 0; c < 4; c++) x.data[c] = 1e4;
  const wanted = reference.batchNorm(x, array64([4]), array64([4]), { epsilon: EPSILON });
  const { variance } = batchNormStatistics(device, upload(device, x.data), 320, 4);
  reference.assertClose(await download(device, variance, 4), wanted.variance.data, 6e-5, 'variance');
});

for (const [rows, channels] of SHAPES) {
  for (const activation of ACTIVATIONS) {
    // Large shapes take one activation each way; the float64 reference is slow.
    if (rows > 1000 && activation !== 'tanh' && activation !== 'relu') continue;
    test(`forward of [${rows}, ${channels}], ${nameOf(activation)}`, async () => {
      const c = makeCase(rows, channels, activation);
      const wanted = reference.batchNorm(c.x, c.gamma, c.beta, { epsilon: EPSILON, activation });
      const { y } = await runBatch(c);
      // (x − mean) / √(variance + ε): the mean's error counts by 1 / √(variance + ε) ≈ 1/2, or by 32 in a single row.
      reference.assertClose(y, wanted.output.data, 2 * SUM_TOLERANCE, 'y');
    });
  }
}

for (const [rows, channels] of [
  [2, 3],
  [7, 4],
  [6, 5],
  [3, 17],
] as const) {
  for (const activation of ACTIVATIONS) {
    const what = `[${rows}, ${channels}], ${nameOf(activation)}`;

    test(`gradient of ${what} against central differences`, async () => {
      const c = makeCase(rows, channels, activation);
      const loss = (x: Array64, gamma: Array64, beta: Array64): Array64 =>
        reference.sum(
          reference.mul(reference.batchNorm(x, gamma, beta, { epsilon: EPSILON, activation }).output, c.dy),
        );
      const [dx, dGamma, dBeta] = reference.centralDifferences(loss, [c.x, c.gamma, c.beta], 1e-5);
      const actual = await runBatch(c);
      // Differences: h² · f''' ≈ 1e-9 and 1e-16 / h = 1e-11. float32: with two rows dx cancels to ε / variance of its terms.
      const cancels = rows === 2 ? 1e-3 : 1e-5;
      reference.assertClose(actual.dx, dx!.data, cancels, `dx ${what}`);
      reference.assertClose(actual.dGamma, dGamma!.data, 1e-5, `dGamma ${what}`);
      reference.assertClose(actual.dBeta, dBeta!.data, 1e-5, `dBeta ${what}`);
    });

    test(`gradient at constant statistics of ${what} against central differences`, async () => {
      const c = makeCase(rows, channels, activation);
      const mean = seededArray('running mean', [channels]);
      const variance = map64(seededArray('running variance', [channels]), (value) => Math.fround(0.5 + value * value));
      const loss = (x: Array64, gamma: Array64, beta: Array64): Array64 =>
        reference.sum(
          reference.mul(batchNormInference(x, gamma, beta, mean, variance, { epsilon: EPSILON, activation }), c.dy),
        );
      const [dx, dGamma, dBeta] = reference.centralDifferences(loss, [c.x, c.gamma, c.beta], 1e-5);
      const shared = {
        x: upload(device, c.x.data),
        mean: upload(device, mean.data),
        variance: upload(device, variance.data),
        gamma: upload(device, c.gamma.data),
        beta: upload(device, c.beta.data),
        rows,
        channels,
        epsilon: EPSILON,
        activation,
      };
      const gradients = batchNormInferenceGradient(device, { ...shared, dy: upload(device, c.dy.data) });
      const actual = await fetchGradients(gradients, rows, channels);
      // 1 − y² takes the error of y = tanh (8 ulp, 5e-7) twice over, and a sum of few rows does not average it out.
      const tolerance = activation === 'tanh' ? 2e-5 : 1e-5;
      reference.assertClose(actual.dx, dx!.data, tolerance, `dx ${what}`);
      reference.assertClose(actual.dGamma, dGamma!.data, tolerance, `dGamma ${what}`);
      reference.assertClose(actual.dBeta, dBeta!.data, tolerance, `dBeta ${what}`);
    });
  }
}

for (const [rows, channels] of [
  [127, 6],
  [513, 65],
  [6272, 4],
  [25088, 1],
] as const) {
  test(`gradient of [${rows}, ${channels}] along a direction`, async () => {
    const c = makeCase(rows, channels, 'tanh');
    const value = (x: Array64, gamma: Array64, beta: Array64): number =>
      dot(reference.batchNorm(x, gamma, beta, { epsilon: EPSILON, activation: 'tanh' }).output.data, c.dy.data);
    const directions = [c.x, c.gamma, c.beta].map(({ shape }, i) => seededArray(`direction ${i}`, shape));
    const [vx, vGamma, vBeta] = directions;
    const moved = (h: number): number => {
      const [x, gamma, beta] = [c.x, c.gamma, c.beta].map((input, i) =>
        reference.add(input, reference.scale(directions[i]!, h)),
      );
      return value(x!, gamma!, beta!);
    };
    const h = 1e-4;
    const slope = (moved(h) - moved(-h)) / (2 * h);
    const actual = await runBatch(c);
    const predicted = dot(actual.dx, vx!.data) + dot(actual.dGamma, vGamma!.data) + dot(actual.dBeta, vBeta!.data);
    // By the size of the terms, not of their sum: ‖gradient‖ · ‖direction‖ bounds how far rounding can reach.
    const norm = (a: ArrayLike<number>): number => Math.sqrt(dot(a, a));
    const size =
      norm(actual.dx) * norm(vx!.data) +
      norm(actual.dGamma) * norm(vGamma!.data) +
      norm(actual.dBeta) * norm(vBeta!.data);
    assert.ok(Math.abs(predicted - slope) <= 2e-6 * size, `${predicted} for ${slope}, of terms of size ${size}`);
  });
}

/** By words and by values, groups that begin within a word, one row, many chunks, more than one invocation's share. */
const GROUPED = [
  [2, 1, 1],
  [3, 5, 1],
  [2, 7, 4],
  [2, 33, 6],
  [3, 127, 5],
  [2, 4099, 8],
] as const;

for (const [groups, rows, channels] of GROUPED) {
  const what = `${groups} groups of [${rows}, ${channels}]`;

  test(`${what} have the bits of each alone, and the gradients by γ and β their sum`, async () => {
    const c = makeCase(groups * rows, channels, 'tanh');
    const [x, gamma, beta, dy] = [c.x, c.gamma, c.beta, c.dy].map(({ data }) => upload(device, data));
    const together = batchNormStatistics(device, x!, rows, channels, { groups });
    const affine = { gamma: gamma!, beta: beta! };
    const shared = { ...affine, rows, channels, epsilon: EPSILON, activation: 'tanh' } as const;
    const y = batchNormApply(device, { ...shared, ...together, x: x!, groups });
    const gradients = batchNormGradient(device, { ...shared, ...together, x: x!, groups, dy: dy! });
    const size = rows * channels;
    const means = await download(device, together.mean, groups * channels);
    const variances = await download(device, together.variance, groups * channels);
    const values = await download(device, y, groups * size);
    const actual = await fetchGradients(gradients, groups * rows, channels);
    const sums = { dGamma: new Float32Array(channels), dBeta: new Float32Array(channels) };
    for (let group = 0; group < groups; group++) {
      const part = (from: Array64): Array64 =>
        array64([rows, channels], from.data.slice(group * size, (group + 1) * size));
      const within = (from: Float32Array, each: number): Float32Array => from.slice(group * each, (group + 1) * each);
      const one = { ...c, rows, x: part(c.x), dy: part(c.dy) };
      const statistics = batchNormStatistics(device, upload(device, one.x.data), rows, channels);
      assert.equal(within(means, channels), await download(device, statistics.mean, channels), `mean ${group}`);
      assert.equal(within(variances, channels), await download(device, statistics.variance, channels));
      const alone = await runBatch(one);
      assert.equal(within(values, size), alone.y, `y ${group}`);
      assert.equal(within(actual.dx, size), alone.dx, `dx ${group}`);
      sums.dGamma.forEach((sum, i) => (sums.dGamma[i] = sum + alone.dGamma[i]!));
      sums.dBeta.forEach((sum, i) => (sums.dBeta[i] = sum + alone.dBeta[i]!));
    }
    assert.equal(actual.dGamma, sums.dGamma, 'dGamma, added up in order');
    assert.equal(actual.dBeta, sums.dBeta, 'dBeta');
  });

  test(`${what} move the running averages on one after the other`, async () => {
    const { x } = makeCase(groups * rows, channels, 'none');
    const start = ['mean', 'variance'].map((name) => seededArray(`running ${name}`, [channels]).data);
    const averages = () => {
      const [mean, variance] = start.map((values) => upload(device, values));
      return { mean: mean!, variance: variance!, momentum: 0.9 };
    };
    const [together, inTurn] = [averages(), averages()];
    batchNormStatistics(device, upload(device, x.data), rows, channels, { groups, running: together });
    for (let group = 0; group < groups; group++) {
      const part = x.data.slice(group * rows * channels, (group + 1) * rows * channels);
      batchNormStatistics(device, upload(device, part), rows, channels, { running: inTurn });
    }
    for (const name of ['mean', 'variance'] as const) {
      assert.equal(await download(device, together[name], channels), await download(device, inTurn[name], channels));
    }
  });
}

for (const [groups, rows, channels] of GROUPED) {
  if (rows > 1000) continue;
  test(`forward of ${groups} groups of [${rows}, ${channels}] against float64`, async () => {
    const c = makeCase(groups * rows, channels, 'relu');
    const options = { epsilon: EPSILON, activation: 'relu', groups } as const;
    const wanted = reference.batchNorm(c.x, c.gamma, c.beta, options);
    const [x, gamma, beta] = [c.x, c.gamma, c.beta].map(({ data }) => upload(device, data));
    const { mean, variance } = batchNormStatistics(device, x!, rows, channels, { groups });
    const shared = { x: x!, mean, variance, gamma: gamma!, beta: beta!, rows, channels };
    const y = batchNormApply(device, { ...shared, ...options });
    reference.assertClose(await download(device, y, c.x.data.length), wanted.output.data, 2 * SUM_TOLERANCE, 'y');
  });
}

test('a single row has no gradient by x', async () => {
  const c = makeCase(1, 64, 'none');
  const { dx } = await runBatch(c);
  // dx = a (g − g) with a = γ / √ε ≈ 32 γ: what is left is the rounding of a · g, at most 32 · 2 · 4 · 2⁻²³.
  assert.ok(Math.max(...dx.map(Math.abs)) <= 3.1e-5);
});

test('the same input gives the same bits', async () => {
  const c = makeCase(4099, 64, 'tanh');
  const [one, two] = [await runBatch(c), await runBatch(c)];
  const bits = ({ y, dx, dGamma, dBeta }: typeof one): Uint32Array[] =>
    [y, dx, dGamma, dBeta].map((values) => new Uint32Array(values.slice().buffer));
  const again = bits(two);
  const differing = bits(one).map((words, i) => words.findIndex((word, j) => word !== again[i]![j]));
  assert.equal(differing, [-1, -1, -1, -1]);
});

/** A column whose variance overflows or does not exist, at one row of a healthy one; the first row is the shift. */
const SPOILT: readonly (readonly [what: string, rows: number, at: Readonly<Record<number, number>>])[] = [
  ['a large value among 0', 2, { 0: 0, 1: 3e19 }],
  ['a large first value', 7, { 0: -3e19 }],
  ['an outlier in a chunk', 33, { 5: 3e19 }],
  ['an outlier in the last chunk of several', 100, { 99: 3e19 }],
  [
    'chunks that are each alike but far apart',
    64,
    Object.fromEntries(Array.from({ length: 32 }, (_, at) => [at, 1e20])),
  ],
  ['the largest numbers of both signs', 3, { 0: 3.4e38, 1: -3.4e38 }],
  ['NaN', 40, { 35: NaN }],
  ['NaN in the first row', 5, { 0: NaN }],
  ['infinity', 5, { 3: Infinity }],
  ['minus infinity in the first row', 5, { 0: -Infinity }],
];

for (const channels of [1, 3, 4]) {
  for (const groups of [1, 2]) {
    test(`a variance that overflows shows everywhere, ${channels} channels, ${groups} groups`, async () => {
      for (const [what, rows, changes] of SPOILT) {
        // The last channel of the last group is spoilt, all others are healthy.
        const size = groups * rows * channels;
        const x = seededArray(`spoilt ${what}`, [groups * rows, channels]);
        for (const [row, value] of Object.entries(changes)) {
          x.data[((groups - 1) * rows + Number(row)) * channels + channels - 1] = value;
        }
        const [zeros, ones] = [new Float32Array(channels), new Float32Array(channels).fill(1)];
        const running = { mean: upload(device, zeros), variance: upload(device, ones), momentum: 0.9 };
        const [input, gamma, beta] = [x.data, ones, zeros].map((values) => upload(device, values));
        const statistics = batchNormStatistics(device, input!, rows, channels, { groups, running });
        const affine = { gamma: gamma!, beta: beta!, epsilon: EPSILON, activation: 'relu' } as const;
        const shared = { ...statistics, ...affine, x: input!, groups, rows, channels };
        const y = batchNormApply(device, shared);
        const dy = upload(device, seededArray('dy', [size]).data);
        const gradients = batchNormGradient(device, { ...shared, dy });
        const found = await fetchGradients(gradients, groups * rows, channels);
        const isFinite = (values: Float32Array): boolean[] => [...values].map(Number.isFinite);
        const healthy = (count: number, group?: number): boolean[] =>
          Array.from({ length: count }, (_, at) => {
            return at % channels < channels - 1 || (group !== undefined && at < group);
          });
        const name = `${what}, ${channels} channels, ${groups} groups`;
        const before = (groups - 1) * rows * channels;
        assert.equal(
          isFinite(await download(device, statistics.variance, groups * channels)),
          healthy(groups * channels, (groups - 1) * channels),
          `variance, ${name}`,
        );
        assert.equal(
          isFinite(await download(device, running.variance, channels)),
          healthy(channels),
          `running, ${name}`,
        );
        assert.equal(isFinite(await download(device, y, size)), healthy(size, before), `y, ${name}`);
        assert.equal(isFinite(found.dx), healthy(size, before), `dx, ${name}`);
        assert.equal(isFinite(found.dGamma), healthy(channels), `dGamma, ${name}`);
      }
    });
  }
}

test('running statistics that are not finite show in inference and in its gradients', async () => {
  const [x, one] = [upload(device, [1, 2, 3, 4]), upload(device, [1, 1])];
  for (const bad of [NaN, Infinity]) {
    for (const name of ['mean', 'variance'] as const) {
      const statistics = { mean: one, variance: one, [name]: upload(device, [1, bad]) };
      const shared = { ...statistics, x, gamma: one, beta: one, rows: 2, channels: 2, epsilon: EPSILON };
      const y = batchNormApply(device, shared);
      assert.equal([...(await download(device, y, 4))].map(Number.isFinite), [true, false, true, false], `y, ${name}`);
      const { dx, dGamma } = await fetchGradients(batchNormInferenceGradient(device, { ...shared, dy: x }), 2, 2);
      assert.equal([...dGamma].map(Number.isFinite), [true, false], `dGamma, ${name}`);
      // Without the batch's own statistics dx does not depend on the mean.
      if (name === 'variance') assert.equal([...dx].map(Number.isFinite), [true, false, true, false], 'dx');
    }
  }
});

test('a saturated tanh and sigmoid stay finite', async () => {
  const x = upload(device, [-1e30, -200, 200, 1e30]);
  const [zero, one] = [upload(device, [0]), upload(device, [1])];
  const shared = { x, mean: zero, variance: one, gamma: one, beta: zero, rows: 4, channels: 1, epsilon: 0 };
  const tanh = batchNormApply(device, { ...shared, activation: 'tanh' });
  const sigmoid = batchNormApply(device, { ...shared, activation: 'sigmoid' });
  assert.equal([...(await download(device, tanh, 4))], [-1, -1, 1, 1]);
  assert.equal([...(await download(device, sigmoid, 4))].map(Math.abs), [0, 0, 1, 1]);
});

for (const [rows, channels] of [
  [3, 1],
  [127, 64],
  [40, 65],
] as const) {
  test(`running averages of [${rows}, ${channels}], and the statistics as without them`, async () => {
    const x = upload(device, makeCase(rows, channels, 'none').x.data);
    const old = ['mean', 'variance'].map((name) => seededArray(`running ${name}`, [channels]).data);
    const [mean, variance] = old.map((values) => upload(device, values));
    const plain = batchNormStatistics(device, x, rows, channels);
    const running = { mean: mean!, variance: variance!, momentum: 0.99 };
    const moving = batchNormStatistics(device, x, rows, channels, { running });
    for (const [index, name] of (['mean', 'variance'] as const).entries()) {
      const batch = await download(device, plain[name], channels);
      assert.equal(await download(device, moving[name], channels), batch, name);
      const wanted = [...old[index]!].map((value, i) => 0.99 * value + 0.01 * batch[i]!);
      // Three roundings and those of the two factors: 2.5 units in the last place.
      reference.assertClose(await download(device, running[name], channels), wanted, 3e-7, `running ${name}`);
    }
  });
}

test('temporaries go back to the pool', () => {
  const c = makeCase(127, 6, 'relu');
  const [x, gamma, beta, dy] = [c.x, c.gamma, c.beta, c.dy].map(({ data }) => upload(device, data));
  const step = (): void =>
    device.scope(() => {
      const { mean, variance } = batchNormStatistics(device, x!, 127, 6);
      const affine = { gamma: gamma!, beta: beta!, epsilon: EPSILON, activation: 'relu' } as const;
      const shared = { ...affine, x: x!, mean, variance, rows: 127, channels: 6 };
      batchNormApply(device, shared);
      batchNormGradient(device, { ...shared, dy: dy! });
    });
  step();
  const before = device.pool.count;
  step();
  assert.is(device.pool.count, before);
});

test('refuses what does not fit, by name', () => {
  const [small, x] = [upload(device, [1, 2]), upload(device, new Float32Array(24))];
  assert.throws(() => batchNormStatistics(device, small, 6, 4), /batchNormStatistics: got x \[6, 4\].*96 bytes/);
  assert.throws(() => batchNormStatistics(device, x, 0, 4), /batchNormStatistics: got x \[0, 4\].*at least 1/);
  const shared = { x, mean: x, variance: x, gamma: x, beta: small, rows: 3, channels: 8, epsilon: 1e-3 };
  assert.throws(() => batchNormApply(device, shared), /batchNormApply: got beta \[8\]/);
  assert.throws(() => batchNormApply(device, { ...shared, beta: x, epsilon: -1 }), /batchNormApply: got epsilon -1/);
  const leaky = { ...shared, beta: x, dy: x, activation: { leakyRelu: -0.1 } };
  assert.throws(() => batchNormGradient(device, { ...shared, dy: x }), /batchNormGradient: got beta \[8\]/);
  assert.throws(() => batchNormGradient(device, leaky), /batchNormGradient: got a leaky ReLU of slope -0\.1/);
  assert.throws(
    () => batchNormInferenceGradient(device, { ...leaky, dy: small }),
    /InferenceGradient: got dy \[3, 8\]/,
  );
  assert.throws(() => batchNormStatistics(device, x, 3, 4, { groups: 3 }), /got x \[3, 3, 4\] in a buffer of 96 bytes/);
  assert.throws(() => batchNormStatistics(device, x, 3, 4, { groups: 1.5 }), /got x \[1\.5, 3, 4\]; it takes lengths/);
  const grouped = { ...shared, beta: x, rows: 1, groups: 3, mean: small };
  assert.throws(() => batchNormApply(device, grouped), /batchNormApply: got mean \[3, 8\] in a buffer of 16 bytes/);
  const [mean, variance] = [upload(device, [0, 0]), upload(device, [1, 1])];
  const running = { mean, variance, momentum: 0.9 };
  const move = (changes: Partial<typeof running>, channels = 2): unknown =>
    batchNormStatistics(device, x, 3, channels, { running: { ...running, ...changes } });
  assert.throws(() => move({ variance: mean }), /batchNormStatistics: got one buffer \(test input\) twice/);
  assert.throws(() => move({ variance: x }), /batchNormStatistics: got one buffer/);
  assert.throws(() => move({ momentum: 1.5 }), /batchNormStatistics: got momentum 1\.5/);
  assert.throws(() => move({}, 8), /batchNormStatistics: got the running mean \[8\] in a buffer of 16 bytes/);
});

test.run();
