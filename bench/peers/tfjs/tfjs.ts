/**
 * @file Runs tasks in tfjs in Node: on WebGPU by Dawn, or by WebAssembly on the CPU.
 */
import { installNavigator } from '../dawn.js';
import { loadPackage } from '../packages.js';
import { NotRun, type Peer, type PeerOptions } from '../peer.js';
import { prepareTfjsGan } from './gan.js';
import { prepareKernel } from './kernels.js';
import type { Synchronise, Tfjs, TfjsWebGpu } from './types.js';
import { registerWeightGradient } from './weightGradient.js';
import { startWebGpu } from './webgpu.js';

export async function openTfjs(backend: 'webgpu' | 'wasm', options: PeerOptions): Promise<Peer> {
  const gpu = backend === 'webgpu' ? await installNavigator(options.adapter) : undefined;
  const tf = loadPackage('@tensorflow/tfjs') as Tfjs;
  const { device, synchronise } = await start(tf, gpu);
  return {
    device,
    prepare: (task, reference) => {
      if (task.kind !== 'gan') return Promise.resolve(prepareKernel(tf, task, synchronise));
      if (reference === undefined) throw new NotRun('the engine gave no weights to start from');
      return Promise.resolve(prepareTfjsGan(tf, task, reference, synchronise));
    },
  };
}

async function start(tf: Tfjs, gpu: GPU | undefined): Promise<{ device: string; synchronise: Synchronise }> {
  if (gpu !== undefined) {
    return startWebGpu(tf, loadPackage('@tensorflow/tfjs-backend-webgpu') as TfjsWebGpu, gpu);
  }
  loadPackage('@tensorflow/tfjs-backend-wasm');
  registerWeightGradient(tf);
  await tf.setBackend('wasm');
  await tf.ready();
  // It computes within the call itself.
  return { device: 'CPU, WebAssembly with SIMD, one thread', synchronise: () => Promise.resolve() };
}
