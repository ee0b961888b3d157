/**
 * @file Which of Stacked MNIST's 1,000 modes a generator covers, and how far its shares of them are from equal ones, by
 * PacGAN's protocol (Lin et al. 2018, https://arxiv.org/abs/1712.04086, after Metz et al. 2016 and Srivastava et al. 2017).
 *
 * 26,000 samples, each channel read by a classifier of MNIST. The three digits are the mode, and a mode is covered when
 * one sample falls into it. The divergence is KL(generated ‖ uniform) in nats, as PacGAN's published code has it: it does
 * not compare with the dataset's own shares, which are not quite equal.
 */
import type { Engine } from '../autograd/engine.js';
import { STACKED_CHANNELS, STACKED_MODES, stackedLabel } from '../data/stackedMnist.js';
import type { Classifier } from '../models/classifier.js';
import { IMAGE_SIZE } from './images.js';
import { readImages } from './reading.js';
import { divergence, sharesOf } from './shares.js';

/** Images that are taken apart at once: their channels take 9 MB. */
const CHUNK = 1000;

/** What a histogram of the modes says. */
export interface StackedCoverage {
  readonly samples: number;
  /** Of 1,000: those into which one sample falls, or more. */
  readonly modes: number;
  /** KL(generated ‖ uniform) in nats, 0 … ln 1000 ≈ 6.91. Chance alone adds about 999 / (2 · samples). */
  readonly divergence: number;
}

/**
 * Counts modes and how evenly they are covered.
 *
 * @param counts of samples, one for each of the 1,000 modes
 * @throws Error for another number of counts, one that is no integer ≥ 0, or no sample at all
 */
export function stackedCoverage(counts: readonly number[]): StackedCoverage {
  if (counts.length !== STACKED_MODES) {
    throw new Error(`stackedCoverage: got ${counts.length} counts; it takes one for each of ${STACKED_MODES} modes`);
  }
  const bad = counts.findIndex((count) => !Number.isSafeInteger(count) || count < 0);
  if (bad >= 0)
    throw new Error(`stackedCoverage: got ${counts[bad]!} samples of mode ${bad}; it takes integers from 0`);
  const samples = counts.reduce((sum, count) => sum + count, 0);
  if (samples === 0) throw new Error('stackedCoverage: there are no samples');
  const even = new Array<number>(STACKED_MODES).fill(1 / STACKED_MODES);
  const modes = counts.filter((count) => count > 0).length;
  return { samples, modes, divergence: divergence(sharesOf(counts), even) };
}

/** Counts the modes of images that come in parts, so that they are never all in memory. */
export class StackedModes {
  private readonly counted = new Array<number>(STACKED_MODES).fill(0);

  /** @param classifier of MNIST's digits; it stays the caller's */
  constructor(
    private readonly engine: Engine,
    private readonly classifier: Classifier,
  ) {}

  /**
   * Reads images and counts the modes that they fall into.
   *
   * @param images [count, 28, 28, 3] in [−1, 1]
   * @returns the label of each
   * @throws Error for images of another size, or one that holds NaN or ±∞; the device's errors
   */
  async add(images: Float32Array): Promise<Uint16Array> {
    const labels = await readStacked(this.engine, this.classifier, images);
    for (const label of labels) this.counted[label]!++;
    return labels;
  }

  /** Samples of each mode so far. */
  get counts(): readonly number[] {
    return this.counted;
  }

  /** @throws Error where there are no samples yet */
  get coverage(): StackedCoverage {
    return stackedCoverage(this.counted);
  }
}

/**
 * The label of each image, 100 · red + 10 · green + blue, as a classifier reads its channels one by one.
 *
 * @param images [count, 28, 28, 3] in [−1, 1]
 * @throws Error for images of another size, none, or one that holds NaN or ±∞; the device's errors
 */
export async function readStacked(engine: Engine, model: Classifier, images: Float32Array): Promise<Uint16Array> {
  const size = STACKED_CHANNELS * IMAGE_SIZE;
  const count = images.length / size;
  if (!Number.isInteger(count) || count === 0) {
    throw new Error(`readStacked: got ${images.length} numbers; it takes images of ${size} each, 1 at least`);
  }
  const bad = images.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) throw new Error(`readStacked: image ${Math.floor(bad / size)} holds ${images[bad]!}`);
  const labels = new Uint16Array(count);
  for (let first = 0; first < count; first += CHUNK) {
    const chunk = images.subarray(first * size, (first + CHUNK) * size);
    const digits = (await readImages(engine, model, channelsOf(chunk))).labels;
    for (let at = 0; at < digits.length; at += STACKED_CHANNELS) {
      labels[first + at / STACKED_CHANNELS] = stackedLabel(digits[at]!, digits[at + 1]!, digits[at + 2]!);
    }
  }
  return labels;
}

/** [count, 28, 28, 3] → [count · 3, 28, 28, 1]: an image's channels one after another. */
function channelsOf(images: Float32Array): Float32Array {
  const channels = new Float32Array(images.length);
  for (let at = 0; at < images.length; at++) {
    const [pixel, channel] = [Math.floor(at / STACKED_CHANNELS), at % STACKED_CHANNELS];
    const [image, place] = [Math.floor(pixel / IMAGE_SIZE), pixel % IMAGE_SIZE];
    channels[(STACKED_CHANNELS * image + channel) * IMAGE_SIZE + place] = images[at]!;
  }
  return channels;
}
