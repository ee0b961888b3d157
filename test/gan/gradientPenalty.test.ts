/**
 * @file The gradient penalties: their values and, through the double backward pass, their gradients by a discriminator's
 * weights, against central differences of the penalty itself in float64.
 *
 * The reference takes the inner gradient by differences too. A discriminator of convolutions and leaky ReLUs is linear
 * between its kinks, where differences are exact but for rounding, so no hand-written gradient is needed. One that sees the
 * deviation of the batch is not, and takes two differences that make up for it.
 */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { checkGradients, type CheckInput } from '../../src/autograd/gradcheck.js';
import { Engine } from '../../src/autograd/engine.js';
import { gradients } from '../../src/autograd/grad.js';
import * as ops from '../../src/autograd/ops/index.js';
import type { Tensor } from '../../src/autograd/tensor.js';
import { interpolatesPenalty, realPenalty } from '../../src/gan/gradientPenalty.js';
import * as reference from '../reference/ops.js';
import type { Array64 } from '../reference/tensor.js';
import { normal, type SharedOps } from '../support/both.js';
import { openTestDevice } from '../support/device.js';

const device = await openTestDevice();
test.after(() => device.destroy());

const engine = new Engine(device, { force: 'register-4x16' });

const BATCH = 2;
const IMAGE = [BATCH, 4, 4, 1] as const;
const PIXELS = 16;
const LEAKY = { leakyRelu: 0.2 };

interface Sees {
  /** Images that it judges together; 1 where absent. */
  readonly pack?: number;
  /** Images in all; {@link BATCH} where absent. */
  readonly count?: number;
  /** Whether it sees how much the images of the batch vary. */
  readonly stddev?: boolean;
}

/** [N, 4, 4, 1] to [N / pack, 1]: a pack's images as channels, conv2d, leaky ReLU, dense, leaky ReLU, dense. */
function critic<T>(
  o: SharedOps<T>,
  x: T,
  [w1, b1, w2, b2, w3, b3]: readonly T[],
  { pack = 1, count = BATCH, stddev }: Sees = {},
): T {
  if (!w1 || !b1 || !w2 || !b2 || !w3 || !b3) throw new Error('a critic has six weights');
  const first = o.conv2d(o.packImages(x, pack), w1, { stride: 2, bias: b1, activation: LEAKY });
  const features = o.reshape(stddev === true ? o.minibatchStddev(first) : first, [
    count / pack,
    stddev === true ? 12 : 8,
  ]);
  const second = o.matmul(features, w2, { bias: b2, activation: LEAKY });
  return o.matmul(second, w3, { bias: b3 });
}

const scaled = ({ shape, values }: CheckInput, by: number): CheckInput => {
  return { shape, values: Float32Array.from(values, (value) => value * by) };
};

const WEIGHTS: readonly CheckInput[] = [
  scaled(normal('w1', 3, 3, 1, 2), 0.5),
  scaled(normal('b1', 2), 0.5),
  scaled(normal('w2', 8, 3), 0.5),
  scaled(normal('b2', 3), 0.5),
  normal('w3', 3, 1),
  normal('b3', 1),
];

const REAL = normal('real', ...IMAGE);
const FAKE = normal('fake', ...IMAGE);
const SHARE: CheckInput = { shape: [BATCH, 1, 1, 1], values: [0.25, 0.875] };

const tensorOf = ({ shape, values }: CheckInput, requiresGrad = false): Tensor => {
  return engine.tensor(values, shape, { requiresGrad });
};
const arrayOf = ({ shape, values }: CheckInput): Array64 => reference.array64(shape, Float32Array.from(values));

const PACK = 2;
/** The two images are one pack, with one ε. */
const PACK_SHARE: CheckInput = { shape: [1, 1, 1, 1], values: [0.375] };
/** Small, as the roundings of the outer differences grow with the norm. */
const PACK_WEIGHTS = [scaled(normal('w1 of packs', 3, 3, PACK, 2), 0.25), ...WEIGHTS.slice(1)];

/** Three images: the deviation of two is half of their distance, and not curved. */
const VARIED = { stddev: true, count: 3 } as const;
const VARIED_REAL = normal('varied real', 3, 4, 4, 1);
const VARIED_FAKE = normal('varied fake', 3, 4, 4, 1);
const VARIED_SHARE: CheckInput = { shape: [3, 1, 1, 1], values: [0.25, 0.875, 0.5] };

const [real, fake, share, packShare] = [REAL, FAKE, SHARE, PACK_SHARE].map((input) => tensorOf(input));
const [variedReal, variedFake, variedShare] = [VARIED_REAL, VARIED_FAKE, VARIED_SHARE].map((input) => tensorOf(input));

/** Of two convolved features, and their deviation. */
const STDDEV_WEIGHTS = WEIGHTS.with(2, scaled(normal('w2 with a deviation', 12, 3), 0.5));

/** Wide, since D is linear as far as that: the roundings, which the outer differences enlarge, stay small. */
const STEP = 1e-3;

/** ∂ Σ D / ∂image by differences. */
function slope64(images: Array64, weights: readonly Array64[], sees: Sees): readonly number[] {
  const by = (step: number): readonly number[] => {
    const f = (x: Array64): Array64 => reference.sum(critic<Array64>(reference, x, weights, sees));
    return [...(reference.centralDifferences(f, [images], step)[0]?.data ?? [])];
  };
  if (sees.stddev !== true) return by(STEP);
  // Of a curved D: what two steps agree on but for the fourth power of the step (Richardson).
  const wide = by(2 * STEP);
  return by(STEP).map((value, at) => (4 * value - wide[at]!) / 3);
}

/** ‖∂D / ∂image‖₂² of each image, or of each pack. */
function squaredNorms64(images: Array64, weights: readonly Array64[], sees: Sees = {}): number[] {
  const { pack = 1, count = BATCH } = sees;
  const values = slope64(images, weights, sees);
  return Array.from({ length: count / pack }, (_, at) => {
    return values.slice(at * pack * PIXELS, (at + 1) * pack * PIXELS).reduce((sum, value) => sum + value * value, 0);
  });
}

const meanOf = (values: readonly number[]): Array64 => {
  return reference.scalar64(values.reduce((sum, value) => sum + value, 0) / values.length);
};

/** ε x + (1 − ε) x̃. */
function between64(shares: CheckInput['values'], pack = 1, [one, two] = [REAL, FAKE]): Array64 {
  const [x, other] = [arrayOf(one), arrayOf(two)];
  const data = x.data.map((value, at) => {
    const epsilon = shares[Math.floor(at / (pack * PIXELS))]!;
    return epsilon * value + (1 - epsilon) * other.data[at]!;
  });
  return reference.array64(x.shape, data);
}

const PENALTIES = {
  'wgan-gp': {
    inputs: WEIGHTS,
    gpu: (...weights: Tensor[]) => {
      assert.ok(real && fake && share);
      return interpolatesPenalty((x) => critic<Tensor>(ops, x, weights), real, fake, share);
    },
    reference: (...weights: Array64[]) => {
      return meanOf(squaredNorms64(between64(SHARE.values), weights).map((square) => (Math.sqrt(square) - 1) ** 2));
    },
  },
  r1: {
    inputs: WEIGHTS,
    gpu: (...weights: Tensor[]) => {
      assert.ok(real);
      return realPenalty((x) => critic<Tensor>(ops, x, weights), real);
    },
    reference: (...weights: Array64[]) => {
      return meanOf(squaredNorms64(arrayOf(REAL), weights).map((square) => square / 2));
    },
  },
  'wgan-gp of packs': {
    inputs: PACK_WEIGHTS,
    gpu: (...weights: Tensor[]) => {
      assert.ok(real && fake && packShare);
      return interpolatesPenalty((x) => critic<Tensor>(ops, x, weights, { pack: PACK }), real, fake, packShare, PACK);
    },
    reference: (...weights: Array64[]) => {
      const squares = squaredNorms64(between64(PACK_SHARE.values, PACK), weights, { pack: PACK });
      return meanOf(squares.map((square) => (Math.sqrt(square) - 1) ** 2));
    },
  },
  'r1 of packs': {
    inputs: PACK_WEIGHTS,
    gpu: (...weights: Tensor[]) => {
      assert.ok(real);
      return realPenalty((x) => critic<Tensor>(ops, x, weights, { pack: PACK }), real, PACK);
    },
    reference: (...weights: Array64[]) => {
      return meanOf(squaredNorms64(arrayOf(REAL), weights, { pack: PACK }).map((square) => square / 2));
    },
  },
  'wgan-gp with the deviation of the batch': {
    inputs: STDDEV_WEIGHTS,
    gpu: (...weights: Tensor[]) => {
      assert.ok(variedReal && variedFake && variedShare);
      const judge = (x: Tensor): Tensor => critic<Tensor>(ops, x, weights, VARIED);
      return interpolatesPenalty(judge, variedReal, variedFake, variedShare);
    },
    reference: (...weights: Array64[]) => {
      const between = between64(VARIED_SHARE.values, 1, [VARIED_REAL, VARIED_FAKE]);
      const squares = squaredNorms64(between, weights, VARIED);
      return meanOf(squares.map((square) => (Math.sqrt(square) - 1) ** 2));
    },
  },
  'r1 with the deviation of the batch': {
    inputs: STDDEV_WEIGHTS,
    gpu: (...weights: Tensor[]) => {
      assert.ok(variedReal);
      return realPenalty((x) => critic<Tensor>(ops, x, weights, VARIED), variedReal);
    },
    reference: (...weights: Array64[]) => {
      return meanOf(squaredNorms64(arrayOf(VARIED_REAL), weights, VARIED).map((square) => square / 2));
    },
  },
};

for (const [name, penalty] of Object.entries(PENALTIES)) {
  test(`${name}: the penalty equals that of central differences`, async () => {
    const value = await penalty.gpu(...penalty.inputs.map((input) => tensorOf(input))).data();
    reference.assertClose(value, penalty.reference(...penalty.inputs.map(arrayOf)).data, 1e-6, name);
  });

  test(`${name}: its gradient by each weight equals central differences of the penalty`, async () => {
    const { errors, worst } = await checkGradients(engine, penalty, penalty.inputs);
    assert.ok(worst <= 2e-5, `w1, b1, w2, b2, w3, b3: ${errors.join(', ')}`);
  });

  test(`${name}: the penalty of a flat critic has a finite gradient`, async () => {
    const weights = penalty.inputs.map(({ shape, values }) =>
      engine.tensor(new Float32Array(values.length), shape, { requiresGrad: true }),
    );
    const value = penalty.gpu(...weights);
    const all = await Promise.all(
      [value, ...gradients(value, weights, { allowUnused: true })].map((tensor) => tensor.data()),
    );
    assert.ok(all.every((values) => values.every(Number.isFinite)));
    reference.assertClose(all[0] ?? [], [name.startsWith('r1') ? 0 : 1], 1e-5, 'penalty');
  });
}

test.run();
