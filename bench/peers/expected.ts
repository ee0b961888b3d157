/**
 * @file Computes the expected result of a task in float64 by test/reference/: all of it if that is quick, else the first and
 * last output channel (or three rows) of every image, computed from the slices of the inputs that these depend on.
 */
import { compare } from '../../test/reference/compare.js';
import * as reference from '../../test/reference/ops.js';
import { array64, type Array64 } from '../../test/reference/tensor.js';
import {
  convOperands,
  EPSILON,
  inputShapes,
  inputsOf,
  shapesOf,
  sizeOf,
  STRIDE,
  type BatchNormTask,
  type ConvTask,
  type GanTask,
  type MatmulTask,
  type Task,
} from './tasks.js';

/** Some elements of one output. */
export interface Expected {
  readonly name: string;
  /** Elements that the whole output has. */
  readonly size: number;
  readonly positions: readonly number[];
  readonly values: ArrayLike<number>;
}

/** By the scale of the output. Sums of 1568 float32 products err by 1e-6 of it; a wrong index by all of it. */
const TOLERANCE = 3e-5;

/** The losses of a GAN's first step see the same weights; later ones see what Adam made of rounded gradients. */
const LOSS_TOLERANCES = { first: 1e-3, later: 1e-2 };

/** @returns what is wrong; undefined where all is well. */
export function verdict(outputs: readonly Float32Array[], expected: readonly Expected[]): string | undefined {
  for (const [index, { name, size, positions, values }] of expected.entries()) {
    const output = outputs[index] ?? new Float32Array(0);
    if (output.length !== size) return `${name} has ${output.length} values of ${size}`;
    const { maxRelativeToScale } = compare(
      positions.map((position) => output[position] ?? NaN),
      values,
    );
    if (!(maxRelativeToScale <= TOLERANCE)) return `${name} off by ${maxRelativeToScale.toExponential(1)} of its scale`;
  }
  return undefined;
}

/** @returns how a peer's losses differ from the engine's; undefined where they agree. */
export function lossVerdict(losses: Float32Array | undefined, expected: Float32Array): string | undefined {
  for (const [index, wanted] of expected.entries()) {
    const got = losses?.[index] ?? NaN;
    const tolerance = index < 2 ? LOSS_TOLERANCES.first : LOSS_TOLERANCES.later;
    if (Math.abs(got - wanted) <= tolerance * Math.max(1, Math.abs(wanted))) continue;
    const whose = index % 2 === 0 ? 'discriminator' : 'generator';
    return `the ${whose}'s loss of step ${Math.floor(index / 2) + 1} is ${got.toFixed(5)}, and the engine's ${wanted.toFixed(5)}`;
  }
  return undefined;
}

export function expectedOf(task: Exclude<Task, GanTask>): readonly Expected[] {
  if (task.kind === 'matmul') return [expectedProduct(task)];
  return task.kind === 'batchNorm' ? expectedNorm(task) : [expectedConv(task)];
}

/** Three rows of the product. */
function expectedProduct(task: MatmulTask): Expected {
  const { rows, inner, columns, transposeA, transposeB } = task;
  const [a = NOTHING, b = NOTHING] = inputs(task);
  const chosen = [...new Set([0, Math.floor(rows / 2), rows - 1])];
  const slice = array64(
    [chosen.length, inner],
    chosen.flatMap((row) => {
      return Array.from({ length: inner }, (_, k) => a.data[transposeA ? k * rows + row : row * inner + k] ?? NaN);
    }),
  );
  return {
    name: 'product',
    size: rows * columns,
    positions: chosen.flatMap((row) => Array.from({ length: columns }, (_, column) => row * columns + column)),
    values: reference.matmul(slice, b, { transposeB }).data,
  };
}

/** The axis of the second factor along which the result's channels run. */
const CHANNEL_AXIS = { conv2d: 3, convTranspose2d: 2, convWeightGradient: 3 } as const;

function expectedConv(task: ConvTask): Expected {
  const [a = NOTHING, b = NOTHING] = inputs(task);
  const shape = shapesOf(task)[convOperands(task)[2]];
  const channels = shape[3];
  const chosen = [...new Set([0, channels - 1])];
  const slice = take(b, CHANNEL_AXIS[task.kind], chosen);
  const window = { stride: STRIDE, padding: 'same' } as const;
  const result =
    task.kind === 'conv2d'
      ? reference.conv2d(a, slice, window)
      : task.kind === 'convTranspose2d'
        ? reference.convTranspose2d(a, slice, window)
        : reference.convWeightGradient(a, slice, { ...window, kernelSize: [task.kernel, task.kernel] });
  return {
    name: task.kind === 'convWeightGradient' ? 'gradient' : 'images',
    size: sizeOf(shape),
    positions: channelPositions(shape, chosen),
    values: result.data,
  };
}

/**
 * Channels do not meet, so two of them are computed. The backward pass is the paper's (Ioffe and Szegedy, section 3), with
 * the ReLU's share of dy: dx = γ/σ · (dy − mean(dy) − x̂ · mean(dy · x̂)), dγ = Σ dy · x̂, dβ = Σ dy.
 */
function expectedNorm(task: BatchNormTask): readonly Expected[] {
  const { channels, backward } = task;
  const chosen = [0, channels - 1];
  const [x = NOTHING, gamma = NOTHING, beta = NOTHING, dy = NOTHING] = inputs(task).map((input) => {
    return take(input, input.shape.length - 1, chosen);
  });
  const shape = [task.images, task.size, task.size, channels];
  const positions = channelPositions(shape, chosen);
  const { output, mean, variance } = reference.batchNorm(x, gamma, beta, { epsilon: EPSILON, activation: 'relu' });
  if (!backward) return [{ name: 'y', size: sizeOf(shape), positions, values: output.data }];

  const rows = x.data.length / chosen.length;
  const normalised = x.data.map((value, at) => {
    const channel = at % chosen.length;
    return (value - (mean.data[channel] ?? NaN)) / Math.sqrt((variance.data[channel] ?? NaN) + EPSILON);
  });
  const passed = dy.data.map((value, at) => ((output.data[at] ?? NaN) > 0 ? value : 0));
  const sums = (values: Float64Array): number[] => {
    return chosen.map((_, channel) => {
      return values.reduce((sum, value, at) => (at % chosen.length === channel ? sum + value : sum), 0);
    });
  };
  const dBeta = sums(passed);
  const dGamma = sums(passed.map((value, at) => value * (normalised[at] ?? NaN)));
  const dx = passed.map((value, at) => {
    const channel = at % chosen.length;
    const scale = (gamma.data[channel] ?? NaN) / Math.sqrt((variance.data[channel] ?? NaN) + EPSILON);
    const along = ((normalised[at] ?? NaN) * (dGamma[channel] ?? NaN)) / rows;
    return scale * (value - (dBeta[channel] ?? NaN) / rows - along);
  });
  return [
    { name: 'dx', size: sizeOf(shape), positions, values: dx },
    { name: 'dγ', size: channels, positions: chosen, values: dGamma },
    { name: 'dβ', size: channels, positions: chosen, values: dBeta },
  ];
}

const NOTHING = array64([0]);

function inputs(task: Exclude<Task, GanTask>): Array64[] {
  const values = inputsOf(task);
  return inputShapes(task).map((shape, index) => array64(shape, values[index]));
}

/** The slices of an axis at some places. */
function take(x: Array64, axis: number, places: readonly number[]): Array64 {
  const length = x.shape[axis] ?? 1;
  const after = sizeOf(x.shape.slice(axis + 1));
  const before = sizeOf(x.shape.slice(0, axis));
  const values: number[] = [];
  for (let outer = 0; outer < before; outer++) {
    for (const place of places) {
      const start = (outer * length + place) * after;
      for (let at = start; at < start + after; at++) values.push(x.data[at] ?? NaN);
    }
  }
  return array64(x.shape.toSpliced(axis, 1, places.length), values);
}

/** Where the values of some channels are in an array whose last axis is the channels. */
function channelPositions(shape: readonly number[], chosen: readonly number[]): number[] {
  const channels = shape.at(-1) ?? 1;
  const rows = sizeOf(shape) / channels;
  return Array.from({ length: rows }, (_, row) => chosen.map((channel) => row * channels + channel)).flat();
}
