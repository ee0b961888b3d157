/**
 * @file Images of a generator in inference mode, for any number of z.
 */
import type { Engine } from '../autograd/engine.js';
import type { Sequential } from '../models/layers.js';

/** Images that go through the network at once. */
const BATCH = 128;

/**
 * Draws an image for each z.
 *
 * @param generator takes [N, zDim] to [N, H, W, C]
 * @param z [count, zDim]
 * @returns [count, H, W, C]
 * @throws Error where z is no whole number of rows; the device's errors
 */
export async function generatorImages(
  engine: Engine,
  generator: Sequential,
  z: Float32Array,
  zDim: number,
): Promise<Float32Array> {
  const count = z.length / zDim;
  if (!Number.isInteger(count)) {
    throw new Error(`generatorImages: got ${z.length} numbers; it takes rows of ${zDim}`);
  }
  const counter = engine.device.allocatePersistent(4, 'no random numbers');
  const pass = { training: false, random: { seed: 0, stream: 0, counter } };
  let images: Float32Array | undefined;
  for (let first = 0; first < count; first += BATCH) {
    const part = z.subarray(first * zDim, (first + BATCH) * zDim);
    const input = engine.tensor(part, [part.length / zDim, zDim], { name: 'z' });
    const output = engine.noGrad(() => engine.scope(() => generator.forward(input, pass)));
    const size = output.size / (part.length / zDim);
    images ??= new Float32Array(count * size);
    images.set(await output.data(), first * size);
    output.free();
    input.free();
  }
  engine.device.free(counter);
  return images ?? new Float32Array(0);
}
