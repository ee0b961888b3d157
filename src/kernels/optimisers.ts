/**
 * @file Updates of parameters, in place. A model whose parameters lie in one buffer is updated in one dispatch.
 */
import type { DeviceBuffer } from '../gpu/memory/buffers.js';
import { linearWorkgroups } from '../gpu/commands.js';
import type { Device } from '../gpu/device.js';
import { copy } from './shape/shape.js';
import { checkOperand } from './shape/strides.js';

/** A factor on the learning rate for each update. */
export interface RateSchedule {
  /** [count] on the GPU: that of update t, counted from 1, at t − 1; the last serves ever after. */
  readonly factors: DeviceBuffer;
  readonly count: number;
}

interface UpdateOptions {
  readonly parameter: DeviceBuffer;
  readonly gradient: DeviceBuffer;
  readonly count: number;
  readonly learningRate: number;
  /** Decoupled from the gradient (AdamW). Default: 0. */
  readonly weightDecay?: number | undefined;
}

export interface AdamOptions extends UpdateOptions {
  readonly firstMoment: DeviceBuffer;
  readonly secondMoment: DeviceBuffer;
  /** One u32 on the GPU: the number of updates, this one included but for what `ahead` adds. The first is 1. */
  readonly step: DeviceBuffer;
  /** Updates that `step` does not count yet, this one included; 0 if absent. */
  readonly ahead?: number | undefined;
  /** Raises `step` by 1, which then holds two u32: the updates done, and 0. Not if absent. */
  readonly advances?: boolean | undefined;
  /** Default: none. */
  readonly schedule?: RateSchedule | undefined;
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
}

export interface SgdOptions extends UpdateOptions {
  /** Required with a momentum. */
  readonly velocity?: DeviceBuffer | undefined;
  /** Default: 0. */
  readonly momentum?: number | undefined;
}

/**
 * Most words of four parameters that an invocation of Adam updates, the bias corrections computed once for all of them. On
 * lavapipe 6.3 M parameters take 31 ms at 1 or 2, 16 ms at 16, 18 ms at 64.
 */
const MOST_WORDS_EACH = 16;
/** With fewer invocations a GPU would stand half idle, so a small model's words are shared out one by one. */
const ENOUGH_INVOCATIONS = 32_768;

/** Below this, ln β stands for β = 0: e⁻²⁰⁰ is 0 in float32, and so is every power of it. */
const LEAST_LOG = -200;

/** Below this, β is close to 0. Above, a step from the old mean errs by 16 roundings at most, relative to what it leaves. */
const SMALL_BETA = 1 / 16;

/**
 * Whether Adam moves a running mean on by a step from the new value towards the old mean instead of the other way; see
 * shaders/optimisers/runningMean.wgsl.
 */
export function stepsFromValue(beta: number): boolean {
  return beta < SMALL_BETA;
}

/** Adam (Kingma & Ba 2015) with bias correction, ε outside the root of the corrected second moment. */
export function adam(device: Device, options: AdamOptions): void {
  const op = 'adam';
  const { parameter, gradient, firstMoment, secondMoment, step, count } = options;
  const { learningRate, beta1, beta2, epsilon, weightDecay = 0, ahead = 0, advances = false, schedule } = options;
  if (advances) checkOperand(op, 'step', step, [2]);
  checkDistinct(op, { parameter, gradient, firstMoment, secondMoment, step }, count);
  checkNumbers(op, { learningRate, epsilon, weightDecay });
  if (schedule !== undefined) checkOperand(op, 'factors', schedule.factors, [schedule.count]);
  for (const [name, beta] of Object.entries({ beta1, beta2 })) checkBeta(op, name, beta);
  const quads = Math.ceil(count / 4);
  const span = Math.min(Math.ceil(quads / ENOUGH_INVOCATIONS), MOST_WORDS_EACH);
  const rate = schedule === undefined ? 'optimisers/rateFixed.wgsl' : 'optimisers/rateScheduled.wgsl';
  device.dispatch({
    kernel: {
      name: op,
      files: [rate, 'optimisers/biasCorrection.wgsl', 'optimisers/runningMean.wgsl', 'optimisers/adam.wgsl'],
      constants: {
        ADVANCES: advances,
        STEP_FROM_VALUE_1: stepsFromValue(beta1),
        STEP_FROM_VALUE_2: stepsFromValue(beta2),
      },
    },
    buffers: [
      parameter,
      gradient,
      firstMoment,
      secondMoment,
      step,
      ...(schedule === undefined ? [] : [schedule.factors]),
    ],
    params: {
      quads,
      span,
      ahead,
      learningRate,
      epsilon,
      beta1,
      beta2,
      share1: 1 - beta1,
      share2: 1 - beta2,
      log1: logOf(beta1),
      log2: logOf(beta2),
      ...(schedule === undefined
        ? { keep: 1 - learningRate * weightDecay }
        : { decay: weightDecay, updates: schedule.count }),
    },
    workgroups: linearWorkgroups(Math.ceil(quads / span)),
  });
}

export interface BiasCorrectionOptions {
  /** One u32 on the GPU: updates done. */
  readonly step: DeviceBuffer;
  /** Updates that `step` does not count yet, the one that is corrected for included. */
  readonly ahead: number;
  readonly beta: number;
}

/** 1 − βᵗ, by which Adam's update t divides a running mean, as one value on the GPU. */
export function biasCorrection(device: Device, { step, ahead, beta }: BiasCorrectionOptions): DeviceBuffer {
  const op = 'biasCorrection';
  checkOperand(op, 'step', step, [1]);
  checkBeta(op, 'beta', beta);
  const correction = device.allocate(4, op);
  device.dispatch({
    kernel: { name: op, files: ['optimisers/biasCorrection.wgsl', 'optimisers/correction.wgsl'] },
    buffers: [step, correction],
    params: { ahead, logBeta: logOf(beta) },
    workgroups: [1, 1, 1],
  });
  return correction;
}

/** θ ← θ (1 − lr · decay) − lr · v with v ← momentum · v + g; without a velocity v is g. */
export function sgd(device: Device, options: SgdOptions): void {
  const op = 'sgd';
  const { parameter, gradient, velocity, count, learningRate, momentum = 0, weightDecay = 0 } = options;
  checkDistinct(op, { parameter, gradient, ...(velocity === undefined ? {} : { velocity }) }, count);
  checkNumbers(op, { learningRate, momentum, weightDecay });
  if (momentum !== 0 && velocity === undefined) {
    throw new Error(`${op}: got momentum ${momentum} and no velocity; with a momentum it takes a velocity [${count}]`);
  }
  const quads = Math.ceil(count / 4);
  device.dispatch({
    kernel: {
      name: op,
      files: ['common/linear.wgsl', velocity === undefined ? 'optimisers/sgd.wgsl' : 'optimisers/momentum.wgsl'],
    },
    buffers: velocity === undefined ? [parameter, gradient] : [parameter, gradient, velocity],
    params: {
      count: quads,
      learningRate,
      keep: 1 - learningRate * weightDecay,
      ...(velocity === undefined ? {} : { momentum }),
    },
    workgroups: device.linearWorkgroups(quads),
  });
}

/** θ ← min(max(θ, −limit), limit) in place. @throws Error for a limit that is no number above 0 */
export function clip(device: Device, parameter: DeviceBuffer, count: number, limit: number): void {
  checkOperand('clip', 'parameter', parameter, [count]);
  if (!(limit > 0 && Number.isFinite(limit))) throw new Error(`clip: got limit ${limit}; it takes a number above 0`);
  const quads = Math.ceil(count / 4);
  device.dispatch({
    kernel: { name: 'clip', files: ['common/linear.wgsl', 'common/nan.wgsl', 'optimisers/clip.wgsl'] },
    buffers: [parameter],
    params: { count: quads, limit },
    workgroups: device.linearWorkgroups(quads),
  });
}

export interface AverageOptions {
  readonly average: DeviceBuffer;
  readonly value: DeviceBuffer;
  readonly count: number;
  /** Share of the average that stays. */
  readonly decay: number;
}

/** a ← decay · a + (1 − decay) · θ in place. @throws Error for a decay that is not from 0 to below 1 */
export function average(device: Device, options: AverageOptions): void {
  const { average: mean, value, count, decay } = options;
  checkDistinct('average', { average: mean, value }, count);
  if (!(decay >= 0 && decay < 1)) throw new Error(`average: got decay ${decay}; it takes one from 0 to below 1`);
  // 0 · a would keep an old NaN or infinity.
  if (decay === 0) {
    copy(device, value, mean, count);
    return;
  }
  const quads = Math.ceil(count / 4);
  device.dispatch({
    kernel: { name: 'average', files: ['common/linear.wgsl', 'optimisers/average.wgsl'] },
    buffers: [mean, value],
    params: { count: quads, decay, rate: 1 - decay },
    workgroups: device.linearWorkgroups(quads),
  });
}

/** Adds to a u32 on the GPU, modulo 2³². */
export function increment(device: Device, counter: DeviceBuffer, by = 1): void {
  checkOperand('increment', 'counter', counter, [1]);
  if (!Number.isInteger(by)) throw new Error(`increment: got ${by}; it takes an integer`);
  device.dispatch({
    kernel: { name: 'increment', files: ['optimisers/increment.wgsl'] },
    buffers: [counter],
    params: { by },
    workgroups: [1, 1, 1],
  });
}

/** A buffer that is written may not be bound a second time. `step` holds one value, the others `count`. */
function checkDistinct(op: string, buffers: Readonly<Record<string, DeviceBuffer>>, count: number): void {
  for (const [name, buffer] of Object.entries(buffers)) {
    checkOperand(op, name, buffer, [name === 'step' ? 1 : count]);
  }
  const names = Object.keys(buffers);
  if (new Set(Object.values(buffers)).size < names.length) {
    throw new Error(`${op}: got one buffer for two of ${names.join(', ')}; it takes a buffer for each`);
  }
}

function checkBeta(op: string, name: string, beta: number): void {
  if (!(beta >= 0 && beta < 1)) throw new Error(`${op}: got ${name} ${beta}; it takes one from 0 to below 1`);
}

function logOf(beta: number): number {
  return Math.max(Math.log(beta), LEAST_LOG);
}

function checkNumbers(op: string, numbers: Readonly<Record<string, number>>): void {
  for (const [name, value] of Object.entries(numbers)) {
    if (!(value >= 0 && Number.isFinite(value))) {
      throw new Error(`${op}: got ${name} ${value}; it takes a number of at least 0`);
    }
  }
}
