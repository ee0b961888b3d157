/**
 * @file Runs a task of one operation in tfjs, on whichever backend is set.
 */
import { EPSILON, inputShapes, inputsOf, shapesOf, STRIDE, type ConvTask, type GanTask, type Task } from '../tasks.js';
import type { Work } from '../peer.js';
import type { Synchronise, Tensor, Tfjs } from './types.js';

export function prepareKernel(tf: Tfjs, task: Exclude<Task, GanTask>, synchronise: Synchronise): Work {
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
  const forward = (x: Tensor, gamma: Tensor, shift: Tensor): Tensor => tf.relu(normalise(tf, x, gamma, shift, EPSILON));
  if (!task.backward) return () => [forward(a, b, beta)];
  return () => tf.grads(forward)([a, b, beta], dy);
}

/** As tfjs-layers does it in training. */
export function normalise(tf: Tfjs, x: Tensor, gamma: Tensor, beta: Tensor, epsilon: number): Tensor {
  const { mean, variance } = tf.moments(x, [0, 1, 2]);
  return tf.batchNorm(x, mean, variance, beta, gamma, epsilon);
}

/** The kernels that tfjs's own gradients call. */
function convolve(tf: Tfjs, task: ConvTask, a: Tensor, b: Tensor): Tensor {
  const shapes = shapesOf(task);
  if (task.kind === 'conv2d') return tf.conv2d(a, b, STRIDE, 'same');
  if (task.kind === 'convTranspose2d') return tf.conv2dTranspose(a, b, shapes.x, STRIDE, 'same');
  const attributes = { strides: [STRIDE, STRIDE], pad: 'same', dataFormat: 'NHWC', filterShape: shapes.w };
  return tf.engine().runKernel('Conv2DBackpropFilter', { x: a, dy: b }, attributes);
}
