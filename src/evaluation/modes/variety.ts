/**
 * @file Computes the variety within each class: a flat histogram does not show that a class is always the same picture.
 */
import { CLASSES } from '../../models/networks/classifier.js';
import { IMAGE_SIZE } from '../inputs/images.js';
import { checkLabelled, type LabelledImages } from '../thresholds.js';

/** Smallest number of images of a class: its spread is a guess below. */
const LEAST_OF_CLASS = 10;

export interface Variety {
  /** Spread of each class's images over that of the real ones; null if there are too few. */
  readonly perClass: (number | null)[];
  /** Over the classes that have a value; null if none has. */
  readonly mean: number | null;
}

/** The real side, reusable for any number of generated sets: the spread of each class; null if it has too few images. */
export type VarietyReference = readonly (number | null)[];

/**
 * Prepares the real side of {@link classVariety}.
 *
 * @throws Error as {@link classVariety}
 */
export function prepareVariety(real: LabelledImages): VarietyReference {
  return classSpreads('real', real);
}

/**
 * The spread of each class's generated images over that of its real ones: the trace of the covariance of the pixels, which
 * is the mean squared distance to the class's mean image, without bias. 0 where they are one picture, 1 where they spread
 * as the real ones do, null where either has fewer than 10 images.
 *
 * @throws Error for images of another size, none, another number of labels, an unknown class, NaN or ±∞
 */
export function classVariety(reference: VarietyReference, generated: LabelledImages): Variety {
  const perClass = classSpreads('generated', generated).map((value, label) => {
    const wanted = reference[label] ?? null;
    return value === null || wanted === null || wanted === 0 ? null : value / wanted;
  });
  const known = perClass.filter((value) => value !== null);
  return { perClass, mean: known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0) / known.length };
}

/** Σ‖x − mean‖² / (n − 1) of each class; null under {@link LEAST_OF_CLASS}. */
function classSpreads(what: string, images: LabelledImages): (number | null)[] {
  checkLabelled('classVariety', `${what} images`, images, 1, IMAGE_SIZE);
  const { values, labels } = images;
  const counts = new Array<number>(CLASSES).fill(0);
  const means = Array.from({ length: CLASSES }, () => new Float64Array(IMAGE_SIZE));
  labels.forEach((label, image) => {
    counts[label]! += 1;
    const mean = means[label]!;
    for (let pixel = 0; pixel < IMAGE_SIZE; pixel++) mean[pixel]! += values[image * IMAGE_SIZE + pixel]!;
  });
  means.forEach((mean, label) => mean.forEach((sum, pixel) => (mean[pixel] = sum / Math.max(1, counts[label]!))));
  // A second pass, since the squares of the sums would cancel those of the values where all images are alike.
  const squares = new Array<number>(CLASSES).fill(0);
  labels.forEach((label, image) => {
    const mean = means[label]!;
    let sum = 0;
    for (let pixel = 0; pixel < IMAGE_SIZE; pixel++) sum += (values[image * IMAGE_SIZE + pixel]! - mean[pixel]!) ** 2;
    squares[label]! += sum;
  });
  return squares.map((sum, label) => (counts[label]! < LEAST_OF_CLASS ? null : sum / (counts[label]! - 1)));
}
