/**
 * @file Small kernels for the tests of the GPU layer, good and bad, and devices that know them.
 */
import type { DeviceBuffer } from '../../src/gpu/memory/buffers.js';
import type { Dispatch } from '../../src/gpu/commands.js';
import { Device } from '../../src/gpu/device.js';
import type { Kernel } from '../../src/gpu/pipelines.js';
import { createGpu } from '../../src/host/node/device.js';

const TWO_BUFFERS = `
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;`;

const FILES: Readonly<Record<string, string>> = {
  // y = x · factor + summand, in WGSL that rounds: two devices may differ, one device may not.
  'affine.wgsl': `${TWO_BUFFERS}
struct Params { count: u32, factor: f32, summand: f32 }
@group(0) @binding(2) var<uniform> params: Params;
@compute @workgroup_size(64) fn main(@builtin(global_invocation_id) id: vec3u) {
  if (id.x < params.count) { y[id.x] = sin(x[id.x]) * params.factor + params.summand; }
}`,
  // y += x, so that what is left over from before shows.
  'accumulate.wgsl': `${TWO_BUFFERS}
@compute @workgroup_size(64) fn main(@builtin(global_invocation_id) id: vec3u) {
  if (id.x < arrayLength(&x)) { y[id.x] += x[id.x]; }
}`,
  'copy.wgsl': `${TWO_BUFFERS}
@compute @workgroup_size(64) fn main(@builtin(global_invocation_id) id: vec3u) {
  if (id.x < arrayLength(&x)) { y[id.x] = x[id.x]; }
}`,
  // The mistake is in the third line.
  'broken.wgsl': `${TWO_BUFFERS.trim()}
fn main() { let wrong: f32 = undeclared; }`,
};

/** A device that knows the kernels below. Close it with `destroy()`. */
export function openDeviceOf(files: Readonly<Record<string, string>> = {}): Promise<Device> {
  return Device.create(createGpu(), { shaders: { ...FILES, ...files } });
}

export const COPY: Kernel = { name: 'copy', files: ['copy.wgsl'] };
export const BROKEN: Kernel = { name: 'broken sums', files: ['broken.wgsl'] };

/** A dispatch of a kernel of two buffers, large enough for them. */
export function onBoth(kernel: Kernel, x: DeviceBuffer, y: DeviceBuffer): Dispatch {
  return { kernel, buffers: [x, y], workgroups: [Math.ceil(x.size / 256), 1, 1] };
}

/** y = sin(x) · factor + summand, into a new buffer. */
export function affine(device: Device, x: DeviceBuffer, factor: number, summand: number): DeviceBuffer {
  const y = device.allocate(x.size, 'affine');
  device.dispatch({
    ...onBoth({ name: 'affine', files: ['affine.wgsl'] }, x, y),
    params: { count: x.size / 4, factor, summand },
  });
  return y;
}

/** y += x. */
export function accumulate(device: Device, x: DeviceBuffer, y: DeviceBuffer): void {
  device.dispatch(onBoth({ name: 'accumulate', files: ['accumulate.wgsl'] }, x, y));
}

/** y = x. */
export function copy(device: Device, x: DeviceBuffer, y: DeviceBuffer): void {
  device.dispatch(onBoth(COPY, x, y));
}

/** A step of many short-lived buffers: each link of the chain is needed by the next alone. */
export function chain(device: Device, x: DeviceBuffer, links = 8): DeviceBuffer {
  let y = x;
  for (let link = 1; link <= links; link++) y = affine(device, y, 1 + link / 8, link / 16);
  return y;
}

/** What `body` throws, now or later. @throws Error when it throws nothing within ten seconds. */
export async function thrownBy(body: () => unknown): Promise<Error> {
  let timer: NodeJS.Timeout | undefined;
  const patience = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('nothing was thrown for ten seconds')), 10_000);
  });
  const ran = (async () => {
    await body();
  })();
  try {
    await Promise.race([ran, patience]);
  } catch (error) {
    if (error instanceof Error) return error;
    throw new Error(`what was thrown is no Error: ${String(error)}`, { cause: error });
  } finally {
    clearTimeout(timer);
  }
  throw new Error('nothing was thrown');
}
