/**
 * @file Defaults of a comparison.
 */

/** Dimensions at which the article's GAN collapsed. */
export const COMPARED_Z_DIMS = [50, 2, 1] as const;
