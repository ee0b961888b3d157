/**
 * @file What a GAN is made by: its networks, their sizes, and what they learn.
 */
import type { Architecture } from '../models/networks/architectures.js';
import { CONDITION, planesBehind } from '../models/layers/conditioning.js';
import type { GanSize } from '../models/networks/dcgan.js';
import type { HostRandom } from '../models/layers/initialisers.js';
import type { ObjectiveOptions } from './settings.js';
import type { Objective } from './objective.js';

export interface GanOptions {
  readonly architecture: Architecture;
  /** What the networks learn; `bce`, by the architecture's settings, where absent. */
  readonly objective?: ObjectiveOptions | undefined;
  /** Dimension of z. */
  readonly zDim: number;
  /** Scales all channel counts. */
  readonly width: number;
  /** Images a batch; even under the schedule `halves`. */
  readonly batch: number;
  readonly imageHeight: number;
  readonly imageWidth: number;
  readonly channels: number;
  /** How often a conditional generator is asked for each class, up to a common factor; all alike where absent. */
  readonly classShares?: readonly number[] | undefined;
  /** 32 bits, for z and dropout on the GPU. */
  readonly seed: number;
  /** For the initial parameters. */
  readonly random: HostRandom;
  /** Iterations of losses that the GPU holds before they must be read. */
  readonly historyCapacity: number;
}

/** The sizes of both networks: a conditional generator takes a class behind z, its discriminator planes behind an image. */
export function networkSizes(
  objective: Objective,
  { zDim, width, channels }: Pick<GanOptions, 'zDim' | 'width' | 'channels'>,
): Readonly<Record<'ofGenerator' | 'ofDiscriminator', GanSize>> {
  const { conditional } = objective;
  const size = { ...objective, zDim: zDim + (conditional ? CONDITION : 0), width, channels };
  return {
    ofGenerator: size,
    ofDiscriminator: { ...size, channels: channels + (conditional ? planesBehind(channels) : 0) },
  };
}
