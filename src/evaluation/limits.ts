/**
 * @file Bounds of the number of images of an evaluation.
 */

/** Fewer say too little: one digit's share is a tenth of them. */
export const LEAST_SAMPLES = 100;

/** As many as the article labelled. */
export const MOST_SAMPLES = 10_000;
