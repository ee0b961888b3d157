/**
 * @file Converts arrays between the engine's layouts (images NHWC, kernels HWIO) and those of jax-js and ONNX (NCHW, OIHW). Each peer
 * is measured in its own layout; the host turns inputs and results, which is not timed.
 */
import { convOperands, inputShapes, inputsOf, shapesOf, sizeOf, type GanTask, type Task } from './tasks.js';

type Shape = readonly number[];

export const TO_CHANNELS_FIRST: Shape = [0, 3, 1, 2];
/** Both of a convolution's kernels, HWIO → OIHW, and of a transposed one's, HWOI → IOHW. */
export const TO_KERNEL_LAST: Shape = [3, 2, 0, 1];

/** An array on the host. */
export interface HostArray {
  readonly shape: Shape;
  readonly values: Float32Array;
}

/** Axis i of the result is axis `axes[i]` of the input, as `numpy.transpose`. */
export function permute({ shape, values }: HostArray, axes: Shape): HostArray {
  const strides = shape.map((_, axis) => sizeOf(shape.slice(axis + 1)));
  const turned = axes.map((axis) => shape[axis] ?? 1);
  const steps = axes.map((axis) => strides[axis] ?? 0);
  const result = new Float32Array(values.length);
  const index = turned.map(() => 0);
  let from = 0;
  for (let at = 0; at < result.length; at++) {
    result[at] = values[from] ?? NaN;
    for (let axis = turned.length - 1; axis >= 0; axis--) {
      from += steps[axis] ?? 0;
      index[axis] = (index[axis] ?? 0) + 1;
      if ((index[axis] ?? 0) < (turned[axis] ?? 1)) break;
      from -= (steps[axis] ?? 0) * (turned[axis] ?? 1);
      index[axis] = 0;
    }
  }
  return { shape: turned, values: result };
}

function inverse(axes: Shape): Shape {
  return axes.map((_, axis) => axes.indexOf(axis));
}

/** A task's inputs with channels first; matrices and vectors stay as they are. */
export function channelsFirstInputs(task: Exclude<Task, GanTask>): HostArray[] {
  const values = inputsOf(task);
  const roles = task.kind === 'matmul' || task.kind === 'batchNorm' ? [] : convOperands(task);
  return inputShapes(task).map((shape, index) => {
    const array = { shape, values: values[index] ?? new Float32Array(0) };
    if (shape.length !== 4) return array;
    return permute(array, roles[index] === 'w' ? TO_KERNEL_LAST : TO_CHANNELS_FIRST);
  });
}

/** A task's result, made with channels first, in the task's own layout. */
export function toTaskLayout(task: Exclude<Task, GanTask>, values: Float32Array, index: number): Float32Array {
  if (task.kind === 'matmul' || index > 0) return values;
  if (task.kind === 'batchNorm') {
    const { images, size, channels } = task;
    return permute({ shape: [images, channels, size, size], values }, inverse(TO_CHANNELS_FIRST)).values;
  }
  const role = convOperands(task)[2];
  const axes = role === 'w' ? TO_KERNEL_LAST : TO_CHANNELS_FIRST;
  const own = shapesOf(task)[role];
  return permute({ shape: axes.map((axis) => own[axis] ?? 1), values }, inverse(axes)).values;
}
