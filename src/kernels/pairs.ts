/**
 * @file What is made of the products of all pairs of two sets of points, a tile of pairs at a time: nearest neighbours,
 * counts within radii, and sums of a polynomial. Each kernel keeps a state of the tile's queries and is dispatched once
 * for each tile of candidates, in their order; see shaders/pairs/place.wgsl.
 */
import type { DeviceBuffer } from '../gpu/memory/buffers.js';
import { linearWorkgroups } from '../gpu/commands.js';
import type { Device } from '../gpu/device.js';
import type { Params } from '../gpu/params.js';
import { checkOperand } from './shape/strides.js';

/** Queries and candidates of a tile: products of 4 MiB, and enough columns to fill a GPU. */
export const PAIR_TILE = 1024;

/** Words of 4 bytes in a tile's place: its first query, its queries, its first candidate, its candidates. */
export const PLACE_WORDS = 4;

/** Words in the marks of a point: its squared length and its squared radius. */
export const MARKS = 2;

const DISTANCE_FILES = ['common/nan.wgsl', 'pairs/distance.wgsl'] as const;

/** One tile of pairs. */
export interface PairTile {
  /** [PAIR_TILE, PAIR_TILE], candidate c times query q at [c, q]. */
  readonly products: DeviceBuffer;
  /** u32, [PLACE_WORDS]. */
  readonly place: DeviceBuffer;
  /** [PAIR_TILE, MARKS] */
  readonly queries: DeviceBuffer;
  /** [PAIR_TILE, MARKS] */
  readonly candidates: DeviceBuffer;
  /** Queries and candidates are one set: no point is compared with itself. */
  readonly same: boolean;
}

/**
 * The k nearest candidates of each query.
 *
 * @param state [k, PAIR_TILE, 2]: squared distance (f32) and index (u32), nearest first; what a query has fewer of is
 *   the largest float32 and index 2³² − 1
 */
export function nearest(device: Device, tile: PairTile, state: DeviceBuffer, k: number): void {
  const op = 'nearest';
  if (!Number.isInteger(k) || k < 1) throw new Error(`${op}: got k ${k}; it takes an integer of at least 1`);
  checkOperand(op, 'state', state, [k, PAIR_TILE, 2]);
  dispatch(device, op, tile, { files: [...DISTANCE_FILES, 'pairs/nearest.wgsl'], constants: { K: k } }, [
    tile.queries,
    tile.candidates,
    state,
  ]);
}

/**
 * For each query the candidates whose radius reaches it, and those that its own radius reaches.
 *
 * @param state u32, [PAIR_TILE, 2]
 */
export function within(device: Device, tile: PairTile, state: DeviceBuffer): void {
  const op = 'within';
  checkOperand(op, 'state', state, [PAIR_TILE, 2]);
  dispatch(device, op, tile, { files: [...DISTANCE_FILES, 'pairs/within.wgsl'] }, [
    tile.queries,
    tile.candidates,
    state,
  ]);
}

/**
 * Sums of (factor · x·y + 1)³ over the candidates of each tile.
 *
 * @param state [tiles of candidates, PAIR_TILE]; a row is written for each tile
 */
export function cubes(device: Device, tile: PairTile, state: DeviceBuffer, factor: number): void {
  const op = 'cubes';
  checkOperand(op, 'state', state, [1, PAIR_TILE]);
  dispatch(device, op, tile, { files: ['pairs/cubes.wgsl'] }, [state], { factor });
}

function dispatch(
  device: Device,
  name: string,
  { products, place, same }: PairTile,
  kernel: { readonly files: readonly string[]; readonly constants?: Readonly<Record<string, number>> },
  buffers: readonly DeviceBuffer[],
  params?: Params,
): void {
  checkOperand(name, 'products', products, [PAIR_TILE, PAIR_TILE]);
  checkOperand(name, 'place', place, [PLACE_WORDS]);
  device.dispatch({
    kernel: {
      name,
      files: ['pairs/place.wgsl', ...kernel.files],
      constants: { TILE: PAIR_TILE, SAME: same, ...kernel.constants },
    },
    buffers: [products, place, ...buffers],
    ...(params === undefined ? {} : { params }),
    workgroups: linearWorkgroups(PAIR_TILE),
  });
}
