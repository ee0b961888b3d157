/**
 * @file Makes synthetic generators out of real images, and changes their images.
 */
import type { ImageDataset } from '../../src/data/dataset.js';
import { fillImages } from '../../src/data/batches.js';
import type { VerdictName } from '../../src/evaluation/diagnosis.js';
import type { HostRandom } from '../../src/models/layers/initialisers.js';
import { ALL, type Choice, everything, placesOf, shuffled, SIDE, SIZE } from './choices.js';

/** Draws `count` images [count, 784] in [−1, 1] from a source. */
export type Draw = (source: ImageDataset, count: number, random: HostRandom) => Float32Array;

/** Changes an image [784] in place. */
export type Change = (image: Float32Array, random: HostRandom) => void;

/** A synthetic generator of known state. */
export interface MadeGenerator {
  readonly name: string;
  /** Correct verdicts. */
  readonly expected: readonly VerdictName[];
  readonly draw: Draw;
}

/** Draws the images of a choice. */
export function chosen(choice: Choice): Draw {
  return (source, count, random) => {
    const images = new Float32Array(count * SIZE);
    fillImages(source, choice(source, count, random), images);
    return images;
  };
}

/** Changes each image of another generator. */
export function changed(draw: Draw, change: Change): Draw {
  return (source, count, random) => {
    const images = draw(source, count, random);
    for (let i = 0; i < count; i++) change(images.subarray(i * SIZE, (i + 1) * SIZE), random);
    return images;
  };
}

/** Draws a share of the images from one generator, the rest from another. */
export function mixture(share: number, first: Draw, second: Draw): Draw {
  return (source, count, random) => {
    const firstCount = Math.round(share * count);
    const images = new Float32Array(count * SIZE);
    images.set(first(source, firstCount, random));
    images.set(second(source, count - firstCount, random), firstCount * SIZE);
    return images;
  };
}

/** Draws uniform noise. */
export const noise: Draw = (_, count, random) => new Float32Array(count * SIZE).map(() => 2 * random() - 1);

/** Moves an image by a random number of pixels in each direction, at most `pixels`. */
export function jittered(pixels: number): Change {
  return (image, random) => {
    const step = (): number => Math.floor(random() * (2 * pixels + 1)) - pixels;
    moveBy(image, step(), step());
  };
}

/** Moves an image, and fills the border with black. */
export function moveBy(image: Float32Array, dx: number, dy: number): void {
  const before = image.slice();
  for (let y = 0; y < SIDE; y++) {
    for (let x = 0; x < SIDE; x++) {
      const [u, v] = [x - dx, y - dy];
      image[y * SIDE + x] = u < 0 || v < 0 || u >= SIDE || v >= SIDE ? -1 : before[v * SIDE + u]!;
    }
  }
}

/** Adds uniform noise in ±`amount` to each pixel. */
export function withNoise(amount: number): Change {
  return (image, random) => {
    for (let i = 0; i < SIZE; i++) {
      image[i] = Math.min(1, Math.max(-1, image[i]! + amount * (2 * random() - 1)));
    }
  };
}

/** Replaces a share of the pixels by black or white, with equal probability. */
export function saltAndPepper(share: number): Change {
  return (image, random) => {
    for (let i = 0; i < SIZE; i++) {
      if (random() < share) image[i] = random() < 0.5 ? -1 : 1;
    }
  };
}

/** Replaces each pixel by the mean of the square of `side` × `side` pixels around it; outside of the image is black. */
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

/** Swaps black and white. */
export const inverted: Change = (image) => {
  for (let i = 0; i < SIZE; i++) image[i] = -image[i]!;
};

/** Rotates an image by 180 degrees. */
export const upsideDown: Change = (image) => {
  image.reverse();
};

/** Rotates an image about its centre by a random angle, at most `degrees` in either direction. */
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

/** Thickens strokes: each pixel becomes the maximum of itself and its neighbours to the right and below. */
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

/** Multiplies the brightness of the ink by `share`. */
export function grey(share: number): Change {
  return (image) => {
    for (let i = 0; i < SIZE; i++) image[i] = share * (image[i]! + 1) - 1;
  };
}

/** Swaps diagonally opposite quarters. */
export const quartersSwapped: Change = (image) => {
  const before = image.slice();
  const half = SIDE / 2;
  for (let place = 0; place < SIZE; place++) {
    const [x, y] = [place % SIDE, Math.floor(place / SIDE)];
    image[place] = before[((y + half) % SIDE) * SIDE + ((x + half) % SIDE)]!;
  }
};

/** Draws white stripes of random direction, width and position. */
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

/** Averages pairs of images of a generator. */
export function ghosts(draw: Draw): Draw {
  return (source, count, random) => {
    const pairs = draw(source, 2 * count, random);
    return pairs.subarray(0, count * SIZE).map((value, place) => (value + pairs[count * SIZE + place]!) / 2);
  };
}

/** Moves each image towards the mean of its class, which reduces the variety. */
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

/** Draws the mean image of the source, and repeats it. */
export const average: Draw = (source, count) => {
  const mean = meanOf(source, Array.from(source.labels.keys()));
  return Float32Array.from({ length: count * SIZE }, (_, index) => mean[index % SIZE]!);
};

/** Permutes the pixels, all images alike. */
export const scrambled: Draw = (source, count, random) => {
  const order = shuffled(
    Array.from({ length: SIZE }, (_, index) => index),
    random,
  );
  const images = chosen(everything)(source, count, random);
  return images.map((_, index) => images[index - (index % SIZE) + order[index % SIZE]!]!);
};

/** Draws real images. */
export const real = chosen(everything);
