/**
 * @file Defines the context of every case (device, tuned engine, limit) and its result.
 */
import { readFileSync } from 'node:fs';
import { Engine } from '../../src/autograd/engine.js';
import { fitsOptions, namesSoftware } from '../../src/gpu/adapter.js';
import { Device } from '../../src/gpu/device.js';
import { adapterNames, createGpu } from '../../src/host/node/device.js';
import { tuningFile } from '../../src/host/node/tuningFile.js';
import type { ArithmeticLimit } from './limit.js';
import type { Effort, Measurement } from './measure.js';

export interface BenchOptions {
  /** Measure tiles, or take the cache's; false takes the fixed ones. */
  readonly tune: boolean;
  /** Takes this tile wherever it fits. */
  readonly tile?: string | undefined;
  /** Part of the adapter's name. */
  readonly adapter?: string | undefined;
  readonly quick: boolean;
  /** Prints and draws where a step's time goes. */
  readonly profile: boolean;
  /** The folder for the drawings. */
  readonly pictures: string;
}

export interface Bench {
  readonly device: Device;
  readonly engine: Engine;
  readonly limit: ArithmeticLimit;
  readonly effort: Effort;
  readonly options: BenchOptions;
  /** Prints a line that is no row. */
  readonly print: (line: string) => void;
}

/** A row of the table, and of the JSON file. */
export interface Row extends Measurement {
  /** The tile's name, or empty. */
  readonly tile: string;
  readonly extra?: Readonly<Record<string, number | string | boolean>>;
}

export interface Case {
  readonly name: string;
  readonly run: (bench: Bench) => Promise<Row>;
}

export interface Group {
  readonly name: string;
  readonly unit: 'GFLOP/s' | 'GB/s';
  readonly cases: readonly Case[];
  /** A line below the table. */
  readonly note?: string;
}

/** The benches' own shaders, in addition to the engine's. */
const SHADERS = Object.fromEntries(
  ['copy', 'limit'].map((name) => {
    return [`bench/${name}.wgsl`, readFileSync(new URL(`../shaders/${name}.wgsl`, import.meta.url), 'utf8')];
  }),
);

/** Opens a device, with a pool of its own. */
export async function openBenchDevice({ adapter }: Partial<Pick<BenchOptions, 'adapter'>>): Promise<Device> {
  if (adapter === undefined) return Device.create(createGpu(), { shaders: SHADERS });
  const options = { name: adapter };
  const name = (await adapterNames()).find((other) => fitsOptions(other, namesSoftware(other), options));
  return Device.create(createGpu(name), { shaders: SHADERS, adapter: name === undefined ? options : {} });
}

/** The engine as users run it: measured tiles, kept in the user's cache. */
export function benchEngine(device: Device, { tune, tile }: BenchOptions): Engine {
  return new Engine(device, {
    measure: tune,
    store: tuningFile(),
    ...(tile === undefined ? {} : { force: tile }),
  });
}
