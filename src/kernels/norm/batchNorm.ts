/**
 * @file Batch normalisation over the rows of [groups, rows, channels] (for NHWC images rows = N · H · W), its gradients,
 * and the running statistics. Ioffe & Szegedy 2015, https://arxiv.org/abs/1502.03167.
 *
 * A group is normalised by statistics of its own, as if it came alone: batches of a kind that pass a network together.
 * γ and β are shared, so their gradients are the sums over the groups. One group by default.
 *
 * The reductions run in two stages with a split that depends on the shape alone, so the same input gives the same bits.
 */
import type { DeviceBuffer } from '../../gpu/memory/buffers.js';
import type { Device } from '../../gpu/device.js';
import { ACTIVATION_FILES, activationCode, activationSlope, slopeFromOutput } from '../activation.js';
import type { FusedActivation } from '../options.js';
import { checkOperand, wordPeriod } from '../shape/strides.js';
import { checkEpsilon, type NormGradients } from './norm.js';

/** Of a batch, [groups, channels]; the variance is biased (divided by the rows, not by the rows less one). */
export interface BatchNormStatistics {
  readonly mean: DeviceBuffer;
  readonly variance: DeviceBuffer;
}

/** [channels]: what a layer normalises by in inference, moved on in place by each group in turn. */
export interface RunningStatistics extends BatchNormStatistics {
  /** running ← momentum · running + (1 − momentum) · batch: Keras' convention, the reverse of PyTorch's. */
  readonly momentum: number;
}

export interface StatisticsOptions {
  /** 1 if absent. */
  readonly groups?: number | undefined;
  readonly running?: RunningStatistics | undefined;
}

/** The operands and sizes of both directions. */
export interface BatchNormOptions extends BatchNormStatistics {
  readonly x: DeviceBuffer;
  readonly gamma: DeviceBuffer;
  readonly beta: DeviceBuffer;
  /** 1 if absent. */
  readonly groups?: number | undefined;
  /** Of a group. */
  readonly rows: number;
  readonly channels: number;
  readonly epsilon: number;
  /** `'none'` if absent. */
  readonly activation?: FusedActivation | undefined;
}

export interface BatchNormGradientOptions extends BatchNormOptions {
  readonly dy: DeviceBuffer;
}

/**
 * Mean and variance of each channel of each group; the running averages, where given, are moved on in the same dispatch.
 *
 * @param x [groups, rows, channels]
 */
export function batchNormStatistics(
  device: Device,
  x: DeviceBuffer,
  rows: number,
  channels: number,
  { groups = 1, running }: StatisticsOptions = {},
): BatchNormStatistics {
  const op = 'batchNormStatistics';
  checkOperand(op, 'x', x, shapeOf(groups, rows, channels));
  if (running !== undefined) checkRunning(op, x, running, channels);
  const { quads, chunkRows, chunks } = split(rows, channels);
  const momentum = running?.momentum ?? 0;
  return device.scope(
    () => {
      const parts = device.allocate(groups * (2 * chunks + 1) * quads * 16, `${op} parts`);
      device.dispatch({
        kernel: {
          name: op,
          files: [
            'common/linear.wgsl',
            'common/nan.wgsl',
            'norm/batchNorm/chunk.wgsl',
            'norm/batchNorm/statisticsPartial.wgsl',
          ],
          constants: { VECTOR: channels % 4 === 0 },
        },
        buffers: [x, parts],
        params: { count: quads * chunks * groups, rows, channels, quads, chunkRows, chunks, groups },
        workgroups: device.linearWorkgroups(quads * chunks * groups),
      });
      const mean = device.allocate(groups * channels * 4, 'batchNorm mean');
      const variance = device.allocate(groups * channels * 4, 'batchNorm variance');
      device.dispatch({
        kernel: {
          name: `${op} merge`,
          files: [
            'common/linear.wgsl',
            running === undefined ? 'norm/batchNorm/noRunning.wgsl' : 'norm/batchNorm/running.wgsl',
            'norm/batchNorm/statisticsMerge.wgsl',
          ],
        },
        buffers: [parts, mean, variance, ...(running === undefined ? [] : [running.mean, running.variance])],
        params: { count: quads, rows, channels, quads, chunkRows, chunks, groups, momentum, share: 1 - momentum },
        workgroups: device.linearWorkgroups(quads),
      });
      return { mean, variance };
    },
    ({ mean, variance }) => [mean, variance],
  );
}

/** activation(γ · (x − mean) / √(variance + ε) + β), by statistics of the batch or running ones. */
export function batchNormApply(device: Device, options: BatchNormOptions): DeviceBuffer {
  const op = 'batchNormApply';
  const { x, mean, variance, gamma, beta, groups = 1, rows, channels, epsilon, activation = 'none' } = options;
  checkOperand(op, 'x', x, shapeOf(groups, rows, channels));
  checkPerChannel(op, { gamma, beta }, [channels]);
  checkPerChannel(op, { mean, variance }, groups === 1 ? [channels] : [groups, channels]);
  checkEpsilon(op, epsilon);
  const { aligned, owners, layout } = sweep(device, groups, rows, channels);
  const y = device.allocate(groups * rows * channels * 4, 'batchNorm');
  device.dispatch({
    kernel: {
      name: op,
      files: ['common/linear.wgsl', ...ACTIVATION_FILES, 'norm/batchNorm/sweep.wgsl', 'norm/batchNorm/apply.wgsl'],
      constants: { ACTIVATION: activationCode(activation), ALIGNED: aligned },
    },
    buffers: [x, mean, variance, gamma, beta, y],
    params: { count: owners, ...layout, epsilon, slope: activationSlope(activation) },
    workgroups: device.linearWorkgroups(owners),
  });
  return y;
}

/** The gradients where mean and variance are the batch's own, and so depend on x. */
export function batchNormGradient(device: Device, options: BatchNormGradientOptions): NormGradients {
  return gradient(device, 'batchNormGradient', true, options);
}

/** The gradients where mean and variance are constants. */
export function batchNormInferenceGradient(device: Device, options: BatchNormGradientOptions): NormGradients {
  return gradient(device, 'batchNormInferenceGradient', false, options);
}

function gradient(device: Device, op: string, batch: boolean, options: BatchNormGradientOptions): NormGradients {
  const { dy, x, mean, variance, gamma, beta, groups = 1, rows, channels, epsilon, activation = 'none' } = options;
  const shape = shapeOf(groups, rows, channels);
  for (const [name, buffer] of Object.entries({ dy, x })) checkOperand(op, name, buffer, shape);
  checkPerChannel(op, { mean, variance }, groups === 1 ? [channels] : [groups, channels]);
  checkPerChannel(op, { gamma, beta }, [channels]);
  checkEpsilon(op, epsilon);
  const slope = slopeFromOutput(op, activation);
  const ACTIVATION = activationCode(activation);
  const { quads, chunkRows, chunks } = split(rows, channels);
  const { aligned, owners, layout } = sweep(device, groups, rows, channels);

  return device.scope(
    () => {
      const parts = device.allocate(groups * chunks * quads * 32, `${op} parts`);
      device.dispatch({
        kernel: {
          name: `${op} sums`,
          files: [
            'common/linear.wgsl',
            ...ACTIVATION_FILES,
            'common/activationGradient.wgsl',
            'norm/batchNorm/chunk.wgsl',
            'norm/batchNorm/gradientPartial.wgsl',
          ],
          constants: { ACTIVATION, VECTOR: channels % 4 === 0 },
        },
        buffers: [dy, x, mean, variance, gamma, beta, parts],
        params: { count: quads * chunks * groups, rows, channels, quads, chunkRows, chunks, groups, epsilon, slope },
        workgroups: device.linearWorkgroups(quads * chunks * groups),
      });
      const dGamma = device.allocate(channels * 4, `${op} dGamma`);
      const dBeta = device.allocate(channels * 4, `${op} dBeta`);
      const coefficients = device.allocate(groups * quads * 64, `${op} coefficients`);
      device.dispatch({
        kernel: {
          name: `${op} merge`,
          files: ['common/linear.wgsl', 'common/nan.wgsl', 'norm/batchNorm/gradientMerge.wgsl'],
          constants: { BATCH: batch },
        },
        buffers: [parts, mean, variance, gamma, dGamma, dBeta, coefficients],
        params: { count: quads, rows, channels, quads, chunks, groups, epsilon },
        workgroups: device.linearWorkgroups(quads),
      });
      const dx = device.allocate(groups * rows * channels * 4, `${op} dx`);
      device.dispatch({
        kernel: {
          name: op,
          files: [
            'common/linear.wgsl',
            ...ACTIVATION_FILES,
            'common/activationGradient.wgsl',
            'norm/batchNorm/sweep.wgsl',
            'norm/batchNorm/gradientApply.wgsl',
          ],
          constants: { ACTIVATION, ALIGNED: aligned, BATCH: batch },
        },
        buffers: [dy, x, beta, coefficients, dx],
        params: { count: owners, ...layout, plane: quads * 4, slope },
        workgroups: device.linearWorkgroups(owners),
      });
      return { dx, dGamma, dBeta };
    },
    ({ dx, dGamma, dBeta }) => [dx, dGamma, dBeta],
  );
}

function shapeOf(groups: number, rows: number, channels: number): readonly number[] {
  return groups === 1 ? [rows, channels] : [groups, rows, channels];
}

/** A reduction runs (rows of a chunk) + 2 · (chunks) steps in series. This many chunks balance the two. */
const MOST_CHUNKS = 128;
/** Chunks of fewer rows would cost more in the second stage than they save in the first. */
const LEAST_CHUNK_ROWS = 32;

/** How a reduction over the rows of a group is cut: quads of channels times chunks of rows. */
function split(rows: number, channels: number): { quads: number; chunkRows: number; chunks: number } {
  const chunkRows = Math.max(LEAST_CHUNK_ROWS, Math.ceil(rows / MOST_CHUNKS));
  return { quads: Math.ceil(channels / 4), chunkRows, chunks: Math.ceil(rows / chunkRows) };
}

/** Words that an invocation of an elementwise pass takes if there are enough words: it loads its channels once for all. */
const WORDS_EACH = 16;
interface Sweep {
  /** Whether no word belongs to two groups: then each group is a part of its own. */
  readonly aligned: boolean;
  /** Invocations with work. */
  readonly owners: number;
  /** The shaders' fields of the same names. */
  readonly layout: {
    readonly parts: number;
    /** Words of a part. */
    readonly quads: number;
    readonly step: number;
    /** Values of a group. */
    readonly groupValues: number;
    readonly groups: number;
    readonly channels: number;
  };
}

/**
 * How the elementwise passes go over the words of a part: invocation i takes i, i + step, i + 2 · step, ... The step is a
 * multiple of the words in which the channels repeat, so that an invocation always meets the same four. Few words are
 * shared out one by one, as a GPU would be half idle otherwise.
 */
function sweep(device: Device, groups: number, rows: number, channels: number): Sweep {
  const values = rows * channels;
  const aligned = groups === 1 || values % 4 === 0;
  const parts = aligned ? groups : 1;
  const words = Math.ceil((groups * values) / parts / 4);
  const period = wordPeriod(channels);
  const enough = Math.ceil(device.invocationsToFill / parts);
  const invocations = Math.max(Math.min(words, enough), Math.ceil(words / WORDS_EACH));
  const step = Math.ceil(invocations / period) * period;
  return {
    aligned,
    owners: parts * step,
    layout: { parts, quads: words, step, groupValues: values, groups, channels },
  };
}

function checkRunning(op: string, x: DeviceBuffer, running: RunningStatistics, channels: number): void {
  const { mean, variance, momentum } = running;
  checkPerChannel(op, { 'the running mean': mean, 'the running variance': variance }, [channels]);
  if (new Set([x, mean, variance]).size < 3) {
    throw new Error(`${op}: got one buffer (${mean.label}) twice; x and the running averages take three`);
  }
  if (!(momentum >= 0 && momentum <= 1)) throw new Error(`${op}: got momentum ${momentum}; it takes one from 0 to 1`);
}

function checkPerChannel(op: string, buffers: Readonly<Record<string, DeviceBuffer>>, shape: readonly number[]): void {
  for (const [name, buffer] of Object.entries(buffers)) checkOperand(op, name, buffer, shape);
}
