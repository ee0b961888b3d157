/**
 * @file Groups kernels by purpose, based on their shader files.
 */
import { COLOURS, NEUTRALS } from '../../src/figures/palette.js';
import type { Kernel } from '../../src/gpu/pipelines.js';

/** Kinds of kernels in the order in which they are shown, with their colours. */
export const FAMILIES = [
  ['products, forward', COLOURS.blue],
  ['products, by input', COLOURS.violet],
  ['products, by weights', COLOURS.green],
  ['packing, unfolding', COLOURS.brown],
  ['normalisation', COLOURS.purple],
  ['slopes of activations', NEUTRALS.quiet.light],
  ['losses', COLOURS.black],
  ['optimiser', COLOURS.vermillion],
  ['sums, z, the rest', COLOURS.grey],
] as const;

export type Family = (typeof FAMILIES)[number][0];

/** @param backward whether the kernel runs while gradients are computed */
export function familyOf({ name, files }: Kernel, backward: boolean): Family {
  const uses = (path: string): boolean => files.some((file) => file.startsWith(path));
  if (uses('gemm/operands/weightGradient')) return 'products, by weights';
  if (uses('gemm/pack/') || uses('gemm/parts') || uses('conv/im2col/')) return 'packing, unfolding';
  if (uses('gemm/')) return backward ? 'products, by input' : 'products, forward';
  if (uses('norm/batchNorm/') || uses('norm/layerNorm/') || uses('norm/spectralNorm/')) return 'normalisation';
  if (uses('softmax/')) return 'losses';
  if (uses('optimisers/')) return 'optimiser';
  // The activations themselves are computed where a product or a normalisation ends.
  return uses('bias/') || (uses('elementwise/') && /relu|tanh|sigmoid|activation/i.test(name))
    ? 'slopes of activations'
    : 'sums, z, the rest';
}
