/**
 * @file Finds the buffers of a recorded step that can share memory: those whose lifetimes do not overlap.
 */
import type { Dispatch } from '../commands.js';
import { DeviceTexture, type DeviceMemory } from './textures.js';

/** First and last command, inclusive, between which a buffer's content matters. */
export interface Lifetime {
  readonly buffer: DeviceMemory;
  readonly first: number;
  readonly last: number;
}

/** Memory shared by buffers that are never alive together. */
export interface Slot {
  readonly size: number;
  readonly buffers: readonly DeviceMemory[];
}

/**
 * Lifetimes of the virtual buffers among the commands; those in `kept` live on after the last command. A whole lives from
 * the first use of any of its parts to the last, and stands for them.
 */
export function lifetimes(commands: readonly Dispatch[], kept: ReadonlySet<DeviceMemory>): Lifetime[] {
  const first = new Map<DeviceMemory, number>();
  const last = new Map<DeviceMemory, number>();
  const keptWholes = new Set([...kept].map((buffer) => buffer.whole ?? buffer));
  commands.forEach((command, index) => {
    for (const part of command.buffers) {
      if (part.physical !== undefined) continue;
      const buffer = part.whole ?? part;
      if (!first.has(buffer)) first.set(buffer, index);
      last.set(buffer, keptWholes.has(buffer) ? Infinity : index);
    }
  });
  return [...first].map(([buffer, start]) => ({ buffer, first: start, last: last.get(buffer) ?? start }));
}

/** The most bytes alive at one command: no assignment can do with less. */
export function peakLiveBytes(lives: readonly Lifetime[], commandCount: number): number {
  const change = new Float64Array(commandCount + 1);
  for (const { buffer, first, last } of lives) {
    change[first] = (change[first] ?? 0) + buffer.size;
    if (last < commandCount) change[last + 1] = (change[last + 1] ?? 0) - buffer.size;
  }
  let live = 0;
  let peak = 0;
  for (const delta of change) {
    live += delta;
    peak = Math.max(peak, live);
  }
  return peak;
}

/**
 * Assigns buffers to slots of buffers and texels to slots of texels, largest first, each to the smallest slot that is free
 * for its whole life ("greedy by size", Pisarchyk and Lee, Efficient Memory Management for Deep Neural Net Inference, 2020).
 */
export function assignSlots(lives: readonly Lifetime[]): Slot[] {
  const slots: { size: number; lives: Lifetime[] }[] = [];
  const largestFirst = [...lives].sort((a, b) => b.buffer.size - a.buffer.size || a.first - b.first);
  for (const life of largestFirst) {
    const free = slots.filter((slot) => slot.lives.every((other) => canShare(life, other)));
    const best = free.reduce<(typeof slots)[number] | undefined>(
      (a, b) => (a === undefined || b.size < a.size ? b : a),
      undefined,
    );
    if (best === undefined) slots.push({ size: life.buffer.size, lives: [life] });
    else best.lives.push(life);
  }
  return slots.map((slot) => ({ size: slot.size, buffers: slot.lives.map((life) => life.buffer) }));
}

function canShare(a: Lifetime, b: Lifetime): boolean {
  const isTexels = ({ buffer }: Lifetime): boolean => buffer instanceof DeviceTexture;
  return isTexels(a) === isTexels(b) && (a.last < b.first || a.first > b.last);
}
