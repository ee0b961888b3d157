/**
 * @file Generators that are made on purpose out of choices of real images, and the changes that are made to them.
 */
import type { ImageDataset } from '../../src/data/dataset.js';
import { fillImages } from '../../src/data/batches.js';
import type { VerdictName } from '../../src/evaluation/diagnosis.js';
import type { HostRandom } from '../../src/models/layers/initialisers.js';
import { ALL, type Choice, everything, placesOf, shuffled, SIDE, SIZE } from './choices.js';

/** `count` images [count, 784] in [−1, 1] out of a source. */
export type Draw = (source: ImageDataset, count: number, random: HostRandom) => Float32Array;

/** Alters an image [784] in place. */
export type Change = (image: Float32Array, random: HostRandom) => void;

/** A generator that was made on purpose. */
export interface MadeGenerator {
  readonly name: string;
  /** Verdicts that are right. */
  readonly expected: readonly VerdictName[];
  readonly draw: Draw;
}

/** A choice's images. */
export function chosen(choice: Choice): Draw {
  return (source, count, random) => {
    const images = new Float32Array(count * SIZE);
    fillImages(source, choice(source, count, random), images);
    return images;
  };
}

/** Applies a change to each image of another generator. */
export function changed(draw: Draw, change: Change): Draw {
  return (source, count, random) => {
    const images = draw(source, count, random);
    for (let i = 0; i < count; i++) change(images.subarray(i * SIZE, (i + 1) * SIZE), random);
    return images;
  };
}

/** A share of one generator, the rest of another. */
export function mixture(share: number, first: Draw, second: Draw): Draw {
  return (source, count, random) => {
    const firstCount = Math.round(share * count);
    const images = new Float32Array(count * SIZE);
    images.set(first(source, firstCount, random));
    images.set(second(source, count - firstCount, random), firstCount * SIZE);
    return images;
  };
}

/** Uniform noise. */
export const noise: Draw = (_, count, random) => new Float32Array(count * SIZE).map(() => 2 * random() - 1);

/** Moves an image by up to so many pixels in each direction, by chance. */
export function jittered(pixels: number): Change {
  return (image, random) => {
    const step = (): number => Math.floor(random() * (2 * pixels + 1)) - pixels;
    moveBy(image, step(), step());
  };
}

/** Moves an image by so many pixels; what comes in is black. */
export function moveBy(image: Float32Array, dx: number, dy: number): void {
  const before = image.slice();
  for (let y = 0; y < SIDE; y++) {
    for (let x = 0; x < SIDE; x++) {
      const [u, v] = [x - dx, y - dy];
      image[y * SIDE + x] = u < 0 || v < 0 || u >= SIDE || v >= SIDE ? -1 : before[v * SIDE + u]!;
    }
  }
}

/** Uniform noise on each pixel, of up to so much. */
export function withNoise(amount: number): Change {
  return (image, random) => {
    for (let i = 0; i < SIZE; i++) {
      image[i] = Math.min(1, Math.max(-1, image[i]! + amount * (2 * random() - 1)));
    }
  };
}

/** Black or white, each as often, in place of a share of the pixels. */
export function saltAndPepper(share: number): Change {
  return (image, random) => {
    for (let i = 0; i < SIZE; i++) {
      if (random() < share) image[i] = random() < 0.5 ? -1 : 1;
    }
  };
}

/** The mean of a square of so many pixels a side about each; black lies around the image. */
export function blurred(side: number): Change {
  const reach = (side - 1) / 2;
  return (image) => {
    const before = image.slice();
    for (let y = 0; y < SIDE; y++) {
      for (let x = 0; x < SIDE; x++) {
        let ink = 0;
        for (let v = Math.max(0, y - reach); v <= Math.min(SIDE - 1, y + reach); v++) {
          for (let u = Math.max(0, x - reach); u <= Math.min(SIDE - 1, x + reach); u++)
            ink += before[v * SIDE + u]! + 1;
        }
        image[y * SIDE + x] = ink / side ** 2 - 1;
      }
    }
  };
}

/** White on black to black on white. */
export const inverted: Change = (image) => {
  for (let i = 0; i < SIZE; i++) image[i] = -image[i]!;
};

/** Turned by half a circle. */
export const upsideDown: Change = (image) => {
  image.reverse();
};

/** Turned about the middle by up to so many degrees either way, by chance. */
export function turned(degrees: number): Change {
  return (image, random) => {
    const before = image.slice();
    const angle = (degrees * (2 * random() - 1) * Math.PI) / 180;
    const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
    const middle = (SIDE - 1) / 2;
    const at = (x: number, y: number): number => {
      return x < 0 || y < 0 || x >= SIDE || y >= SIDE ? -1 : before[y * SIDE + x]!;
    };
    for (let place = 0; place < SIZE; place++) {
      const [x, y] = [(place % SIDE) - middle, Math.floor(place / SIDE) - middle];
      const [u, v] = [cos * x + sin * y + middle, cos * y - sin * x + middle];
      const [left, top] = [Math.floor(u), Math.floor(v)];
      const [right, low] = [u - left, v - top];
      const above = (1 - right) * at(left, top) + right * at(left + 1, top);
      image[place] = (1 - low) * above + low * ((1 - right) * at(left, top + 1) + right * at(left + 1, top + 1));
    }
  };
}

/** Each pixel as bright as the brightest of itself and those to its right and below. */
export const thicker: Change = (image) => {
  const before = image.slice();
  for (let y = 0; y < SIDE; y++) {
    for (let x = 0; x < SIDE; x++) {
      const [u, v] = [Math.min(x + 1, SIDE - 1), Math.min(y + 1, SIDE - 1)];
      image[y * SIDE + x] = Math.max(
        before[y * SIDE + x]!,
        before[y * SIDE + u]!,
        before[v * SIDE + x]!,
        before[v * SIDE + u]!,
      );
    }
  }
};

/** Ink of a share of its brightness. */
export function grey(share: number): Change {
  return (image) => {
    for (let i = 0; i < SIZE; i++) image[i] = share * (image[i]! + 1) - 1;
  };
}

/** The quarter at the top left goes to the bottom right, and so on. */
export const quartersSwapped: Change = (image) => {
  const before = image.slice();
  const half = SIDE / 2;
  for (let place = 0; place < SIZE; place++) {
    const [x, y] = [place % SIDE, Math.floor(place / SIDE)];
    image[place] = before[((y + half) % SIDE) * SIDE + ((x + half) % SIDE)]!;
  }
};

/** White bars that are no digit's, each image's of another direction, width and place. */
export const stripes: Draw = (_, count, random) => {
  const images = new Float32Array(count * SIZE);
  for (let i = 0; i < count; i++) {
    const [angle, width, start] = [random() * Math.PI, 2 + random() * 6, random() * SIDE];
    const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
    for (let place = 0; place < SIZE; place++) {
      const along = (place % SIDE) * cos + Math.floor(place / SIDE) * sin + start;
      images[i * SIZE + place] = Math.sin((along * Math.PI) / width) > 0 ? 1 : -1;
    }
  }
  return images;
};

/** Two images of a generator, each seen half through the other. */
export function ghosts(draw: Draw): Draw {
  return (source, count, random) => {
    const pairs = draw(source, 2 * count, random);
    return pairs.subarray(0, count * SIZE).map((value, place) => (value + pairs[count * SIZE + place]!) / 2);
  };
}

/** Each digit of a choice drawn towards the mean of its class, so that its images differ less. */
export function narrowed(share: number, choice: Choice = everything): Draw {
  return (source, count, random) => {
    const indices = choice(source, count, random);
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
export const average: Draw = (source, count) => {
  const mean = meanOf(source, Array.from(source.labels.keys()));
  return Float32Array.from({ length: count * SIZE }, (_, index) => mean[index % SIZE]!);
};

/** The pixels of each image in another order, the same for all. */
export const scrambled: Draw = (source, count, random) => {
  const order = shuffled(
    Array.from({ length: SIZE }, (_, index) => index),
    random,
  );
  const images = chosen(everything)(source, count, random);
  return images.map((_, index) => images[index - (index % SIZE) + order[index % SIZE]!]!);
};

export const real = chosen(everything);
