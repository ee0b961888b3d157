/**
 * @file Which images to train on, from what the user gave and what the machine has.
 */
import { join, resolve } from 'node:path';
import { Option } from 'commander';
import type { ImageDataset } from '../../data/dataset.js';
import { digitsDataset } from '../../data/digits/digits.js';
import { downloadPublished } from '../../datasets/download.js';
import { IdxError } from '../../data/idx.js';
import { loadMnist, locateMnist, type MnistDataset, MnistError } from '../../datasets/mnist.js';
import { FASHION_MNIST, MNIST, type MnistSplit, type PublishedDataset, whereToGet } from '../../datasets/published.js';
import { STACKED_COUNT, STACKED_SAMPLES, stackedClasses, stackedMnist } from '../../data/stackedMnist.js';
import { cacheFolder } from '../../host/node/tuningFile.js';
import { DownloadReport } from '../terminal/downloadProgress.js';
import type { Output } from '../terminal/output.js';
import { UsageError } from '../options/usageError.js';
import { isTerminal } from '../terminal/print.js';

/** Images of one channel, which classifiers read. `auto`: MNIST where it can be had, otherwise the built-in digits. */
export const GREY_KINDS = ['auto', 'mnist', 'digits', 'fashion'] as const;

/** All that a GAN can be trained on. `stacked`: three MNIST digits an image. */
export const DATA_KINDS = [...GREY_KINDS, 'stacked'] as const;

export type DataKind = (typeof DATA_KINDS)[number];

/** As many built-in digits as MNIST has images; the test images are those that come after the training images. */
const DIGITS = { train: { first: 0, count: 60_000 }, test: { first: 60_000, count: 10_000 } } as const;

/** As many stacked images as PacGAN trains on, and as it judges by. */
const STACKED = { train: STACKED_COUNT, test: STACKED_SAMPLES } as const;

/** Of `auto`, in milliseconds: a longer download is not worth the wait where the built-in digits would do. */
const AUTO_TOTAL = 30_000;

/** Of `auto` as well: two mirrors that are silent cost twice this. */
const AUTO_CONNECT = 4_000;

export interface DataRequest {
  readonly kind: DataKind;
  /** The folder given by `--data-dir`; only that is looked into. */
  readonly folder?: string | undefined;
  /** For the built-in digits, and for which digits are stacked. */
  readonly seed: string;
  /** The training images by default. */
  readonly split?: MnistSplit;
  /** Tells the user something; `important` is to be seen. */
  readonly say: (line: string, important?: boolean) => void;
  /** Shows the progress; it is not shown where absent. */
  readonly output?: Output | undefined;
}

/** Images and where they are from. */
export interface ChosenDataset {
  readonly dataset: ImageDataset;
  /** What finds the same images again, with {@link folder}: what `auto` was decided to be is not `auto` any more. */
  readonly kind: DataKind;
  /** The folder that the user named, as an absolute path; what is in the cache is found without. */
  readonly folder?: string;
  /** Where the images are from, for people. */
  readonly origin: string;
  /** What the labels stand for. */
  readonly classes: readonly string[];
}

/** `--data`, for the commands that take it. */
export function dataOption(kinds: readonly DataKind[] = GREY_KINDS): Option {
  const stacked = kinds.includes('stacked') ? ', stacked MNIST (three digits an image, one a colour)' : '';
  return new Option(
    '--data <kind>',
    `MNIST, the built-in digits, Fashion-MNIST${stacked}; auto is MNIST where it can be had within seconds, else the digits`,
  )
    .choices(kinds)
    .default('auto');
}

/** Where MNIST is looked for if no folder is given: $MNIST_DIR, then the cache that a download fills. */
export function mnistCandidates(): string[] {
  const named = fromEnvironment(MNIST, 'DIR');
  return [...(named === undefined ? [] : [named]), cacheOf(MNIST)];
}

/**
 * Finds the images of a split, downloading them where need be.
 *
 * @throws MnistError when the folder holds no such files, or a dataset asked for by name cannot be had
 * @throws UsageError when what was asked for does not go together
 */
export async function chooseDataset(request: DataRequest): Promise<ChosenDataset> {
  const { kind, folder, say } = request;
  if (kind === 'stacked') return stack(await chooseDataset({ ...request, kind: 'mnist' }), request);
  if (kind === 'digits') {
    if (folder !== undefined) throw new UsageError('--data digits draws its images, and takes no --data-dir');
    return drawDigits(request);
  }
  const wanted = kind === 'fashion' ? FASHION_MNIST : MNIST;
  if (folder !== undefined) {
    // Nothing was said about which dataset it is to be.
    const any = kind === 'auto';
    return readNamed(folder, { named: `--data-dir ${folder}`, wanted, any }, request);
  }
  const named = fromEnvironment(wanted, 'DIR');
  if (named !== undefined) {
    const variable = `$${variableOf(wanted, 'DIR')}`;
    if (await isThere(named)) return readNamed(named, { named: `${variable}, ${named},`, wanted, any: false }, request);
    say(`${variable} is ${named}, which holds no ${wanted.title}: looking elsewhere.`);
  }
  return fromCache(wanted, request);
}

/** Whether a folder holds the four files, whatever is in them. */
async function isThere(folder: string): Promise<boolean> {
  try {
    await locateMnist({ explicit: folder });
    return true;
  } catch (error) {
    if (error instanceof MnistError) return false;
    throw error;
  }
}

/** A folder that the user named: what is in it is taken, but never under a wrong name. */
async function readNamed(
  folder: string,
  { named, wanted, any }: { named: string; wanted: PublishedDataset; any: boolean },
  { kind, split = 'train', say, output }: DataRequest,
): Promise<ChosenDataset> {
  output?.phase(`reading the images in ${folder}`);
  const dataset = await loadMnist(await locateMnist({ explicit: folder, wanted }), split);
  const { published } = dataset;
  const path = resolve(folder);
  if (published === undefined) {
    say(`The files in ${folder} are not those that ${wanted.title} was published as; they are taken as they are.`);
    return { ...read(dataset, kind, path), folder: path };
  }
  if (published !== wanted && !any) {
    throw new UsageError(
      `${named} holds ${published.title}, not ${wanted.title}; --data ${kindOf(published)} asks for that`,
    );
  }
  return { ...read(dataset, kindOf(published), path), folder: path };
}

/** The cache is the program's own: what is missing or damaged there is downloaded. */
async function fromCache(wanted: PublishedDataset, request: DataRequest): Promise<ChosenDataset> {
  const { kind, split = 'train', say, output } = request;
  const cache = cacheOf(wanted);
  output?.phase(`reading ${wanted.title}`);
  try {
    const cached = await loadMnist(await locateMnist({ explicit: cache, wanted }), split);
    if (cached.published === wanted) return read(cached, kindOf(wanted), cache);
  } catch {
    // Nothing there, or something that cannot be read: the download says what is the matter, if anything is.
  }
  try {
    await download(wanted, cache, request);
    output?.phase(`reading ${wanted.title}`);
    const fresh = await loadMnist(cache, split);
    if (fresh.published === wanted) return read(fresh, kindOf(wanted), cache);
    // An unpacked file beside the packed one is read first, and it is not ours to remove.
    throw new MnistError(
      `${cache} holds files besides the downloaded ones that are not ${wanted.title}'s: remove them.`,
    );
  } catch (cause) {
    if (!(cause instanceof MnistError || cause instanceof IdxError)) throw cause;
    if (kind !== 'auto') throw new MnistError(`${cause.message} ${whereToGet(wanted)}`, { cause });
    say(cause.message);
    say(`${wanted.title} cannot be had: these are the BUILT-IN DIGITS, which are drawn, not ${wanted.title}.`, true);
    return drawDigits(request);
  }
}

async function download(wanted: PublishedDataset, folder: string, { kind, say, output }: DataRequest): Promise<void> {
  output?.endPhases();
  const mirrors = mirrorsOf(wanted);
  say(`${wanted.title} is not on this machine: downloading it to ${folder} ...`);
  const report = new DownloadReport(say, isTerminal(), output?.progress);
  const passedOver: string[] = [];
  try {
    await downloadPublished(wanted, folder, {
      ...(mirrors === undefined ? {} : { mirrors }),
      ...(kind === 'auto' ? { totalTimeoutMs: AUTO_TOTAL, connectTimeoutMs: AUTO_CONNECT } : {}),
      onProgress: (progress) => report.update(progress),
      onComplaint: (complaint) => passedOver.push(complaint),
    });
  } finally {
    report.stop();
  }
  // Where the download failed, its error says this.
  for (const complaint of passedOver) say(`  passed over ${complaint}`);
}

function drawDigits({ seed, split = 'train', output }: DataRequest): ChosenDataset {
  const name = split === 'train' ? 'digits' : `digits/${split}`;
  const dataset = digitsDataset({
    seed,
    name,
    ...DIGITS[split],
    progress: (done, total) => output?.phase('drawing the built-in digits', done, total),
  });
  return { dataset, kind: 'digits', origin: `drawn by this program from the seed ${seed}`, classes: MNIST.classes };
}

function stack({ dataset, origin, classes, ...found }: ChosenDataset, { seed, split = 'train', output }: DataRequest) {
  output?.phase('stacking digits');
  return {
    ...found,
    dataset: stackedMnist(dataset, { seed, count: STACKED[split] }),
    kind: 'stacked',
    origin: `three digits an image, drawn by the seed ${seed}, from ${origin}`,
    classes: stackedClasses(classes),
  } satisfies ChosenDataset;
}

function read({ published = MNIST, ...dataset }: MnistDataset, kind: DataKind, origin: string): ChosenDataset {
  return { dataset, kind, origin, classes: published.classes };
}

function kindOf(published: PublishedDataset): DataKind {
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

/** An empty variable is one that is not set. */
function fromEnvironment(published: PublishedDataset, what: 'DIR' | 'MIRRORS'): string | undefined {
  const value = process.env[variableOf(published, what)];
  return value === undefined || value === '' ? undefined : value;
}

/** Base URLs in place of the public mirrors, for networks that do not reach those. */
function mirrorsOf(published: PublishedDataset): string[] | undefined {
  const mirrors = fromEnvironment(published, 'MIRRORS')
    ?.split(',')
    .map((url) => url.trim());
  for (const url of mirrors ?? []) {
    if (!/^https?:\/\/\S+$/.test(url) || !URL.canParse(url)) {
      throw new UsageError(
        `$${variableOf(published, 'MIRRORS')} takes http or https URLs with commas between them, got "${url}"`,
      );
    }
  }
  return mirrors;
}
