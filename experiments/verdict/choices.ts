/**
 * @file Selects the real images that a synthetic generator shows.
 */
import type { ImageDataset } from '../../src/data/dataset.js';
import type { HostRandom } from '../../src/models/layers/initialisers.js';

export const SIDE = 28;
export const SIZE = SIDE * SIDE;
export const ALL = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];

/** Indices of a source's images. An index repeats only if fewer images match than are requested. */
export type Choice = (source: ImageDataset, count: number, random: HostRandom) => number[];

function below(count: number, random: HostRandom): number {
  return Math.floor(random() * count);
}

/** Returns the values in random order. */
export function shuffled<T>(values: readonly T[], random: HostRandom): T[] {
  return values
    .map((value) => [random(), value] as const)
    .sort(([a], [b]) => a - b)
    .map(([, value]) => value);
}

/** Returns the indices of a digit's images. */
export function placesOf(source: ImageDataset, digit: number): number[] {
  return Array.from(source.labels.keys()).filter((index) => source.labels[index] === digit);
}

/** Selects any images. */
export const everything: Choice = (source, count, random) => {
  const order = shuffled(Array.from(source.labels.keys()), random);
  return Array.from({ length: count }, (_, index) => order[index % order.length]!);
};

/** Selects images of a few random digits. */
export function digitsAlone(modes: number): Choice {
  return (source, count, random) => {
    const kept = new Set(shuffled(ALL, random).slice(0, modes));
    const order = shuffled(
      Array.from(source.labels.keys()).filter((index) => kept.has(source.labels[index]!)),
      random,
    );
    return Array.from({ length: count }, (_, index) => order[index % order.length]!);
  };
}

/** Selects digits by weights, which are assigned to the digits at random. */
export function weighted(weights: readonly number[]): Choice {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return (source, count, random) => {
    const order = shuffled(weights, random);
    const places = ALL.map((digit) => shuffled(placesOf(source, digit), random));
    const drawn = ALL.map(() => 0);
    return Array.from({ length: count }, () => {
      let left = random() * total;
      const digit = Math.max(
        0,
        order.findIndex((weight) => (left -= weight) < 0),
      );
      const own = places[digit]!;
      return own[drawn[digit]!++ % own.length]!;
    });
  };
}

/** Selects a few images of each digit, and repeats them. */
export function fewOfEach(each: number): Choice {
  return (source, count, random) => {
    const pool = ALL.flatMap((digit) => shuffled(placesOf(source, digit), random).slice(0, each));
    return Array.from({ length: count }, () => pool[below(pool.length, random)]!);
  };
}

/** Replaces the images of five digits by one image each. */
export const halfOfThemFixed: Choice = (source, count, random) => {
  const fixed = new Set(shuffled(ALL, random).slice(0, ALL.length / 2));
  const places = ALL.map((digit) => shuffled(placesOf(source, digit), random));
  return everything(source, count, random).map((index) => {
    const digit = source.labels[index]!;
    return fixed.has(digit) ? places[digit]![0]! : index;
  });
};

/** Selects the images whose slant lies in the middle quarter of their digit's slants. */
export const ofOneSlant: Choice = (source, count, random) => {
  const pool = ALL.flatMap((digit) => {
    const places = placesOf(source, digit);
    const sorted = places.map((place) => [slantOf(source, place), place] as const).sort(([a], [b]) => a - b);
    return sorted.slice(Math.floor(0.375 * sorted.length), Math.ceil(0.625 * sorted.length)).map(([, place]) => place);
  });
  const order = shuffled(pool, random);
  return Array.from({ length: count }, (_, index) => order[index % order.length]!);
};

/** Slant in columns per row: the regression of the ink's column on its row. */
function slantOf(source: ImageDataset, index: number): number {
  const image = source.bytesOf(index);
  const mean = (of: (x: number, y: number) => number): number => {
    let [sum, ink] = [0, 0];
    image.forEach((value, place) => {
      sum += value * of(place % SIDE, Math.floor(place / SIDE));
      ink += value;
    });
    return ink === 0 ? 0 : sum / ink;
  };
  const [mx, my] = [mean((x) => x), mean((_, y) => y)];
  const down = mean((_, y) => (y - my) ** 2);
  return down === 0 ? 0 : mean((x, y) => (x - mx) * (y - my)) / down;
}

/** Selects one random image, and repeats it. */
export const oneImage: Choice = (source, count, random) => new Array<number>(count).fill(below(source.count, random));
