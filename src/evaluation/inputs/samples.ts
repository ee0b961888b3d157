/**
 * @file Generates images in inference mode, for any number of z.
 */
import type { Engine } from '../../autograd/engine.js';
import type { Tensor } from '../../autograd/tensor.js';
import type { Sequential } from '../../models/layers/index.js';
import type { PartProgress } from '../progress.js';
import { inferencePass } from './classifierOutput.js';

/** Batch size. */
const BATCH = 128;

/**
 * Draws an image for each z.
 *
 * @param generator takes [N, zDim] to [N, H, W, C]
 * @param z [count, zDim]
 * @param progress called after each batch with the number of images
 * @returns [count, H, W, C]
 * @throws Error if z is not a whole number of rows; the device's errors
 */
export async function generatorImages(
  engine: Engine,
  generator: Sequential,
  z: Float32Array,
  zDim: number,
  progress?: PartProgress,
): Promise<Float32Array> {
  const count = z.length / zDim;
  if (!Number.isInteger(count)) {
    throw new Error(`generatorImages: got ${z.length} numbers; it takes rows of ${zDim}`);
  }
  let images: Float32Array | undefined;
  for (let first = 0; first < count; first += BATCH) {
    const part = z.subarray(first * zDim, (first + BATCH) * zDim);
    const rows = part.length / zDim;
    const input = engine.tensor(part, [rows, zDim], { name: 'z' });
    try {
      const draw = (): Tensor => generator.forward(input, inferencePass(engine));
      const output = engine.noGrad(() => engine.scope(draw));
      try {
        images ??= new Float32Array((count * output.size) / rows);
        images.set(await output.data(), (first * output.size) / rows);
      } finally {
        output.free();
      }
    } finally {
      input.free();
    }
    progress?.(first + rows, count);
  }
  return images ?? new Float32Array(0);
}
