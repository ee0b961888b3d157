/**
 * @file Runs tasks in tfjs on one of its backends: WebGPU on Dawn, WebAssembly, or plain JavaScript.
 */
import { summarise } from '../../../src/gpu/adapter.js';
import { installNavigator, openRaised } from '../dawn.js';
import { loadPackage, NotRun, type Peer, type PeerOptions, type Work } from '../peer.js';
import {
  BATCH,
  EPSILON,
  inputShapes,
  inputsOf,
  multiplyAdds,
  shapesOf,
  STRIDE,
  type ConvTask,
  type GanTask,
  type Task,
} from '../tasks.js';
import { prepareTfjsGan } from './gan.js';
import type { TfjsWebGpu, Tensor, Tfjs } from './types.js';
import { registerWeightGradient } from './weightGradient.js';

export type Backend = 'webgpu' | 'wasm' | 'cpu';

/** What one run of a task may take at most on the backend in plain JavaScript. */
const MOST_SECONDS = 3;

/** Waits until the device has done all that was given to it. */
export type Synchronise = () => Promise<void>;

export async function openTfjs(backend: Backend, options: PeerOptions): Promise<Peer> {
  const gpu = backend === 'webgpu' ? await installNavigator(options.adapter) : undefined;
  const tf = loadPackage('@tensorflow/tfjs') as Tfjs;
  const { device, synchronise } = await start(tf, backend, gpu);
  return {
    device,
    prepare: async (task, reference) => {
      if (backend === 'cpu') await refuseLong(tf, task);
      if (task.kind !== 'gan') return prepareKernel(tf, task, synchronise);
      if (reference === undefined) throw new NotRun('the engine gave no weights to start from');
      return prepareTfjsGan(tf, task, reference, synchronise);
    },
  };
}

async function start(
  tf: Tfjs,
  backend: Backend,
  gpu: GPU | undefined,
): Promise<{ device: string; synchronise: Synchronise }> {
  if (gpu !== undefined) {
    const { WebGPUBackend } = loadPackage('@tensorflow/tfjs-backend-webgpu') as TfjsWebGpu;
    const { adapter, device } = await openRaised(gpu);
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
  if (backend === 'wasm') {
    loadPackage('@tensorflow/tfjs-backend-wasm');
    registerWeightGradient(tf);
  }
  await tf.setBackend(backend);
  await tf.ready();
  // Both compute within the call itself.
  const device = backend === 'wasm' ? 'CPU, WebAssembly with SIMD, one thread' : 'CPU, JavaScript, one thread';
  return { device, synchronise: () => Promise.resolve() };
}

function prepareKernel(tf: Tfjs, task: Exclude<Task, GanTask>, synchronise: Synchronise): Work {
  const values = inputsOf(task);
  const inputs = inputShapes(task).map((shape, index) => tf.tensor(values[index] ?? [], shape));
  const body = bodyOf(tf, task, inputs);
  let results: readonly Tensor[] = [];
  return {
    run: async (times) => {
      for (let time = 0; time < times; time++) {
        tf.dispose(results);
        results = tf.tidy(body);
      }
      await synchronise();
    },
    outputs: () => Promise.all(results.map(async (tensor) => Float32Array.from(await tensor.data()))),
    dispose: () => tf.dispose([...results, ...inputs]),
  };
}

function bodyOf(tf: Tfjs, task: Exclude<Task, GanTask>, inputs: readonly Tensor[]): () => Tensor[] {
  const [a, b, beta = a, dy = a] = inputs;
  if (a === undefined || b === undefined || beta === undefined || dy === undefined)
    throw new Error('two inputs at least');
  if (task.kind === 'matmul') return () => [tf.matMul(a, b, task.transposeA, task.transposeB)];
  if (task.kind !== 'batchNorm') return () => [convolve(tf, task, a, b)];
  const forward = (x: Tensor, gamma: Tensor, shift: Tensor): Tensor => tf.relu(normalise(tf, x, gamma, shift));
  if (!task.backward) return () => [forward(a, b, beta)];
  return () => tf.grads(forward)([a, b, beta], dy);
}

/** As tfjs-layers does it in training. */
export function normalise(tf: Tfjs, x: Tensor, gamma: Tensor, beta: Tensor): Tensor {
  const { mean, variance } = tf.moments(x, [0, 1, 2]);
  return tf.batchNorm(x, mean, variance, beta, gamma, EPSILON);
}

/** The kernels that tfjs's own gradients call. */
function convolve(tf: Tfjs, task: ConvTask, a: Tensor, b: Tensor): Tensor {
  const shapes = shapesOf(task);
  if (task.kind === 'conv2d') return tf.conv2d(a, b, STRIDE, 'same');
  if (task.kind === 'convTranspose2d') return tf.conv2dTranspose(a, b, shapes.x, STRIDE, 'same');
  const attributes = { strides: [STRIDE, STRIDE], pad: 'same', dataFormat: 'NHWC', filterShape: shapes.w };
  return tf.engine().runKernel('Conv2DBackpropFilter', { x: a, dy: b }, attributes);
}

/** Times a batch of 1, of a training step the larger convolution, and refuses what would take too long. */
async function refuseLong(tf: Tfjs, task: Task): Promise<void> {
  if (task.kind === 'batchNorm') return;
  const whole = multiplyAdds(task);
  const probe: Exclude<Task, GanTask> =
    task.kind === 'matmul'
      ? { ...task, rows: Math.ceil(task.rows / BATCH) }
      : task.kind === 'gan'
        ? { kind: 'conv2d', images: 1, size: 14, channels: 64, filters: 128, kernel: task.kernel }
        : { ...task, images: 1 };
  const work = prepareKernel(tf, probe, () => Promise.resolve());
  const estimate = async (): Promise<number> => {
    const begin = performance.now();
    await work.run(1);
    return (((performance.now() - begin) / 1000) * whole) / multiplyAdds(probe);
  };
  let seconds = await estimate();
  // V8 compiles what runs often: the first runs are slower, but not that much slower.
  for (let run = 0; run < 2 && seconds < 20 * MOST_SECONDS; run++) seconds = await estimate();
  await work.dispose();
  if (seconds > MOST_SECONDS) throw new NotRun(`skipped: would take about ${Number(seconds.toPrecision(2))} s`);
}
