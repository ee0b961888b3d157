/**
 * @file How wide the workgroups are that sum up by `shaders/common/workgroupSum.wgsl`.
 */
import type { Device } from '../gpu/device.js';

/**
 * LANES in `shaders/common/workgroupSum.wgsl`: as many as any device has, to have many loads under way; on a software device those of one
 * vector, for there every barrier is a switch between coroutines. Measured 2026-11-25 on two cores, layerNorm of 64 images
 * of 14 · 14 × 64: 1.2 to 1.9 ms with 8 lanes, 2.0 to 3.6 with 16, 2.4 to 6.4 with 64 and with 256.
 */
export function workgroupSumLanes(device: Device): number {
  return device.adapter.software ? 8 : 256;
}
