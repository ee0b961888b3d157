/**
 * @file Names the random changes of the images that a discriminator sees.
 */

/** The augmentations of Zhao et al. 2020 (https://arxiv.org/abs/2006.10738) except colour, which grey images lack. */
export const AUGMENTATIONS = ['translation', 'cutout'] as const;

export type Augmentation = (typeof AUGMENTATIONS)[number];
