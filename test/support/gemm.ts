/**
 * @file Products of the gemm kernels by a given tile, between guards: NaN lies behind every array that is read, so that
 * an element too many shows in the result, and a mark behind the output, so that one written too many shows as well.
 */
import type { DeviceBuffer } from '../../src/gpu/memory/buffers.js';
import type { Device } from '../../src/gpu/device.js';
import type { GemmProblem } from '../../src/kernels/gemm/problem.js';
import { dispatchProduct } from '../../src/kernels/gemm/dispatch.js';
import { tilesFor, type Tile } from '../../src/kernels/gemm/tiles.js';
import type { Array64 } from '../reference/tensor.js';
import { download, upload } from './device.js';

/** Elements behind each array; no multiple of 4, nor is it short of what a tile could reach in one step. */
const GUARD = 131;
const MARK = -12_345;

/** A product to compute, and what bounds its error. */
export interface Product {
  readonly problem: GemmProblem;
  readonly expected: Array64;
  /** Σ|a||b| + |bias|, of the sums' own shape. */
  readonly magnitude: Array64;
  /** The most additions in a row. */
  readonly depth: number;
  /** Error of the activation itself, in multiples of 2⁻²³ of 1. */
  readonly activationUlps?: number;
}

/** A buffer of these values with NaN behind them. */
export function guarded(device: Device, { data }: Array64, label = 'guarded input'): DeviceBuffer {
  const values = new Float32Array(data.length + GUARD).fill(NaN);
  values.set(data);
  return upload(device, values, label);
}

/** A buffer for `count` results, and the guard behind them. */
export function guardedOutput(device: Device, count: number): DeviceBuffer {
  return device.allocatePersistent((count + GUARD) * 4, 'guarded output');
}

/** The product's values by a tile. @throws where the tile wrote behind the output. @param most see `dispatchProduct` */
export async function runTile(device: Device, problem: GemmProblem, tile: Tile, most?: number): Promise<Float32Array> {
  const { output, outputCount } = problem;
  const size = output.size / 4;
  const before = new Float32Array(size).fill(NaN, 0, outputCount).fill(MARK, outputCount);
  device.write(output, before);
  dispatchProduct(device, problem, tile, most);
  const after = await download(device, output, size);
  const written = after.subarray(outputCount).findIndex((value) => value !== MARK);
  if (written >= 0) throw new Error(`${problem.name} by ${tile.name} wrote ${written + 1} elements behind its output`);
  return after.subarray(0, outputCount);
}

/**
 * Computes the product by each tile and checks it against float64. Every multiply-add rounds twice where it is not
 * fused, each time by at most 2⁻²⁴ of a partial sum, which is at most Σ|a||b|: the sum errs by 2⁻²³ · depth · Σ|a||b|.
 * All activations have slopes of at most 1. All tiles must give the same bits: they promise one order of summation.
 */
export async function checkTiles(device: Device, product: Product, tiles: readonly Tile[]): Promise<void> {
  const { problem, expected, magnitude, depth, activationUlps = 0 } = product;
  let first: { tile: Tile; bits: Uint32Array } | undefined;
  for (const tile of tiles) {
    const values = await runTile(device, problem, tile);
    const what = `${problem.name} ${JSON.stringify(problem.constants)} by ${tile.name}`;
    expected.data.forEach((value, at) => {
      const allowed = 2 ** -23 * ((depth + 1) * magnitude.data[at]! + activationUlps);
      if (!(Math.abs(values[at]! - value) <= allowed)) {
        throw new Error(`${what}: got ${values[at]!} at ${at}, expected ${value}, off by more than ${allowed}`);
      }
    });
    const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
    if (first === undefined) {
      first = { tile, bits };
      continue;
    }
    const { bits: others, tile: other } = first;
    const differs = bits.findIndex((word, at) => word !== others[at]);
    if (differs >= 0) throw new Error(`${what}: other bits than ${other.name} gives at ${differs}`);
  }
}

/** All tiles, or those that compile fast: enough to run every path of the operands, by every file but `workgroup`. */
export function tilesOf(device: Device, problem: GemmProblem, all: boolean): Tile[] {
  const tiles = tilesFor(problem, device);
  if (all) return tiles;
  return tiles.filter((tile) => {
    if (tile.file === 'direct' || tile.name === 'register-4x16') return true;
    const alike = tiles.filter(({ file }) => file === tile.file);
    return tile.file.startsWith('subgroup') && tile.rows === Math.min(...alike.map(({ rows }) => rows));
  });
}
