/**
 * @file Runs a kernel that computes one new array.
 */
import type { DeviceBuffer } from '../gpu/memory/buffers.js';
import type { Device } from '../gpu/device.js';
import type { Kernel } from '../gpu/pipelines.js';
import type { Params } from '../gpu/params.js';

/** One dispatch whose last storage binding is its result. */
export interface Computation {
  readonly kernel: Kernel;
  readonly inputs: readonly DeviceBuffer[];
  /** Length of the result. */
  readonly values: number;
  readonly params: Params;
  readonly workgroups: readonly [number, number, number];
}

/** Allocates the result, labelled as the kernel is named, and dispatches the kernel. */
export function compute(device: Device, { kernel, inputs, values, params, workgroups }: Computation): DeviceBuffer {
  const result = device.allocate(values * 4, kernel.name);
  device.dispatch({ kernel, buffers: [...inputs, result], params, workgroups });
  return result;
}
