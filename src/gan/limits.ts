/**
 * @file The most that a run may ask for: what a user or a file says beyond is refused before anything is made of it.
 */

/** Dimension of z. */
export const MAX_Z_DIM = 512;

/** Factor on the channel counts. */
export const MAX_WIDTH = 8;

/** Updates of the discriminator an iteration. */
export const MAX_CRITIC_STEPS = 100;

/** Updates of the discriminator that the generator's gradient passes through; all of them are held in memory at once. */
export const MAX_UNROLL = 50;

/** Images that a discriminator judges together: as many as Lin et al. 2018 tried. */
export const MAX_PACK = 4;

/** Iterations over which instance noise fades, as many as the counter on the GPU tells apart. */
export const MAX_NOISE_ITERATIONS = 2 ** 32 - 1;

/** Images a batch. */
export const MAX_BATCH = 4096;

/** A weight, a bound on weights, a deviation of noise. */
export const MAX_WEIGHT = 1e6;

/** A learning rate. */
export const MAX_RATE = 1;
