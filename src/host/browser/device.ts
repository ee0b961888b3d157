/**
 * @file Opens a device on the browser's own WebGPU, in a page or in a worker.
 */
import type { AdapterOptions } from '../../gpu/adapter.js';
import { Device, type DeviceOptions } from '../../gpu/device.js';
import { NoAdapterError } from '../../gpu/errors.js';

/** The part of the browser's global that this file uses. It is declared here so that the DOM library is not needed. */
declare const navigator: { readonly gpu?: GPU } | undefined;

/**
 * Opens a device on `navigator.gpu`.
 *
 * @param options further options, such as `onWarning`
 * @throws NoAdapterError without WebGPU (an old browser, or a page that is neither https nor localhost), or if no
 *   adapter matches
 */
export async function openDevice(
  adapter: AdapterOptions = {},
  options: Omit<DeviceOptions, 'adapter'> = {},
): Promise<Device> {
  const gpu = typeof navigator === 'undefined' ? undefined : navigator.gpu;
  if (gpu === undefined) {
    throw new NoAdapterError(
      'navigator.gpu is missing: this browser has no WebGPU, or the page is neither https nor localhost',
    );
  }
  return Device.create(gpu, { ...options, adapter });
}
