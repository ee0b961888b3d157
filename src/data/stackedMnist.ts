/**
 * @file Makes Stacked MNIST: images of three digits, one a colour channel, which have 1,000 modes
 * (Metz et al. 2016, https://arxiv.org/abs/1611.02163; Srivastava et al. 2017, https://arxiv.org/abs/1705.07761; Lin et
 * al. 2018, https://arxiv.org/abs/1712.04086).
 *
 * Images are assembled on request: each stores the indices of its three digits, 12 bytes instead of 2,352.
 */
import type { ImageDataset } from './dataset.js';
import { sha256Hex } from './hashing.js';
import { randomStream } from './randomStreams.js';

/** Digits of an image: red, green and blue. */
export const STACKED_CHANNELS = 3;

/** Modes: combinations of a digit in each channel. */
export const STACKED_MODES = 1000;

/** Images that PacGAN trains on. */
export const STACKED_COUNT = 128_000;

/** Images that PacGAN evaluates. */
export const STACKED_SAMPLES = 26_000;

/** Part of the hash: other rules for drawing or labelling get another name. */
const FORMAT = 'stacked-mnist/1';

const CLASSES = 10;

export interface StackedOptions {
  /** The same seed and source give the same images, on any machine. */
  readonly seed: string;
  /** Default: {@link STACKED_COUNT}. A longer set starts with the images of a shorter one. */
  readonly count?: number;
}

/** The label of an image from those of its channels: 100 · red + 10 · green + blue. */
export function stackedLabel(red: number, green: number, blue: number): number {
  return 100 * red + 10 * green + blue;
}

/** The first of the three digits of a label. */
export function redDigit(label: number): number {
  return Math.floor(label / 100);
}

/** Names of the labels, from those of one channel. */
export function stackedClasses(classes: readonly string[]): string[] {
  return classes.flatMap((red) => classes.flatMap((green) => classes.map((blue) => `${red}${green}${blue}`)));
}

/**
 * Stacks digits drawn at random, each of the source's images as likely as any other for each channel.
 *
 * @param source images of one channel, labelled 0 … 9; read when an image is requested
 * @returns named `stacked-` and the source's name; its hash is of the source's, and of which images are stacked
 * @throws Error for a source of other images; RangeError for a count that is not a positive integer
 */
export function stackedMnist(source: ImageDataset, { seed, count = STACKED_COUNT }: StackedOptions): ImageDataset {
  const { height, width } = source;
  if (source.channels !== 1) {
    throw new Error(`stackedMnist: ${source.name} has ${source.channels} channels; it stacks images of one`);
  }
  const wrong = source.labels.findIndex((label) => label >= CLASSES);
  if (wrong >= 0) {
    throw new Error(`stackedMnist: image ${wrong} of ${source.name} has label ${source.labels[wrong]!}, not 0 to 9`);
  }
  if (!Number.isSafeInteger(count) || count < 1) {
    throw new RangeError(`stackedMnist: the count must be a positive integer, got ${count}`);
  }
  const random = randomStream(seed, 'stacked');
  const digits = Uint32Array.from({ length: STACKED_CHANNELS * count }, () => Math.floor(random() * source.count));
  const digitAt = (index: number, channel: number): number => digits[STACKED_CHANNELS * index + channel]!;
  const labels = Uint16Array.from({ length: count }, (_, index) => {
    const of = (channel: number): number => source.labels[digitAt(index, channel)]!;
    return stackedLabel(of(0), of(1), of(2));
  });
  const bytesOf = (index: number): Uint8Array => {
    const bytes = new Uint8Array(STACKED_CHANNELS * height * width);
    for (let channel = 0; channel < STACKED_CHANNELS; channel++) {
      source.bytesOf(digitAt(index, channel)).forEach((value, pixel) => {
        bytes[STACKED_CHANNELS * pixel + channel] = value;
      });
    }
    return bytes;
  };
  const name = `stacked-${source.name}`;
  const sha256 = hashOf(source, digits);
  return { name, count, height, width, channels: STACKED_CHANNELS, labels, sha256, bytesOf };
}

/** The images follow from the source's and from which of them are stacked; the hash does not depend on the byte order. */
function hashOf(source: ImageDataset, digits: Uint32Array): string {
  const numbers = new DataView(new ArrayBuffer(4 * digits.length));
  digits.forEach((digit, place) => numbers.setUint32(4 * place, digit, true));
  return sha256Hex(`${FORMAT}\n${source.sha256}\n`, new Uint8Array(numbers.buffer));
}
