/**
 * @file Defines the interface of a peer: prepares, runs and reads back tasks. Each peer lives in a process of its own, since
 * two copies of Dawn in one process may crash it, and a crash must cost one column only.
 */
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
  /** Versions of what no package of bench/peers/package.json names. */
  readonly versions?: Readonly<Record<string, string>>;
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
  /** A Python with PyTorch. */
  readonly python?: string | undefined;
  /** The command of Chromium. */
  readonly chromium?: string | undefined;
}
