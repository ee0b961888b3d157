/**
 * @file What a comparison does where nothing else is asked for.
 */

/** Those at which the article's GAN has collapsed, and one at which it has not. */
export const COMPARED_Z_DIMS = [50, 2, 1] as const;
