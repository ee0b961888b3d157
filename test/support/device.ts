/**
 * @file Opens the device of the tests, and copies values to it and back.
 */
import type { DeviceBuffer } from '../../src/gpu/memory/buffers.js';
import type { Device } from '../../src/gpu/device.js';
import { openDevice } from '../../src/host/node/device.js';
import { ensureShaderTexts } from '../../scripts/lib/shaderTexts.mjs';

// This process has loaded the stale texts already.
if (ensureShaderTexts()) throw new Error('src/gpu/shaderTexts.js was stale and is now up to date: run the test again');

let opened: Promise<Device> | undefined;

/**
 * Opens the process's device. Test files of one process share it, so `destroy` does nothing on it: the end of the process
 * frees it. Open a device by `openDevice` to test destruction, loss or counters that start at 0.
 */
export function openTestDevice(): Promise<Device> {
  // Most tests compile a kernel or two: that is not worth twins.
  opened ??= openDevice({}, { compilers: 0 }).then((device) => Object.assign(device, { destroy: () => undefined }));
  return opened;
}

/** A buffer with these values, rounded to float32; it lives as long as the device. */
export function upload(device: Device, values: ArrayLike<number>, label = 'test input'): DeviceBuffer {
  const data = Float32Array.from(values);
  const buffer = device.allocatePersistent(data.byteLength, label);
  device.write(buffer, data);
  return buffer;
}

/** The first `count` values of a buffer. @throws the errors of the device since the last read */
export async function download(device: Device, buffer: DeviceBuffer, count: number): Promise<Float32Array> {
  const [bytes] = await device.read(buffer);
  if (bytes === undefined) throw new Error(`nothing was read from ${buffer.label}`);
  return new Float32Array(bytes, 0, count);
}
