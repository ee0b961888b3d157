/**
 * @file Which images stand for the real data, which for what generators show, and which for neither.
 */
import { createDataset, type StoredDataset } from '../../src/data/dataset.js';

/** Images in groups that share none. */
export interface Sides {
  /** What generators are compared with. */
  readonly real: StoredDataset;
  /** What made generators show. */
  readonly shown: StoredDataset;
  /** For memorising. */
  readonly heldOut: StoredDataset | undefined;
  /** For people: what a reader must know of the choice. */
  readonly note: string;
}

/** The images that generators choose from are so many times the samples at least: one digit or slant must not run out. */
const ROOM = 5;

/** One image in so many is held out. */
const HELD_OUT = 5;

/**
 * Shares images out: the training split is real and the test split shown, while that has enough of them. For larger looks
 * a third of the training split is real, and the rest shown as well.
 *
 * @param holdsOut whether some are kept from being shown
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
    ? `Made out of ${test.name}; the real side is ${train.name}.`
    : `Made out of ${test.name} and two thirds of ${train.name}, which the classifier has learned from; the real side is the other third.`;
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
