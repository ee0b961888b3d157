/**
 * @file What the GPU is told to do: a dispatch of a kernel over buffers.
 */
import { ValidationError } from './errors.js';
import type { Kernel } from './pipelines.js';
import type { DeviceMemory } from './memory/textures.js';

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

/** Workgroups that every device takes along one axis of a grid: the lowest limit that WebGPU allows. */
export const MOST_WORKGROUPS = 65_535;

/**
 * Grid of `count` workgroups. It folds into rows where one row is too short, so a kernel computes the number of its
 * workgroup as `group.y * num_workgroups.x + group.x`. The last row may be longer than needed: kernels check for the end.
 *
 * @param most in a row
 */
export function foldedWorkgroups(count: number, most = MOST_WORKGROUPS): readonly [number, number, number] {
  const rows = Math.ceil(count / most);
  return [Math.ceil(count / rows), rows, 1];
}

/** Workgroups for a loop over `count` elements; see {@link foldedWorkgroups}. */
export function linearWorkgroups(count: number): readonly [number, number, number] {
  return foldedWorkgroups(Math.max(1, Math.ceil(count / LINEAR_WORKGROUP)));
}

/**
 * Checks a dispatch against the device's limits. The device itself reports such a dispatch too late: by then everything
 * that was submitted with it has failed.
 *
 * @throws ValidationError naming the kernel, what it got and the limit.
 */
export function checkWorkgroups({ kernel, workgroups }: Dispatch, limits: GPUSupportedLimits): void {
  const got = `[${workgroups.join(', ')}]`;
  if (!workgroups.every((count) => Number.isInteger(count) && count >= 0)) {
    throw new ValidationError(kernel.name, `got ${got} workgroups; it takes integers of at least 0`);
  }
  const most = limits.maxComputeWorkgroupsPerDimension;
  if (workgroups.some((count) => count > most)) {
    throw new ValidationError(kernel.name, `got workgroups ${got}; this device takes at most ${most} along an axis`);
  }
}
