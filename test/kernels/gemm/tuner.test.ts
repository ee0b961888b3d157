import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Device } from '../../../src/gpu/device.js';
import type { ShaderTexts } from '../../../src/gpu/pipelines.js';
import { SHADER_TEXTS } from '../../../src/gpu/shaderTexts.js';
import { createGpu } from '../../../src/host/node/device.js';
import { convGeometry } from '../../../src/kernels/conv/geometry.js';
import { convTranspose2dProblem } from '../../../src/kernels/conv/conv.js';
import type { GemmProblem } from '../../../src/kernels/gemm/problem.js';
import { productWorkgroups } from '../../../src/kernels/gemm/dispatch.js';
import { candidates, fixedTile, tilesFor } from '../../../src/kernels/gemm/tiles.js';
import { choiceOf, choicesFor, type TileChoices } from '../../../src/kernels/gemm/choices.js';
import { Tuner, type TuningStore } from '../../../src/kernels/gemm/tuner.js';
import { matmulProblem, matmulTransposedProblem } from '../../../src/kernels/gemm/matmul.js';
import { openTestDevice } from '../../support/device.js';

const device = await openTestDevice();
const others: Device[] = [];
test.after(() => {
  for (const each of [device, ...others]) each.destroy();
});

interface Sizes {
  readonly rows: number;
  readonly inner: number;
  readonly columns: number;
}

function product(on: Device, { rows, inner, columns }: Sizes): GemmProblem {
  const a = on.allocatePersistent(rows * inner * 4, 'a');
  const b = on.allocatePersistent(inner * columns * 4, 'b');
  const output = on.allocatePersistent(rows * columns * 4, 'output');
  return matmulProblem({ rows, inner, columns, transposeB: false }, { a, b, output });
}

/** A store in memory, and what was saved into it. */
class MemoryStore implements TuningStore {
  readonly saved = new Map<string, TileChoices>();
  loads = 0;

  load(adapter: string): TileChoices {
    this.loads += 1;
    return this.saved.get(adapter) ?? new Map();
  }

  save(adapter: string, choices: TileChoices): void {
    this.saved.set(adapter, new Map(choices));
  }
}

/** Enough rows that every tile is a candidate, but few enough to compile and run at once. */
const SIZES: Sizes = { rows: 33, inner: 24, columns: 2 };

/** A device whose tiles are broken: `break` changes a tile's text. The prelude's constants tell the tiles of a file apart. */
async function brokenDevice(breakTile: (path: string, text: string) => string): Promise<Device> {
  const texts = Object.entries(SHADER_TEXTS).map(([path, text]) => [path, breakTile(path, text)]);
  const broken = await Device.create(createGpu(), { shaders: Object.fromEntries(texts) as ShaderTexts });
  others.push(broken);
  return broken;
}

function replaceOnce(text: string, from: string, to: string): string {
  assert.is(text.split(from).length, 2, `the shader holds "${from}" once`);
  return text.replace(from, to);
}

const LENGTH = 'let length = segmentLength(phase);';

async function chosenOn(broken: Device, sizes: Sizes): Promise<{ name: string; among: string[] }> {
  const tuner = new Tuner(broken, { measure: true });
  const problem = product(broken, sizes);
  tuner.choose(problem);
  await tuner.tune();
  return { name: tuner.choose(problem).name, among: candidates(problem, broken).map((tile) => tile.name) };
}

test('a tile that skips part of the sum is fast, and is never chosen', async () => {
  // The direct tiles win this product where all are right.
  const broken = await brokenDevice((path, text) => {
    return path.endsWith('direct.wgsl') ? replaceOnce(text, LENGTH, 'let length = 4u;') : text;
  });
  const { name, among } = await chosenOn(broken, SIZES);
  assert.ok(among.some((tile) => tile.startsWith('direct')));
  assert.not.match(name, /direct/);
});

test('one broken tile of a file does not cast out the others', async () => {
  const broken = await brokenDevice((path, text) => {
    const short = 'let length = select(segmentLength(phase), 4u, PIXELS == 1u);';
    const nothing = 'let length = 0u;';
    if (path.endsWith('direct.wgsl')) return replaceOnce(text, LENGTH, short);
    return path.includes('/tiles/') ? replaceOnce(text, LENGTH, nothing) : text;
  });
  assert.is((await chosenOn(broken, SIZES)).name, 'direct-4');
});

test('a tile that is wrong in its last row only, or writes nothing, is found out', async () => {
  const right = 'store(firstRow + r, phase, 0u, sums[r]);';
  const flaws = [
    'store(firstRow + r, phase, 0u, select(sums[r], vec4f(), firstRow + r == 32u));',
    'if (firstRow + r > 99u) { store(firstRow + r, phase, 0u, sums[r]); }',
  ];
  for (const wrong of flaws) {
    const broken = await brokenDevice((path, text) => {
      return path.endsWith('direct.wgsl') ? replaceOnce(text, right, wrong) : text;
    });
    assert.not.match((await chosenOn(broken, SIZES)).name, /direct/);
  }
});

test('where every tile is wrong, tuning fails and names the problem', async () => {
  const broken = await brokenDevice((path, text) => {
    return path.includes('/tiles/') ? replaceOnce(text, LENGTH, 'let length = 0u;') : text;
  });
  const told: string[] = [];
  const tuner = new Tuner(broken, {
    measure: true,
    progress: (done, total) => told.push(`${done}/${total}`),
    ended: () => told.push('ended'),
  });
  tuner.choose(product(broken, SIZES));
  let message = '';
  await tuner.tune().catch((error: unknown) => (message = String(error)));
  assert.match(message, /no tile computes matmul .*33×24.* correctly/);
  assert.equal(told, ['0/1', 'ended']);
});

test('a tile that does not compile on a device is passed over', async () => {
  const broken = await brokenDevice((path, text) => (path.endsWith('direct.wgsl') ? `${text}\nbroken` : text));
  assert.not.match((await chosenOn(broken, SIZES)).name, /direct/);
});

test('where no tile compiles, tuning fails and names the problem', async () => {
  const broken = await brokenDevice((path, text) => (path.includes('/tiles/') ? `${text}\nbroken` : text));
  const tuner = new Tuner(broken, { measure: true });
  tuner.choose(product(broken, SIZES));
  let message = '';
  await tuner.tune().catch((error: unknown) => (message = String(error)));
  assert.match(message, /no tile computes matmul .*33×24/);
});

test('tuning measures what was asked for, once, and gives its memory back', async () => {
  const store = new MemoryStore();
  const tuner = new Tuner(device, { measure: true, store });
  const problem = product(device, SIZES);
  assert.is(tuner.choose(problem).name, fixedTile(problem, device).name);
  tuner.choose(problem);
  assert.is(tuner.pending, 1);
  const seen: string[] = [];
  await tuner.tune((done, total, name) => seen.push(`${done}/${total} ${name}`));
  assert.equal(seen, [`0/1 ${problem.name}`]);
  assert.is(tuner.pending, 0);
  const chosen = tuner.choose(problem);
  assert.is(tuner.chosen.get(problem.name)?.tile, chosen.name);
  assert.ok(candidates(problem, device).some((tile) => tile.name === chosen.name));
  assert.is(tuner.pending, 0);

  const { count } = device.pool;
  const again = new Tuner(device, { measure: true });
  again.choose(problem);
  await again.tune();
  assert.is(device.pool.count, count);
});

test('what the time budget leaves over gets an estimate, is not stored, and is asked for again', async () => {
  const store = new MemoryStore();
  const small = product(device, SIZES);
  const large = product(device, { ...SIZES, rows: 99 });
  const tuner = new Tuner(device, { measure: true, store, budgetMs: 1 });
  for (const problem of [small, large]) tuner.choose(problem);
  await tuner.tune();
  const stored = store.saved.get(device.adapter.key);
  assert.equal([...(stored?.keys() ?? [])], [large.name], 'the larger comes first, and takes more than a millisecond');
  assert.is(tuner.choose(small).name, tuner.choose(large).name, 'the tile of the nearest problem');
  assert.is(tuner.pending, 1);
  await tuner.tune(() => assert.unreachable('the budget is spent'));
});

test('texels are candidates where both matrices are read several times', () => {
  const namesOf = (sizes: Sizes): string[] => candidates(product(device, sizes), device).map(({ name }) => name);
  const offersTexels = (sizes: Sizes): boolean => namesOf(sizes).some((name) => name.startsWith('texel'));
  if (device.subgroupSize === undefined || !device.readsTextures) return;
  assert.ok(offersTexels({ rows: 256, inner: 64, columns: 128 }));
  assert.not.ok(offersTexels({ rows: 32, inner: 64, columns: 128 }));
  assert.not.ok(offersTexels({ rows: 256, inner: 64, columns: 8 }));
  assert.not.ok(offersTexels({ rows: 256, inner: 63, columns: 128 }), 'rows of A are no whole vec4s');
});

test('choices are kept in the store by adapter, and taken from there without measuring', async () => {
  const store = new MemoryStore();
  const first = new Tuner(device, { measure: true, store });
  const problem = product(device, SIZES);
  first.choose(problem);
  await first.tune();
  assert.equal([...store.saved.keys()], [device.adapter.key]);
  assert.equal([...(store.saved.get(device.adapter.key) ?? [])], [...first.chosen]);

  const second = new Tuner(device, { measure: true, store });
  assert.is(second.choose(problem).name, first.choose(problem).name);
  assert.is(second.pending, 0);

  // What is stored is what is taken, even where measuring would say otherwise.
  const other = tilesFor(problem, device).find((tile) => tile.name !== first.choose(problem).name);
  assert.ok(other);
  store.save(device.adapter.key, new Map([[problem.name, choiceOf(problem, other.name)]]));
  assert.is(new Tuner(device, { measure: true, store }).choose(problem).name, other.name);
});

test('a stored tile that is no more, and choices of another adapter, are measured anew', () => {
  const problem = product(device, SIZES);
  const store = new MemoryStore();
  store.save(device.adapter.key, new Map([[problem.name, choiceOf(problem, 'subgroup-1024')]]));
  const stale = new Tuner(device, { measure: true, store });
  assert.is(stale.choose(problem).name, fixedTile(problem, device).name);
  assert.is(stale.pending, 1);

  const foreign = new MemoryStore();
  foreign.save('another adapter', new Map([[problem.name, choiceOf(problem, 'register-8x8')]]));
  const tuner = new Tuner(device, { measure: true, store: foreign });
  tuner.choose(problem);
  assert.is(tuner.pending, 1);
});

test('without measuring the choice is fixed: no store is read, nothing is noted', async () => {
  const store = new MemoryStore();
  const problem = product(device, SIZES);
  store.save(device.adapter.key, new Map([[problem.name, choiceOf(problem, 'register-8x8')]]));
  for (const options of [{ store }, { measure: false, store }]) {
    const tuner = new Tuner(device, options);
    const names = Array.from({ length: 3 }, () => tuner.choose(problem).name);
    assert.equal(new Set(names), new Set([fixedTile(problem, device).name]));
    assert.is(tuner.pending, 0);
    await tuner.tune(() => assert.unreachable());
    assert.is(tuner.chosen.size, 0);
  }
  assert.is(store.loads, 0);
});

test('with choices of such an adapter nothing is measured: a product takes its tile, or that of the nearest one', async () => {
  const near = product(device, { rows: 2000, inner: 64, columns: 2 });
  const far = product(device, { rows: 4, inner: 4096, columns: 2 });
  const between = product(device, { rows: 1000, inner: 100, columns: 2 });
  const known = new Map([
    [near.name, choiceOf(near, 'direct-1')],
    [far.name, choiceOf(far, 'direct-4')],
    ['gone', choiceOf(between, 'subgroup-1024')],
  ]);
  for (const measure of [true, false]) {
    const tuner = new Tuner(device, { measure, known });
    assert.equal(
      [near, far, between].map((problem) => tuner.choose(problem).name),
      ['direct-1', 'direct-4', 'direct-1'],
    );
    assert.is(tuner.pending, 0);
    await tuner.tune(() => assert.unreachable());
  }
  // Beyond a factor of 256 in all, nothing is near.
  const wide = product(device, { rows: 4096, inner: 4096, columns: 4096 });
  assert.is(new Tuner(device, { known }).choose(wide).name, fixedTile(wide, device).name);
  // What was measured here goes first.
  const store = new MemoryStore();
  store.save(device.adapter.key, new Map([[near.name, choiceOf(near, 'direct-4')]]));
  assert.is(new Tuner(device, { measure: true, known, store }).choose(near).name, 'direct-4');
});

test('choices serve the same adapter with another driver, and where names are hidden, one of the same architecture', () => {
  const lavapipe = {
    name: 'llvmpipe-llvm-15-0-6-256-bits',
    vendor: 'mesa',
    architecture: 'software',
    driver: 'llvmpipe: Mesa 25.0.7 (LLVM 15.0.6)',
    subgroupMinSize: 8,
    subgroupMaxSize: 8,
  };
  const chip = { ...lavapipe, name: 'NVIDIA H200', vendor: 'nvidia', architecture: 'hopper', driver: '570' };
  const choices = new Map<string, never>();
  const newer = new Map<string, never>();
  const all = [
    { adapter: lavapipe, choices },
    { adapter: { ...lavapipe, driver: 'llvmpipe: Mesa 26.1.0 (LLVM 19.1.7)' }, choices: newer },
  ];
  const found = (changes: Partial<typeof lavapipe>) => choicesFor(all, { ...lavapipe, ...changes });
  assert.is(found({}), choices);
  assert.is(found({ driver: 'llvmpipe: Mesa 26.1.0 (LLVM 19.1.7)' }), newer);
  assert.is(found({ name: 'llvmpipe-llvm-19-1-7-256-bits', driver: 'llvmpipe: Mesa 25.3.0' }), choices);
  assert.is(found({ name: 'mesa software', driver: '' }), choices, 'as a browser describes it');
  assert.is(found({ subgroupMinSize: 16, subgroupMaxSize: 16 }), undefined);
  assert.is(choicesFor(all, chip), undefined);
  assert.is(choicesFor([{ adapter: chip, choices }], { ...chip, name: 'NVIDIA H100', architecture: '' }), undefined);
});

test('a forced tile is taken by every problem that it fits', () => {
  const wide = product(device, { rows: 8, inner: 8, columns: 8 });
  const narrow = product(device, { rows: 8, inner: 8, columns: 3 });
  for (const { name } of tilesFor(wide, device)) {
    assert.is(new Tuner(device, { force: name }).choose(wide).name, name);
  }
  const direct = new Tuner(device, { force: 'direct-1', measure: true });
  assert.is(direct.choose(narrow).name, 'direct-1');
  assert.is(direct.choose(wide).name, fixedTile(wide, device).name);
  assert.is(direct.pending, 0);
});

test('every tile is offered once, and a dispatch covers the output', () => {
  const geometry = convGeometry({ height: 9, width: 8, kernelHeight: 5, kernelWidth: 5, stride: 3 });
  const buffer = device.allocatePersistent(16, 'unused');
  const shape = {
    ...geometry,
    images: 2,
    height: 9,
    width: 8,
    channels: 40,
    filters: 3,
    kernelHeight: 5,
    kernelWidth: 5,
  };
  const problems = [
    product(device, { rows: 1000, inner: 1, columns: 300 }),
    product(device, { rows: 1, inner: 1, columns: 1 }),
    matmulTransposedProblem({ rows: 65, inner: 4, columns: 4 }, { a: buffer, b: buffer, output: buffer }),
    convTranspose2dProblem(shape, { y: buffer, w: buffer, output: buffer }),
  ];
  for (const problem of problems) {
    const tiles = tilesFor(problem, device);
    assert.is(new Set(tiles.map((tile) => tile.name)).size, tiles.length);
    assert.ok(tiles.every((tile) => tile.file !== 'subgroup' || device.subgroupSize !== undefined));
    for (const tile of tiles) {
      const [x, y, z] = productWorkgroups(problem, tile);
      assert.is((x / problem.phases) % 1, 0);
      assert.ok((x / problem.phases) * tile.columns >= problem.columns, tile.name);
      assert.ok(y * z * tile.rows >= problem.rows, tile.name);
    }
  }
});

test('A × B and A × transpose(B) are two problems to the tuner', () => {
  const buffer = device.allocatePersistent(1024, 'unused');
  const names = [false, true].map((transposeB) => {
    return matmulProblem({ rows: 8, inner: 12, columns: 20, transposeB }, { a: buffer, b: buffer, output: buffer })
      .name;
  });
  assert.is(new Set(names).size, 2);
});

test.run();
