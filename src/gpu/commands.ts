/**
 * @file What the GPU is told to do: a dispatch of a kernel over buffers.
 */
import type { Kernel } from './pipelines.js';
import type { DeviceMemory } from './texels.js';

/** One dispatch. Buffer or texture i is bound at `@binding(i)`; `params`, if any, is the uniform behind the last. */
export interface Dispatch {
  readonly kernel: Kernel;
  readonly buffers: readonly DeviceMemory[];
  /** The uniform's words, made by {@link params}. */
  readonly params?: Uint32Array;
  readonly workgroups: readonly [number, number, number];
}

/** A float among the words of a uniform. */
export interface Float {
  readonly f32: number;
}

/** Marks a number as `f32` for {@link params}; plain numbers are `u32` or `i32`. */
export function f32(value: number): Float {
  return { f32: value };
}

/** Packs a uniform struct of 4-byte members, in order. Negative integers are stored in two's complement. */
export function params(...members: readonly (number | Float)[]): Uint32Array {
  const words = new Uint32Array(Math.ceil(members.length / 4) * 4);
  const floats = new Float32Array(words.buffer);
  members.forEach((member, index) => {
    if (typeof member === 'number') words[index] = member;
    else floats[index] = member.f32;
  });
  return words;
}

/** Invocations of a workgroup in the elementwise kernels. */
export const LINEAR_WORKGROUP = 64;

/**
 * Workgroups for a loop over `count` elements. Past 65,535 groups the grid folds into rows, so a kernel computes its
 * index as `id.y * (num_workgroups.x * 64) + id.x`.
 */
export function linearWorkgroups(count: number): readonly [number, number, number] {
  const groups = Math.max(1, Math.ceil(count / LINEAR_WORKGROUP));
  const rows = Math.ceil(groups / 65_535);
  return [Math.ceil(groups / rows), rows, 1];
}
