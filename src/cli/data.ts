/**
 * @file Which images to train on, from what the user gave and what the machine has.
 */
import { join } from 'node:path';
import type { ImageDataset } from '../data/dataset.js';
import { digitsDataset } from '../data/digits/digits.js';
import { downloadMnist } from '../data/download.js';
import { loadMnist, locateMnist, MnistError } from '../data/mnist.js';
import { cacheFolder } from '../host/tuningFile.js';

/** `auto`: MNIST where it can be had, otherwise the built-in digits. */
export const DATA_KINDS = ['auto', 'mnist', 'digits'] as const;

export type DataKind = (typeof DATA_KINDS)[number];

/** As many built-in digits as MNIST has training images. */
const DIGITS_COUNT = 60_000;

/** A download that takes longer is not worth the wait where the built-in digits would do. */
const AUTO_DOWNLOAD_TIMEOUT = 60_000;

export interface DataRequest {
  readonly kind: DataKind;
  /** The folder given by `--data-dir`; only that is looked into. */
  readonly folder?: string | undefined;
  /** For the built-in digits. */
  readonly seed: string;
  /** Tells the user something; `important` is to be seen. */
  readonly say: (line: string, important?: boolean) => void;
}

/** Where MNIST is looked for if no folder is given: $MNIST_DIR, then the cache that a download fills. */
export function mnistCandidates(): string[] {
  const fromEnvironment = process.env.MNIST_DIR;
  return [...(fromEnvironment === undefined ? [] : [fromEnvironment]), mnistCache()];
}

function mnistCache(): string {
  return join(cacheFolder(), 'mnist');
}

/** @throws MnistError when the folder holds no MNIST, or MNIST was asked for by name and cannot be had. */
export async function chooseDataset(request: DataRequest): Promise<ImageDataset> {
  const { kind, folder, seed, say } = request;
  if (folder !== undefined) return loadMnist(await locateMnist({ explicit: folder }), 'train');
  if (kind === 'digits') return digitsDataset({ seed, count: DIGITS_COUNT });
  try {
    return await loadMnist(await locateMnist({ candidates: mnistCandidates() }), 'train');
  } catch (error) {
    if (!(error instanceof MnistError)) throw error;
  }
  try {
    say(`MNIST is not on this machine: downloading it to ${mnistCache()} ...`);
    const limit = kind === 'auto' ? { totalTimeoutMs: AUTO_DOWNLOAD_TIMEOUT } : {};
    return await loadMnist(await downloadMnist(mnistCache(), limit), 'train');
  } catch (error) {
    if (kind === 'mnist') throw error;
    say('MNIST could not be downloaded: training on the BUILT-IN DIGITS, which are drawn, not MNIST.', true);
    return digitsDataset({ seed, count: DIGITS_COUNT });
  }
}
