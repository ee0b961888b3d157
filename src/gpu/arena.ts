/**
 * @file The memory of a plan: its virtual buffers get memory from the pool, shared where their lifetimes allow.
 */
import type { BufferPool, DeviceBuffer } from './buffers.js';
import type { Dispatch } from './commands.js';
import { assignSlots, lifetimes, peakLiveBytes } from './lifetimes.js';
import type { PlanMemory } from './plan.js';

/** Memory for the virtual buffers among a plan's commands, until {@link release}. */
export class Arena {
  readonly memory: PlanMemory;
  private readonly virtual: ReadonlySet<DeviceBuffer>;
  private readonly slots: readonly GPUBuffer[];

  /** @param kept the buffers whose content is wanted after the last command. */
  constructor(
    private readonly pool: BufferPool,
    commands: readonly Dispatch[],
    kept: ReadonlySet<DeviceBuffer>,
  ) {
    const lives = lifetimes(commands, kept);
    const slots = assignSlots(lives);
    this.virtual = new Set(lives.map((life) => life.buffer));
    this.slots = slots.map((slot) => {
      const memory = pool.acquire(slot.size, 'plan');
      for (const buffer of slot.buffers) buffer.physical = memory;
      return memory;
    });
    this.memory = {
      allocatedBytes: sum(slots.map((slot) => slot.size)),
      liveBytes: peakLiveBytes(lives, commands.length),
      unsharedBytes: sum(lives.map((life) => life.buffer.size)),
    };
  }

  /** Whether the buffer's memory is this arena's. */
  owns(buffer: DeviceBuffer): boolean {
    return this.virtual.has(buffer);
  }

  /** Takes the memory from the buffers and gives it back to the pool. */
  release(): void {
    for (const buffer of this.virtual) buffer.physical = undefined;
    for (const buffer of this.slots) this.pool.release(buffer);
  }
}

function sum(sizes: readonly number[]): number {
  return sizes.reduce((a, b) => a + b, 0);
}
