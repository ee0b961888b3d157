/**
 * @file Checks the images that metrics take.
 */
import { CLASSIFIER_SIDE } from '../../models/networks/classifier.js';

/** Number of values of an image. */
export const IMAGE_SIZE = CLASSIFIER_SIDE * CLASSIFIER_SIDE;

/**
 * @param metric its name, for the message
 * @param images [count, 28, 28, 1]
 * @param least smallest number of images
 * @returns the number of images
 * @throws Error for images of another size, too few, or one that holds NaN or ±∞, which it names
 */
export function checkImages(metric: string, images: Float32Array, least: number): number {
  const count = images.length / IMAGE_SIZE;
  if (!Number.isInteger(count) || count < least) {
    throw new Error(
      `${metric}: got ${images.length} numbers; it takes images of ${IMAGE_SIZE} each, ${least} at least`,
    );
  }
  const bad = images.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) throw new Error(`${metric}: image ${Math.floor(bad / IMAGE_SIZE)} holds ${images[bad]!}`);
  return count;
}
