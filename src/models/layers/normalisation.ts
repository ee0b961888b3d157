/**
 * @file Adds a normalisation to a layer, by name.
 */
import type { Activation } from '../../kernels/options.js';
import { batchNorm, type BatchNormLayerOptions } from './batchNorm.js';
import type { Builder, Layer } from './layer.js';
import { layerNorm } from './layerNorm.js';

/**
 * `batch`: over the images of a batch (Ioffe and Szegedy 2015, https://arxiv.org/abs/1502.03167). Not suitable
 * for a gradient penalty: each image's gradient depends on the others.
 * `layer`: over each image (Ba et al. 2016, https://arxiv.org/abs/1607.06450). Suitable for a gradient penalty.
 * `spectral`: divides the weights of all layers by their largest singular value (Miyato et al. 2018,
 * https://arxiv.org/abs/1802.05957).
 */
export const NORMALISATIONS = ['batch', 'layer', 'spectral', 'none'] as const;

/** Kind of a normalisation. */
export type Normalisation = (typeof NORMALISATIONS)[number];

/** Options of a layer with weights under a normalisation. */
export interface NormalisedOptions {
  readonly useBias: boolean;
  readonly activation: Activation;
  readonly spectral: boolean;
}

interface Settings extends BatchNormLayerOptions {
  readonly activation: Activation;
  /** Length of the axis that is normalised. */
  readonly channels: number;
}

/**
 * Builds a layer with weights, its normalisation and its activation.
 *
 * @param name of the normalisation's parameters, if it has any
 * @param product creates the layer with weights, and a layer that reshapes its output if necessary
 */
export function normalised(
  builder: Builder,
  kind: Normalisation,
  name: string,
  { channels, ...options }: Settings,
  product: (options: NormalisedOptions) => readonly Layer[],
): Layer[] {
  if (kind === 'spectral' || kind === 'none') {
    return [...product({ useBias: true, activation: options.activation, spectral: kind === 'spectral' })];
  }
  const norm = kind === 'batch' ? batchNorm : layerNorm;
  const layers = product({ useBias: false, activation: 'none', spectral: false });
  return [...layers, norm(builder, name, channels, options)];
}
