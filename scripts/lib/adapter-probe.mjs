/**
 * @file A program of its own, since Dawn may crash or hang on a bad driver: asks for a WebGPU adapter and a device, and
 * prints what it found as one line of JSON (`Probe`). Run it by `probeAdapter` in adapter.mjs.
 */

/**
 * @typedef {object} Adapter
 * @property {string} vendor
 * @property {string} architecture
 * @property {string} device
 * @property {string} description
 * @property {string[]} features
 */

/**
 * `stage` tells what failed: loading Dawn's own binary, or finding an adapter with it.
 * @typedef {{ found: true, adapter: Adapter } | { found: false, stage: 'load' | 'adapter', reason: string }} Probe
 */

/** @returns {Promise<Probe>} */
const probe = async () => {
  /** @type {'load' | 'adapter'} */
  let stage = 'load';
  try {
    const { create } = await import('webgpu');
    stage = 'adapter';
    const adapter = await create([]).requestAdapter();
    if (!adapter) return { found: false, stage, reason: 'Dawn found no adapter that it supports' };
    await adapter.requestDevice();
    const { vendor, architecture, device, description } = adapter.info;
    return {
      found: true,
      adapter: { vendor, architecture, device, description, features: [...adapter.features].sort() },
    };
  } catch (error) {
    return { found: false, stage, reason: error instanceof Error ? error.message : String(error) };
  }
};

process.stdout.write(`${JSON.stringify(await probe())}\n`, () => process.exit());
