/**
 * @file Counts which of Stacked MNIST's 1,000 modes a generator covers, and the divergence of their shares from equal ones, by
 * PacGAN's protocol (Lin et al. 2018, https://arxiv.org/abs/1712.04086, after Metz et al. 2016 and Srivastava et al. 2017).
 *
 * 26,000 samples, each channel read by a classifier of MNIST. The three digits are the mode, and a mode is covered when
 * one sample falls into it. The divergence is KL(generated ‖ uniform) in nats, as PacGAN's published code has it: it does
 * not compare with the dataset's own shares, which are not quite equal.
 *
 * A classifier names a digit in any image, so strokes that are not digits cover modes as well. Beside these numbers stand those
 * of the samples that it is sure of.
 */
import type { Engine } from '../../autograd/engine.js';
import { STACKED_CHANNELS, STACKED_MODES, stackedLabel } from '../../data/stackedMnist.js';
import { CLASSES, type Classifier } from '../../models/networks/classifier.js';
import { IMAGE_SIZE } from '../inputs/images.js';
import { SURE } from './labels.js';
import { type ClassifierOutput, readImages } from '../inputs/classifierOutput.js';
import { divergence, sharesOf } from './shares.js';

/** Images that are split into channels at once: these take 9 MB. */
const CHUNK = 1000;

/** Coverage of the modes. */
export interface StackedCoverage {
  readonly samples: number;
  /** Of 1,000: those into which one sample falls, or more. */
  readonly modes: number;
  /** KL(generated ‖ uniform) in nats, 0 … ln 1000 ≈ 6.91. Chance alone adds about 999 / (2 · samples). */
  readonly divergence: number;
  /** Share of the samples whose three digits the classifier is all sure of. */
  readonly sure: number;
  /** Modes into which one of those falls, or more. */
  readonly sureModes: number;
}

/**
 * Counts modes and how evenly they are covered.
 *
 * @param counts of samples, one for each of the 1,000 modes
 * @param sureCounts of those among them that the classifier is sure of
 * @throws Error for another number of counts, one that is no integer ≥ 0, no sample at all, or more sure ones than there are
 */
export function stackedCoverage(counts: readonly number[], sureCounts: readonly number[]): StackedCoverage {
  checkCounts(counts);
  checkCounts(sureCounts);
  const samples = counts.reduce((sum, count) => sum + count, 0);
  if (samples === 0) throw new Error('stackedCoverage: there are no samples');
  const more = counts.findIndex((count, mode) => sureCounts[mode]! > count);
  if (more >= 0) {
    const [all, sure] = [counts[more]!, sureCounts[more]!];
    throw new Error(`stackedCoverage: got ${sure} sure samples of mode ${more}, of ${all} in all`);
  }
  const even = new Array<number>(STACKED_MODES).fill(1 / STACKED_MODES);
  return {
    samples,
    modes: covered(counts),
    divergence: divergence(sharesOf(counts), even),
    sure: sureCounts.reduce((sum, count) => sum + count, 0) / samples,
    sureModes: covered(sureCounts),
  };
}

function covered(counts: readonly number[]): number {
  return counts.filter((count) => count > 0).length;
}

function checkCounts(counts: readonly number[]): void {
  if (counts.length !== STACKED_MODES) {
    throw new Error(`stackedCoverage: got ${counts.length} counts; it takes one for each of ${STACKED_MODES} modes`);
  }
  const bad = counts.findIndex((count) => !Number.isSafeInteger(count) || count < 0);
  if (bad >= 0)
    throw new Error(`stackedCoverage: got ${counts[bad]!} samples of mode ${bad}; it takes integers from 0`);
}

/** Counts the modes of images that come in parts, so that they are never all in memory. */
export class StackedModes {
  private readonly counted = new Array<number>(STACKED_MODES).fill(0);
  private readonly sureCounted = new Array<number>(STACKED_MODES).fill(0);

  /** @param classifier of MNIST's digits; it stays the caller's */
  constructor(
    private readonly engine: Engine,
    private readonly classifier: Classifier,
  ) {}

  /**
   * Reads images and counts the modes that they fall into.
   *
   * @param images [count, 28, 28, 3] in [−1, 1]
   * @returns what is read in each
   * @throws Error for images of another size, or one that holds NaN or ±∞; the device's errors
   */
  async add(images: Float32Array): Promise<StackedOutput> {
    const reading = await readStacked(this.engine, this.classifier, images);
    reading.labels.forEach((label, image) => {
      this.counted[label]! += 1;
      this.sureCounted[label]! += reading.sure[image]!;
    });
    return reading;
  }

  /** Samples of each mode so far. */
  get counts(): readonly number[] {
    return this.counted;
  }

  /** @throws Error where there are no samples yet */
  get coverage(): StackedCoverage {
    return stackedCoverage(this.counted, this.sureCounted);
  }
}

/** A classifier's output for stacked images. */
export interface StackedOutput {
  /** 100 · red + 10 · green + blue of each image. */
  readonly labels: Uint16Array;
  /** 1 for each image with three sure digits, 0 for the others. */
  readonly sure: Uint8Array;
}

/** Puts images together out of what was read in their channels, one after another. */
export function stackedReading({
  labels,
  probabilities,
}: Pick<ClassifierOutput, 'labels' | 'probabilities'>): StackedOutput {
  const count = labels.length / STACKED_CHANNELS;
  const reading = { labels: new Uint16Array(count), sure: new Uint8Array(count) };
  for (let image = 0; image < count; image++) {
    const first = STACKED_CHANNELS * image;
    const digits = labels.subarray(first, first + STACKED_CHANNELS);
    const probabilityOf = (digit: number, channel: number): number =>
      probabilities[CLASSES * (first + channel) + digit]!;
    reading.labels[image] = stackedLabel(digits[0]!, digits[1]!, digits[2]!);
    reading.sure[image] = Math.min(...Array.from(digits, probabilityOf)) >= SURE ? 1 : 0;
  }
  return reading;
}

/**
 * Reads images by a classifier, their channels one by one.
 *
 * @param images [count, 28, 28, 3] in [−1, 1]
 * @throws Error for images of another size, none, or one that holds NaN or ±∞; the device's errors
 */
export async function readStacked(engine: Engine, model: Classifier, images: Float32Array): Promise<StackedOutput> {
  const size = STACKED_CHANNELS * IMAGE_SIZE;
  const count = images.length / size;
  if (!Number.isInteger(count) || count === 0) {
    throw new Error(`readStacked: got ${images.length} numbers; it takes images of ${size} each, 1 at least`);
  }
  const bad = images.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) throw new Error(`readStacked: image ${Math.floor(bad / size)} holds ${images[bad]!}`);
  const all = { labels: new Uint16Array(count), sure: new Uint8Array(count) };
  for (let first = 0; first < count; first += CHUNK) {
    const chunk = images.subarray(first * size, (first + CHUNK) * size);
    const { labels, sure } = stackedReading(await readImages(engine, model, channelsOf(chunk)));
    all.labels.set(labels, first);
    all.sure.set(sure, first);
  }
  return all;
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
