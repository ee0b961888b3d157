/**
 * @file Computes over all pairs of two sets of points, tile by tile: a matrix product, then a kernel that reduces it. The
 * step is recorded once and replayed for each tile, so that memory does not depend on the number of points.
 */
import type { Engine } from '../../autograd/engine.js';
import { matmul } from '../../autograd/ops/index.js';
import type { Tensor } from '../../autograd/tensor.js';
import type { Device } from '../../gpu/device.js';
import type { DeviceBuffer } from '../../gpu/memory/buffers.js';
import { cubes, MARKS, nearest, PAIR_TILE, PLACE_WORDS, within, type PairTile } from '../../kernels/pairs.js';
import type { Rows } from './points.js';
import type { PartProgress } from '../progress.js';

/** Rows with a ball around each: its squared radius. */
export interface Balls extends Rows {
  /** [count]; below 0 for a ball that holds nothing. */
  readonly squaredRadii: ArrayLike<number>;
}

/** Two sets of points of one size. */
export interface Pairs<T extends Rows = Rows> {
  readonly queries: T;
  readonly candidates: T;
  /** Whether both are the same points; then no point is paired with itself. */
  readonly same?: boolean;
}

export interface Neighbours {
  /** [count, k], nearest first. */
  readonly squaredDistances: Float32Array;
  /** [count, k], in the candidates. */
  readonly indices: Uint32Array;
}

export interface Counts {
  /** [count]: candidates in whose ball the query lies. */
  readonly holding: Uint32Array;
  /** [count]: candidates that lie in the query's ball. */
  readonly held: Uint32Array;
}

/** The k nearest candidates of each query; there must be at least k. */
export async function findNearest(
  engine: Engine,
  pairs: Pairs,
  k: number,
  progress?: PartProgress,
): Promise<Neighbours> {
  const { count } = pairs.queries;
  const squaredDistances = new Float32Array(count * k);
  const indices = new Uint32Array(count * k);
  const words = k * PAIR_TILE * 2;
  const step = (device: Device, tile: PairTile, state: DeviceBuffer): void => nearest(device, tile, state, k);
  const visit = (state: ArrayBuffer, first: number, queries: number): void => {
    const squares = new Float32Array(state);
    const places = new Uint32Array(state);
    for (let query = 0; query < queries; query++) {
      for (let i = 0; i < k; i++) {
        const from = 2 * (i * PAIR_TILE + query);
        const to = (first + query) * k + i;
        squaredDistances[to] = squares[from]!;
        indices[to] = places[from + 1]!;
      }
    }
  };
  await scan(engine, pairs, { words, step }, visit, progress);
  return { squaredDistances, indices };
}

/** How many candidates' balls hold each query, and how many candidates each query's ball holds. A ball is closed. */
export async function countWithin(engine: Engine, pairs: Pairs<Balls>, progress?: PartProgress): Promise<Counts> {
  const holding = new Uint32Array(pairs.queries.count);
  const held = new Uint32Array(pairs.queries.count);
  const visit = (state: ArrayBuffer, first: number, queries: number): void => {
    const counts = new Uint32Array(state);
    for (let query = 0; query < queries; query++) {
      holding[first + query] = counts[2 * query]!;
      held[first + query] = counts[2 * query + 1]!;
    }
  };
  await scan(engine, pairs, { words: PAIR_TILE * 2, step: within }, visit, progress);
  return { holding, held };
}

/** Σ (x·y / size + 1)³ over all pairs. */
export async function sumCubes(engine: Engine, pairs: Pairs, progress?: PartProgress): Promise<number> {
  const { size, count } = pairs.candidates;
  const tiles = Math.ceil(count / PAIR_TILE);
  const step = (device: Device, tile: PairTile, state: DeviceBuffer): void => cubes(device, tile, state, 1 / size);
  let total = 0;
  const visit = (state: ArrayBuffer, _first: number, queries: number): void => {
    const sums = new Float32Array(state);
    for (let tile = 0; tile < tiles; tile++) {
      for (let query = 0; query < queries; query++) total += sums[tile * PAIR_TILE + query]!;
    }
  };
  await scan(engine, pairs, { words: tiles * PAIR_TILE, step }, visit, progress);
  return total;
}

/** State of a tile of queries: its size in words of 4 bytes, and the kernel that updates it with a tile of pairs. */
interface Keeper {
  readonly words: number;
  readonly step: (device: Device, tile: PairTile, state: DeviceBuffer) => void;
}

/** Maximum number of queued tiles: each upload takes memory until it is used. */
const MOST_WAITING = 8;

/** Calls `visit` with the state of each tile of queries after all candidates. */
async function scan(
  engine: Engine,
  { queries, candidates, same = false }: Pairs,
  { words, step }: Keeper,
  visit: (state: ArrayBuffer, first: number, queries: number) => void,
  progress?: PartProgress,
): Promise<void> {
  const { device } = engine;
  const { size } = queries;
  const sides = [new Side(engine, 'queries', size), new Side(engine, 'candidates', size)] as const;
  const place = device.allocatePersistent(PLACE_WORDS * 4, 'place of a tile of pairs');
  const state = device.allocatePersistent(words * 4, 'state of a tile of queries');
  try {
    const [asked, offered] = sides;
    const plan = await engine.recordUntuned(() => {
      const products = engine.noGrad(() => matmul(offered.rows, asked.rows, { transposeB: true })).buffer;
      const marks = { queries: asked.marks.buffer, candidates: offered.marks.buffer };
      step(device, { products, place, ...marks, same }, state);
      return undefined;
    });
    try {
      const tiles = Math.ceil(queries.count / PAIR_TILE) * Math.ceil(candidates.count / PAIR_TILE);
      let done = 0;
      for (let query = 0; query < queries.count; query += PAIR_TILE) {
        const rows = asked.load(queries, query);
        for (let candidate = 0; candidate < candidates.count; candidate += PAIR_TILE) {
          device.write(place, Uint32Array.of(query, rows, candidate, offered.load(candidates, candidate)));
          plan.replay();
          if ((candidate / PAIR_TILE + 1) % MOST_WAITING === 0) await device.synchronize();
          progress?.(++done, tiles);
        }
        const [kept] = await device.read(state);
        if (kept !== undefined) visit(kept, query, rows);
      }
    } finally {
      plan.dispose();
    }
  } finally {
    for (const side of sides) side.free();
    for (const buffer of [place, state]) device.free(buffer);
  }
}

/** One side of the tile: PAIR_TILE points on the device; unused rows keep older points. */
class Side {
  readonly rows: Tensor;
  readonly marks: Tensor;
  private readonly values: Float32Array;
  private readonly markValues = new Float32Array(PAIR_TILE * MARKS);

  constructor(
    engine: Engine,
    private readonly name: string,
    private readonly size: number,
  ) {
    this.values = new Float32Array(PAIR_TILE * size);
    this.rows = engine.tensor(this.values, [PAIR_TILE, size], { name });
    this.marks = engine.tensor(this.markValues, [PAIR_TILE, MARKS], { name: `marks of ${name}` });
  }

  /**
   * Uploads points from `first` on.
   *
   * @returns the number of points, at most a tile's
   * @throws Error if unchecked rows hold NaN or ±∞, which max(·, 0) would turn into a distance of 0
   */
  load(points: Rows | Balls, first: number): number {
    const { size, values, markValues } = this;
    const count = Math.min(PAIR_TILE, points.count - first);
    for (let index = 0; index < count; index++) {
      const row = values.subarray(index * size, (index + 1) * size);
      points.write(first + index, row);
      let square = 0;
      for (let i = 0; i < size; i++) square += row[i]! * row[i]!;
      if (!Number.isFinite(square)) throw new Error(`row ${first + index} of the ${this.name} holds NaN or ±∞`);
      markValues[index * MARKS] = square;
      markValues[index * MARKS + 1] = 'squaredRadii' in points ? points.squaredRadii[first + index]! : 0;
    }
    this.rows.write(values);
    this.marks.write(markValues);
    return count;
  }

  free(): void {
    this.rows.free();
    this.marks.free();
  }
}
