/**
 * @file Computes learning-rate schedules: a factor on the learning rate for each update, at most 1.
 */

/** First factor of the cycle. */
const START = 1 / 25;
/** Share of the updates with a rising factor. */
const RISE = 0.3;

/**
 * One cycle (Smith and Topin 2017, https://arxiv.org/abs/1708.07120): from 1/25 up to 1 over three tenths of the
 * updates, then down towards 0, each on half a cosine.
 *
 * @param updates total number of updates, at least 1
 */
export function oneCycle(updates: number): Float32Array {
  const rise = Math.max(1, RISE * updates);
  return Float32Array.from({ length: updates }, (_, index) => {
    if (index < rise) return START + (1 - START) * halfCosine(1 - index / rise);
    return halfCosine((index - rise) / (updates - rise));
  });
}

/** From 1 at 0 down to 0 at 1. */
function halfCosine(share: number): number {
  return (1 + Math.cos(Math.PI * share)) / 2;
}
