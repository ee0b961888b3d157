/**
 * @file Opens a dataset by name: from a folder, the environment, the cache or a download, or drawn by the program.
 */
import { join, resolve } from 'node:path';
import type { ImageDataset } from '../data/dataset.js';
import { digitsDataset } from '../data/digits/digits.js';
import { IdxError } from '../data/idx.js';
import { STACKED_COUNT, STACKED_SAMPLES, stackedClasses, stackedMnist } from '../data/stackedMnist.js';
import { cacheFolder } from '../host/node/tuningFile.js';
import { type DownloadProgress, downloadPublished } from './download.js';
import { loadMnist, locateMnist, type MnistDataset, MnistError } from './mnist.js';
import { FASHION_MNIST, MNIST, type MnistSplit, type PublishedDataset, whereToGet } from './published.js';

/** Datasets of one channel, which classifiers read. `auto`: MNIST if it can be opened, otherwise the built-in digits. */
export const GREY_KINDS = ['auto', 'mnist', 'digits', 'fashion'] as const;

/** All datasets that a GAN trains on. `stacked`: three MNIST digits an image, one a colour channel. */
export const DATASET_KINDS = [...GREY_KINDS, 'stacked'] as const;

/** Name of a dataset that {@link openDataset} opens. */
export type DatasetKind = (typeof DATASET_KINDS)[number];

/** The built-in digits have as many images as MNIST; the test images follow the training images. */
const DIGITS = { train: { first: 0, count: 60_000 }, test: { first: 60_000, count: 10_000 } } as const;

/** As many stacked images as PacGAN trains on and evaluates. */
const STACKED = { train: STACKED_COUNT, test: STACKED_SAMPLES } as const;

/** Time limits of `auto`, in milliseconds: the built-in digits are better than a long wait. */
const AUTO_TIMEOUTS = { totalTimeoutMs: 30_000, connectTimeoutMs: 4_000 } as const;

/** Something unexpected that does not stop {@link openDataset}. */
export type DatasetWarning =
  /** The folder's files differ from the published ones; they are used as they are. */
  | { readonly type: 'unpublished'; readonly folder: string; readonly title: string }
  /** The environment variable names a folder without the dataset; the search continues. */
  | { readonly type: 'emptyVariable'; readonly variable: string; readonly folder: string; readonly title: string }
  /** A mirror failed, another one had the file. */
  | { readonly type: 'mirror'; readonly complaint: string }
  /** `auto` found no MNIST and draws the built-in digits. */
  | { readonly type: 'fallback'; readonly title: string; readonly reason: string };

/** Callbacks. */
export interface DatasetCallbacks {
  /** Work that takes time begins or advances. */
  phase?(phase: string, done?: number, total?: number): void;
  /** A download into a folder begins. */
  downloading?(title: string, folder: string): void;
  /** A piece of a file has arrived. */
  downloadProgress?(progress: DownloadProgress): void;
  /** The download has ended or failed. */
  downloadEnded?(): void;
  warning?(warning: DatasetWarning): void;
}

/** Which dataset to open. */
export interface OpenDatasetOptions {
  /** Default: `auto`. */
  readonly kind?: DatasetKind | undefined;
  /** Folder of the four IDX files, gzipped or plain. If given, no other place is searched. */
  readonly folder?: string | undefined;
  /** Seed of the built-in digits, and of the choice of stacked digits. Default: `1`. */
  readonly seed?: string | undefined;
  /** Default: `train`. */
  readonly split?: MnistSplit | undefined;
}

/** A dataset and its source. */
export interface OpenedDataset {
  readonly dataset: ImageDataset;
  /** Opens the same images again, together with {@link folder}; never `auto` for published or drawn images. */
  readonly kind: DatasetKind;
  /** Absolute path of the requested folder; absent for images from the cache and for drawn images. */
  readonly folder?: string;
  /** Source of the images, in words. */
  readonly origin: string;
  /** Names of the labels. */
  readonly classes: readonly string[];
}

/** Options of {@link openDataset} are unknown names, or contradict each other or what a folder holds. */
export class DatasetRequestError extends Error {
  override readonly name = 'DatasetRequestError';
}

interface Request {
  readonly kind: DatasetKind;
  readonly folder: string | undefined;
  readonly seed: string;
  readonly split: MnistSplit;
  readonly callbacks: DatasetCallbacks;
}

/** Folders that are searched for MNIST if none is requested: `$MNIST_DIR`, then the cache of downloads. */
export function mnistCandidates(): string[] {
  const named = fromEnvironment(MNIST, 'DIR');
  return [...(named === undefined ? [] : [named]), cacheOf(MNIST)];
}

/**
 * Opens a split of a dataset. Downloads it if no folder, variable (`MNIST_DIR`, `FASHION_MNIST_DIR`) or cache has it;
 * `ZDIM_MNIST_MIRRORS` and `ZDIM_FASHION_MNIST_MIRRORS` replace the public mirrors.
 *
 * @throws MnistError if the folder lacks the files, or a dataset requested by name cannot be downloaded
 * @throws DatasetRequestError for an unknown kind or split, and for options that contradict each other or what the folder holds
 */
export async function openDataset(
  options: OpenDatasetOptions = {},
  callbacks: DatasetCallbacks = {},
): Promise<OpenedDataset> {
  const { kind = 'auto', seed = '1', split = 'train', folder } = options;
  requireName('kind', kind, DATASET_KINDS);
  requireName('split', split, Object.keys(DIGITS));
  return open({ kind, seed, split, folder, callbacks });
}

/** Callers without type checks can pass any name. */
function requireName(option: string, name: string, names: readonly string[]): void {
  if (!names.includes(name)) throw new DatasetRequestError(`${option} takes ${names.join(', ')}, got "${name}"`);
}

async function open(request: Request): Promise<OpenedDataset> {
  const { kind, folder, callbacks } = request;
  if (kind === 'stacked') return stack(await open({ ...request, kind: 'mnist' }), request);
  if (kind === 'digits') {
    if (folder === undefined) return drawDigits(request);
    throw new DatasetRequestError(`the built-in digits are drawn and read no folder, got ${folder}`);
  }
  const wanted = kind === 'fashion' ? FASHION_MNIST : MNIST;
  // In a requested folder `auto` accepts any of the published datasets.
  if (folder !== undefined) return readFolder(folder, { source: folder, wanted, any: kind === 'auto' }, request);
  const named = fromEnvironment(wanted, 'DIR');
  if (named !== undefined) {
    const variable = `$${variableOf(wanted, 'DIR')}`;
    if (await holdsFiles(named)) {
      return readFolder(named, { source: `${variable} (${named})`, wanted, any: false }, request);
    }
    callbacks.warning?.({ type: 'emptyVariable', variable, folder: named, title: wanted.title });
  }
  return openCached(wanted, request);
}

/** Whether a folder has the four files, whatever they contain. */
async function holdsFiles(folder: string): Promise<boolean> {
  try {
    await locateMnist({ explicit: folder });
    return true;
  } catch (error) {
    if (error instanceof MnistError) return false;
    throw error;
  }
}

/** Reads a requested folder. Images never get the name of another dataset. */
async function readFolder(
  folder: string,
  { source, wanted, any }: { readonly source: string; readonly wanted: PublishedDataset; readonly any: boolean },
  { kind, split, callbacks }: Request,
): Promise<OpenedDataset> {
  callbacks.phase?.(`reading the images in ${folder}`);
  const dataset = await loadMnist(await locateMnist({ explicit: folder, wanted }), split);
  const { published } = dataset;
  const path = resolve(folder);
  if (published === undefined) {
    callbacks.warning?.({ type: 'unpublished', folder, title: wanted.title });
    return { ...describe(dataset, kind, path), folder: path };
  }
  if (published !== wanted && !any) {
    throw new DatasetRequestError(
      `${source} holds ${published.title}, not ${wanted.title}; it opens as ${kindOf(published)}`,
    );
  }
  return { ...describe(dataset, kindOf(published), path), folder: path };
}

/** Reads the cache. Missing and damaged files are downloaded. */
async function openCached(wanted: PublishedDataset, request: Request): Promise<OpenedDataset> {
  const { kind, split, callbacks } = request;
  const cache = cacheOf(wanted);
  callbacks.phase?.(`reading ${wanted.title}`);
  try {
    const cached = await loadMnist(await locateMnist({ explicit: cache, wanted }), split);
    if (cached.published === wanted) return describe(cached, kindOf(wanted), cache);
  } catch {
    // Missing or unreadable: the download names the problem, if it persists.
  }
  try {
    await download(wanted, cache, request);
    callbacks.phase?.(`reading ${wanted.title}`);
    const fresh = await loadMnist(cache, split);
    if (fresh.published === wanted) return describe(fresh, kindOf(wanted), cache);
    // An unpacked file beside the packed one is read first. The program does not delete files it did not write.
    throw new MnistError(
      `${cache} holds files besides the downloaded ones that are not ${wanted.title}'s: remove them.`,
    );
  } catch (cause) {
    if (!(cause instanceof MnistError || cause instanceof IdxError)) throw cause;
    if (kind !== 'auto') throw new MnistError(`${cause.message} ${whereToGet(wanted)}`, { cause });
    callbacks.warning?.({ type: 'fallback', title: wanted.title, reason: cause.message });
    return drawDigits(request);
  }
}

async function download(wanted: PublishedDataset, folder: string, { kind, callbacks }: Request): Promise<void> {
  const mirrors = mirrorsOf(wanted);
  callbacks.downloading?.(wanted.title, folder);
  const complaints: string[] = [];
  try {
    await downloadPublished(wanted, folder, {
      ...(mirrors === undefined ? {} : { mirrors }),
      ...(kind === 'auto' ? AUTO_TIMEOUTS : {}),
      onProgress: (progress) => callbacks.downloadProgress?.(progress),
      onComplaint: (complaint) => complaints.push(complaint),
    });
  } finally {
    callbacks.downloadEnded?.();
  }
  // The error of a failed download repeats the complaints.
  for (const complaint of complaints) callbacks.warning?.({ type: 'mirror', complaint });
}

function drawDigits({ seed, split, callbacks }: Request): OpenedDataset {
  const name = split === 'train' ? 'digits' : `digits/${split}`;
  const progress = (done: number, total: number): void => callbacks.phase?.('drawing the built-in digits', done, total);
  const dataset = digitsDataset({ seed, name, ...DIGITS[split], progress });
  return { dataset, kind: 'digits', origin: `drawn by this program from the seed ${seed}`, classes: MNIST.classes };
}

function stack({ dataset, origin, classes, ...found }: OpenedDataset, request: Request): OpenedDataset {
  const { seed, split, callbacks } = request;
  callbacks.phase?.('stacking digits');
  return {
    ...found,
    dataset: stackedMnist(dataset, { seed, count: STACKED[split] }),
    kind: 'stacked',
    origin: `three digits an image, drawn by the seed ${seed}, from ${origin}`,
    classes: stackedClasses(classes),
  };
}

function describe({ published = MNIST, ...dataset }: MnistDataset, kind: DatasetKind, origin: string): OpenedDataset {
  return { dataset, kind, origin, classes: published.classes };
}

function kindOf(published: PublishedDataset): DatasetKind {
  return published === FASHION_MNIST ? 'fashion' : 'mnist';
}

function cacheOf({ name }: PublishedDataset): string {
  return join(cacheFolder(), name);
}

/** `MNIST_DIR`, `FASHION_MNIST_DIR`; `ZDIM_MNIST_MIRRORS`, `ZDIM_FASHION_MNIST_MIRRORS`. */
function variableOf({ name }: PublishedDataset, what: 'DIR' | 'MIRRORS'): string {
  const upper = name.toUpperCase().replace('-', '_');
  return what === 'DIR' ? `${upper}_DIR` : `ZDIM_${upper}_MIRRORS`;
}

/** An empty variable counts as not set. */
function fromEnvironment(published: PublishedDataset, what: 'DIR' | 'MIRRORS'): string | undefined {
  const value = process.env[variableOf(published, what)];
  return value === undefined || value === '' ? undefined : value;
}

/** Base URLs that replace the public mirrors, for networks without access to those. */
function mirrorsOf(published: PublishedDataset): string[] | undefined {
  const mirrors = fromEnvironment(published, 'MIRRORS')
    ?.split(',')
    .map((url) => url.trim());
  for (const url of mirrors ?? []) {
    if (!/^https?:\/\/\S+$/.test(url) || !URL.canParse(url)) {
      throw new DatasetRequestError(
        `$${variableOf(published, 'MIRRORS')} takes http or https URLs separated by commas, got "${url}"`,
      );
    }
  }
  return mirrors;
}
