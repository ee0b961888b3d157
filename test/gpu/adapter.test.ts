/**
 * @file Reading adapters' descriptions and choosing by them, on made-up adapters. Needs no device.
 */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { requestAdapter, summarise, type AdapterOptions } from '../../src/gpu/adapter.js';
import { NoAdapterError } from '../../src/gpu/errors.js';

type Words = Partial<
  Pick<GPUAdapterInfo, 'vendor' | 'architecture' | 'device' | 'description' | 'subgroupMinSize' | 'subgroupMaxSize'>
>;

const info = (words: Words): GPUAdapterInfo =>
  ({ vendor: '', architecture: '', device: '', description: '', isFallbackAdapter: false, ...words }) as GPUAdapterInfo;

const NVIDIA_WORDS = {
  vendor: 'nvidia',
  architecture: 'ampere',
  device: 'nvidia-geforce-rtx-3080',
  description: 'NVIDIA: 535.183.01 535.183.1.0',
  subgroupMinSize: 32,
  subgroupMaxSize: 32,
};
const NVIDIA = info(NVIDIA_WORDS);
const APPLE_IN_BROWSER = info({ vendor: 'apple', architecture: 'metal-3' });
const LAVAPIPE = info({
  vendor: 'mesa',
  architecture: 'software',
  device: 'llvmpipe-llvm-15-0-6-256-bits-',
  description: 'llvmpipe: Mesa 25.0.7 (LLVM 15.0.6) 0.0.1',
  subgroupMinSize: 8,
  subgroupMaxSize: 8,
});
const SWIFTSHADER = info({ vendor: 'google', architecture: 'swiftshader' });
const WARP = info({ vendor: 'microsoft', device: '0x8c', description: 'Microsoft Basic Render Driver' });

/** A WebGPU that offers the second adapter when asked for the fallback, the first otherwise. */
const offering = (first?: GPUAdapterInfo, fallback = first): GPU => {
  const adapter = (found?: GPUAdapterInfo): GPUAdapter | null => (found ? ({ info: found } as GPUAdapter) : null);
  return {
    requestAdapter: (options?: GPURequestAdapterOptions) =>
      Promise.resolve(adapter(options?.forceFallbackAdapter === true ? fallback : first)),
  } as GPU;
};

const chosen = async (gpu: GPU, options?: AdapterOptions): Promise<GPUAdapterInfo> =>
  (await requestAdapter(gpu, options)).info;

const refusal = async (gpu: GPU, options?: AdapterOptions): Promise<string> => {
  try {
    await requestAdapter(gpu, options);
  } catch (error) {
    assert.instance(error, NoAdapterError);
    return error instanceof Error ? error.message : '';
  }
  throw new Error('an adapter was found');
};

test('a graphics card under Vulkan', () => {
  assert.equal(summarise(NVIDIA), {
    name: 'nvidia-geforce-rtx-3080',
    vendor: 'nvidia',
    architecture: 'ampere',
    driver: 'NVIDIA: 535.183.01 535.183.1.0',
    software: false,
    compilesLate: false,
    subgroupMinSize: 32,
    subgroupMaxSize: 32,
    key: 'nvidia / ampere / nvidia-geforce-rtx-3080 / NVIDIA: 535.183.01 535.183.1.0',
  });
});

test('a browser tells vendor and architecture alone, and they make the name', () => {
  const summary = summarise(APPLE_IN_BROWSER);
  assert.is(summary.name, 'apple metal-3');
  assert.is(summary.key, 'apple / metal-3');
  assert.is(summary.subgroupMaxSize, 0);
  assert.not(summary.software);
});

test('an adapter that tells nothing still has a name and a key', () => {
  assert.is(summarise(info({})).name, 'unknown adapter');
  assert.is(summarise(info({})).key, 'unknown adapter');
});

test('software devices are known by their names, whatever isFallbackAdapter says', () => {
  for (const software of [LAVAPIPE, SWIFTSHADER, WARP]) assert.ok(summarise(software).software, software.vendor);
  assert.is(summarise(LAVAPIPE).name, 'llvmpipe-llvm-15-0-6-256-bits');
  assert.is(summarise(WARP).name, '0x8c');
});

test('two drivers of one card have two keys, so that tuned tiles do not outlive an update', () => {
  const updated = info({ ...NVIDIA_WORDS, description: 'NVIDIA: 550.54.14 550.54.14.0' });
  assert.is.not(summarise(NVIDIA).key, summarise(updated).key);
});

test('without options the first adapter is taken', async () => {
  assert.is(await chosen(offering(NVIDIA, LAVAPIPE)), NVIDIA);
  assert.is(await chosen(offering(LAVAPIPE)), LAVAPIPE);
});

test('the software option passes over a graphics card', async () => {
  assert.is(await chosen(offering(NVIDIA, SWIFTSHADER), { software: true }), SWIFTSHADER);
  assert.match(await refusal(offering(NVIDIA), { software: true }), /no software adapter; it offers: nvidia \/ ampere/);
});

test('the name option ignores case and punctuation', async () => {
  for (const name of ['nvidia', 'GeForce RTX 3080', 'rtx-3080', '535.183']) {
    assert.is(await chosen(offering(LAVAPIPE, NVIDIA), { name }), NVIDIA, name);
  }
});

test('a name that nothing has is refused with a list of what there is, each once', async () => {
  const message = await refusal(offering(LAVAPIPE, NVIDIA), { name: 'Radeon' });
  assert.match(message, /no adapter whose name holds "Radeon"/);
  assert.match(message, /it offers: mesa \/ software \/ llvmpipe.*; nvidia \/ ampere.*$/);
  assert.is(message.split('llvmpipe-llvm').length, 2);
});

test('both wishes at once must be met by one adapter', async () => {
  assert.match(await refusal(offering(LAVAPIPE, NVIDIA), { software: true, name: 'rtx' }), /no software adapter whose/);
});

test('a machine without adapters is sent to the doctor', async () => {
  assert.match(await refusal(offering()), /finds no adapter on this machine; `npm run doctor`/);
});

test('Dawn throws where a browser answers null: that is a NoAdapterError too', async () => {
  const gpu = { requestAdapter: () => Promise.reject(new Error('no suitable backends found')) } as unknown as GPU;
  assert.match(await refusal(gpu), /no suitable backends found/);
});

test.run();
