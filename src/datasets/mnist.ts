/**
 * @file Reads MNIST and its drop-in relatives (Fashion-MNIST, Kuzushiji-MNIST) from a folder of IDX files, gzipped or plain.
 */
import { createHash } from 'node:crypto';
import type { Dirent } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { readRegularFile } from '../files/regularFiles.js';
import { createDataset, type StoredDataset } from '../data/dataset.js';
import { parseIdx } from '../data/idx.js';
import { identify, MNIST, MNIST_FILES, type MnistSplit, type PublishedDataset, whereToGet } from './published.js';

/** A dataset's files are missing or malformed; the message names the folder or file and what to do. */
export class MnistError extends Error {
  override readonly name = 'MnistError';
}

/** A split that was read from a folder. */
export interface MnistDataset extends StoredDataset {
  /** The published dataset with the same bytes; undefined for other files. */
  readonly published: PublishedDataset | undefined;
}

/** Room for five MNIST training sets; a gzip bomb or a wrong file stops here. */
const MAX_UNPACKED_BYTES = 256 * 1024 * 1024;

/** The largest file, packed or plain. */
export const MAX_PACKED_BYTES = MAX_UNPACKED_BYTES;

const CLASSES = 10;
const unpackGzip = promisify(gunzip);

/**
 * The folder to read a dataset from.
 *
 * @param options.explicit the requested folder; the only one considered, so that a typing error is an error and never
 *   another dataset
 * @param options.candidates otherwise the first of these that holds all four files
 * @param options.wanted for the message; MNIST by default
 * @returns the folder
 * @throws MnistError naming every folder tried and the first file missing from it
 */
export async function locateMnist(options: {
  explicit?: string;
  candidates?: readonly string[];
  wanted?: PublishedDataset;
}): Promise<string> {
  const { wanted = MNIST } = options;
  const folders = options.explicit === undefined ? (options.candidates ?? []) : [options.explicit];
  const complaints: string[] = [];
  for (const folder of folders) {
    const missing = await firstMissing(folder);
    if (missing === undefined) return folder;
    complaints.push(missing);
  }
  const tried = complaints.length === 0 ? 'no folder was given' : complaints.join('; ');
  throw new MnistError(`No ${wanted.title}: ${tried}. ${whereToGet(wanted)}`);
}

/**
 * Reads one split.
 *
 * @param folder holds `train-images-idx3-ubyte` and its three siblings; `.gz` and the spelling
 *   `train-images.idx3-ubyte` are found too, and whether a file is packed is decided by its first bytes
 * @param known datasets that its bytes are compared with
 * @returns named after the published dataset whose bytes these are, else `idx/train`; 28 × 28 × 1 for MNIST itself,
 *   another square side is taken and shows in `height` and `width`
 * @throws MnistError for a missing or unreadable file, wrong ranks, unequal counts, labels outside 0 … 9
 * @throws IdxError for a file that is not IDX
 */
export async function loadMnist(
  folder: string,
  split: MnistSplit,
  known?: readonly PublishedDataset[],
): Promise<MnistDataset> {
  const names = MNIST_FILES[split];
  const [images, labels] = await Promise.all([readIdx(folder, names.images), readIdx(folder, names.labels)]);

  const [count = 0, height = 0, width = 0] = images.shape;
  if (images.shape.length !== 3) {
    throw new MnistError(`${images.path}: images have rank 3 (count, rows, columns), found ${images.shape.length}.`);
  }
  if (count === 0 || height === 0 || height !== width) {
    const found = images.shape.join('×');
    throw new MnistError(`${images.path}: expected at least one square image (MNIST: 28×28), found ${found}.`);
  }
  if (labels.shape.length !== 1) {
    throw new MnistError(`${labels.path}: labels have rank 1, found ${labels.shape.length}.`);
  }
  if (labels.data.length !== count) {
    const found = `${count} images in ${images.path}, ${labels.data.length} labels in ${labels.path}`;
    throw new MnistError(`Images and labels differ in number: ${found}.`);
  }
  const wrong = labels.data.findIndex((label) => label >= CLASSES);
  if (wrong >= 0) {
    throw new MnistError(`${labels.path}: labels are 0 … 9, found ${labels.data[wrong]} at index ${wrong}.`);
  }
  const published = identify({ [names.images]: images.sha256, [names.labels]: labels.sha256 }, known);
  const name = `${published?.name ?? 'idx'}/${split}`;
  const sha256 = hexSha256(images.data, labels.data);
  const stored = { name, count, height, width, channels: 1, pixels: images.data, labels: labels.data };
  const dataset = createDataset({ ...stored, sha256 });
  return { ...dataset, published };
}

/**
 * Unpacks gzip, recognised by its magic bytes; returns anything else unchanged.
 *
 * @param bytes file contents
 * @param name for the message
 * @param limit the most bytes it may unpack to
 * @throws MnistError for a damaged archive and for one that unpacks to more than `limit` bytes
 */
export async function unpack(bytes: Uint8Array, name: string, limit = MAX_UNPACKED_BYTES): Promise<Uint8Array> {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes;
  try {
    return await unpackGzip(bytes, { maxOutputLength: limit });
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new MnistError(`${name}: cannot unpack gzip: ${reason}.`, { cause });
  }
}

async function readIdx(folder: string, base: string) {
  const path = await findFile(folder, base);
  if (path === undefined) throw new MnistError(`${await describeMissing(folder, base)}. ${whereToGet(MNIST)}`);
  let packed: Uint8Array;
  try {
    packed = readRegularFile(path, MAX_PACKED_BYTES);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new MnistError(`${reason}.`, { cause });
  }
  const bytes = await unpack(packed, path);
  return { path, sha256: hexSha256(bytes), ...parseIdx(bytes, path) };
}

/** As `PublishedDataset.sha256` has it. Node's own code takes 60 ms for what takes JavaScript 600. */
export function hexSha256(...parts: readonly Uint8Array[]): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest('hex');
}

async function firstMissing(folder: string): Promise<string | undefined> {
  const bases = [MNIST_FILES.train, MNIST_FILES.test].flatMap(({ images, labels }) => [images, labels]);
  for (const base of bases) {
    if ((await findFile(folder, base)) === undefined) return describeMissing(folder, base);
  }
  return undefined;
}

async function describeMissing(folder: string, base: string): Promise<string> {
  const found = await stat(folder).catch(() => undefined);
  if (found === undefined) return `folder ${folder} does not exist (wanted ${base}[.gz] in it)`;
  if (!found.isDirectory()) return `${folder} is not a folder (wanted ${base}[.gz] in it)`;
  const held = await describeFolder(folder);
  return `folder ${folder} holds no ${base}[.gz]. It holds ${held}; supported are the four IDX files of MNIST, or of data like it`;
}

/** Kinds of files by their endings, for messages. */
const FILE_KINDS: Readonly<Record<string, string>> = {
  png: 'PNG image',
  jpg: 'JPEG image',
  jpeg: 'JPEG image',
  gif: 'GIF image',
  bmp: 'BMP image',
  webp: 'WebP image',
  tif: 'TIFF image',
  tiff: 'TIFF image',
  zip: 'ZIP archive',
  tar: 'tar archive',
  tgz: 'tar archive',
  gz: 'gzip file',
  npy: 'NumPy file',
  npz: 'NumPy file',
  parquet: 'Parquet file',
  csv: 'CSV file',
  pt: 'PyTorch file',
  pth: 'PyTorch file',
};

/** The contents of a folder by kind, the most frequent first: `12 PNG images, 3 folders`. */
async function describeFolder(folder: string): Promise<string> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => undefined);
  if (entries === undefined) return 'what cannot be read';
  const counts = new Map<string, number>();
  for (const entry of entries) {
    const kind = await kindOf(folder, entry);
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  if (counts.size === 0) return 'nothing';
  const sorted = [...counts].sort(([, a], [, b]) => b - a);
  return sorted.map(([kind, count]) => `${count.toLocaleString('en')} ${kind}${count === 1 ? '' : 's'}`).join(', ');
}

async function kindOf(folder: string, entry: Dirent): Promise<string> {
  const isFolder =
    entry.isDirectory() ||
    (entry.isSymbolicLink() && (await stat(join(folder, entry.name)).catch(() => undefined))?.isDirectory() === true);
  if (isFolder) return 'folder';
  if (/-idx[13]-ubyte|\.idx[13]-ubyte/.test(entry.name)) return 'IDX file';
  return FILE_KINDS[extname(entry.name).slice(1).toLowerCase()] ?? 'other file';
}

/** Some archives unpack to `train-images.idx3-ubyte`, with a dot. */
async function findFile(folder: string, base: string): Promise<string | undefined> {
  const dotted = base.replace('-idx', '.idx');
  for (const name of [base, `${base}.gz`, dotted, `${dotted}.gz`]) {
    const path = join(folder, name);
    const found = await stat(path).catch(() => undefined);
    if (found?.isFile()) return path;
  }
  return undefined;
}
