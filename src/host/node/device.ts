/**
 * @file Opens a device on Node.js, by Dawn's WebGPU.
 */
import { availableParallelism } from 'node:os';
import { create, globals } from 'webgpu';
import { fitsOptions, namesSoftware, noAdapter, type AdapterOptions } from '../../gpu/adapter.js';
import { Device, type DeviceOptions } from '../../gpu/device.js';
import { NoAdapterError } from '../../gpu/errors.js';
import { freeMemory } from './memory.js';
import { withoutDawnWarnings } from './dawnWarnings.js';
import { restBetweenPolls } from './idleWaiting.js';

/**
 * Dawn's instances, by adapter name: one serves any number of devices, and must outlive them all. An instance that is
 * collected while it has a device aborts the process ("terminate called after throwing std::system_error").
 * The process still ends by itself, even with open devices.
 */
const instances = new Map<string, GPU>();

/**
 * Defines WebGPU's global constants, and creates a WebGPU instance on Dawn.
 *
 * @param adapterName the adapter to look for, as {@link adapterNames} has it; else Dawn chooses.
 */
export function createGpu(adapterName?: string): GPU {
  Object.assign(globalThis, globals);
  restBetweenPolls();
  const key = adapterName ?? '';
  let gpu = instances.get(key);
  if (gpu === undefined) {
    const flags = ['disable-dawn-features=timestamp_quantization'];
    if (adapterName !== undefined) flags.push(`adapter=${adapterName}`);
    gpu = quiet(create(flags));
    instances.set(key, gpu);
  }
  return gpu;
}

/** Drops Dawn's warnings about limits from the instance's first request for an adapter, the only one that prints them. */
function quiet(gpu: GPU): GPU {
  const request = gpu.requestAdapter.bind(gpu);
  let first: Promise<unknown> | undefined;
  gpu.requestAdapter = async (options) => {
    if (first !== undefined) {
      await first;
      return request(options);
    }
    const answer = withoutDawnWarnings(() => request(options));
    first = answer.catch(() => undefined);
    return answer;
  };
  return gpu;
}

/** Dawn lists its adapters only in the error for a name that none of them has. */
const NO_SUCH_ADAPTER = 'list all adapters';

/** Names of all adapters of Dawn; WebGPU itself offers only one or two of them. */
export async function adapterNames(): Promise<string[]> {
  try {
    await createGpu(NO_SUCH_ADAPTER).requestAdapter();
  } catch (error) {
    const message = error instanceof Error ? error.message : '';
    return [...message.matchAll(/^ \* backend: '.*', name: '(.*)'$/gm)].flatMap(([, name]) => name ?? []);
  }
  return [];
}

/** As many as there are cores, unless Mesa's cache is off: what they compile would be lost. */
function compilers(): number {
  const isOff = ['MESA_SHADER_CACHE_DISABLE', 'MESA_GLSL_CACHE_DISABLE'].some((name) => {
    return /^(?:1|true|yes|on)$/i.test(process.env[name] ?? '');
  });
  return isOff ? 0 : availableParallelism();
}

/**
 * Opens a device on Dawn.
 *
 * @param options further options; by default warnings go to `process.emitWarning`
 * @throws NoAdapterError naming the available adapters
 */
export async function openDevice(
  adapterOptions: AdapterOptions = {},
  options: Omit<DeviceOptions, 'adapter'> = {},
): Promise<Device> {
  const onWarning = (message: string): void => process.emitWarning(message, 'GpuMemoryWarning');
  const create = (gpu: GPU, adapter: AdapterOptions = {}): Promise<Device> =>
    Device.create(gpu, { hostMemory: freeMemory, compilers: compilers(), onWarning, ...options, adapter });
  if (adapterOptions.name === undefined && adapterOptions.software !== true) return create(createGpu());
  const names = await adapterNames();
  const fitting = names.find((name) => fitsOptions(name, namesSoftware(name), adapterOptions));
  if (fitting !== undefined) return create(createGpu(fitting));
  try {
    // The requested name may be a word of the driver's description, which is not in Dawn's list.
    return await create(createGpu(), adapterOptions);
  } catch (error) {
    throw error instanceof NoAdapterError && names.length > 0 ? noAdapter(adapterOptions, names) : error;
  }
}
