/**
 * @file Random numbers on the GPU, from the counter-based generator Philox4x32-10. Block b of four values is a function of
 * (seed, stream, iteration, b) alone: no state passes from call to call, and every device gives the same numbers.
 *
 * The iteration is read from a GPU buffer, so that a recorded step draws new numbers at each replay. Give each use of
 * random numbers within a step a stream of its own: equal streams give equal numbers.
 */
import type { DeviceBuffer } from '../../gpu/memory/buffers.js';
import type { Device } from '../../gpu/device.js';
import { compute } from '../compute.js';
import { checkOperand } from '../shape/strides.js';

const WORDS = 2 ** 32;
/** The files that define `randomWords()` and the entry point. */
const RANDOM_WORDS = ['common/linear.wgsl', 'random/philox.wgsl', 'random/words.wgsl'] as const;

const FILL = ['random/normal.wgsl', 'random/fill.wgsl'];

export interface RandomSource {
  /** An integer of 32 bits, as is the stream. */
  readonly seed: number;
  readonly stream: number;
  /** One u32 on the GPU: the iteration. */
  readonly counter: DeviceBuffer;
}

export interface RandomOptions extends RandomSource {
  readonly count: number;
}

/** Options of {@link dropout}. */
export interface DropoutOptions extends RandomSource {
  /** Share of the values that is dropped: from 0 to below 1. */
  readonly rate: number;
}

/** Options of {@link addNoise}. */
export interface NoiseOptions extends RandomSource {
  /** Standard deviation at iteration 0: a number above 0. */
  readonly deviation: number;
  /** Iteration at which the deviation has fallen linearly to 0; constant if absent. */
  readonly until?: number | undefined;
}

export interface OneHotOptions extends RandomOptions {
  /** How often each class is drawn, up to a common factor: 1 to {@link MAX_CLASSES} numbers of at least 0. */
  readonly shares: readonly number[];
}

/** Capacity of the shader's uniform. */
const MAX_CLASSES = 16;

/** Words of 32 bits (`u32`). */
export function randomBits(device: Device, options: RandomOptions): DeviceBuffer {
  return generate(device, 'randomBits', ['random/bits.wgsl'], {}, options);
}

/** Uniform on [0, 1), in steps of 2⁻²⁴. */
export function randomUniform(device: Device, options: RandomOptions): DeviceBuffer {
  return generate(device, 'randomUniform', FILL, { NORMAL: false }, options);
}

/** N(0, 1), by Box and Muller; no value is beyond ±5.77. */
export function randomNormal(device: Device, options: RandomOptions): DeviceBuffer {
  return generate(device, 'randomNormal', FILL, { NORMAL: true }, options);
}

/** x · mask / (1 − rate). The same call on dy is its gradient: the same source gives the same mask. */
export function dropout(device: Device, x: DeviceBuffer, count: number, options: DropoutOptions): DeviceBuffer {
  const op = 'dropout';
  const { rate, seed, stream, counter } = options;
  checkOperand(op, 'x', x, [count]);
  checkSource(op, options);
  if (!(rate >= 0 && rate < 1)) throw new Error(`${op}: got rate ${rate}; it takes one from 0 to below 1`);
  const threshold = Math.min(Math.round(rate * WORDS), WORDS - 1);
  const blocks = Math.ceil(count / 4);
  return compute(device, {
    kernel: { name: op, files: [...RANDOM_WORDS, 'common/nan.wgsl', 'random/dropout.wgsl'] },
    inputs: [counter, x],
    values: count,
    params: { count: blocks, seed, stream, threshold, scale: 1 / (1 - rate) },
    workgroups: device.linearWorkgroups(blocks),
  });
}

/** x + N(0, d²), d falling over the iterations. */
export function addNoise(device: Device, x: DeviceBuffer, count: number, options: NoiseOptions): DeviceBuffer {
  const op = 'addNoise';
  const { deviation, until = 0, seed, stream, counter } = options;
  checkOperand(op, 'x', x, [count]);
  checkSource(op, options);
  if (!(deviation > 0 && Number.isFinite(deviation))) {
    throw new Error(`${op}: got deviation ${deviation}; it takes a number above 0`);
  }
  if (options.until !== undefined && !(Number.isInteger(until) && until >= 1 && until < WORDS)) {
    throw new Error(`${op}: got until ${until}; it takes an iteration from 1 to 2^32 - 1`);
  }
  const blocks = Math.ceil(count / 4);
  return compute(device, {
    kernel: { name: op, files: [...RANDOM_WORDS, 'random/normal.wgsl', 'random/noise.wgsl'] },
    inputs: [counter, x],
    values: count,
    params: { count: blocks, seed, stream, until, deviation },
    workgroups: device.linearWorkgroups(blocks),
  });
}

/** For each of `count` rows a class drawn by its share, one-hot: [count, classes]. */
export function randomOneHot(device: Device, options: OneHotOptions): DeviceBuffer {
  const op = 'randomOneHot';
  const { count, shares, seed, stream, counter } = options;
  checkCount(op, count);
  checkSource(op, options);
  const classes = shares.length;
  const blocks = Math.ceil(count / 4);
  const bounds = boundsOf(op, shares);
  return compute(device, {
    kernel: { name: op, files: [...RANDOM_WORDS, 'random/oneHot.wgsl'] },
    inputs: [counter],
    values: count * classes,
    params: { count: blocks, rows: count, classes, seed, stream, bounds },
    workgroups: device.linearWorkgroups(blocks),
  });
}

/** Below the c-th bound lie the words of the classes up to c; the last class takes what is left. */
function boundsOf(op: string, shares: readonly number[]): number[] {
  const total = shares.reduce((sum, share) => sum + share, 0);
  const isShare = (share: number): boolean => Number.isFinite(share) && share >= 0;
  if (shares.length > MAX_CLASSES || !shares.every(isShare) || !(total > 0)) {
    throw new Error(
      `${op}: got shares [${shares.join(', ')}]; it takes 1 to ${MAX_CLASSES} numbers of at least 0, one of them above`,
    );
  }
  let below = 0;
  const bounds = shares.slice(0, -1).map((share) => {
    below += share;
    return Math.round((below / total) * WORDS);
  });
  return bounds.map((bound) => Math.min(bound, WORDS - 1));
}

function generate(
  device: Device,
  op: string,
  files: readonly string[],
  constants: Readonly<Record<string, boolean>>,
  options: RandomOptions,
): DeviceBuffer {
  const { count, seed, stream, counter } = options;
  checkCount(op, count);
  checkSource(op, options);
  const blocks = Math.ceil(count / 4);
  return compute(device, {
    kernel: { name: op, files: [...RANDOM_WORDS, ...files], constants },
    inputs: [counter],
    values: count,
    params: { count: blocks, seed, stream },
    workgroups: device.linearWorkgroups(blocks),
  });
}

function checkCount(op: string, count: number): void {
  if (!Number.isInteger(count) || count < 1) throw new Error(`${op}: got count ${count}; it takes one of at least 1`);
}

function checkSource(op: string, { seed, stream, counter }: RandomSource): void {
  for (const [name, value] of Object.entries({ seed, stream })) {
    if (!Number.isInteger(value) || value < 0 || value >= WORDS) {
      throw new Error(`${op}: got ${name} ${value}; it takes an integer from 0 to 2^32 - 1`);
    }
  }
  checkOperand(op, 'counter', counter, [1]);
}
