/**
 * @file The kinds of normalisation that a network is built with, by name.
 */
import type { Activation } from '../../kernels/options.js';
import { batchNorm, type BatchNormLayerOptions } from './batchNorm.js';
import type { Builder, Layer } from './layer.js';
import { layerNorm } from './layerNorm.js';

/**
 * `batch`: over the images of a batch (Ioffe and Szegedy 2015, https://arxiv.org/abs/1502.03167). A gradient penalty is not
 * made for it: each image's gradient then depends on the others.
 * `layer`: over each image by itself (Ba et al. 2016, https://arxiv.org/abs/1607.06450), which a penalty allows.
 * `spectral`: of the weights, by their largest singular value (Miyato et al. 2018, https://arxiv.org/abs/1802.05957); all
 * layers with weights take it.
 */
export const NORMALISATIONS = ['batch', 'layer', 'spectral', 'none'] as const;

/** Kind of a normalisation. */
export type Normalisation = (typeof NORMALISATIONS)[number];

/** What a normalisation leaves for the layer that it belongs to. */
export interface NormalisedOptions {
  readonly useBias: boolean;
  readonly activation: Activation;
  readonly spectral: boolean;
}

interface Settings extends BatchNormLayerOptions {
  readonly activation: Activation;
  /** Of what is normalised. */
  readonly channels: number;
}

/**
 * A layer with weights, its normalisation and its activation.
 *
 * @param name of the normalisation's parameters, where it has any
 * @param product makes the layer with weights, and what reshapes its output
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
