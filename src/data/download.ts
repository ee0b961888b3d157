/**
 * @file Fetches the four MNIST files into a cache folder, from the first mirror that has the right bytes.
 */
import { createHash, randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { MNIST_SHA256, MnistError, unpack } from './mnist.js';

/** Tried in this order, file by file. */
export const MNIST_MIRRORS: readonly string[] = [
  'https://ossci-datasets.s3.amazonaws.com/mnist/',
  'https://storage.googleapis.com/cvdf-datasets/mnist/',
];

export interface DownloadProgress {
  /** Base name, such as `train-images-idx3-ubyte`. */
  readonly file: string;
  readonly url: string;
  readonly receivedBytes: number;
  /** As the mirror announces it; absent where it does not. */
  readonly totalBytes?: number;
}

export interface DownloadOptions {
  /** Base URLs that `NAME.gz` is put after. */
  readonly mirrors?: readonly string[];
  /** Base names and the hex SHA-256 of their unpacked bytes; MNIST's own by default. */
  readonly files?: Readonly<Record<string, string>>;
  /** Until a mirror answers with headers, in milliseconds. */
  readonly connectTimeoutMs?: number;
  /** For all files together, in milliseconds. */
  readonly totalTimeoutMs?: number;
  readonly onProgress?: (progress: DownloadProgress) => void;
}

/** The packed training images are 9.9 MB; a mirror that sends this much sends something else. */
const MAX_PACKED_BYTES = 64 * 1024 * 1024;

/**
 * Makes the cache folder hold every file, fetching only those that are missing or damaged. A file appears under its
 * name only once it is complete and its unpacked bytes have the expected hash.
 *
 * @param folder created where missing
 * @returns the folder, to give to `loadMnist`
 * @throws MnistError when no mirror had the right bytes of a file, saying what each of them did
 */
export async function downloadMnist(folder: string, options: DownloadOptions = {}): Promise<string> {
  const { files = MNIST_SHA256, mirrors = MNIST_MIRRORS, totalTimeoutMs = 300_000 } = options;
  const deadline = AbortSignal.timeout(totalTimeoutMs);
  await mkdir(folder, { recursive: true });
  for (const [file, sha256] of Object.entries(files)) {
    const path = join(folder, `${file}.gz`);
    if (await holds(path, sha256)) continue;
    const bytes = await fetchFromMirrors(file, sha256, mirrors, deadline, options);
    await writeAtomically(path, bytes);
  }
  return folder;
}

async function fetchFromMirrors(
  file: string,
  sha256: string,
  mirrors: readonly string[],
  deadline: AbortSignal,
  options: DownloadOptions,
): Promise<Uint8Array> {
  const complaints: string[] = [];
  for (const mirror of mirrors) {
    const url = new URL(`${file}.gz`, mirror.endsWith('/') ? mirror : `${mirror}/`).href;
    try {
      const bytes = await fetchBytes(file, url, deadline, options);
      const found = hexSha256(await unpack(bytes, url));
      if (found === sha256) return bytes;
      complaints.push(`${url}: unpacked bytes have SHA-256 ${found}, expected ${sha256}`);
    } catch (cause) {
      complaints.push(`${url}: ${deadline.aborted ? 'the time for the whole download is up' : reasonOf(cause)}`);
    }
  }
  throw new MnistError(`Cannot download ${file}: ${complaints.join('; ') || 'no mirror was given'}.`);
}

async function fetchBytes(file: string, url: string, deadline: AbortSignal, options: DownloadOptions) {
  const { connectTimeoutMs = 5_000, onProgress } = options;
  const connect = new AbortController();
  const timer = setTimeout(() => {
    connect.abort(new Error(`no answer within ${connectTimeoutMs} ms`));
  }, connectTimeoutMs);
  const signal = AbortSignal.any([connect.signal, deadline]);
  const response = await fetch(url, { signal }).finally(() => {
    clearTimeout(timer);
  });
  if (!response.ok || response.body === null) {
    await response.body?.cancel();
    throw new Error(`HTTP ${response.status} ${response.statusText}`);
  }
  const announced = Number(response.headers.get('content-length') ?? NaN);
  const total = Number.isFinite(announced) ? { totalBytes: announced } : {};
  const chunks: Uint8Array[] = [];
  let receivedBytes = 0;
  const body: AsyncIterable<unknown> = response.body;
  for await (const chunk of body) {
    if (!(chunk instanceof Uint8Array)) throw new Error('the answer is not a stream of bytes');
    receivedBytes += chunk.length;
    if (receivedBytes > MAX_PACKED_BYTES) throw new Error(`sent more than ${MAX_PACKED_BYTES} bytes`);
    chunks.push(chunk);
    onProgress?.({ file, url, receivedBytes, ...total });
  }
  return Buffer.concat(chunks);
}

async function holds(path: string, sha256: string): Promise<boolean> {
  try {
    return hexSha256(await unpack(await readFile(path), path)) === sha256;
  } catch {
    return false;
  }
}

/** Under a name of its own until complete, so that two processes filling one cache never read each other's half. */
async function writeAtomically(path: string, bytes: Uint8Array): Promise<void> {
  const temporary = `${path}.${randomUUID()}.tmp`;
  try {
    await writeFile(temporary, bytes);
    await rename(temporary, path);
  } finally {
    await rm(temporary, { force: true });
  }
}

function hexSha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** `fetch failed` says nothing; its cause (ENOTFOUND, ECONNREFUSED …) does. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message;
}
