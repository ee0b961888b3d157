/**
 * @file Products with more tiles along one side than an axis of a grid has workgroups: right on every kind of tile, with
 * and without tuning, as are their gradients. All numbers are small integers, so every sum is exact.
 */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Engine } from '../../../src/autograd/engine.js';
import { gradients } from '../../../src/autograd/grad.js';
import * as ops from '../../../src/autograd/ops/index.js';
import type { Tensor } from '../../../src/autograd/tensor.js';
import type { DeviceBuffer } from '../../../src/gpu/memory/buffers.js';
import { MOST_WORKGROUPS } from '../../../src/gpu/commands.js';
import { SHADER_TEXTS } from '../../../src/gpu/shaderTexts.js';
import { conv2d, convTranspose2d, convTranspose2dProblem, convWeightGradient } from '../../../src/kernels/conv/conv.js';
import { productKernel, productWorkgroups } from '../../../src/kernels/gemm/dispatch.js';
import type { GemmProblem } from '../../../src/kernels/gemm/problem.js';
import { fixedTile, tilesFor, type Tile } from '../../../src/kernels/gemm/tiles.js';
import { Tuner } from '../../../src/kernels/gemm/tuner.js';
import { convGeometry } from '../../../src/kernels/conv/geometry.js';
import { matmulProblem, matmulTransposedProblem } from '../../../src/kernels/gemm/matmul.js';
import * as reference from '../../reference/ops.js';
import { array64, type Array64 } from '../../reference/tensor.js';
import { openTestDevice, upload } from '../../support/device.js';
import { guarded, guardedOutput, runTile } from '../../support/gemm.js';

const device = await openTestDevice();
test.after(() => device.destroy());

/** [count], whole numbers from −3 to 3. */
const whole = (count: number, seed: number): Float32Array =>
  Float32Array.from({ length: count }, (_, at) => ((at * (2 * seed + 1) + (at >> 7)) % 7) - 3);

const floats = ({ data }: Array64): Float32Array => Float32Array.from(data);

/** One tile of each kind, by file and whether it reads texels: the smallest. */
function kindsOf(problem: GemmProblem): Map<string, Tile> {
  const kinds = new Map<string, Tile>();
  for (const tile of tilesFor(problem, device)) {
    const kind = `${tile.file}${tile.texels ? ' over texels' : ''}`;
    const known = kinds.get(kind);
    if (known === undefined || tile.rows * tile.columns < known.rows * known.columns) kinds.set(kind, tile);
  }
  return kinds;
}

/** Several tiles of each kind down and across, the last ones not full. */
const [ROWS, COLUMNS] = [70, 132];

/** Products with several tiles down, across and in phases. */
function foldable(): readonly { problem: GemmProblem; expected: Float32Array }[] {
  const [a, b] = [array64([ROWS, 8], whole(ROWS * 8, 1)), array64([8, COLUMNS], whole(8 * COLUMNS, 2))];
  const turned = array64([8, 72], whole(576, 3));
  const [y, w] = [array64([1, 3, 2, 4], whole(24, 5)), array64([3, 3, 4, 4], whole(144, 6))];
  const window = convGeometry({ height: 8, width: 4, kernelHeight: 3, kernelWidth: 3, stride: [3, 2] });
  const sizes = { images: 1, height: 8, width: 4, channels: 4, filters: 4, kernelHeight: 3, kernelWidth: 3 };
  const make = (
    left: Array64,
    right: Array64,
    expected: Array64,
    problemOf: (buffers: { a: DeviceBuffer; b: DeviceBuffer; output: DeviceBuffer }) => GemmProblem,
  ) => {
    const output = guardedOutput(device, expected.data.length);
    return {
      problem: problemOf({ a: guarded(device, left), b: guarded(device, right), output }),
      expected: floats(expected),
    };
  };
  return [
    make(a, b, reference.matmul(a, b), (buffers) =>
      matmulProblem({ rows: ROWS, inner: 8, columns: COLUMNS, transposeB: false }, buffers),
    ),
    make(turned, b, reference.matmul(turned, b, { transposeA: true }), (buffers) =>
      matmulTransposedProblem({ rows: 72, inner: 8, columns: COLUMNS }, buffers, 2),
    ),
    make(
      y,
      w,
      reference.convTranspose2d(y, w, { stride: [3, 2], outputSize: [8, 4] }),
      ({ a: source, b: weights, output }) =>
        convTranspose2dProblem({ ...sizes, ...window }, { y: source, w: weights, output }),
    ),
  ];
}

test('a tile computes the same from a folded grid, full or not', async () => {
  const seen = new Set<string>();
  for (const { problem, expected } of foldable()) {
    // Those that compile fast. The others find their tile by the same function, see below.
    for (const tile of kindsOf(problem).values()) {
      const [across, down] = productWorkgroups(problem, tile);
      const most = Math.max(across, down) - 1;
      if (most < 1 || tile.texels || !['direct', 'register', 'subgroup'].includes(tile.file)) continue;
      const grid = productWorkgroups(problem, tile, most);
      assert.ok(grid[1] > 1 && grid[0] <= most && grid[0] * grid[1] >= across * down, grid.join());
      assert.equal(await runTile(device, problem, tile, most), expected, `${problem.name} by ${tile.name}`);
      seen.add(tile.file).add(grid[0] * grid[1] > across * down ? 'not full' : 'full');
    }
  }
  for (const one of ['direct', 'register', 'full', 'not full']) assert.ok(seen.has(one), one);
});

test('every kind of tile asks the grid where it lies', () => {
  const files = new Set(foldable().flatMap(({ problem }) => [...kindsOf(problem).values()].map(({ file }) => file)));
  for (const file of files) {
    const text = SHADER_TEXTS[`gemm/tiles/${file}.wgsl`]!;
    assert.match(text, 'let tile = tileOf(group);');
    assert.not.match(text, /group\.[xyz]|num_workgroups|65535/);
  }
});

test('a grid that needs not fold is as it was, and no kernel pays for folding', () => {
  for (const { problem } of foldable()) {
    for (const tile of kindsOf(problem).values()) {
      const { files, constants } = productKernel(problem, tile);
      assert.ok(files.includes('gemm/grid/plain.wgsl') && !files.includes('gemm/grid/folded.wgsl'));
      assert.is(constants?.GRID_WIDTH, undefined);
    }
  }
});

/** A product of two tensors, and in plain arithmetic its value and the gradients by the factors of Σ product · weight. */
interface Named {
  /** The factors by which to differentiate. */
  readonly by: readonly number[];
  readonly what: string;
  readonly factors: readonly (readonly [Float32Array, readonly number[]])[];
  readonly of: (a: Tensor, b: Tensor) => Tensor;
  readonly expected: (weight: Float32Array) => readonly Float32Array[];
}

function rowTimes(inner: number, columns: number, turned: boolean): Named {
  const [a, b] = [whole(inner, 5), whole(inner * columns, 6)];
  const row = [a, turned ? [inner, 1] : [1, inner]] as const;
  const matrix = [b, [inner, columns]] as const;
  return {
    // A gradient by the row is one long sum: it takes seconds where the matrix lies by rows.
    by: turned ? [0, 1] : [1],
    what: turned ? `transpose([${inner}, ${columns}]) × [${inner}, 1]` : `[1, ${inner}] × [${inner}, ${columns}]`,
    factors: turned ? [matrix, row] : [row, matrix],
    of: (left, right) => ops.matmul(left, right, { transposeA: turned }),
    expected: (weight) => {
      const [product, byMatrix, byRow] = [new Float32Array(columns), b.slice(), a.slice().fill(0)];
      for (let k = 0; k < inner; k++) {
        for (let n = 0; n < columns; n++) {
          product[n]! += a[k]! * b[k * columns + n]!;
          byMatrix[k * columns + n] = a[k]! * weight[n]!;
          byRow[k]! += b[k * columns + n]! * weight[n]!;
        }
      }
      return turned ? [product, byMatrix, byRow] : [product, byRow, byMatrix];
    },
  };
}

function transposedConvolution(stride: number): Named {
  const [y, w] = [array64([1, 1, 1, 8], whole(8, 7)), array64([5, 5, 4, 8], whole(800, 8))];
  return {
    by: [0, 1],
    what: `a transposed convolution of stride ${stride}`,
    factors: [
      [floats(y), y.shape],
      [floats(w), w.shape],
    ],
    of: (left, right) => ops.convTranspose2d(left, right, { stride }),
    expected: (weight) => {
      const x = array64([1, stride, stride, 4], weight);
      const byW = reference.convWeightGradient(x, y, { stride, kernelSize: [5, 5] });
      return [reference.convTranspose2d(y, w, { stride }), reference.conv2d(x, w, { stride }), byW].map(floats);
    },
  };
}

for (const { what, by, factors, of, expected } of [
  rowTimes(2, 2_097_121, false),
  rowTimes(2, 3_000_000, true),
  transposedConvolution(256),
]) {
  test(`${what} and its gradients`, async () => {
    const engine = new Engine(device);
    const tensors = factors.map(([values, shape]) => engine.tensor(values, shape, { requiresGrad: true }));
    const [a, b] = tensors;
    assert.ok(a !== undefined && b !== undefined);
    const product = of(a, b);
    const weights = whole(product.size, 9);
    const weight = engine.tensor(weights, product.shape);
    const byFactors = gradients(
      ops.sum(ops.mul(product, weight)),
      by.map((factor) => tensors[factor]!),
    );
    const [value, ...gradientsOf] = expected(weights);
    const wanted = [value, ...by.map((factor) => gradientsOf[factor])];
    for (const [index, tensor] of [product, ...byFactors].entries()) {
      const values = await tensor.data();
      const right = wanted[index]!;
      const wrong = values.findIndex((got, at) => got !== right[at]);
      assert.is(wrong, -1, `${index === 0 ? 'product' : `gradient by factor ${by[index - 1]!}`} at ${wrong}`);
      assert.is(values.length, right.length);
      tensor.free();
    }
    for (const tensor of [...tensors, weight]) tensor.free();
  });
}

test('a product whose grid folds is tuned', async () => {
  const engine = new Engine(device, { measure: true });
  const columns = 32 * (MOST_WORKGROUPS + 1);
  const values = whole(2 * columns, 14);
  const [a, b] = [engine.tensor([3, -1], [1, 2]), engine.tensor(values, [2, columns])];
  ops.matmul(a, b).free();
  await engine.tuner.tune();
  assert.is(engine.tuner.chosen.size, 1);
  const product = ops.matmul(a, b);
  const wrong = (await product.data()).findIndex((value, at) => value !== 3 * values[at]! - values[columns + at]!);
  assert.is(wrong, -1);
  for (const tensor of [a, b, product]) tensor.free();
});

test('a stride beyond the image has one window, however long it is, and no phases without pixels', async () => {
  const sizes = { images: 1, height: 5, width: 7, channels: 4, filters: 8, kernelHeight: 3, kernelWidth: 3 };
  for (const stride of [100, 70_000, 2 ** 29]) {
    const shape = {
      ...sizes,
      ...convGeometry({ height: 5, width: 7, kernelHeight: 3, kernelWidth: 3, stride: [stride, 2] }),
    };
    const [y, w] = [array64([1, 1, 4, 8], whole(32, 10)), array64([3, 3, 4, 8], whole(288, 11))];
    const options = { stride: [stride, 2], padding: 'same' } as const;
    const expected = reference.convTranspose2d(y, w, { ...options, outputSize: [5, 7] });
    const output = guardedOutput(device, expected.data.length);
    const problem = convTranspose2dProblem(shape, { y: upload(device, y.data), w: upload(device, w.data), output });
    assert.is(problem.phases, 5 * 2);
    assert.equal(await runTile(device, problem, fixedTile(problem, device)), floats(expected));
  }
  assert.throws(
    () => convGeometry({ height: 5, width: 7, kernelHeight: 3, kernelWidth: 3, stride: 2 ** 29 + 1 }),
    /stride 536870913×536870913 .*at most 536870912/,
  );
  const padding = { top: 2 ** 30, bottom: 0, left: 0, right: 0 };
  assert.throws(
    () => convGeometry({ height: 5, width: 7, kernelHeight: 3, kernelWidth: 3, stride: 1, padding }),
    /padding \{top 1073741824,.*at most 536870912/,
  );
});

test('a convolution whose windows do not fit into one buffer is computed without them', () => {
  // 600 · 600 windows of 100 numbers: 137 MiB.
  const sizes = { images: 1, height: 600, width: 600, channels: 1, kernelHeight: 10, kernelWidth: 10 };
  const tuner = new Tuner(device);
  const kernelsOf = (filters: number): string[] => {
    const shape = {
      ...sizes,
      filters,
      ...convGeometry({ height: 600, width: 600, kernelHeight: 10, kernelWidth: 10 }),
    };
    const image = device.allocatePersistent(600 * 600 * 4 * filters, 'image');
    const { commands } = device.trace(() => {
      conv2d(device, tuner, { x: image, w: image, shape });
      convTranspose2d(device, tuner, { y: image, w: image, shape });
      convWeightGradient(device, tuner, { x: image, y: image, shape });
    });
    device.free(image);
    return commands.map(({ kernel }) => kernel.name.replace(/ .*/, ''));
  };
  assert.equal(kernelsOf(1), ['conv2d', 'convTranspose2d', 'convWeightGradient', 'add']);
  assert.equal(kernelsOf(4), ['conv2d', 'convTranspose2d', 'convWeightGradient', 'add']);
});

test.run();
