/**
 * @file Lists the sweeps: each varies one size of the DCGAN step, the other sizes keep their defaults.
 */

/** Sizes of a step. */
export interface StepSize {
  readonly batch: number;
  readonly width: number;
  readonly side: number;
}

export interface Sweep {
  readonly parameter: keyof StepSize;
  /** Ascending. */
  readonly values: readonly number[];
}

/** Defaults of `train`. */
export const USUAL: StepSize = { batch: 32, width: 1, side: 28 };
export const Z_DIM = 100;

export const SWEEPS: readonly Sweep[] = [
  { parameter: 'batch', values: [1, 2, 4, 8, 16, 32, 64, 128, 256, 512] },
  { parameter: 'width', values: [0.25, 0.5, 1, 2, 4] },
  { parameter: 'side', values: [28, 32, 64, 128] },
];

export function sizeAt({ parameter }: Sweep, value: number): StepSize {
  return { ...USUAL, [parameter]: value };
}
