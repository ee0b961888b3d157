/**
 * @file Gives a plan's virtual buffers memory from the pool, shared where their lifetimes allow.
 */
import type { BufferPool } from './buffers.js';
import type { Dispatch } from '../commands.js';
import { assignSlots, lifetimes, peakLiveBytes, type Slot } from './lifetimes.js';
import type { PlanMemory } from '../plan/plan.js';
import { DeviceTexture, type DeviceMemory } from './textures.js';

/** How a plan's virtual buffers share memory. */
export interface MemoryLayout {
  readonly virtual: ReadonlySet<DeviceMemory>;
  readonly slots: readonly Slot[];
  readonly memory: PlanMemory;
}

/** @param kept the buffers whose content is wanted after the last command. */
export function layOutMemory(commands: readonly Dispatch[], kept: ReadonlySet<DeviceMemory>): MemoryLayout {
  const lives = lifetimes(commands, kept);
  const slots = assignSlots(lives);
  return {
    virtual: new Set(lives.map((life) => life.buffer)),
    slots,
    memory: {
      allocatedBytes: sum(slots.map((slot) => slot.size)),
      liveBytes: peakLiveBytes(lives, commands.length),
      unsharedBytes: sum(lives.map((life) => life.buffer.size)),
    },
  };
}

/** Memory for the virtual buffers among a plan's commands, until {@link release}. */
export class Arena {
  readonly memory: PlanMemory;
  private readonly virtual: ReadonlySet<DeviceMemory>;
  private readonly bound: ReadonlySet<DeviceMemory>;
  private readonly slots: (() => void)[] = [];

  /** @throws OutOfMemoryError, with nothing taken */
  constructor(
    private readonly pool: BufferPool,
    commands: readonly Dispatch[],
    { virtual, slots, memory }: MemoryLayout,
  ) {
    this.bound = new Set(commands.flatMap((command) => command.buffers));
    this.virtual = virtual;
    this.memory = memory;
    try {
      for (const slot of slots) this.slots.push(this.fill(slot));
    } catch (error) {
      this.release();
      throw error;
    }
  }

  /** Whether the buffer's memory is this arena's. */
  owns(buffer: DeviceMemory): boolean {
    return this.virtual.has(buffer.whole ?? buffer);
  }

  /** Whether the plan's bind groups name the buffer's place. */
  binds(buffer: DeviceMemory): boolean {
    return this.bound.has(buffer);
  }

  /** Takes the memory from the buffers and gives it back to the pool. */
  release(): void {
    for (const buffer of this.virtual) buffer.place(undefined);
    for (const release of this.slots) release();
  }

  /** Gives a slot memory. @returns what hands it back. */
  private fill({ buffers, size }: Slot): () => void {
    const { pool } = this;
    const texels = buffers.filter((memory) => memory instanceof DeviceTexture);
    if (texels.length > 0) {
      const texture = pool.acquireTexture(Math.max(...texels.map(({ rows }) => rows)), 'plan');
      for (const each of texels) each.place(texture);
      return () => pool.releaseTexture(texture);
    }
    const memory = pool.acquire(size, 'plan');
    for (const buffer of buffers) if (!(buffer instanceof DeviceTexture)) buffer.place(memory);
    return () => pool.release(memory);
  }
}

function sum(sizes: readonly number[]): number {
  return sizes.reduce((a, b) => a + b, 0);
}
