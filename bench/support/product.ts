/**
 * @file Measures a matrix product or convolution: tuned, checked against float64, timed between samples of the limit.
 */
import type { Dispatch } from '../../src/gpu/commands.js';
import type { GemmProblem } from '../../src/kernels/gemm/problem.js';
import { ProductCheck } from '../../src/kernels/gemm/tolerance.js';
import type { Tuner } from '../../src/kernels/gemm/tuner.js';
import type { DeviceBuffer } from '../../src/gpu/memory/buffers.js';
import type { Device } from '../../src/gpu/device.js';
import type { Bench, Case, Row } from './bench.js';
import { discard, measure, noisy, repeated } from './measure.js';

/** Elements of the result that are computed in float64. */
const SAMPLES = 24;

/** Numbers in the two factors and in the product. */
export interface ProductSizes {
  readonly a: number;
  readonly b: number;
  readonly output: number;
}

/** The product as it is defined; the factors are in the order in which `problem.element` takes them. */
export type MakeProblem = (a: DeviceBuffer, b: DeviceBuffer, output: DeviceBuffer) => GemmProblem;

/** The engine's own way of computing it. */
export type Compute = (device: Device, tuner: Tuner, a: DeviceBuffer, b: DeviceBuffer) => DeviceBuffer;

export function productCase(name: string, sizes: ProductSizes, make: MakeProblem, compute: Compute): Case {
  return { name, run: (bench) => runProduct(name, sizes, make, compute, bench) };
}

async function runProduct(
  name: string,
  sizes: ProductSizes,
  make: MakeProblem,
  compute: Compute,
  bench: Bench,
): Promise<Row> {
  const { device, engine, limit, effort } = bench;
  const a = noisy(device, sizes.a, 1);
  const b = noisy(device, sizes.b, 2);
  const output = device.allocatePersistent(sizes.output * 4, 'output');
  const buffers = [a.buffer, b.buffer, output];
  try {
    const problem = make(a.buffer, b.buffer, output);
    const product = (): DeviceBuffer => compute(device, engine.tuner, a.buffer, b.buffer);
    device.trace(product);
    await engine.tuner.tune();
    const trace = device.trace(product);
    const tile = describeKernels(trace.commands);

    const once = await device.compile(trace, [trace.results]);
    once.replay();
    const [bytes] = await device.read(once.results);
    once.dispose();
    const result = new Float32Array(bytes ?? new ArrayBuffer(0));
    checkProduct(`${name} [${tile}]`, problem, result, a.data, b.data);

    const repetition = (): void => void product();
    const work = await repeated(device, repetition, effort.sampleMs);
    const measured = await measure({ amount: 2 * problem.multiplyAdds, run: work.run }, limit, effort);
    work.dispose();
    const bytesMoved = 4 * (sizes.a + sizes.b + sizes.output);
    return { ...measured, tile, extra: { gigabytesPerSecond: bytesMoved / measured.medianMs / 1e6 } };
  } finally {
    discard(device, buffers);
  }
}

/** The tile's name, and what else it took: `im2col + subgroup-16`. */
function describeKernels(commands: readonly Dispatch[]): string {
  const names = commands.map(({ kernel }) => /\[(.*)\]$/.exec(kernel.name)?.[1] ?? kernel.name);
  // Carrying matrices over into texels is part of the tile.
  return names.filter((each) => !each.startsWith('pack ')).join(' + ');
}

/** @throws Error naming the first element that is further from its float64 definition than rounding explains. */
function checkProduct(
  name: string,
  problem: GemmProblem,
  result: Float32Array,
  a: Float32Array,
  b: Float32Array,
): void {
  const check = new ProductCheck(problem, a, b);
  for (let sample = 0; sample < SAMPLES; sample++) {
    const index = Math.round((sample / (SAMPLES - 1)) * (problem.outputCount - 1));
    const got = result[index] ?? NaN;
    if (!check.allows(index, got)) {
      throw new Error(`${name}: element ${index} is ${got} and should be ${problem.element(a, b, index)}`);
    }
  }
}
