/**
 * @file Defines what batch and layer normalisation share.
 */
import type { DeviceBuffer } from '../../gpu/memory/buffers.js';

/** Gradients by x, by γ [channels] and by β [channels]. */
export interface NormGradients {
  readonly dx: DeviceBuffer;
  readonly dGamma: DeviceBuffer;
  readonly dBeta: DeviceBuffer;
}

export function checkEpsilon(op: string, epsilon: number): void {
  if (!(epsilon >= 0 && Number.isFinite(epsilon))) {
    throw new Error(`${op}: got epsilon ${epsilon}; it takes one of at least 0`);
  }
}
