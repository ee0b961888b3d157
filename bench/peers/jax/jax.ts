/**
 * @file Runs tasks in jax-js on WebGPU: each as one `jit`-compiled function, channels first, as its convolutions require.
 */
import { requestAdapter, summarise } from '../../../src/gpu/adapter.js';
import { installNavigator } from '../dawn.js';
import { prepareJaxGan } from './gan.js';
import type { Jax, JaxArray } from './types.js';
import { channelsFirstInputs, toTaskLayout } from '../layouts.js';
import { loadPackage } from '../packages.js';
import { NotRun, type Peer, type PeerOptions, type Work } from '../peer.js';
import { EPSILON, shapesOf, STRIDE, type ConvTask, type GanTask, type Task } from '../tasks.js';

const STRIDES = [STRIDE, STRIDE];
const IMAGE_AXES = [0, 2, 3];

export async function openJax({ adapter }: PeerOptions): Promise<Peer> {
  const gpu = await installNavigator(adapter);
  const jax = loadPackage('@jax-js/jax') as Jax;
  if (!(await jax.init('webgpu')).includes('webgpu')) throw new Error('jax-js finds no WebGPU device');
  jax.defaultDevice('webgpu');
  return {
    device: summarise((await requestAdapter(gpu)).info).name,
    prepare: (task, reference) => {
      if (task.kind !== 'gan') return Promise.resolve(prepareKernel(jax, task));
      if (task.architecture !== 'dcgan') throw new NotRun('the article’s step is not written for jax-js');
      if (reference === undefined) throw new NotRun('the engine gave no weights to start from');
      return Promise.resolve(prepareJaxGan(jax, reference));
    },
  };
}

/** Waits until the arrays are there and the device is done. */
export async function settle(jax: Jax, arrays: readonly JaxArray[]): Promise<void> {
  await jax.blockUntilReady(arrays);
  await jax.getWebGPUDevice().queue.onSubmittedWorkDone();
}

function prepareKernel(jax: Jax, task: Exclude<Task, GanTask>): Work {
  const inputs = channelsFirstInputs(task).map(({ shape, values }) => jax.numpy.array(values, { shape }));
  const f = jax.jit(bodyOf(jax, task));
  let results: readonly JaxArray[] = [];
  const dispose = (arrays: readonly JaxArray[]): void => arrays.forEach((array) => array.dispose());
  return {
    run: async (times) => {
      // Work whose result is given up before it was submitted would never be done.
      const all: (readonly JaxArray[])[] = [];
      for (let time = 0; time < times; time++) all.push(f(...inputs.map((input) => input.ref)));
      await settle(jax, all.flat());
      dispose(results);
      results = all.pop() ?? [];
      dispose(all.flat());
    },
    outputs: async () => {
      const values = await Promise.all(results.map((array) => array.ref.data()));
      return values.map((value, index) => toTaskLayout(task, value, index));
    },
    dispose: () => {
      dispose(results);
      dispose(inputs);
      f.dispose();
    },
  };
}

function bodyOf(jax: Jax, task: Exclude<Task, GanTask>): (...inputs: JaxArray[]) => JaxArray[] {
  if (task.kind === 'matmul') {
    const turned = (x: JaxArray, on: boolean): JaxArray => (on ? x.transpose() : x);
    return (...[a, b]) => [jax.numpy.matmul(turned(given(a), task.transposeA), turned(given(b), task.transposeB))];
  }
  if (task.kind !== 'batchNorm') return (...[a, b]) => [convolve(jax, task, given(a), given(b))];
  const forward = (x: JaxArray, gamma: JaxArray, beta: JaxArray): JaxArray => {
    return jax.nn.relu(normalise(jax, x, gamma, beta));
  };
  return (...[x, gamma, beta, dy]) => {
    if (!task.backward) {
      given(dy).dispose();
      return [forward(given(x), given(gamma), given(beta))];
    }
    const [y, backward] = jax.vjp(forward, [given(x), given(gamma), given(beta)]);
    y.dispose();
    const gradients = backward(given(dy));
    backward.dispose();
    return [...gradients];
  };
}

function given(input: JaxArray | undefined): JaxArray {
  if (input === undefined) throw new Error('an input is missing');
  return input;
}

function convolve(jax: Jax, task: ConvTask, a: JaxArray, b: JaxArray): JaxArray {
  if (task.kind === 'conv2d') return jax.lax.conv(a, b, STRIDES, 'SAME');
  if (task.kind === 'convTranspose2d') {
    return jax.lax.convTranspose(a, b, STRIDES, 'SAME', { transposeKernel: true });
  }
  const [height, width, channels, filters] = shapesOf(task).w;
  const shape = [filters, channels, height, width];
  const zeros = jax.numpy.array(new Float32Array(height * width * channels * filters), { shape });
  const [y, backward] = jax.vjp((w: JaxArray) => jax.lax.conv(a.ref, w, STRIDES, 'SAME'), [zeros]);
  y.dispose();
  const [gradient] = backward(b);
  backward.dispose();
  a.dispose();
  return gradient;
}

/** Batch normalisation over all axes but the second, with the statistics of the batch. */
export function normalise({ numpy }: Jax, x: JaxArray, gamma: JaxArray, beta: JaxArray): JaxArray {
  const channel = [1, -1, 1, 1];
  const mean = numpy.mean(x.ref, IMAGE_AXES, { keepdims: true });
  const centred = x.sub(mean);
  const variance = numpy.mean(numpy.square(centred.ref), IMAGE_AXES, { keepdims: true });
  const inverse = numpy.reciprocal(numpy.sqrt(variance.add(EPSILON)));
  return centred.mul(inverse).mul(gamma.reshape(channel)).add(beta.reshape(channel));
}
