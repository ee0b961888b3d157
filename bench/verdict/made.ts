/**
 * @file Generators whose state is known, because they were made so: real images that the dataset's training half does not
 * hold, all of them, a part, a mixture, over and over; and noise. What a verdict should say of each is written beside it.
 */
import type { ImageDataset } from '../../src/data/dataset.js';
import { fillImages } from '../../src/data/batches.js';
import type { VerdictName } from '../../src/metrics/diagnosis.js';
import type { HostRandom } from '../../src/models/initialisers.js';

/** A generator that was made on purpose. */
export interface MadeGenerator {
  readonly name: string;
  /** Verdicts that are right. */
  readonly expected: readonly VerdictName[];
  /** `count` images [count, 784] in [−1, 1]. */
  readonly draw: (source: ImageDataset, count: number, random: HostRandom) => Float32Array;
}

const SIZE = 28 * 28;
const ALL = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];

/** Indices of a source's images, at random with replacement. */
type Choice = (source: ImageDataset, count: number, random: HostRandom) => number[];

function below(count: number, random: HostRandom): number {
  return Math.floor(random() * count);
}

function shuffled<T>(values: readonly T[], random: HostRandom): T[] {
  return values
    .map((value) => [random(), value] as const)
    .sort(([a], [b]) => a - b)
    .map(([, value]) => value);
}

function placesOf(source: ImageDataset, digit: number): number[] {
  return Array.from(source.labels.keys()).filter((index) => source.labels[index] === digit);
}

/** Without replacement where there are enough. */
const everything: Choice = (source, count, random) => {
  const order = shuffled(Array.from(source.labels.keys()), random);
  return Array.from({ length: count }, (_, index) => order[index % order.length]!);
};

/** Images of some digits alone, which digits by chance. */
function digitsAlone(modes: number): Choice {
  return (source, count, random) => {
    const kept = new Set(shuffled(ALL, random).slice(0, modes));
    const order = shuffled(
      Array.from(source.labels.keys()).filter((index) => kept.has(source.labels[index]!)),
      random,
    );
    return Array.from({ length: count }, (_, index) => order[index % order.length]!);
  };
}

/** Every digit with a weight of its own. */
function weighted(weights: readonly number[]): Choice {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return (source, count, random) => {
    const order = shuffled(weights, random);
    const places = ALL.map((digit) => placesOf(source, digit));
    return Array.from({ length: count }, () => {
      let left = random() * total;
      const digit = order.findIndex((weight) => (left -= weight) < 0);
      const own = places[Math.max(0, digit)]!;
      return own[below(own.length, random)]!;
    });
  };
}

/** A few different images of each digit, over and over. */
function fewOfEach(each: number): Choice {
  return (source, count, random) => {
    const pool = ALL.flatMap((digit) => shuffled(placesOf(source, digit), random).slice(0, each));
    return Array.from({ length: count }, () => pool[below(pool.length, random)]!);
  };
}

function chosen(choice: Choice): MadeGenerator['draw'] {
  return (source, count, random) => {
    const images = new Float32Array(count * SIZE);
    fillImages(source, choice(source, count, random), images);
    return images;
  };
}

/** Applies a change to each image of another generator. */
function changed(draw: MadeGenerator['draw'], change: (image: Float32Array, random: HostRandom) => void) {
  return (source: ImageDataset, count: number, random: HostRandom): Float32Array => {
    const images = draw(source, count, random);
    for (let i = 0; i < count; i++) change(images.subarray(i * SIZE, (i + 1) * SIZE), random);
    return images;
  };
}

/** A share of one generator, the rest of another. */
function mixture(share: number, first: MadeGenerator['draw'], second: MadeGenerator['draw']): MadeGenerator['draw'] {
  return (source, count, random) => {
    const firstCount = Math.round(share * count);
    const [a, b] = [first(source, firstCount, random), second(source, count - firstCount, random)];
    return Float32Array.from([...a, ...b]);
  };
}

const noise: MadeGenerator['draw'] = (_, count, random) => {
  return Float32Array.from({ length: count * SIZE }, () => 2 * random() - 1);
};

function shift(image: Float32Array, random: HostRandom): void {
  const [dx, dy] = [below(3, random) - 1, below(3, random) - 1];
  const before = image.slice();
  for (let y = 0; y < 28; y++) {
    for (let x = 0; x < 28; x++) {
      const [u, v] = [x - dx, y - dy];
      image[y * 28 + x] = u < 0 || v < 0 || u >= 28 || v >= 28 ? -1 : before[v * 28 + u]!;
    }
  }
}

function withNoise(amount: number) {
  return (image: Float32Array, random: HostRandom): void => {
    for (let i = 0; i < SIZE; i++) {
      image[i] = Math.min(1, Math.max(-1, image[i]! + amount * (2 * random() - 1)));
    }
  };
}

/** Each digit drawn towards the mean of its class, so that its images differ less. */
function narrowed(share: number): MadeGenerator['draw'] {
  return (source, count, random) => {
    const indices = everything(source, count, random);
    const images = new Float32Array(count * SIZE);
    fillImages(source, indices, images);
    const means = ALL.map((digit) => meanOf(source, placesOf(source, digit)));
    indices.forEach((index, row) => {
      const mean = means[source.labels[index]!]!;
      for (let i = 0; i < SIZE; i++) {
        images[row * SIZE + i] = mean[i]! + share * (images[row * SIZE + i]! - mean[i]!);
      }
    });
    return images;
  };
}

function meanOf(source: ImageDataset, places: readonly number[]): Float64Array {
  const images = new Float32Array(places.length * SIZE);
  fillImages(source, places, images);
  const mean = new Float64Array(SIZE);
  images.forEach((value, index) => (mean[index % SIZE]! += value / places.length));
  return mean;
}

/** One image for all, the mean of everything. */
const average: MadeGenerator['draw'] = (source, count) => {
  const mean = meanOf(source, Array.from(source.labels.keys()));
  return Float32Array.from({ length: count * SIZE }, (_, index) => mean[index % SIZE]!);
};

/** The pixels of each image in another order, the same for all. */
const scrambled: MadeGenerator['draw'] = (source, count, random) => {
  const order = shuffled(
    Array.from({ length: SIZE }, (_, index) => index),
    random,
  );
  const images = chosen(everything)(source, count, random);
  return images.map((_, index) => images[index - (index % SIZE) + order[index % SIZE]!]!);
};

const real = chosen(everything);

/** One for each state that there is a word for, and some between. */
export const MADE: readonly MadeGenerator[] = [
  { name: 'held-out real images', expected: ['healthy'], draw: real },
  { name: 'real, moved by up to a pixel', expected: ['healthy'], draw: changed(real, shift) },
  {
    name: 'real, digits from 0.5 to 1.5 times as often',
    expected: ['healthy'],
    draw: chosen(weighted(ALL.map((digit) => 0.5 + digit / 9))),
  },
  { name: 'real, with a tenth of noise images', expected: ['healthy'], draw: mixture(0.9, real, noise) },
  { name: 'real, with a little noise on each', expected: ['healthy'], draw: changed(real, withNoise(0.1)) },
  { name: '8 of 10 digits', expected: ['collapsing'], draw: chosen(digitsAlone(8)) },
  { name: '7 of 10 digits', expected: ['collapsing'], draw: chosen(digitsAlone(7)) },
  { name: '6 of 10 digits', expected: ['collapsing'], draw: chosen(digitsAlone(6)) },
  { name: 'one digit in two images', expected: ['collapsing'], draw: chosen(weighted([9, 1, 1, 1, 1, 1, 1, 1, 1, 1])) },
  {
    name: 'half real, half one image',
    expected: ['collapsing'],
    draw: mixture(
      0.5,
      real,
      chosen((s, n, r) => new Array<number>(n).fill(below(s.count, r))),
    ),
  },
  { name: '20 images of each digit', expected: ['collapsing', 'collapsed'], draw: chosen(fewOfEach(20)) },
  { name: 'each digit half as varied', expected: ['collapsing'], draw: narrowed(0.7) },
  { name: '3 of 10 digits', expected: ['collapsed'], draw: chosen(digitsAlone(3)) },
  { name: '2 of 10 digits', expected: ['collapsed'], draw: chosen(digitsAlone(2)) },
  { name: '1 digit', expected: ['collapsed'], draw: chosen(digitsAlone(1)) },
  {
    name: 'one image',
    expected: ['collapsed'],
    draw: chosen((s, n, r) => new Array<number>(n).fill(below(s.count, r))),
  },
  {
    name: 'one image, with a little noise',
    expected: ['collapsed'],
    draw: changed(
      chosen((s, n, r) => new Array<number>(n).fill(below(s.count, r))),
      withNoise(0.1),
    ),
  },
  { name: 'one image of each digit', expected: ['collapsed'], draw: chosen(fewOfEach(1)) },
  { name: '3 images of each digit', expected: ['collapsed'], draw: chosen(fewOfEach(3)) },
  { name: 'uniform noise', expected: ['not learning'], draw: noise },
  { name: 'the mean image', expected: ['not learning', 'collapsed'], draw: average },
  {
    name: 'black images',
    expected: ['not learning', 'collapsed'],
    draw: (_, count) => new Float32Array(count * SIZE).fill(-1),
  },
  { name: 'real, pixels scrambled', expected: ['not learning'], draw: scrambled },
  {
    name: 'half real, half noise',
    expected: ['not learning', 'collapsing'],
    draw: mixture(0.5, real, noise),
  },
];
