/**
 * @file Provides `navigator.gpu` as in a browser, for libraries that look for it.
 */
import { availableParallelism } from 'node:os';
import { fitsOptions, namesSoftware } from '../../src/gpu/adapter.js';
import { adapterNames, createGpu } from '../../src/host/node/device.js';

/**
 * Puts Dawn's globals and a `navigator` into this process; to be called before a library is loaded.
 *
 * @param adapter part of the name of the adapter to offer; else Dawn chooses.
 */
export async function installNavigator(adapter: string | undefined): Promise<GPU> {
  const names = adapter === undefined ? [] : await adapterNames();
  const gpu = createGpu(names.find((name) => fitsOptions(name, namesSoftware(name), { name: adapter ?? '' })));
  listenToDevices(gpu);
  const navigator = { gpu, userAgent: 'Node', hardwareConcurrency: availableParallelism() };
  Object.defineProperty(globalThis, 'navigator', { value: navigator, configurable: true, writable: true });
  return gpu;
}

const errors: string[] = [];

/** The first error that WebGPU reported in this process: a library that does not listen to it would time nothing. */
export function deviceError(): string | undefined {
  return errors[0];
}

/** Hears the errors of every device that is opened from here on, a library's own included. */
function listenToDevices(gpu: GPU): void {
  const requestAdapter = gpu.requestAdapter.bind(gpu);
  gpu.requestAdapter = async (options) => {
    const adapter = await requestAdapter(options);
    if (adapter === null) return null;
    const requestDevice = adapter.requestDevice.bind(adapter);
    adapter.requestDevice = async (descriptor) => {
      const device = await requestDevice(descriptor);
      device.addEventListener('uncapturederror', ({ error }) => void errors.push(error.message));
      return device;
    };
    return adapter;
  };
}
