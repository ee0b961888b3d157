/**
 * @file Values of operations: against the float64 reference over odd shapes, against PyTorch, and of NaN and infinity.
 */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Engine } from '../../src/autograd/engine.js';
import { grad, gradients } from '../../src/autograd/grad.js';
import * as ops from '../../src/autograd/ops/index.js';
import type { Tensor } from '../../src/autograd/tensor.js';
import { assertClose } from '../reference/compare.js';
import { type Array64, array64 } from '../reference/tensor.js';
import { float64World, gpuWorld, type World } from '../support/both.js';
import { openTestDevice } from '../support/device.js';
import { seededArray } from '../support/random.js';

const device = await openTestDevice();
test.after(() => device.destroy());

const engine = new Engine(device, { force: 'register-4x16' });

type Values = <T>(o: World<T>, ...inputs: T[]) => T;
interface ValueCase {
  readonly f: Values;
  readonly inputs: readonly Array64[];
  /** Largest error relative to the largest value; 5e-7 if absent. */
  readonly tolerance?: number;
}

const some = (...shape: number[]): Array64 => seededArray(shape.join(), shape);
const positive = (...shape: number[]): Array64 => {
  const { data } = some(...shape);
  return array64(
    shape,
    data.map((value) => Math.fround(0.1 + Math.abs(value))),
  );
};
/** Whole numbers from 0 to below `count`. */
const indices = (count: number, ...shape: number[]): Array64 => {
  const { data } = some(...shape);
  return array64(
    shape,
    data.map((_, at) => (at * 7 + 3) % count),
  );
};

const ODD_SHAPES = [[1], [3], [5, 7], [2, 3, 4], [13, 1, 9]];

const CASES: Readonly<Record<string, readonly ValueCase[]>> = {
  'erf, gelu and silu': ODD_SHAPES.flatMap((shape) => [
    { f: (o, x) => o.erf(o.scale(x, 2)), inputs: [some(...shape)] },
    { f: (o, x) => o.gelu(o.scale(x, 2)), inputs: [some(...shape)] },
    { f: (o, x) => o.gelu(o.scale(x, 2), { form: 'tanh' }), inputs: [some(...shape)] },
    { f: (o, x) => o.silu(o.scale(x, 3)), inputs: [some(...shape)] },
  ]),
  pow: ODD_SHAPES.flatMap((shape) => [
    ...[-3, -1, 0, 1, 2, 5, 0.5, -1.5, 2.25].map((exponent): ValueCase => {
      return { f: (o, x) => o.pow(x, exponent), inputs: [positive(...shape)], tolerance: 2e-6 };
    }),
    { f: (o, x) => o.pow(x, 3), inputs: [some(...shape)] },
    { f: (o, x, n) => o.pow(x, n), inputs: [positive(...shape), some(...shape)], tolerance: 2e-6 },
  ]),
  'clip and where': ODD_SHAPES.flatMap((shape) => [
    { f: (o, x) => o.clip(x, -0.5, 0.75), inputs: [some(...shape)] },
    {
      f: (o, x, b) => o.where(o.constant([shape.at(-1) ?? 1], [...indices(2, shape.at(-1) ?? 1).data]), x, b),
      inputs: [some(...shape), some(1)],
    },
  ]),
  'max and argmax': [
    [[7]],
    [[130]],
    [[5, 200, 3], [1]],
    [[5, 7, 3], [-1]],
    [[5, 7, 3], [0]],
    [
      [4, 5, 6],
      [0, 2],
    ],
    [
      [4, 5, 6],
      [0, 1],
    ],
    [[2, 1, 3], [1]],
  ].flatMap(([shape = [], axes]): ValueCase[] => [
    { f: (o, x) => o.max(x, { axes }), inputs: [some(...shape)] },
    { f: (o, x) => o.argmax(x, { axes }), inputs: [some(...shape)], tolerance: 0 },
    { f: (o, x) => o.argmax(x, { axes, keepDims: true }), inputs: [indices(3, ...shape)], tolerance: 0 },
  ]),
  'gather and embedding': [
    { f: (o, x) => o.gather(x, o.constant([3], [4, 0, 4])), inputs: [some(5, 3)] },
    { f: (o, x, at) => o.gather(x, at, 1), inputs: [some(3, 7, 5), indices(7, 2, 9)] },
    { f: (o, x, at) => o.gather(x, at, -1), inputs: [some(3, 130), indices(130, 70)] },
    { f: (o, table, at) => o.embedding(table, at), inputs: [some(11, 6), indices(11, 4, 3)] },
  ],
  'concat and slice': [
    { f: (o, a, b) => o.concat(a, b, 1), inputs: [some(2, 3, 5), some(2, 1, 5)] },
    { f: (o, a, b) => o.concat(a, b, -1), inputs: [some(2, 3, 5), some(2, 3, 4)] },
    { f: (o, a, b) => o.concat(a, b, 2), inputs: [some(3, 1, 8, 2), some(3, 1, 4, 2)] },
    { f: (o, x) => o.slice(x, 1, 2, 1), inputs: [some(3, 4, 5)] },
    { f: (o, x) => o.slice(x, 2, 3, -1), inputs: [some(3, 5)] },
  ],
  'products of stacks': [false, true].flatMap((transposeA) =>
    [false, true].flatMap((transposeB) => {
      const of = (stack: readonly number[], turned: boolean, a: number, b: number): Array64 => {
        return some(...stack, ...(turned ? [b, a] : [a, b]));
      };
      return (
        [
          [[2], [2], [3, 5, 4]],
          [[3, 2], [2], [17, 33, 18]],
          [[2, 1], [3], [1, 1, 1]],
          [[], [4], [16, 16, 16]],
          [[4], [], [5, 40, 3]],
          [[1], [1], [20, 7, 1]],
        ] as const
      ).map(([aStack, bStack, [rows, inner, columns]]): ValueCase => {
        return {
          f: (o, a, b) => o.matmul(a, b, { transposeA, transposeB }),
          inputs: [of(aStack, transposeA, rows, inner), of(bStack, transposeB, inner, columns)],
          tolerance: 2e-6,
        };
      });
    }),
  ),
  'group normalisation': [1, 2, 3, 6].flatMap((groups) =>
    [
      [2, 6],
      [3, 5, 6],
      [2, 3, 3, 6],
    ].map((shape): ValueCase => {
      return {
        f: (o, x, gamma, beta) => o.groupNorm(x, gamma, beta, { groups, epsilon: 1e-3, activation: 'silu' }),
        inputs: [some(...shape), positive(6), some(6)],
        tolerance: 5e-6,
      };
    }),
  ),
};

for (const [family, cases] of Object.entries(CASES)) {
  test(`values of ${family} are those of the reference`, async () => {
    const results = cases.map(({ f, inputs }) => {
      const world = gpuWorld(engine);
      return f(world, ...inputs.map(({ shape, data }) => world.constant(shape, data)));
    });
    const read = await device.read(...results.map(({ buffer }) => buffer));
    cases.forEach(({ f, inputs, tolerance = 5e-7 }, at) => {
      const expected = f<Array64>(float64World, ...inputs);
      const what = `${family} ${at}, ${inputs.map(({ shape }) => `[${shape.join(', ')}]`).join(', ')}`;
      assert.equal(results[at]!.shape, expected.shape, what);
      assertClose(new Float32Array(read[at]!, 0, expected.data.length), expected.data, tolerance, what);
    });
  });
}

const tensor = (values: readonly number[], ...shape: number[]): Tensor => {
  return engine.tensor(values, shape.length === 0 ? [values.length] : shape, { requiresGrad: true });
};
const valuesOf = async (x: Tensor | undefined): Promise<number[]> => [...((await x?.data()) ?? [])];
const sines = (count: number): number[] => Array.from({ length: count }, (_, at) => Math.sin(at));
const cosines = (count: number): number[] => Array.from({ length: count }, (_, at) => Math.cos(at));

// Literals of PyTorch 1.13.0 (Debian python3-torch), in float64.
test('values and gradients are those of PyTorch', async () => {
  const x = tensor([-4.5, -2, -0.75, -0.1, 0, 0.3, 1, 2.5, 6]);
  const close = async (actual: Tensor | undefined, expected: readonly number[], what: string, tolerance = 5e-7) => {
    assertClose(await valuesOf(actual), expected, tolerance, what);
  };
  // prettier-ignore
  await close(ops.erf(x), [-0.999999999803, -0.995322265019, -0.711155633654, -0.112462916018, 0, 0.328626759459, 0.84270079295, 0.999593047983, 1], 'erf');
  // prettier-ignore
  await close(ops.gelu(x), [-1.5289529e-5, -0.045500263896, -0.169970514283, -0.046017216272, 0, 0.185373426657, 0.841344746069, 2.484475836686, 5.99999999408], 'gelu');
  // prettier-ignore
  await close(ops.gelu(x, { form: 'tanh' }), [-5.136737e-6, -0.045402305912, -0.170039444834, -0.046017248955, 0, 0.185370923543, 0.841191990608, 2.48491573391, 5.999999999916], 'gelu by tanh');
  // prettier-ignore
  await close(ops.silu(x), [-0.049441241838, -0.238405844044, -0.240615975618, -0.047502081252, 0, 0.172332755043, 0.73105857863, 2.310354549947, 5.98516426106], 'silu');
  const powers = ops.pow(tensor([-2, -1.5, 0, 0.5, 3]), tensor([3, 2, 0, -1.5, 2.5]));
  await close(powers, [-8, 2.25, 1, 2.828427124746, 15.58845726812], 'pow');
  const clipped = grad((at) => ops.sum(ops.clip(at, -1, 1)))(tensor([-2, -1, 0.5, 1, 3]));
  assert.equal(await valuesOf(clipped[0]), [0, 1, 1, 1, 0]);
  const table = tensor(sines(6), 3, 2);
  const rows = (at: Tensor): Tensor => ops.embedding(at, tensor([2, 0, 2]));
  // prettier-ignore
  await close(rows(table), [-0.756802495308, -0.958924274663, 0, 0.841470984808, -0.756802495308, -0.958924274663], 'embedding');
  const weights = tensor([1, 2, 3, 4, 5, 6], 3, 2);
  assert.equal(await valuesOf(grad((at) => ops.sum(ops.mul(rows(at), weights)))(table)[0]), [3, 4, 0, 0, 6, 8]);
  // prettier-ignore
  await close(ops.matmul(tensor(sines(12), 2, 1, 2, 3), tensor(cosines(18), 3, 3, 2)), [-0.944531950886, -0.575116665737, 1.082855707398, 0.553465702078, -0.88539963905, -0.762665402964, 1.050220084655, 0.791692438721, -0.755736899568, -0.889460651427, 0.93392453206, 0.966853409574, -1.199506099564, -0.520737118628, 1.292148368991, 0.477585978208, -1.194020368124, -0.804873744934, 1.313922325807, 0.801945497671, -1.093419658693, -1.024894590155, 1.231029983423, 1.062422498545], 'matmul', 2e-6);
  // torch.nn.functional.group_norm takes [N, C, P]; its result was permuted to [N, P, C].
  const channelsFirst = tensor(sines(24), 2, 4, 3);
  const images = ops.transpose(channelsFirst, [0, 2, 1]);
  const normalised = ops.groupNorm(images, tensor([1, 2, -1, 0.5]), tensor([0, 0.1, 0.2, 0.3]), {
    groups: 2,
    epsilon: 1e-5,
  });
  // prettier-ignore
  await close(normalised, [-0.041234174201, 0.413915337024, 0.654726571659, 0.566155977349, 1.140544989232, -2.108206338035, -0.681816487614, -0.116201390875, 1.235801839859, -2.675934308768, -1.156216342728, -0.441607715816, -0.843133218487, 1.849918357187, 1.366391046521, 0.874345786069, 0.541837706766, -0.866321239523, 0.052760844062, 0.257891526429, 1.367603634318, -2.816213362859, -1.059936208324, -0.352629471369], 'groupNorm', 2e-6);
});

test('of equal values max and argmax take the first, which gets the whole gradient', async () => {
  const x = tensor([1, 5, 5, 2, -1, 2], 2, 3);
  assert.equal(await valuesOf(ops.argmax(x)), [1]);
  assert.equal(await valuesOf(ops.argmax(x, { axes: [1] })), [1, 0]);
  assert.equal(await valuesOf(grad((at) => ops.sum(ops.max(at, { axes: [1] })))(x)[0]), [0, 1, 0, 1, 0, 0]);
  assert.equal(await valuesOf(ops.argmax(tensor([-0, 0, -0]))), [0]);
});

test('NaN and infinity show', async () => {
  const { NaN: nan, POSITIVE_INFINITY: inf } = Number;
  const x = tensor([nan, inf, -inf, 1]);
  assert.equal((await valuesOf(ops.erf(x))).slice(0, 3), [nan, 1, -1]);
  // As in PyTorch: −∞ · 0 is NaN.
  for (const f of [ops.gelu, ops.silu, (at: Tensor) => ops.gelu(at, { form: 'tanh' })]) {
    assert.equal((await valuesOf(f(x))).slice(0, 3), [nan, inf, nan]);
  }
  assert.equal(await valuesOf(ops.clip(x, -2, 2)), [nan, 2, -2, 1]);
  assert.equal(await valuesOf(ops.pow(x, 2)), [nan, inf, inf, 1]);
  assert.equal(await valuesOf(ops.pow(tensor([0, -2, 4, nan]), tensor([-1, 0.5, nan, 0]))), [inf, nan, nan, nan]);
  assert.equal(await valuesOf(ops.max(x)), [nan]);
  assert.equal(await valuesOf(ops.argmax(tensor([1, nan, inf, nan]))), [1]);
  assert.equal(await valuesOf(ops.max(tensor([-inf, -inf]))), [-inf]);
  assert.equal(await valuesOf(ops.where(tensor([1, 0, nan, -1]), x, tensor([7]))), [nan, 7, nan, 1]);
  assert.equal(await valuesOf(ops.gather(x, tensor([3, 1, -1, 4, 0.5, nan, 1e9]))), [1, inf, nan, nan, nan, nan, nan]);
  const one = tensor([1, 1]);
  const images = tensor([1, 2, nan, 4, 5, 6, 7, 8], 2, 2, 2);
  const normalised = await valuesOf(ops.groupNorm(images, one, one, { groups: 2, epsilon: 1e-3 }));
  assert.equal(normalised.map(Number.isNaN), [true, false, true, false, false, false, false, false]);
  const stacks = await valuesOf(ops.matmul(images, tensor([1, 0, 0, 1, 1, 0, 0, 1], 2, 2, 2)));
  assert.equal(stacks.map(Number.isNaN), [false, false, true, true, false, false, false, false]);
});

test('the derivatives of a power by its base are right at 0 and below, whatever the whole exponent', async () => {
  const [bases, exponents] = [
    [0, 0, 0, 0, -2, -2, -2, -2],
    [0, 1, 2, 3, 0, 1, 2, 3],
  ];
  const x = tensor(bases);
  const n = tensor(exponents);
  const [first] = grad((at: Tensor) => ops.sum(ops.pow(at, n)), { createGraph: true })(x);
  assert.equal(await valuesOf(first), [0, 1, 0, 0, 0, 1, -4, 12]);
  const [second] = gradients(ops.sum(first!), [x]);
  assert.equal(await valuesOf(second), [0, 0, 2, 0, 0, 0, 2, -12]);
  // By both, at n = 0: ∂/∂n (n xⁿ⁻¹) = 1 / x.
  const [base, none] = [tensor([2]), tensor([0])];
  const [byBase] = grad((at: Tensor) => ops.sum(ops.pow(at, none)), { createGraph: true })(base);
  assert.equal(await valuesOf(gradients(ops.sum(byBase!), [none])[0]), [0.5]);
  const byExponent = grad((at: Tensor) => ops.sum(ops.pow(tensor([0, 0, 0]), at)))(tensor([2, 0, -1]));
  assert.equal(await valuesOf(byExponent[0]), [0, 0, NaN]);
});

test('the slopes of GELU and SiLU settle for large values, eagerly and on the tape', async () => {
  const gelus = [ops.gelu, (at: Tensor) => ops.gelu(at, { form: 'tanh' }), ops.silu];
  for (const [index, f] of gelus.entries()) {
    for (const createGraph of [false, true]) {
      const x = tensor([-1e20, -3e13, -200, 200, 3e13, 1e20]);
      const [first] = grad((at: Tensor) => ops.sum(f(at)), { createGraph })(x);
      assert.equal(await valuesOf(first), [0, 0, 0, 1, 1, 1], `${index}, taped: ${createGraph}`);
      if (!createGraph) continue;
      assert.equal(await valuesOf(gradients(ops.sum(first!), [x])[0]), [0, 0, 0, 0, 0, 0], `${index}`);
    }
  }
});

test('a NaN derivative of the other side of where shows; choosing its input avoids it', async () => {
  const f = (at: Tensor): Tensor => ops.sum(ops.where(ops.isPositive(at), ops.sqrt(at), at));
  assert.equal(await valuesOf(grad(f)(tensor([0, 4]))[0]), [NaN, 0.25]);
  const safe = (at: Tensor): Tensor => {
    const isPositive = ops.isPositive(at);
    return ops.sum(ops.where(isPositive, ops.sqrt(ops.where(isPositive, at, tensor([1]))), at));
  };
  assert.equal(await valuesOf(grad(safe)(tensor([0, 4]))[0]), [1, 0.25]);
});

test('the other side of where has no influence on the gradient, even if it is infinite', async () => {
  const x = tensor([0, 4]);
  const f = (at: Tensor): Tensor => ops.sum(ops.where(ops.isPositive(at), ops.sqrt(at), ops.scale(at, 3)));
  assert.equal(await valuesOf(grad(f)(x)[0]).then(([, second]) => second), 0.25);
  const [byLeft, byRight] = grad((a, b) => ops.sum(ops.where(tensor([1, 0]), a, b)))(x, tensor([Infinity, NaN]));
  assert.equal(await valuesOf(byLeft), [1, 0]);
  assert.equal(await valuesOf(byRight), [0, 1]);
});

test('errors name what an operation got and what it takes', () => {
  const x = tensor([1, 2, 3, 4, 5, 6], 2, 3);
  const pair = tensor([1, 2]);
  const refused: readonly (readonly [() => unknown, RegExp])[] = [
    [() => ops.clip(x, 2, 1), /clip: got the bounds 2 and 1; it takes low ≤ high/],
    [() => ops.clip(x, NaN, 1), /clip: got the bounds NaN and 1/],
    [() => ops.where(pair, x, x), /where: got a \[2\] and b \[2, 3\]; it takes shapes/],
    [() => ops.pow(x, pair), /pow: got a \[2, 3\] and b \[2\]; it takes shapes/],
    [() => ops.max(x, { axes: [2] }), /max: got x \[2, 3\] and axes \[2\]; it takes distinct axes of x/],
    [() => ops.argmax(x, { axes: [1, -1] }), /argmax: got x \[2, 3\] and axes \[1, -1\]; it takes distinct axes/],
    [() => ops.gather(x, pair, 2), /gather: got x \[2, 3\] and axis 2; it takes an axis of x/],
    [() => ops.embedding(pair, pair), /embedding: got the table \[2\]; it takes \[entries, width\]/],
    [() => ops.matmul(tensor([1, 2, 3], 1, 1, 3), x), /matmul: got a \[1, 1, 3\] and b \[2, 3\]; it takes/],
    [
      () =>
        ops.matmul(ops.reshape(tensor([1, 2, 3, 4, 5, 6]), [3, 1, 2]), ops.reshape(tensor([1, 2, 3, 4]), [2, 2, 1])),
      /matmul: got a \[3\] and b \[2\]; it takes shapes/,
    ],
    [
      () => ops.groupNorm(x, pair, pair, { groups: 2, epsilon: 1 }),
      /groupNorm: got x \[2, 3\], gamma \[2\], beta \[2\] and 2 groups; it takes x \[N, ..., C\] with C a multiple/,
    ],
  ];
  for (const [body, message] of refused) assert.throws(body, message);
});

test.run();
