/**
 * @file ONNX Runtime: its native build for Node (which brings a Dawn of its own) on WebGPU and on the CPU, and its build for
 * browsers on this process's Dawn. It runs models and trains none, so it takes part in the products only.
 */
import { fileURLToPath, pathToFileURL } from 'node:url';
import { requestAdapter, summarise } from '../../../src/gpu/adapter.js';
import { installNavigator } from '../dawn.js';
import { channelsFirstInputs, toTaskLayout, type HostArray } from '../layouts.js';
import { loadPackage, packageVersion } from '../packages.js';
import { NotRun, type Peer, type PeerOptions, type Work } from '../peer.js';
import { onnxModel, OUTPUT } from './model.js';
import type { GanTask, Task } from '../tasks.js';

interface OnnxTensor {
  readonly data: Float32Array;
  readonly location?: string;
  getData(): Promise<Float32Array>;
  dispose(): void;
}

interface Session {
  run(feeds: Readonly<Record<string, OnnxTensor>>): Promise<Readonly<Record<string, OnnxTensor>>>;
  release(): Promise<void>;
}

interface SessionOptions {
  readonly executionProviders: readonly string[];
  readonly preferredOutputLocation?: 'gpu-buffer';
  readonly logSeverityLevel?: number;
}

/** As much of onnxruntime-common as is used here. */
interface Onnx {
  readonly Tensor: (new (type: 'float32', data: Float32Array, shape: readonly number[]) => OnnxTensor) & {
    fromGpuBuffer(buffer: GPUBuffer, options: { dataType: 'float32'; dims: readonly number[] }): OnnxTensor;
  };
  readonly InferenceSession: { create(model: Uint8Array, options: SessionOptions): Promise<Session> };
  readonly env: {
    readonly wasm: { numThreads?: number; wasmPaths?: string };
    readonly webgpu: { readonly device: Promise<GPUDevice> };
  };
}

export function openOnnxNode(provider: 'webgpu' | 'cpu'): Promise<Peer> {
  const onnx = loadPackage('onnxruntime-node') as Onnx;
  const device = provider === 'cpu' ? 'CPU, native code, all cores' : 'what its own Dawn finds';
  const options = { executionProviders: [provider], logSeverityLevel: 3 };
  return Promise.resolve({ device, prepare: (task) => prepare(onnx, task, options) });
}

export async function openOnnxWeb({ adapter }: PeerOptions): Promise<Peer> {
  const gpu = await installNavigator(adapter);
  if (packageVersion('onnxruntime-web') === 'not installed') throw new NotRun('not installed (npm ci in bench/peers)');
  const folder = new URL('../node_modules/onnxruntime-web/dist/', import.meta.url);
  const loaded: unknown = await import(pathToFileURL(fileURLToPath(new URL('ort.webgpu.min.mjs', folder))).href);
  const onnx = loaded as Onnx;
  onnx.env.wasm.numThreads = 1;
  acceptSharedMemory();
  const options = { executionProviders: ['webgpu'], preferredOutputLocation: 'gpu-buffer' } as const;
  const device = summarise((await requestAdapter(gpu)).info).name;
  return { device, prepare: (task) => prepare(onnx, task, options, () => onnx.env.webgpu.device) };
}

/** Dawn for Node refuses what a browser takes: bytes of shared memory, of which WebAssembly with threads consists. */
function acceptSharedMemory(): void {
  const { prototype } = GPUQueue;
  const write = Object.getOwnPropertyDescriptor(prototype, 'writeBuffer')?.value as WriteBuffer;
  prototype.writeBuffer = function (this: GPUQueue, buffer, offset, data, start = 0, size): undefined {
    if (ArrayBuffer.isView(data) && !(data.buffer instanceof ArrayBuffer)) {
      // Bytes, in which ONNX Runtime counts.
      const bytes = new Uint8Array(data.buffer, data.byteOffset + start, size ?? data.byteLength - start);
      write.call(this, buffer, offset, bytes.slice());
    } else {
      write.call(this, buffer, offset, data, start, size);
    }
  };
}

type WriteBuffer = (
  this: GPUQueue,
  buffer: GPUBuffer,
  offset: number,
  data: ArrayBuffer | ArrayBufferView,
  start?: number,
  size?: number,
) => undefined;

async function prepare(
  onnx: Onnx,
  task: Task,
  options: SessionOptions,
  deviceOf?: () => Promise<GPUDevice>,
): Promise<Work> {
  if (task.kind === 'gan') throw new NotRun('ONNX Runtime does not train here');
  return prepareProduct(onnx, task, options, deviceOf);
}

async function prepareProduct(
  onnx: Onnx,
  task: Exclude<Task, GanTask>,
  options: SessionOptions,
  deviceOf: (() => Promise<GPUDevice>) | undefined,
): Promise<Work> {
  const { bytes, inputs } = onnxModel(task, channelsFirstInputs(task));
  const session = await onnx.InferenceSession.create(bytes, options);
  const device = await deviceOf?.();
  const feeds = Object.fromEntries(Object.entries(inputs).map(([name, input]) => [name, feed(onnx, input, device)]));
  let result: OnnxTensor | undefined;
  return {
    run: async (times) => {
      for (let time = 0; time < times; time++) {
        result?.dispose();
        result = (await session.run(feeds))[OUTPUT];
      }
      await device?.queue.onSubmittedWorkDone();
    },
    outputs: async () => [toTaskLayout(task, Float32Array.from((await result?.getData()) ?? []), 0)],
    dispose: async () => {
      result?.dispose();
      await session.release();
    },
  };
}

/** On the device where that is ours to reach; the native build takes inputs and gives results on the host only. */
function feed(onnx: Onnx, { shape, values }: HostArray, device: GPUDevice | undefined): OnnxTensor {
  if (device === undefined) return new onnx.Tensor('float32', values, shape);
  const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_DST | GPUBufferUsage.COPY_SRC;
  const buffer = device.createBuffer({ size: values.byteLength, usage });
  device.queue.writeBuffer(buffer, 0, values);
  return onnx.Tensor.fromGpuBuffer(buffer, { dataType: 'float32', dims: shape });
}
