/**
 * @file The ways by name in which images are changed at random before a discriminator sees them.
 */

/** Those of Zhao et al. 2020 (https://arxiv.org/abs/2006.10738) that images of one channel have; their third is of colours. */
export const AUGMENTATIONS = ['translation', 'cutout'] as const;

export type Augmentation = (typeof AUGMENTATIONS)[number];
