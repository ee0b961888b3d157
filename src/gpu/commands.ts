/**
 * @file Dispatches: a kernel, its buffers and its grid of workgroups.
 */
import { ValidationError } from './errors.js';
import type { Kernel } from './pipelines.js';
import type { Params } from './params.js';
import type { DeviceMemory } from './memory/textures.js';

/** One dispatch. Buffer or texture i is bound at `@binding(i)`; `params`, if any, is the uniform behind the last. */
export interface Dispatch {
  readonly kernel: Kernel;
  readonly buffers: readonly DeviceMemory[];
  /** The fields of the shader's `struct Params`. */
  readonly params?: Params;
  readonly workgroups: readonly [number, number, number];
}

/** Invocations of a workgroup in the elementwise kernels. */
export const LINEAR_WORKGROUP = 64;

/** Workgroups along one axis of a grid on every device: WebGPU's default limit. */
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

/** Workgroups for `count` invocations, one for each element; see {@link foldedWorkgroups}. */
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
