/**
 * @file The kernels over tiles of pairs, on products made here: padding, state from tile to tile, ties, and a point
 * that is not compared with itself.
 */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { DeviceBuffer } from '../../src/gpu/memory/buffers.js';
import { cubes, MARKS, nearest, PAIR_TILE, within, type PairTile } from '../../src/kernels/pairs.js';
import { download, openTestDevice, upload } from '../support/device.js';
import { seededInts } from '../support/random.js';

const device = await openTestDevice();
test.after(() => device.destroy());

const NOTHING = 12_345;

interface Place {
  readonly firstQuery?: number;
  readonly queries: number;
  readonly firstCandidate?: number;
  readonly candidates: number;
}

interface Given {
  readonly place: Place;
  readonly same?: boolean;
  /** Of candidate c and query q; padding is NaN. */
  readonly product: (candidate: number, query: number) => number;
  readonly queryMarks?: (query: number) => readonly [number, number];
  readonly candidateMarks?: (candidate: number) => readonly [number, number];
}

function tileOf({ place, same = false, product, queryMarks, candidateMarks }: Given): PairTile {
  const { firstQuery = 0, queries, firstCandidate = 0, candidates } = place;
  const products = new Float32Array(PAIR_TILE ** 2).fill(NaN);
  for (let c = 0; c < candidates; c++) for (let q = 0; q < queries; q++) products[c * PAIR_TILE + q] = product(c, q);
  const marks = (count: number, of: (at: number) => readonly [number, number] = () => [0, 0]): DeviceBuffer => {
    const values = new Float32Array(PAIR_TILE * MARKS).fill(NaN);
    for (let at = 0; at < count; at++) values.set(of(at), at * MARKS);
    return upload(device, values);
  };
  const where = device.allocatePersistent(16, 'place');
  device.write(where, Uint32Array.of(firstQuery, queries, firstCandidate, candidates));
  return {
    products: upload(device, products),
    place: where,
    queries: marks(queries, queryMarks),
    candidates: marks(candidates, candidateMarks),
    same,
  };
}

function stateOf(words: number): DeviceBuffer {
  return upload(device, new Float32Array(words).fill(NOTHING));
}

async function words(state: DeviceBuffer, count: number): Promise<{ floats: Float32Array; ints: Uint32Array }> {
  const floats = await download(device, state, count);
  return { floats, ints: new Uint32Array(floats.buffer, 0, count) };
}

/** Squared distance 1 + 1 − 2 · product is `distance`, exactly for small integers. */
const ofDistance = (distance: number): number => 1 - distance / 2;
const unit = (): readonly [number, number] => [1, 0];

test('the nearest go on from tile to tile, in order, and ties go to the earlier', async () => {
  const [queries, k, tiles] = [67, 3, [PAIR_TILE, 5]] as const;
  const distances = seededInts('nearest', queries * (tiles[0] + tiles[1]), 0, 500);
  const distance = (c: number, q: number): number => distances[c * queries + q]!;
  const state = stateOf(k * PAIR_TILE * 2);
  for (const [index, candidates] of tiles.entries()) {
    const firstCandidate = index * PAIR_TILE;
    const product = (c: number, q: number): number => ofDistance(distance(firstCandidate + c, q));
    const place = { queries, firstCandidate, candidates };
    nearest(device, tileOf({ place, product, queryMarks: unit, candidateMarks: unit }), state, k);
  }
  const { floats, ints } = await words(state, k * PAIR_TILE * 2);
  for (let q = 0; q < queries; q++) {
    const order = Array.from({ length: tiles[0] + tiles[1] }, (_, c) => c);
    order.sort((a, b) => distance(a, q) - distance(b, q) || a - b);
    for (let i = 0; i < k; i++) {
      const at = 2 * (i * PAIR_TILE + q);
      assert.is(floats[at], distance(order[i]!, q), `distance ${i} of query ${q}`);
      assert.is(ints[at + 1], order[i], `index ${i} of query ${q}`);
    }
  }
  assert.is(floats[2 * queries], NOTHING, 'padding is left alone');
});

test('no point is its own neighbour, wherever its tile lies; what is missing is far away', async () => {
  const place = { firstQuery: 10, queries: 3, firstCandidate: 0, candidates: 12 };
  const state = stateOf(2 * PAIR_TILE * 2);
  // Candidate c lies at c; query q is candidate 10 + q, of which only two are here.
  const product = (c: number, q: number): number => c * (10 + q);
  const queryMarks = (q: number) => [(10 + q) ** 2, 0] as const;
  const candidateMarks = (c: number) => [c ** 2, 0] as const;
  nearest(device, tileOf({ place, same: true, product, queryMarks, candidateMarks }), state, 2);
  const { floats, ints } = await words(state, 2 * PAIR_TILE * 2);
  const found = (q: number, i: number) => [floats[2 * (i * PAIR_TILE + q)], ints[2 * (i * PAIR_TILE + q) + 1]];
  assert.equal(found(0, 0), [1, 9]);
  assert.equal(found(0, 1), [1, 11]);
  assert.equal(found(1, 0), [1, 10]);
  assert.equal(found(2, 0), [1, 11]);

  const single = { firstQuery: 0, queries: 1, candidates: 1 };
  nearest(device, tileOf({ place: single, same: true, product: () => 0 }), state, 2);
  const alone = await words(state, 2);
  assert.ok(alone.floats[0]! > 3e38);
  assert.is(alone.ints[1], 2 ** 32 - 1);
});

test('a distance that rounding made negative is zero', async () => {
  const state = stateOf(PAIR_TILE * 2);
  const place = { queries: 1, candidates: 1 };
  nearest(device, tileOf({ place, product: () => 1.25, queryMarks: unit, candidateMarks: unit }), state, 1);
  assert.is((await words(state, 1)).floats[0], 0);
});

test('balls are closed, hold from either side, and hold nothing below 0', async () => {
  const [queries, candidates] = [5, 7];
  // Squared distance of c and q is c + q.
  const product = (c: number, q: number): number => ofDistance(c + q);
  const state = stateOf(PAIR_TILE * 2);
  const queryMarks = (q: number) => [1, q === 4 ? -1 : 3] as const;
  const candidateMarks = (c: number) => [1, c === 0 ? -1 : 5] as const;
  const counts = async (): Promise<Uint32Array> => (await words(state, queries * 2)).ints;
  within(device, tileOf({ place: { queries, candidates }, product, queryMarks, candidateMarks }), state);
  const once = [5, 4, 4, 3, 3, 2, 2, 1, 1, 0];
  assert.equal([...(await counts())], once);

  const next = { queries, firstCandidate: PAIR_TILE, candidates };
  within(device, tileOf({ place: next, product, queryMarks, candidateMarks }), state);
  assert.equal(
    [...(await counts())],
    once.map((count) => 2 * count),
  );

  // Without the pairs (0, 0), which none holds but the query's ball, (1, 1), (2, 2), …
  const own = tileOf({ place: { queries, candidates }, same: true, product, queryMarks, candidateMarks });
  within(device, own, state);
  assert.equal([...(await counts())], [5, 3, 3, 2, 2, 2, 2, 1, 1, 0]);
});

test('cubes are summed for each tile of candidates, padding and the point itself left out', async () => {
  const [queries, candidates] = [9, 13];
  const product = (c: number, q: number): number => c - q;
  const sum = (q: number, without: number): number => {
    let total = 0;
    for (let c = 0; c < candidates; c++) if (c !== without) total += (0.5 * (c - q) + 1) ** 3;
    return total;
  };
  const state = stateOf(2 * PAIR_TILE);
  cubes(device, tileOf({ place: { queries, firstCandidate: PAIR_TILE, candidates }, product }), state, 0.5);
  const all = (await words(state, 2 * PAIR_TILE)).floats;
  assert.is(all[0], NOTHING);
  for (let q = 0; q < queries; q++) assert.is(all[PAIR_TILE + q], sum(q, -1));
  assert.is(all[PAIR_TILE + queries], NOTHING);

  cubes(device, tileOf({ place: { queries, candidates }, product, same: true }), state, 0.5);
  const others = (await words(state, queries)).floats;
  for (let q = 0; q < queries; q++) assert.is(others[q], sum(q, q));
});

test('refuses what does not fit, by name', () => {
  const tile = tileOf({ place: { queries: 1, candidates: 1 }, product: () => 0 });
  const small = stateOf(4);
  assert.throws(() => nearest(device, tile, small, 0), /nearest: got k 0; it takes an integer of at least 1/);
  assert.throws(() => nearest(device, tile, small, 2), /nearest: got state \[2, 1024, 2\] in a buffer of 16 bytes/);
  assert.throws(() => within(device, tile, small), /within: got state/);
  assert.throws(() => cubes(device, tile, small, 1), /cubes: got state/);
  assert.throws(() => cubes(device, { ...tile, products: small }, stateOf(PAIR_TILE), 1), /cubes: got products/);
});

test('a point that holds NaN has no neighbours, is none, and lies within nothing', async () => {
  const tile = tileOf({
    place: { queries: 3, candidates: 3 },
    product: (c, q) => (c === 1 || q === 2 ? NaN : 0),
    queryMarks: (q) => [q, 100],
    candidateMarks: (c) => [10 * c, 100],
  });
  const [state, counts] = [stateOf(2 * PAIR_TILE), stateOf(2 * PAIR_TILE)];
  nearest(device, tile, state, 1);
  within(device, tile, counts);
  const found = await words(state, 6);
  assert.equal([found.floats[0], found.ints[1], found.floats[2], found.ints[3]], [0, 0, 1, 0]);
  assert.is(found.ints[5], 2 ** 32 - 1);
  assert.equal([...(await words(counts, 6)).ints], [2, 2, 2, 2, 0, 0]);
});

test.run();
