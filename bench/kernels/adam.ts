/**
 * @file Measures Adam on one buffer with as many parameters as the article's generator has.
 */
import { adam } from '../../src/kernels/optimisers.js';
import type { Bench, Group, Row } from '../support/bench.js';
import { runMemoryBound } from '../support/memoryBound.js';
import { discard, noisy } from '../support/measure.js';

const COUNT = 6_800_000;
/** Reads parameter, gradient and two moments; writes all but the gradient. */
const PASSES = 7;
const BUFFERS = 4;

const RATE = 1e-4;

async function run(bench: Bench): Promise<Row> {
  const { device } = bench;
  const parameter = noisy(device, COUNT, 1);
  const gradient = noisy(device, COUNT, 2);
  const zeros = new Float32Array(COUNT);
  const [firstMoment, secondMoment] = [noisy(device, COUNT, 3).buffer, noisy(device, COUNT, 4).buffer];
  const step = device.allocatePersistent(4, 'step');
  device.write(firstMoment, zeros);
  device.write(secondMoment, zeros);
  device.write(step, new Uint32Array([1]));
  const buffers = { parameter: parameter.buffer, gradient: gradient.buffer, firstMoment, secondMoment, step };
  const update = (): void => {
    adam(device, { ...buffers, count: COUNT, learningRate: RATE, beta1: 0.5, beta2: 0.999, epsilon: 1e-8 });
  };
  try {
    const once = await device.compile(device.trace(update));
    once.replay();
    const [bytes] = await device.read(parameter.buffer);
    once.dispose();
    // From moments of zero, the first corrected step is lr · sign(g).
    const updated = new Float32Array(bytes ?? new ArrayBuffer(0));
    for (const index of [0, 1, COUNT >> 1, COUNT - 1]) {
      const expected = (parameter.data[index] ?? NaN) - RATE * Math.sign(gradient.data[index] ?? NaN);
      if (!(Math.abs((updated[index] ?? NaN) - expected) < 1e-6)) {
        throw new Error(`adam: parameter ${index} is ${updated[index]} and should be ${expected}`);
      }
    }
    return await runMemoryBound(bench, update, { moved: PASSES * COUNT * 4, footprint: BUFFERS * COUNT * 4 });
  } finally {
    discard(device, Object.values(buffers));
  }
}

export const adamGroup: Group = {
  name: 'adam',
  unit: 'GB/s',
  cases: [{ name: '6.8 M parameters', run }],
  note: 'Moves 28 bytes a parameter: four reads, three writes. The limit is a copy of the same footprint.',
};
