/**
 * @file Finds for each class the distance below which two images are suspiciously near. MNIST's 1s lie nearer to one another
 * than all other digits: a common threshold would fit the 1s alone (all of the nearest 1 %, and 96 % of the nearest tenth, of
 * the test images are 1s) and miss a repeated 8.
 */
import type { ImageDataset } from '../data/dataset.js';
import { CLASSES } from '../models/networks/classifier.js';
import { checkPoints, type Points } from './features/points.js';

/** Images with the true or predicted class of each. */
export interface LabelledImages extends Points {
  /** [count]; {@link checkLabelled} refuses labels that are not digits. */
  readonly labels: ImageDataset['labels'];
}

/** Squared distances by class; a strictly smaller distance is suspicious. */
export interface Thresholds {
  /** A further real image falls below with probability 1 %, or 1 / (n + 1) if that is larger. */
  readonly unusual: Float32Array;
  /** No real image fell below. */
  readonly unseen: Float32Array;
}

/** Probability with which a real image falls below `unusual`. */
const PROBABILITY = 0.01;

/**
 * Computes thresholds from n real images of each class. The distance of a further image falls below the r-th smallest of the
 * n with probability r / (n + 1), since all ranks are equally likely. (Within one set two images can be each other's nearest,
 * so for r = 1 the probability is up to twice that.) A class without images gets the thresholds of all images together.
 *
 * @param squaredDistances of each real image to the nearest other one
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

/** @throws Error as {@link checkPoints}, and for a wrong number of labels or an unknown class */
export function checkLabelled(op: string, what: string, images: LabelledImages, least: number, size?: number): void {
  checkPoints(op, what, images, least, size);
  const { labels, count } = images;
  if (labels.length !== count) throw new Error(`${op}: got ${labels.length} labels for ${count} ${what}`);
  const bad = labels.findIndex((label) => label >= CLASSES);
  if (bad >= 0)
    throw new Error(`${op}: got label ${labels[bad]!} at row ${bad} of the ${what}; it takes 0 … ${CLASSES - 1}`);
}
