/**
 * @file A lower bound on the memory of a training step as a framework runs it, from the networks' shapes alone:
 *
 *     bound = 4 bytes · (weights + statistics + gradients + 2 · weights for Adam's moments + activations)
 *
 * - weights: the parameters of both networks; statistics: the running averages of batch normalisation.
 * - gradients: those of the larger network, as the two are never updated at once.
 * - activations: what the backward pass reads, at the moment when most of it is alive. A layer keeps its output (the
 *   next one's weight gradient reads it, and its own activation's slope); batch normalisation keeps input and output.
 *   `joint`: the generator's, and the discriminator's on real and on generated images, at the discriminator's update.
 *   `halves`: the generator's and the discriminator's for a whole batch, at the generator's update.
 *
 * The bound is on the strict side: PyTorch, say, keeps the gradients of both networks. It is no law of nature: a step
 * that updates each parameter as soon as its gradient is known can end up just below it.
 */
import type { ArchitectureName } from '../../src/models/networks/architectures.js';
import { scaled } from '../../src/models/networks/dcgan.js';
import type { Gan } from '../../src/gan/gan.js';

/** Numbers kept for one image; the images that a discriminator sees are counted in the generator or as input. */
interface Kept {
  readonly generator: number;
  readonly discriminator: number;
}

const IMAGE = 28 * 28;

function sum(counts: readonly number[]): number {
  return counts.reduce((total, count) => total + count, 0);
}

const KEPT: Readonly<Record<ArchitectureName, (zDim: number, width: number) => Kept>> = {
  dcgan: (zDim, width) => {
    const small = 7 * 7 * scaled(128, width);
    const large = 14 * 14 * scaled(64, width);
    return {
      // z; dense, norm; transposed convolution, norm; transposed convolution.
      generator: sum([zDim, small, small, large, large, IMAGE]),
      // convolution; convolution, norm; dense.
      discriminator: sum([large, small, small, 1]),
    };
  },
  article: (zDim, width) => {
    const hidden = scaled(1024, width);
    const [deep, shallow, units] = [scaled(128, width), scaled(64, width), scaled(256, width)];
    const small = 7 * 7 * deep;
    const middle = 14 * 14 * shallow;
    return {
      // z; dense, norm; dense, norm; up, convolution, norm; up, convolution.
      generator: sum([zDim, hidden, hidden, small, small, 4 * small, middle, middle, 4 * middle, IMAGE]),
      // convolution; convolution; dense, dropout; dense.
      discriminator: sum([middle, 5 * 5 * deep, units, units, 1]),
    };
  },
};

/** Bytes, by the formula at the top. */
export function leastBytes(gan: Gan, architecture: ArchitectureName): number {
  const { zDim, width, batch } = gan.options;
  const count = (tensors: readonly { readonly size: number }[]): number => sum(tensors.map(({ size }) => size));
  const [generator, discriminator] = [count(gan.generator.parameters), count(gan.discriminator.parameters)];
  const statistics = count(gan.generator.state) + count(gan.discriminator.state);
  const kept = KEPT[architecture](zDim, width);
  const activations =
    gan.options.architecture.schedule === 'joint'
      ? batch * (kept.generator + 2 * kept.discriminator + IMAGE)
      : batch * (kept.generator + kept.discriminator) + (batch / 2) * IMAGE;
  return 4 * (3 * (generator + discriminator) + statistics + Math.max(generator, discriminator) + activations);
}
