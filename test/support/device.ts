/**
 * @file The device that a test file works on, and the way of values to it and back:
 *
 *     const device = await openTestDevice();
 *     test.after(() => device.destroy());
 */
import type { DeviceBuffer } from '../../src/gpu/memory/buffers.js';
import type { Device } from '../../src/gpu/device.js';
import { openDevice } from '../../src/host/node/device.js';
import { ensureShaderTexts } from '../../scripts/lib/shaderTexts.mjs';

// This process has loaded the stale texts already.
if (ensureShaderTexts()) throw new Error('src/gpu/shaderTexts.js was stale and is now up to date: run the test again');

let opened: Promise<Device> | undefined;

/** One device a process, which is one a test file. */
export function openTestDevice(): Promise<Device> {
  opened ??= openDevice();
  return opened;
}

/** A buffer with these values, rounded to float32; it lives as long as the device. */
export function upload(device: Device, values: ArrayLike<number>, label = 'test input'): DeviceBuffer {
  const data = Float32Array.from(values);
  const buffer = device.allocatePersistent(data.byteLength, label);
  device.write(buffer, data);
  return buffer;
}

/** The first `count` values of a buffer. @throws what the device refused since the last time. */
export async function download(device: Device, buffer: DeviceBuffer, count: number): Promise<Float32Array> {
  const [bytes] = await device.read(buffer);
  if (bytes === undefined) throw new Error(`nothing was read from ${buffer.label}`);
  return new Float32Array(bytes, 0, count);
}
