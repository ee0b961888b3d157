/**
 * @file Starts tfjs's WebGPU backend on a device whose queue can be waited for. Runs in a page too.
 */
import { requestAdapter, summarise } from '../../../src/gpu/adapter.js';
import type { Synchronise, Tfjs, TfjsWebGpu } from './types.js';

/** The limits that tfjs itself raises to the adapter's. */
const RAISED = [
  'maxBufferSize',
  'maxComputeInvocationsPerWorkgroup',
  'maxComputeWorkgroupSizeX',
  'maxComputeWorkgroupStorageSize',
  'maxComputeWorkgroupsPerDimension',
  'maxStorageBufferBindingSize',
] as const;

export async function startWebGpu(
  tf: Tfjs,
  { WebGPUBackend }: TfjsWebGpu,
  gpu: GPU,
): Promise<{ readonly device: string; readonly synchronise: Synchronise }> {
  const adapter = await requestAdapter(gpu);
  const requiredLimits = Object.fromEntries(RAISED.map((limit) => [limit, adapter.limits[limit]]));
  const device = await adapter.requestDevice({ requiredLimits });
  const webgpu = new WebGPUBackend(device, adapter.info);
  // The package has registered one that opens a device by itself, where no synchronisation would reach it.
  tf.removeBackend('webgpu');
  tf.registerBackend('webgpu', () => webgpu, 1);
  await tf.setBackend('webgpu');
  const synchronise = async (): Promise<void> => {
    // tfjs keeps commands back until a batch of them is full or a result is read.
    webgpu.endComputePassEncoder();
    if (webgpu.commandEncoder !== null) webgpu.submitQueue();
    await device.queue.onSubmittedWorkDone();
  };
  return { device: summarise(adapter.info).name, synchronise };
}
