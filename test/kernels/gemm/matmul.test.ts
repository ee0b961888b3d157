import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Engine } from '../../../src/autograd/engine.js';
import { matmul as matmulTensor } from '../../../src/autograd/ops/index.js';
import type { GemmProblem } from '../../../src/kernels/gemm/problem.js';
import { productKernel } from '../../../src/kernels/gemm/dispatch.js';
import { tilesFor } from '../../../src/kernels/gemm/tiles.js';
import { Tuner } from '../../../src/kernels/gemm/tuner.js';
import {
  matmul,
  matmulProblem,
  matmulTransposed,
  matmulTransposedProblem,
  type MatmulShape,
} from '../../../src/kernels/gemm/matmul.js';
import type { FusedActivation } from '../../../src/kernels/options.js';
import * as reference from '../../reference/ops.js';
import { array64, type Array64 } from '../../reference/tensor.js';
import { download, openTestDevice, upload } from '../../support/device.js';
import { checkTiles, guarded, guardedOutput, runTile, tilesOf, type Product } from '../../support/gemm.js';
import { seededArray, seededNormal } from '../../support/random.js';

const device = await openTestDevice();
test.after(() => device.destroy());

type Kind = 'A B' | 'A Bᵀ' | 'Aᵀ B';
type Sizes = readonly [rows: number, inner: number, columns: number];

interface Epilogue {
  readonly bias?: boolean;
  readonly activation?: FusedActivation;
}

function magnitudeOf(a: Array64, b: Array64, bias: Array64 | undefined, options: object): Array64 {
  return reference.matmul(reference.abs(a), reference.abs(b), { ...options, bias: bias && reference.abs(bias) });
}

function product(
  kind: Kind,
  [rows, inner, columns]: Sizes,
  { bias: biased = false, activation }: Epilogue = {},
): Product {
  const seed = `${kind} ${rows} ${inner} ${columns}`;
  const transposes = { transposeA: kind === 'Aᵀ B', transposeB: kind === 'A Bᵀ' };
  const a = seededArray(`${seed} a`, transposes.transposeA ? [inner, rows] : [rows, inner]);
  const b = seededArray(`${seed} b`, transposes.transposeB ? [columns, inner] : [inner, columns]);
  const bias = biased ? seededArray(`${seed} bias`, [columns]) : undefined;
  const shape: MatmulShape = { rows, inner, columns };
  const output = guardedOutput(device, rows * columns);
  const buffers = { a: guarded(device, a), b: guarded(device, b), output };
  const biasBuffer = bias && guarded(device, bias);
  const problem = transposes.transposeA
    ? matmulTransposedProblem(shape, buffers)
    : matmulProblem({ ...shape, transposeB: transposes.transposeB }, { ...buffers, bias: biasBuffer }, activation);
  return {
    problem,
    expected: reference.matmul(a, b, { ...transposes, bias, activation }),
    magnitude: magnitudeOf(a, b, bias, transposes),
    depth: inner,
    // tanh and the sigmoid are made of exp, which may be off by 3 + 2|x| ulp, and of a division.
    activationUlps: activation === 'tanh' || activation === 'sigmoid' ? 32 : 0,
  };
}

async function check(kind: Kind, sizes: Sizes, all: boolean, epilogue: Epilogue = {}): Promise<void> {
  const checked = product(kind, sizes, epilogue);
  await checkTiles(device, checked, tilesOf(device, checked.problem, all));
}

/** By the paths that they take: whether the inner length and the columns are multiples of 4, or there is one column. */
const SIZES = {
  'odd, odd': [
    [17, 13, 19],
    [1, 1, 5],
    [33, 67, 37],
    [2, 3, 7],
  ],
  'odd, by 4': [
    [35, 17, 36],
    [1, 3, 12],
    [9, 5, 68],
  ],
  'by 4, odd': [
    [31, 20, 41],
    [1, 4, 5],
    [66, 68, 7],
  ],
  'by 4, by 4': [
    [13, 8, 12],
    [1, 4, 8],
    [67, 64, 68],
    [130, 12, 36],
  ],
  'odd, one': [
    [71, 31, 1],
    [1, 1, 1],
    [5, 2, 1],
  ],
  'by 4, one': [
    [260, 64, 1],
    [1, 4, 1],
    [37, 12, 1],
  ],
} satisfies Readonly<Record<string, readonly Sizes[]>>;

test('A × B: every tile', async () => {
  for (const sizes of SIZES['odd, odd']) await check('A B', sizes, true);
});

test('A × transpose(B): every tile', async () => {
  for (const sizes of SIZES['by 4, by 4']) await check('A Bᵀ', sizes, true);
});

test('transpose(A) × B: every tile', async () => {
  for (const sizes of SIZES['by 4, by 4']) await check('Aᵀ B', sizes, true);
});

test('every path of the operands: lengths that are multiples of 4 or are not, and one column', async () => {
  for (const kind of ['A B', 'A Bᵀ', 'Aᵀ B'] as const) {
    for (const list of Object.values(SIZES)) {
      for (const sizes of list) await check(kind, sizes, false);
    }
  }
});

test('few columns, which the direct tiles take', async () => {
  const list: readonly (readonly [Kind, Sizes])[] = [
    ['A B', [67, 13, 2]],
    ['A B', [300, 8, 3]],
    ['A B', [1, 5, 4]],
    ['A Bᵀ', [67, 13, 3]],
    ['A Bᵀ', [300, 8, 4]],
    ['Aᵀ B', [67, 13, 2]],
    ['Aᵀ B', [300, 8, 4]],
  ];
  for (const [kind, sizes] of list) await check(kind, sizes, false);
});

test('bias and every activation', async () => {
  const activations: readonly FusedActivation[] = ['none', 'relu', { leakyRelu: 0.2 }, 'tanh', 'sigmoid'];
  for (const activation of activations) {
    const biased = product('A B', [17, 13, 19], { bias: true, activation });
    const tiles = tilesOf(device, biased.problem, false).filter(({ name }) => name === 'register-4x16');
    await checkTiles(device, biased, tiles);
  }
  for (const epilogue of [{ activation: 'relu' }, { bias: true, activation: 'tanh' }] as const) {
    await check('A Bᵀ', [35, 12, 1], false, epilogue);
  }
});

test('tanh and the sigmoid of ±1000 are ±1, 0 and 1', async () => {
  const a = upload(device, [1000, -1000]);
  const one = upload(device, [1]);
  const tuner = new Tuner(device, { force: 'register-4x16' });
  const shape = { rows: 2, inner: 1, columns: 1 };
  const tanh = matmul(device, tuner, { a, b: one, shape, activation: 'tanh' });
  const sigmoid = matmul(device, tuner, { a, b: one, shape, activation: 'sigmoid' });
  assert.equal(Array.from(await download(device, tanh, 2)), [1, -1]);
  assert.equal(Array.from(await download(device, sigmoid, 2)), [1, 0]);
});

test('more row groups than one dimension of the grid has', async () => {
  const rows = 65_535 * 64 + 65;
  const a = upload(
    device,
    Float32Array.from({ length: rows }, (_, row) => row % 1021),
  );
  const output = device.allocatePersistent(rows * 4, 'rows');
  const problem = matmulProblem(
    { rows, inner: 1, columns: 1, transposeB: false },
    { a, b: upload(device, [3]), output },
  );
  const tiles = tilesFor(problem, device).filter((tile) => tile.rows <= 64);
  assert.ok(tiles.some(({ rows: height }) => Math.ceil(rows / height) > 65_535));
  for (const tile of tilesOf(device, problem, false).filter((some) => tiles.includes(some))) {
    const y = await runTile(device, problem, tile);
    const wrong = y.findIndex((value, row) => value !== (row % 1021) * 3);
    assert.is(wrong, -1, `row ${wrong} by ${tile.name}`);
  }
  device.free(a);
  device.free(output);
});

test('matmul and matmulTransposed take the tile that the tuner chooses', () => {
  const tuner = new Tuner(device, { force: 'register-4x16' });
  const a = upload(device, seededNormal('a', 64));
  const { commands } = device.trace(() => {
    matmul(device, tuner, { a, b: a, shape: { rows: 8, inner: 8, columns: 8 } });
    matmulTransposed(device, tuner, { a, b: a, shape: { rows: 8, inner: 8, columns: 8 } });
  });
  assert.is(commands.length, 2);
  for (const { kernel } of commands) assert.match(kernel.name, /matmul .*\[register-4x16\]/);
});

test('a NaN or an infinity among the values shows in its own row and column only', async () => {
  const shape = { rows: 5, inner: 6, columns: 7, transposeB: false };
  const a = seededArray('a', [5, 6]);
  const b = seededArray('b', [6, 7]);
  a.data[2 * 6 + 5] = NaN;
  b.data[0 * 7 + 3] = Infinity;
  const output = guardedOutput(device, 35);
  const problem: GemmProblem = matmulProblem(shape, { a: guarded(device, a), b: guarded(device, b), output });
  for (const tile of tilesOf(device, problem, false)) {
    const y = await runTile(device, problem, tile);
    y.forEach((value, at) => {
      const [row, column] = [Math.floor(at / 7), at % 7];
      assert.is(Number.isNaN(value), row === 2, `${row}, ${column} by ${tile.name}`);
      if (row !== 2) assert.is(Number.isFinite(value), column !== 3, `${row}, ${column} by ${tile.name}`);
    });
  }
});

test('the dispatch names the operation, its shapes and the tile', () => {
  const { problem } = product('A B', [17, 13, 19]);
  const [tile] = tilesOf(device, problem, false);
  assert.ok(tile);
  assert.match(productKernel(problem, tile).name, /^matmul .*17×13.*19.* \[.*\]$/);
});

test('a column times a row, and a product with one column, need no tile of their own', async () => {
  const engine = new Engine(device);
  for (const [rows, inner, columns] of [
    [1, 1, 1],
    [5, 1, 7],
    [32, 1, 33],
    [13, 4, 1],
    [67, 32, 1],
  ] as const) {
    const [a, b] = [seededArray(`${rows} a`, [rows, inner]), seededArray(`${columns} b`, [inner, columns])];
    const turned = reference.transpose(a);
    const expected = reference.matmul(a, b).data;
    const [x, y] = [engine.tensor(a.data, a.shape), engine.tensor(b.data, b.shape)];
    const forms = [matmulTensor(x, y), matmulTensor(engine.tensor(turned.data, turned.shape), y, { transposeA: true })];
    for (const product of forms) {
      assert.equal(product.shape, [rows, columns]);
      (await product.data()).forEach((value, at) => {
        assert.ok(Math.abs(value - expected[at]!) <= 2 ** -22 * inner, `${rows}×${inner}×${columns} at ${at}`);
      });
    }
  }
  const [column, row] = [engine.tensor([1, 2], [2, 1]), engine.tensor([3, 4], [1, 2])];
  const outer = device.trace(() => matmulTensor(column, row));
  assert.equal(
    outer.commands.map(({ kernel }) => kernel.name),
    ['mul'],
  );
});

test('refuses lengths that do not meet, naming the op and the shapes', () => {
  const engine = new Engine(device);
  const t = (...shape: number[]) => engine.tensor(array64(shape).data, shape);
  const a = t(3, 4);
  assert.throws(() => matmulTensor(a, t(5, 2)), /matmul: got a \[3, 4\] and b \[5, 2\]/);
  assert.throws(() => matmulTensor(a, t(4, 5), { transposeB: true }), /b \[4, 5\] transposed/);
  assert.throws(() => matmulTensor(a, t(4, 5), { transposeA: true }), /a \[3, 4\] transposed and b \[4, 5\]/);
  assert.throws(() => matmulTensor(a, t(4)), /matmul: got a \[3, 4\] and b \[4\]/);
  assert.throws(() => matmulTensor(t(1, 3, 4), t(3, 2)), /matmul: got a \[1, 3, 4\] and b \[3, 2\]/);
  assert.throws(() => matmulTensor(a, t(4, 5), { bias: t(4) }), /matmul: got bias \[4\]; it takes \[5\]/);
  assert.throws(() => matmulTensor(a, t(4, 5), { bias: t(1, 5) }), /matmul: got bias \[1, 5\]; it takes \[5\]/);
  assert.throws(() => matmulTensor(a, t(4, 5), { transposeA: true, bias: t(4) }), /matmul: got/);
});

test.run();
