/**
 * @file Classes beside z and images: the layout, gradients of first and second order through it, and what is refused.
 */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { checkGradients, type CheckInput } from '../../../src/autograd/gradcheck.js';
import { Engine } from '../../../src/autograd/engine.js';
import * as ops from '../../../src/autograd/ops/index.js';
import type { Tensor } from '../../../src/autograd/tensor.js';
import {
  conditionedImages,
  conditionedRows,
  conditionedZ,
  CONDITION,
  imagesOf,
  oneHot,
  planesBehind,
  withPlanesOf,
} from '../../../src/models/layers/conditioning.js';
import { interpolatesPenalty, realPenalty } from '../../../src/gan/gradientPenalty.js';
import * as reference from '../../reference/ops.js';
import { type Array64, array64 } from '../../reference/tensor.js';
import { normal, type SharedOps } from '../../support/both.js';
import { openTestDevice } from '../../support/device.js';
import { seededNormal } from '../../support/random.js';

const device = await openTestDevice();
test.after(() => device.destroy());

const engine = new Engine(device, { force: 'register-4x16' });

const CLASSES = [3, 0, 9];

/** By loops over indices: [N, H, W, C] and a class each → [N, H, W, C + planes]. */
function withPlanes64(images: Array64, classes: readonly number[]): Array64 {
  const [n, h, w, c] = [images.shape[0]!, images.shape[1]!, images.shape[2]!, images.shape[3]!];
  const all = c + planesBehind(c);
  const values = Array.from({ length: n * h * w * all }, (_, at) => {
    const [pixel, channel] = [Math.floor(at / all), at % all];
    if (channel < c) return images.data[pixel * c + channel]!;
    return Number(classes[Math.floor(pixel / (h * w))] === channel - c);
  });
  return array64([n, h, w, all], values);
}

for (const [h, w, c] of [
  [1, 1, 1],
  [4, 4, 1],
  [3, 5, 2],
  [2, 7, 3],
  [1, 3, 6],
] as const) {
  test(`images of ${h} × ${w} × ${c} have a plane for each class behind their channels, bit for bit`, async () => {
    const shape = [3, h, w, c];
    const values = Float32Array.from(seededNormal('images', 3 * h * w * c));
    const images = engine.tensor(values, shape);
    const taken = conditionedImages(images, engine.tensor(oneHot(CLASSES), [3, CONDITION]));
    assert.equal(taken.shape, [3, h, w, c + planesBehind(c)]);
    const wanted = withPlanes64(array64(shape, values), CLASSES);
    assert.equal([...(await taken.data())], [...wanted.data]);
    assert.equal(await imagesOf(taken, c).data(), values);
    const others = engine.tensor(
      values.map((value) => -value),
      shape,
    );
    const moved = withPlanes64(
      array64(
        shape,
        values.map((value) => -value),
      ),
      CLASSES,
    );
    assert.equal([...(await withPlanesOf(taken, others).data())], [...moved.data]);
  });
}

test('planes fill up to a multiple of four channels', () => {
  assert.equal([1, 2, 3, 4, 5, 6].map(planesBehind), [11, 10, 13, 12, 11, 10]);
});

test('images without planes stay as they are', () => {
  const images = engine.tensor(new Float32Array(8), [1, 2, 2, 2]);
  assert.is(imagesOf(images, 2), images);
  assert.is(withPlanesOf(images, images), images);
});

test('z has its class behind it, on the GPU and on the host alike', async () => {
  for (const zDim of [1, 3, 10]) {
    const z = Float32Array.from(seededNormal('z', 3 * zDim));
    const rows = conditionedRows(z, zDim, CLASSES);
    const taken = conditionedZ(engine.tensor(z, [3, zDim]), engine.tensor(oneHot(CLASSES), [3, CONDITION]));
    assert.equal(taken.shape, [3, zDim + CONDITION]);
    assert.equal(await taken.data(), rows);
    for (const [row, label] of CLASSES.entries()) {
      const own = [...rows.subarray(row * (zDim + CONDITION), (row + 1) * (zDim + CONDITION))];
      assert.equal(own.slice(0, zDim), [...z.subarray(row * zDim, (row + 1) * zDim)]);
      assert.equal(own.slice(zDim).indexOf(1), label);
      assert.is(own.slice(zDim).filter((value) => value !== 0).length, 1);
    }
  }
});

const IMAGE = normal('image', 3, 4, 4, 1);
const WEIGHTS: readonly CheckInput[] = [
  normal('w', 3, 3, 1 + planesBehind(1), 2),
  normal('b', 2),
  normal('v', 8, 1),
].map(({ shape, values }) => ({ shape, values: Float32Array.from(values, (value) => 0.3 * value) }));

/** [N, 4, 4, 1 + planes] to [N, 1]; smooth, so that differences are close. */
function discriminator<T>(o: SharedOps<T>, x: T, [w, b, v]: readonly T[]): T {
  if (!w || !b || !v) throw new Error('three weights are expected');
  const hidden = o.tanh(o.conv2d(x, w, { stride: 2, bias: b }));
  return o.matmul(o.reshape(hidden, [3, 8]), v);
}

const classesOnGpu = (): Tensor => engine.tensor(oneHot(CLASSES), [3, CONDITION]);

test('gradients by images and by weights pass the planes', async () => {
  const { errors, worst } = await checkGradients(
    engine,
    {
      gpu: (x, ...weights) =>
        ops.sum(ops.square(discriminator<Tensor>(ops, conditionedImages(x, classesOnGpu()), weights))),
      reference: (x, ...weights) => {
        const taken = withPlanes64(array64(x.shape, x.data), CLASSES);
        const given = weights.map(({ shape, data }) => array64(shape, data));
        return reference.sum(reference.square(discriminator<Array64>(reference, taken, given)));
      },
    },
    [IMAGE, ...WEIGHTS],
  );
  assert.ok(worst <= 5e-5, `image and weights: ${errors.join(', ')}`);
});

const FAKE = normal('fake', 3, 4, 4, 1);
const SHARE: CheckInput = { shape: [3, 1, 1, 1], values: [0.25, 0.875, 0.5] };
const STEP = 1e-4;
const arrayOf = ({ shape, values }: CheckInput): Array64 => array64(shape, Float32Array.from(values));

/** ‖∂D/∂image‖² of each image, by differences. */
function squaredNorms64(images: Array64, weights: readonly Array64[]): number[] {
  const [gradient] = reference.centralDifferences(
    (x) => reference.sum(discriminator<Array64>(reference, withPlanes64(x, CLASSES), weights)),
    [images],
    STEP,
  );
  const values = [...(gradient?.data ?? [])];
  assert.is(values.length, 3 * 16);
  return [0, 1, 2].map((n) => values.slice(n * 16, (n + 1) * 16).reduce((sum, value) => sum + value * value, 0));
}

const PENALTIES = {
  /** ½ E‖∂D/∂x‖². */
  r1: {
    gpu: (judge: (images: Tensor) => Tensor, real: Tensor) => realPenalty(judge, real),
    at: arrayOf(IMAGE),
    of: (square: number) => square / 2,
  },
  /** E(‖∂D/∂x̂‖ − 1)²; both images of a line are of one class. */
  'wgan-gp': {
    gpu: (judge: (images: Tensor) => Tensor, real: Tensor) => {
      const [fake, share] = [FAKE, SHARE].map(({ values, shape }) => engine.tensor(values, shape));
      assert.ok(fake && share);
      return interpolatesPenalty(judge, real, fake, share);
    },
    at: reference.add(
      arrayOf(FAKE),
      reference.mul(reference.broadcastTo(arrayOf(SHARE), IMAGE.shape), reference.sub(arrayOf(IMAGE), arrayOf(FAKE))),
    ),
    of: (square: number) => (Math.sqrt(square) - 1) ** 2,
  },
};

for (const [name, penalty] of Object.entries(PENALTIES)) {
  test(`${name}: the penalty is by the image alone, and exact: the classes are constants`, async () => {
    const { errors, worst } = await checkGradients(
      engine,
      {
        gpu: (...weights) => {
          const real = conditionedImages(engine.tensor(IMAGE.values, IMAGE.shape), classesOnGpu());
          const judge = (images: Tensor): Tensor => discriminator<Tensor>(ops, withPlanesOf(real, images), weights);
          return penalty.gpu(judge, imagesOf(real, 1));
        },
        reference: (...weights) => {
          const given = weights.map(({ shape, data }) => array64(shape, data));
          return reference.scalar64(squaredNorms64(penalty.at, given).reduce((sum, s) => sum + penalty.of(s), 0) / 3);
        },
      },
      WEIGHTS,
    );
    assert.ok(worst <= 2e-5, `w, b, v: ${errors.join(', ')}`);
  });
}

test('refuses what does not fit', () => {
  const images = engine.tensor(new Float32Array(8), [2, 2, 2, 1]);
  const classes = engine.tensor(oneHot([1, 2, 3]), [3, CONDITION]);
  assert.throws(
    () => conditionedImages(images, classes),
    /conditionedImages: got images \[2, 2, 2, 1\] and classes \[3, 10\]/,
  );
  const flat = engine.tensor(new Float32Array(6), [3, 2]);
  assert.throws(() => conditionedImages(flat, classes), /conditionedImages: .* it takes \[N, H, W, C\] and \[N, 10\]/);
  assert.throws(() => conditionedZ(engine.tensor([1, 2], [2, 1]), classes), /concat: got a \[2, 1\]/);
  for (const wrong of [10, -1, 1.5, NaN])
    assert.throws(() => oneHot([1, wrong]), /oneHot: got class .*; it takes 0 to 9/);
  assert.throws(() => conditionedRows(new Float32Array(5), 2, [1, 2]), /conditionedRows: got 5 numbers for 2 classes/);
});

test.run();
