/**
 * @file Splits MNIST into real images, images for the synthetic generators, and held-out images.
 */
import { createDataset, type StoredDataset } from '../../src/data/dataset.js';

/** Disjoint groups of images. */
export interface Sides {
  /** Reference for all metrics. */
  readonly real: StoredDataset;
  /** Source of the synthetic generators. */
  readonly shown: StoredDataset;
  /** Held-out images for the metric `memorised`. */
  readonly heldOut: StoredDataset | undefined;
  /** Describes the split to readers. */
  readonly note: string;
}

/** Least number of source images per sample, so that no digit or slant runs out. */
const ROOM = 5;

/** One image of this many is held out. */
const HELD_OUT = 5;

/**
 * Splits the images. If the test split suffices, generators draw from it, and the training split is the reference. For
 * more samples a third of the training split is the reference, and generators draw from the rest as well.
 *
 * @param holdsOut whether to hold out some of the generators' images
 */
export function shareOut(train: StoredDataset, test: StoredDataset, samples: number, holdsOut: boolean): Sides {
  const isEnough = samples * ROOM <= test.count;
  const third = Math.floor(train.count / 3);
  const real = isEnough ? train : rows(train, (index) => index < third, `a third of ${train.name}`);
  const others = isEnough
    ? test
    : joined(
        test,
        rows(train, (index) => index >= third, train.name),
      );
  const note = isEnough
    ? `They draw from ${test.name}; the reference is ${train.name}.`
    : `They draw from ${test.name} and two thirds of ${train.name}, on which the classifier was trained; the reference is the other third.`;
  if (!holdsOut) return { real, shown: others, heldOut: undefined, note };
  const isHeldOut = (index: number): boolean => index % HELD_OUT === 0;
  return {
    real,
    shown: rows(others, (index) => !isHeldOut(index), others.name),
    heldOut: rows(others, isHeldOut, `held out of ${others.name}`),
    note,
  };
}

function rows(dataset: StoredDataset, isKept: (index: number) => boolean, name: string): StoredDataset {
  const size = dataset.height * dataset.width * dataset.channels;
  const kept = Array.from(dataset.labels.keys()).filter(isKept);
  const pixels = new Uint8Array(kept.length * size);
  kept.forEach((index, row) => pixels.set(dataset.pixels.subarray(index * size, (index + 1) * size), row * size));
  const labels = Uint8Array.from(kept, (index) => dataset.labels[index]!);
  return createDataset({ ...dataset, name, count: kept.length, pixels, labels });
}

function joined(a: StoredDataset, b: StoredDataset): StoredDataset {
  const pixels = new Uint8Array(a.pixels.length + b.pixels.length);
  pixels.set(a.pixels);
  pixels.set(b.pixels, a.pixels.length);
  const labels = Uint8Array.from([...a.labels, ...b.labels]);
  return createDataset({ ...a, name: `${a.name} and ${b.name}`, count: a.count + b.count, pixels, labels });
}
