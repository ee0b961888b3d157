import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Engine } from '../../../src/autograd/engine.js';
import * as ops from '../../../src/autograd/ops/index.js';
import {
  conv2d,
  conv2dProblem,
  convTranspose2d,
  convTranspose2dProblem,
  convWeightGradient,
  convWeightGradientProblem,
} from '../../../src/kernels/conv/conv.js';
import type { ConvShape } from '../../../src/kernels/conv/geometry.js';
import { Tuner } from '../../../src/kernels/gemm/tuner.js';
import { type FusedActivation, type Padding, type Stride } from '../../../src/kernels/options.js';
import { convGeometry, convTransposeGeometry } from '../../../src/kernels/conv/geometry.js';
import * as reference from '../../reference/ops.js';
import { array64, type Array64 } from '../../reference/tensor.js';
import { download, openTestDevice } from '../../support/device.js';
import { partsFor } from '../../../src/kernels/gemm/problem.js';
import { checkTiles, guarded, guardedOutput, tilesOf, type Product } from '../../support/gemm.js';
import { seededArray, seededInts } from '../../support/random.js';
import { slow } from '../../support/slow.js';

const device = await openTestDevice();
test.after(() => device.destroy());

const KINDS = ['conv2d', 'convTranspose2d', 'convWeightGradient'] as const;
type Kind = (typeof KINDS)[number];

/** A convolution, in whose terms all three maps are. */
interface Case {
  /** [images, height, width, channels] */
  readonly x: readonly [number, number, number, number];
  readonly filters: number;
  readonly kernel: readonly [number, number];
  readonly stride?: Stride;
  readonly padding?: Padding;
}

interface Epilogue {
  readonly bias?: boolean;
  readonly activation?: FusedActivation;
}

function shapeOf({ x: [images, height, width, channels], filters, kernel, stride, padding }: Case): ConvShape {
  const geometry = convGeometry({ height, width, kernelHeight: kernel[0], kernelWidth: kernel[1], stride, padding });
  return { images, height, width, channels, filters, kernelHeight: kernel[0], kernelWidth: kernel[1], ...geometry };
}

interface Arrays {
  readonly x: Array64;
  readonly w: Array64;
  readonly y: Array64;
}

function arraysOf(some: Case, seed: string): Arrays {
  const { images, outputHeight, outputWidth, channels, filters } = shapeOf(some);
  return {
    x: seededArray(`${seed} x`, some.x),
    w: seededArray(`${seed} w`, [...some.kernel, channels, filters]),
    y: seededArray(`${seed} y`, [images, outputHeight, outputWidth, filters]),
  };
}

function expectedOf(
  kind: Kind,
  some: Case,
  { x, w, y }: Arrays,
  bias?: Array64,
  activation?: FusedActivation,
): Array64 {
  const { stride, padding, kernel } = some;
  const window = { stride, padding };
  const epilogue = { bias, activation };
  if (kind === 'conv2d') return reference.conv2d(x, w, { ...window, ...epilogue });
  if (kind === 'convWeightGradient') return reference.convWeightGradient(x, y, { ...window, kernelSize: kernel });
  return reference.convTranspose2d(y, w, { ...window, ...epilogue, outputSize: [some.x[1], some.x[2]] });
}

function product(kind: Kind, some: Case, { bias: biased = false, activation }: Epilogue = {}): Product {
  const shape = shapeOf(some);
  const seed = JSON.stringify(some);
  const { x, w, y } = arraysOf(some, seed);
  const channels = kind === 'conv2d' ? shape.filters : shape.channels;
  const bias = biased ? seededArray(`${seed} bias`, [channels]) : undefined;
  const expected = expectedOf(kind, some, { x, w, y }, bias, activation);
  const sizes = { x: reference.abs(x), w: reference.abs(w), y: reference.abs(y) };
  const output = guardedOutput(device, expected.data.length);
  const epilogue = { bias: bias && guarded(device, bias), output };
  const taps = shape.kernelHeight * shape.kernelWidth;
  const common = {
    expected,
    magnitude: expectedOf(kind, some, sizes, bias && reference.abs(bias)),
    // tanh and the sigmoid are made of exp, which may be off by 3 + 2|x| ulp, and of a division.
    activationUlps: activation === 'tanh' || activation === 'sigmoid' ? 32 : 0,
  };
  if (kind === 'conv2d') {
    const buffers = { x: guarded(device, x), w: guarded(device, w), ...epilogue };
    return { ...common, problem: conv2dProblem(shape, buffers, activation), depth: taps * shape.channels };
  }
  if (kind === 'convTranspose2d') {
    const buffers = { y: guarded(device, y), w: guarded(device, w), ...epilogue };
    return { ...common, problem: convTranspose2dProblem(shape, buffers, activation), depth: taps * shape.filters };
  }
  const depth = shape.images * shape.outputHeight * shape.outputWidth;
  const buffers = { x: guarded(device, x), y: guarded(device, y), output };
  return { ...common, problem: convWeightGradientProblem(shape, buffers), depth };
}

async function check(kind: Kind, some: Case, all: boolean, epilogue: Epilogue = {}): Promise<void> {
  const checked = product(kind, some, epilogue);
  await checkTiles(device, checked, tilesOf(device, checked.problem, all));
}

const UNEVEN = { top: 2, bottom: 0, left: 1, right: 3 };

/** Geometries, for any number of channels: every kind of padding, strides of 1 to 3, windows that leave gaps. */
const GEOMETRIES: readonly Omit<Case, 'filters'>[] = [
  { x: [2, 7, 7, 0], kernel: [5, 5], stride: 2 },
  { x: [1, 8, 5, 0], kernel: [4, 2], stride: 1 },
  { x: [3, 9, 8, 0], kernel: [2, 2], stride: 3, padding: 'valid' },
  { x: [2, 8, 8, 0], kernel: [5, 4], stride: [1, 2] },
  { x: [1, 5, 11, 0], kernel: [1, 5], stride: [3, 1], padding: 'valid' },
  { x: [2, 6, 4, 0], kernel: [5, 5], stride: 2, padding: UNEVEN },
  { x: [1, 1, 1, 0], kernel: [2, 5], stride: 1 },
  { x: [2, 4, 4, 0], kernel: [4, 4], stride: 1, padding: 'valid' },
  { x: [1, 10, 7, 0], kernel: [2, 1], stride: [3, 2], padding: { top: 0, bottom: 3, left: 2, right: 2 } },
  { x: [17, 2, 3, 0], kernel: [2, 2], stride: 2, padding: { top: 1, bottom: 1, left: 1, right: 1 } },
];

const POINTWISE: readonly Omit<Case, 'filters'>[] = [
  { x: [2, 7, 5, 0], kernel: [1, 1] },
  { x: [2, 7, 5, 0], kernel: [1, 1], stride: 2, padding: 'valid' },
  { x: [1, 8, 8, 0], kernel: [1, 1], stride: [2, 3], padding: UNEVEN },
];

function withChannels(list: readonly Omit<Case, 'filters'>[], channels: number, filters: number): Case[] {
  return list.map((some) => ({ ...some, x: [some.x[0], some.x[1], some.x[2], channels], filters }));
}

/**
 * [channels, filters] such that each map meets each of its paths: read in vec4s or not, in one column, and across taps
 * where there are few channels and their number is no multiple of 4.
 */
const CHANNELS: readonly (readonly [number, number])[] = [
  [4, 8],
  [3, 5],
  [1, 8],
  [8, 1],
  [6, 8],
  [8, 6],
  [13, 5],
  [5, 13],
  [13, 1],
  [1, 13],
  [13, 8],
  [1, 1],
];

test('every tile of the three maps', async () => {
  for (const kind of KINDS) {
    for (const some of withChannels(GEOMETRIES, 4, 8)) await check(kind, some, true);
  }
});

test('more rows and columns than one tile has', async () => {
  for (const kind of KINDS) {
    await check(kind, { x: [3, 10, 9, 36], filters: 72, kernel: [3, 2], stride: [2, 1] }, true);
  }
});

test('a weight gradient whose pixels are summed in parts, the last one short', async () => {
  // 2 · 11 · 5 = 110 pixels; a part is a multiple of 8.
  const some: Case = { x: [2, 11, 9, 4], filters: 5, kernel: [3, 3], stride: [1, 2] };
  const whole = product('convWeightGradient', some);
  const [x, y] = whole.problem.factors;
  for (const [mostParts, parts] of [
    [1, 1],
    [2, 2],
    [3, 3],
    [6, 5],
    [99, 14],
  ] as const) {
    const problem = convWeightGradientProblem(shapeOf(some), { x, y, output: whole.problem.output }, mostParts);
    assert.is(problem.parts, parts);
    await checkTiles(device, { ...whole, problem }, tilesOf(device, problem, mostParts === 3));
  }
});

test('a small weight gradient is cut into parts, by the device and not by the tile', () => {
  // Workgroups wanted, elements, pixels.
  assert.is(partsFor(8, 1600 * 128, 1568), 1, 'enough work as it is');
  assert.is(partsFor(8, 25 * 64, 6272), 8);
  assert.is(partsFor(256, 1600 * 128, 1568), 2);
  assert.is(partsFor(256, 16 * 64, 6272), 24, 'no part has fewer than 256 pixels');
  assert.is(partsFor(256, 1, 1), 1);
});

/** Each path by one tile: a path is the operand's, whatever the tile. */
slow('every path of the operands', async () => {
  for (const [channels, filters] of CHANNELS) {
    for (const kind of KINDS) {
      for (const some of withChannels([...GEOMETRIES, ...POINTWISE], channels, filters)) {
        const checked = product(kind, some);
        const tiles = tilesOf(device, checked.problem, false).filter(({ file }) => file === 'register');
        await checkTiles(device, checked, tiles);
      }
    }
  }
});

test('few output channels, which the direct tiles take', async () => {
  const list: readonly (readonly [Kind, number, number])[] = [
    ['conv2d', 8, 1],
    ['conv2d', 3, 2],
    ['convTranspose2d', 1, 8],
    ['convTranspose2d', 3, 5],
    ['convWeightGradient', 2, 1],
    ['convWeightGradient', 5, 4],
  ];
  for (const [kind, channels, filters] of list) {
    for (const some of withChannels(GEOMETRIES, channels, filters)) {
      const checked = product(kind, some);
      const tiles = tilesOf(device, checked.problem, false).filter(({ file }) => file === 'direct');
      assert.is(tiles.length, 2);
      await checkTiles(device, checked, tiles);
    }
  }
});

test('bias and every activation', async () => {
  const some: Case = { x: [2, 7, 6, 4], filters: 8, kernel: [5, 3], stride: 2 };
  const activations: readonly FusedActivation[] = ['none', 'relu', { leakyRelu: 0.2 }, 'tanh', 'sigmoid'];
  for (const [turn, activation] of activations.entries()) {
    const checked = product(turn % 2 === 0 ? 'conv2d' : 'convTranspose2d', some, { bias: true, activation });
    const tiles = tilesOf(device, checked.problem, false).filter(({ file }) => file === 'register');
    await checkTiles(device, checked, tiles);
  }
  const image = { ...some, x: [2, 8, 8, 1] as const };
  const direct = product('convTranspose2d', image, { bias: true, activation: 'tanh' });
  await checkTiles(device, direct, tilesOf(device, direct.problem, false));
});

test('convTranspose2d gives any output size that the convolution leads back from', async () => {
  const tuner = new Tuner(device, { force: 'register-4x16' });
  const y = seededArray('y', [2, 3, 3, 8]);
  const w = seededArray('w', [5, 5, 4, 8]);
  for (const padding of ['same', 'valid'] as const) {
    const smallest = padding === 'same' ? [5, 6] : [9, 10];
    for (const height of smallest) {
      for (const width of smallest) {
        const geometry = convTransposeGeometry(
          { height: 3, width: 3, kernelHeight: 5, kernelWidth: 5, stride: 2, padding },
          [height, width],
        );
        const shape = { ...geometry, images: 2, channels: 4, filters: 8, kernelHeight: 5, kernelWidth: 5 };
        const output = convTranspose2d(device, tuner, { y: guarded(device, y), w: guarded(device, w), shape });
        const expected = reference.convTranspose2d(y, w, { stride: 2, padding, outputSize: [height, width] });
        const actual = await download(device, output, expected.data.length);
        // 200 additions of products whose sizes sum to about 130, where the largest result is about 40.
        reference.assertClose(actual, expected.data, 1e-5, `'${padding}' ${height}×${width}`);
      }
    }
  }
});

test('output pixels that no window reaches are the activation of the bias', async () => {
  const some: Case = { x: [1, 8, 8, 4], filters: 8, kernel: [2, 2], stride: 3, padding: 'valid' };
  const checked = product('convTranspose2d', some, { bias: true, activation: 'relu' });
  const unreached = [...checked.expected.data.keys()].filter((at) => Math.floor(at / 4) % 8 === 2);
  const bias = unreached.slice(0, 4).map((at) => checked.expected.data[at]);
  assert.ok(unreached.every((at) => checked.expected.data[at] === bias[at % 4]));
  const tiles = tilesOf(device, checked.problem, false).filter(({ file }) => file === 'register');
  await checkTiles(device, checked, tiles);
});

test('the three are adjoint: ⟨conv(x, w), y⟩ = ⟨x, convᵀ(y, w)⟩ = ⟨w, weightGradient(x, y)⟩', async () => {
  const tuner = new Tuner(device, { force: 'register-4x16' });
  const CHOICES = [1, 4, 5, 8] as const;
  for (let round = 0; round < 60; round++) {
    const seed = `adjoint ${round}`;
    const [images, kernelHeight, kernelWidth, strideY, strideX] = seededInts(seed, 5, 1, 5) as [
      number,
      number,
      number,
      number,
      number,
    ];
    const [top, bottom, left, right] = seededInts(`${seed} padding`, 4, 0, 3) as [number, number, number, number];
    const [extraHeight, extraWidth] = seededInts(`${seed} size`, 2, 0, 9) as [number, number];
    const [channels, filters] = seededInts(`${seed} channels`, 2, 0, 3).map((at) => CHOICES[at]!) as [number, number];
    const some: Case = {
      x: [images, kernelHeight + extraHeight, kernelWidth + extraWidth, channels],
      filters,
      kernel: [kernelHeight, kernelWidth],
      stride: [strideY, strideX],
      padding: (['same', 'valid', { top, bottom, left, right }] as const)[round % 3]!,
    };
    const shape = shapeOf(some);
    const arrays = arraysOf(some, seed);
    const [x, w, y] = [arrays.x, arrays.w, arrays.y].map((array) => guarded(device, array)) as [
      ReturnType<typeof guarded>,
      ReturnType<typeof guarded>,
      ReturnType<typeof guarded>,
    ];
    const forward = conv2d(device, tuner, { x, w, shape });
    const byX = convTranspose2d(device, tuner, { y, w, shape });
    const byW = convWeightGradient(device, tuner, { x, y, shape });
    const products = [
      dot(await download(device, forward, arrays.y.data.length), arrays.y.data),
      dot(await download(device, byX, arrays.x.data.length), arrays.x.data),
      dot(await download(device, byW, arrays.w.data.length), arrays.w.data),
    ] as const;
    // Each is a sum of the same x · w · y, in float32 along the kernel's own sums: by the sum of their sizes.
    const { stride, padding } = some;
    const sizes = reference.conv2d(reference.abs(arrays.x), reference.abs(arrays.w), { stride, padding });
    const depth = Math.max(
      kernelHeight * kernelWidth * Math.max(channels, filters),
      images * shape.outputHeight * shape.outputWidth,
    );
    const allowed = 2 ** -23 * depth * dot(sizes.data, reference.abs(arrays.y).data);
    const what = `seed '${seed}', ${JSON.stringify(some)}: ${products.join(', ')}`;
    assert.ok(Math.abs(products[0] - products[1]) <= allowed, what);
    assert.ok(Math.abs(products[0] - products[2]) <= allowed, what);
    for (const buffer of [x, w, y, forward, byX, byW]) device.free(buffer);
  }
});

function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let total = 0;
  for (let at = 0; at < a.length; at++) total += a[at]! * b[at]!;
  return total;
}

test('refuses shapes that do not fit, naming the op and the shapes', () => {
  const engine = new Engine(device);
  const t = (...shape: number[]) => engine.tensor(array64(shape).data, shape);
  const x = t(1, 5, 5, 3);
  const w = t(3, 3, 3, 4);
  assert.throws(() => ops.conv2d(x, t(3, 3, 2, 4)), /conv2d: got x \[1, 5, 5, 3\] and w \[3, 3, 2, 4\]; it takes/);
  assert.throws(() => ops.conv2d(t(5, 5), w), /conv2d: got x \[5, 5\]; it takes x \[N, H, W, C\]/);
  assert.throws(() => ops.conv2d(x, t(3, 3)), /conv2d: got w \[3, 3\]; it takes w \[KH, KW, C, filters\]/);
  assert.throws(() => ops.conv2d(x, w, { bias: t(3) }), /conv2d: got bias \[3\]; it takes \[4\]/);
  assert.throws(
    () => ops.conv2d(t(1, 2, 5, 3), w, { padding: 'valid' }),
    /conv2d: got a 2×5 input, a 3×3 kernel, stride 1×1 and padding 'valid'; it takes a kernel no larger than/,
  );
  assert.throws(() => ops.conv2d(x, w, { stride: 0 }), /conv2d: got .* stride 0×0 .* integers of at least 1/);
  assert.throws(
    () => ops.conv2d(x, w, { padding: { top: -1, bottom: 0, left: 0, right: 0 } }),
    /conv2d: got padding \{top -1, bottom 0, left 0, right 0\}/,
  );
  assert.throws(
    () => ops.convTranspose2d(x, w),
    /convTranspose2d: got x \[1, 5, 5, 3\] and w \[3, 3, 3, 4\]; it takes .* w \[KH, KW, filters, C\]/,
  );
  const y = t(1, 3, 3, 4);
  assert.throws(() => ops.convTranspose2d(y, w, { bias: t(4) }), /convTranspose2d: got bias \[4\]; it takes \[3\]/);
  assert.throws(
    () => ops.convTranspose2d(y, w, { stride: 2, outputSize: [8, 6] }),
    /convTranspose2d: got a 3×3 input and an output size of 8×6/,
  );
  assert.throws(
    () => ops.convWeightGradient(x, y, { kernelSize: [3, 3] }),
    /convWeightGradient: got dy \[1, 3, 3, 4\]; for x \[1, 5, 5, 3\] it takes \[1, 5, 5, 4\]/,
  );
  assert.throws(
    () => ops.convWeightGradient(x, y, { kernelSize: [7, 3], padding: 'valid' }),
    /convWeightGradient: got a 5×5 input, a 7×3 kernel/,
  );
});

test.run();
