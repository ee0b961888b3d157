/**
 * @file Keeps the random stream of an engine, for draws that name no source of their own.
 */
import type { DeviceBuffer } from '../gpu/memory/buffers.js';
import type { Device } from '../gpu/device.js';
import { increment } from '../kernels/optimisers.js';

/** Where random numbers come from: equal sources give equal numbers. */
export interface RandomSource {
  /** An integer of 32 bits, as is the stream. */
  readonly seed: number;
  readonly stream: number;
  /** One u32 on the GPU that a recorded step advances, so that each replay draws new numbers. */
  readonly counter: DeviceBuffer;
}

/** The engine's draws use streams from here on. By convention, other sources use streams below it. */
const FIRST_STREAM = 2 ** 31;

/**
 * Numbers its draws: each gets a stream of its own. Eager draws read a counter that stays 0, so a backward pass draws the same
 * numbers again whenever it runs. Recorded draws read a counter that each replay advances once, at its end.
 */
export class EngineRandom {
  private value = 0;
  private draws = 0;
  private still: DeviceBuffer | undefined;
  private replays: DeviceBuffer | undefined;
  /** Whether {@link replays} has no value yet. */
  private isNew = false;

  constructor(private readonly device: Device) {}

  /** Restarts the stream, and the replays of recorded steps, which keep the seed of their recording. @throws Error for a seed that is not an integer of 32 bits */
  seed(value: number): void {
    if (!Number.isInteger(value) || value < 0 || value >= 2 ** 32) {
      throw new Error(`seed: got ${value}; it takes an integer from 0 to 2^32 - 1`);
    }
    this.value = value;
    this.draws = 0;
    if (this.replays !== undefined) this.clear(this.replays);
  }

  /** The source of the next draw. */
  next(): RandomSource {
    return { seed: this.value, stream: FIRST_STREAM + this.draws++, counter: this.counter() };
  }

  /** Draws made since the seed was set. */
  get position(): number {
    return this.draws;
  }

  /** Resets the number of draws. For draws that were traced but are not executed. */
  rewind(position: number): void {
    this.draws = position;
  }

  /** Runs a step that is recorded. If it draws, each replay then advances the counter. */
  recorded<T>(step: () => T): T {
    const before = this.draws;
    const result = step();
    if (this.draws > before && this.replays !== undefined) increment(this.device, this.replays);
    return result;
  }

  /** Runs a step that is only traced. The number of draws stays the same. */
  rehearsed<T>(step: () => T): T {
    const before = this.draws;
    try {
      return step();
    } finally {
      this.rewind(before);
    }
  }

  /** Sets a counter that was allocated during a recording to 0. Buffers cannot be written during a recording. */
  clearNewCounter(): void {
    if (this.isNew && this.replays !== undefined) this.clear(this.replays);
    this.isNew = false;
  }

  private counter(): DeviceBuffer {
    const { device } = this;
    if (!device.isRecording) {
      if (this.still === undefined) {
        this.still = device.allocatePersistent(4, 'eager draws');
        this.clear(this.still);
      }
      return this.still;
    }
    if (this.replays === undefined) {
      this.replays = device.allocatePersistent(4, 'replays');
      this.isNew = true;
    }
    return this.replays;
  }

  private clear(counter: DeviceBuffer): void {
    this.device.write(counter, new Uint32Array(1));
  }
}
