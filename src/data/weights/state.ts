/**
 * @file Lists the tensors and counters that a checkpoint holds by name, and copies them between GPU and host.
 */
import type { DeviceBuffer } from '../../gpu/memory/buffers.js';
import type { Device } from '../../gpu/device.js';
import { printable, shown } from '../printable.js';
import type { StoredTensor } from './safetensors.js';
import type { Sequential } from '../../models/layers/index.js';
import type { Adam } from '../../models/optim/adam.js';
import type { Tensor } from '../../autograd/tensor.js';

/** A tensor of floats, or a counter, on the GPU. */
export interface StateEntry {
  readonly shape: readonly number[];
  readonly type: 'float32' | 'uint32';
  readonly buffer: DeviceBuffer;
}

/** Buffers of a training by name: everything that a checkpoint holds. */
export type State = ReadonlyMap<string, StateEntry>;

/** The same values on the host. */
export type Snapshot = ReadonlyMap<string, StoredTensor>;

/** The entry of a counter: one u32, rank 0. */
export function counter(buffer: DeviceBuffer): StateEntry {
  return { shape: [], type: 'uint32', buffer };
}

/**
 * The entries of a network, including batch-norm statistics and singular vectors, by the names of its tensors
 * (`generator/dense/kernel`).
 *
 * @throws Error for a tensor without a name, or two tensors with the same name
 */
export function networkState(network: Sequential): State {
  return byName([...network.parameters, ...network.state]);
}

/** Prefix of the names of averaged weights. */
export const AVERAGE = 'average/';

/** The entries of a network of averaged weights: `average/generator/dense/kernel`, … */
export function averageState(network: Sequential): State {
  return new Map([...networkState(network)].map(([name, entry]) => [`${AVERAGE}${name}`, entry]));
}

/** The entries of an optimiser: `generator/dense/kernel/adam_first_moment`, …, `generator/adam_step`. */
export function adamState(name: string, optimiser: Adam): State {
  return new Map([...byName(optimiser.state), [`${name}/adam_step`, counter(optimiser.stepCounter)]]);
}

/** Merges states. @throws Error if two parts share a name */
export function joinStates(...parts: readonly State[]): State {
  const all = new Map(parts.flatMap((part) => [...part]));
  const count = parts.reduce((sum, part) => sum + part.size, 0);
  if (all.size !== count) throw new Error('two parts of the state have a name in common');
  return all;
}

function byName(tensors: readonly Tensor[]): State {
  const entries = new Map<string, StateEntry>();
  for (const { name, shape, buffer } of tensors) {
    if (name === undefined || entries.has(name)) throw new Error(`a checkpoint needs a name of its own for ${name}`);
    entries.set(name, { shape, type: 'float32', buffer });
  }
  return entries;
}

/** Reads a state back, after all enqueued steps. */
export async function snapshot(device: Device, state: State): Promise<Snapshot> {
  const entries = [...state];
  const bytes = await device.read(...entries.map(([, { buffer }]) => buffer));
  return new Map(
    entries.map(([name, { shape, type }], index) => {
      const count = shape.reduce((product, length) => product * length, 1);
      const array = bytes[index] ?? new ArrayBuffer(0);
      const values = type === 'float32' ? new Float32Array(array, 0, count) : new Uint32Array(array, 0, count);
      return [name, { shape, values }];
    }),
  );
}

/**
 * Writes a snapshot into a state, completely or not at all.
 *
 * @param source where the snapshot comes from, for error messages
 * @throws Error for a missing or unknown tensor, or one of another shape or type
 */
export function restore(device: Device, state: State, values: Snapshot, source: string): void {
  for (const [name, entry] of state) checkFit(name, entry, values.get(name), source);
  for (const name of values.keys()) {
    if (!state.has(name)) throw new Error(`${source}: tensor ${shown(name)} belongs to no part of this network`);
  }
  for (const [name, { buffer }] of state) {
    const stored = values.get(name);
    if (stored !== undefined) device.write(buffer, stored.values);
  }
}

function checkFit(name: string, entry: StateEntry, stored: StoredTensor | undefined, source: string): void {
  if (stored === undefined) throw new Error(`${source}: tensor ${name} is missing`);
  const found = `${typeOf(stored)} [${printable(stored.shape.join(', '))}]`;
  const expected = `${entry.type} [${entry.shape.join(', ')}]`;
  if (found !== expected) {
    throw new Error(`${source}: tensor ${name} is ${found}, and the network has ${expected}`);
  }
}

function typeOf({ values }: StoredTensor): StateEntry['type'] {
  return values instanceof Float32Array ? 'float32' : 'uint32';
}

/** The name of the first tensor with NaN or ±∞; undefined if all numbers are finite. */
export function firstNonFinite(values: Snapshot): string | undefined {
  for (const [name, stored] of values) {
    if (!stored.values.every(Number.isFinite)) return name;
  }
  return undefined;
}
