/**
 * @file How many images a look may take.
 */

/** Fewer say too little: a tenth of them is one digit's share. */
export const LEAST_SAMPLES = 100;

/** As many as the article labelled. */
export const MOST_SAMPLES = 10_000;
