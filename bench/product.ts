/**
 * @file A matrix product or convolution as a case: tuned, checked against float64, timed between samples of the limit.
 */
import { dispatchProduct } from '../src/kernels/gemm/dispatch.js';
import type { GemmProblem } from '../src/kernels/gemm/problem.js';
import type { DeviceBuffer } from '../src/gpu/buffers.js';
import type { Device } from '../src/gpu/device.js';
import type { Bench, Case, Row } from './bench.js';
import { discard, measure, noisy, repeated } from './support.js';

/** Elements of the result that are computed in float64. */
const SAMPLES = 24;

/** Numbers in the two factors and in the product. */
export interface ProductSizes {
  readonly a: number;
  readonly b: number;
  readonly output: number;
}

/** The factors are in the order in which `problem.element` takes them. */
export type MakeProblem = (a: DeviceBuffer, b: DeviceBuffer, output: DeviceBuffer, device: Device) => GemmProblem;

export function productCase(name: string, sizes: ProductSizes, make: MakeProblem): Case {
  return { name, run: (bench) => runProduct(name, sizes, make, bench) };
}

async function runProduct(name: string, sizes: ProductSizes, make: MakeProblem, bench: Bench): Promise<Row> {
  const { device, engine, limit, effort } = bench;
  const a = noisy(device, sizes.a, 1);
  const b = noisy(device, sizes.b, 2);
  const output = device.allocatePersistent(sizes.output * 4, 'output');
  const buffers = [a.buffer, b.buffer, output];
  try {
    const problem = make(a.buffer, b.buffer, output, device);
    engine.tuner.choose(problem);
    await engine.tuner.tune();
    const tile = engine.tuner.choose(problem);
    const product = (): void => dispatchProduct(device, problem, tile);

    // What was in the buffer before must not pass for a result.
    device.write(output, new Float32Array(output.size / 4).fill(NaN));
    const once = await device.compile(device.trace(product));
    once.replay();
    const [bytes] = await device.read(output);
    once.dispose();
    const result = new Float32Array(bytes ?? new ArrayBuffer(0));
    checkProduct(`${name} [${tile.name}]`, problem, result, a.data, b.data);

    const work = await repeated(device, product, effort.sampleMs);
    const measured = await measure({ amount: 2 * problem.multiplyAdds, run: work.run }, limit, effort);
    work.dispose();
    const bytesMoved = 4 * (sizes.a + sizes.b + sizes.output);
    return { ...measured, tile: tile.name, extra: { gigabytesPerSecond: bytesMoved / measured.medianMs / 1e6 } };
  } finally {
    discard(device, buffers);
  }
}

/**
 * Summing n products of uniform values in [−1, 1) in float32 errs by about ε·n/3 at worst; a wrong index errs by the
 * size of a product.
 *
 * @throws Error naming the first element that is wrong.
 */
function checkProduct(
  name: string,
  problem: GemmProblem,
  result: Float32Array,
  a: Float32Array,
  b: Float32Array,
): void {
  const tolerance = 1e-6 * Math.max(1, problem.multiplyAdds / problem.outputCount) + 1e-5;
  for (let sample = 0; sample < SAMPLES; sample++) {
    const index = Math.round((sample / (SAMPLES - 1)) * (problem.outputCount - 1));
    const got = result[index] ?? NaN;
    const expected = problem.element(a, b, index);
    if (!(Math.abs(got - expected) <= tolerance)) {
      throw new Error(`${name}: element ${index} is ${got} and should be ${expected}`);
    }
  }
}
