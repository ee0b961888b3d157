/**
 * @file How near is suspiciously near, class by class. The 1s of MNIST lie nearer to one another than all other digits: a
 * threshold over all images would be one over the 1s alone (all of the nearest 1 %, and 96 % of the nearest tenth, of the
 * test images are 1s), and blind to an 8 that is repeated.
 */
import type { ImageDataset } from '../data/dataset.js';
import { CLASSES } from '../models/networks/classifier.js';
import { checkPoints, type Points } from './features/points.js';

/** Images, and the class that each is of or is taken for. */
export interface LabelledImages extends Points {
  /** [count]; {@link checkLabelled} refuses those that are no digit's. */
  readonly labels: ImageDataset['labels'];
}

/** Squared distances by class; what is strictly nearer is suspicious. */
export interface Thresholds {
  /** A further real image falls below with a probability of 1 %, or of 1 in n + 1 where that is more. */
  readonly unusual: Float32Array;
  /** No real image fell below. */
  readonly unseen: Float32Array;
}

/** Probability with which a real image falls below `unusual`. */
const PROBABILITY = 0.01;

/**
 * Thresholds from n real images of each class: of n distances and that of a further image, each is as likely as another
 * to be the r-th smallest, so that it falls below the r-th of the n with probability r / (n + 1). (Distances within one set
 * come in pairs, of two images that are each other's nearest: there it is up to twice that while r is 1.) A class without
 * an image gets the thresholds of all together.
 *
 * @param squaredDistances of real images to the nearest of others, squared
 */
export function findThresholds(squaredDistances: Float32Array, labels: LabelledImages['labels']): Thresholds {
  const unusual = new Float32Array(CLASSES);
  const unseen = new Float32Array(CLASSES);
  for (let label = 0; label < CLASSES; label++) {
    const ofClass = squaredDistances.filter((_, image) => labels[image] === label);
    const sorted = (ofClass.length > 0 ? ofClass : squaredDistances).toSorted();
    const rank = Math.max(1, Math.floor(PROBABILITY * (sorted.length + 1)));
    unusual[label] = sorted[rank - 1]!;
    unseen[label] = sorted[0]!;
  }
  return { unusual, unseen };
}

/** @throws Error as {@link checkPoints}, and for labels that are too few, too many, or of no class */
export function checkLabelled(op: string, what: string, images: LabelledImages, least: number, size?: number): void {
  checkPoints(op, what, images, least, size);
  const { labels, count } = images;
  if (labels.length !== count) throw new Error(`${op}: got ${labels.length} labels for ${count} ${what}`);
  const bad = labels.findIndex((label) => label >= CLASSES);
  if (bad >= 0)
    throw new Error(`${op}: got label ${labels[bad]!} at row ${bad} of the ${what}; it takes 0 … ${CLASSES - 1}`);
}
