/**
 * @file Where the random numbers of a GAN's step come from: each use has a stream of its own, see kernels/random.ts.
 */

/**
 * Streams of random numbers that never meet; those of dropout are a pass's, from which its layers and {@link WITHIN} count
 * on.
 */
export const STREAMS = {
  z: 1,
  zGenerator: 2,
  zSamples: 3,
  interpolation: 4,
  classes: 20,
  classesGenerator: 21,
  dropoutReal: 100,
  dropoutFake: 200,
  dropoutGenerator: 300,
  dropoutBoth: 400,
  dropoutPenalty: 500,
  dropoutUnrolled: 600,
} as const;

/** Behind the stream of a pass: what else it draws besides its layers' dropout. */
export const WITHIN = { augmentation: 80, noise: 81 } as const;

/** Between the streams of one update of the discriminator and of the next in an iteration. */
export const NEXT_UPDATE = 1000;
