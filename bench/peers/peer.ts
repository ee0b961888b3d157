/**
 * @file Defines the interface of a peer: prepares, runs and reads back tasks. Each peer lives in a process of its own
 * (host.ts), since two copies of Dawn in one process may crash it, and a crash must cost one column only.
 */
import { createRequire } from 'node:module';
import type { Environment } from '../support/report.js';
import type { GanReference, Task } from './tasks.js';

/** A task on the device, ready to run. */
export interface Work {
  /** Does the task so many times; resolves when the device has done them all. */
  run(times: number): Promise<void>;
  /** What the last run made, as the task lays it out (NHWC, HWIO), or the losses of the checked steps of a GAN. */
  outputs(): Promise<Float32Array[]>;
  /** Of the engine's own GAN, for the peers. */
  readonly reference?: GanReference;
  dispose(): void | Promise<void>;
}

/** A library at work on a device. */
export interface Peer {
  /** What it computes on. */
  readonly device: string;
  /** What the engine's own process runs on. */
  readonly environment?: Environment;
  /** @throws NotRun where the task cannot or should not be run. */
  prepare(task: Task, reference: GanReference | undefined): Promise<Work>;
}

/** Why a peer has no time for a task although nothing broke. */
export class NotRun extends Error {}

/** Choices of the user that reach each peer. */
export interface PeerOptions {
  /** Part of the adapter's name. */
  readonly adapter: string | undefined;
  readonly tune: boolean;
}

const require = createRequire(import.meta.url);

/**
 * Loads a package of bench/peers/package.json. The caller says what it is: the packages need not be installed where this
 * code is type-checked.
 */
export function loadPackage(name: string): unknown {
  try {
    return require(name);
  } catch (error) {
    const missing = error instanceof Error && 'code' in error && error.code === 'MODULE_NOT_FOUND';
    if (missing && error.message.includes(`'${name}'`)) throw new NotRun('not installed (npm ci in bench/peers)');
    throw error;
  }
}

/** The version of an installed package, or that it is not there. */
export function packageVersion(name: string): string {
  try {
    const manifest: unknown = require(`./node_modules/${name}/package.json`);
    const known = typeof manifest === 'object' && manifest !== null && 'version' in manifest;
    return known && typeof manifest.version === 'string' ? manifest.version : 'unknown';
  } catch {
    return 'not installed';
  }
}
