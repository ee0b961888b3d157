/**
 * @file Downloads a published dataset into a cache folder, from the first mirrors with the right bytes.
 */
import { accessSync, constants } from 'node:fs';
import { join } from 'node:path';
import { removeTemporaries, writeAtomically } from '../files/atomic.js';
import { FileError, onFile } from '../files/errors.js';
import { makeFolder } from '../files/folders.js';
import { readRegularFile } from '../files/regularFiles.js';
import { fetchFile, type Progress } from './fetchFile.js';
import { hexSha256, MAX_PACKED_BYTES, MnistError, unpack } from './mnist.js';
import type { PublishedDataset } from './published.js';

export interface DownloadProgress extends Progress {
  /** Base name, such as `train-images-idx3-ubyte`. */
  readonly file: string;
  readonly url: string;
}

export interface DownloadOptions {
  /** Base URLs, to which `FILE.gz` is appended. Default: the dataset's. */
  readonly mirrors?: readonly string[];
  /** Until a mirror answers with headers, in milliseconds. */
  readonly connectTimeoutMs?: number;
  /** Without a byte, in milliseconds. */
  readonly stallTimeoutMs?: number;
  /** For all files together, in milliseconds. A mirror that is too slow for it is abandoned early. */
  readonly totalTimeoutMs?: number;
  /** Time before a mirror's speed counts, in milliseconds. */
  readonly speedWindowMs?: number;
  readonly onProgress?: (progress: DownloadProgress) => void;
  /** A mirror was skipped; `complaint` names it and the reason. */
  readonly onComplaint?: (complaint: string) => void;
}

/**
 * Downloads the missing and damaged files of a dataset into the cache folder. A file appears under its name only when it is
 * complete, its unpacked bytes have the expected hash, and it is on disk. Temporary files of killed processes are removed.
 *
 * It stops at the first file that no mirror has. Silent mirrors thus cost `connectTimeoutMs` once, not once a file; a mirror
 * that has answered comes first for the next file.
 *
 * @param folder created if missing
 * @returns the folder, for `loadMnist`
 * @throws MnistError if no mirror had the right bytes of a file, with the problem of each, or if the folder cannot be written
 */
export async function downloadPublished(
  dataset: PublishedDataset,
  folder: string,
  options: DownloadOptions = {},
): Promise<string> {
  const { totalTimeoutMs = 30 * 60_000 } = options;
  const deadline = performance.now() + totalTimeoutMs;
  let mirrors = options.mirrors ?? dataset.mirrors;
  prepareFolder(folder, Object.keys(dataset.sha256));
  for (const [file, sha256] of Object.entries(dataset.sha256)) {
    const path = join(folder, `${file}.gz`);
    if (await holds(path, sha256)) continue;
    // Checked before the download; only a full disk shows later.
    writable(folder, () => accessSync(folder, constants.W_OK));
    const { bytes, mirror } = await fetchFromMirrors(file, sha256, mirrors, deadline, options);
    writable(folder, () => writeAtomically(path, bytes));
    mirrors = [mirror, ...mirrors.filter((other) => other !== mirror)];
  }
  return folder;
}

async function fetchFromMirrors(
  file: string,
  sha256: string,
  mirrors: readonly string[],
  deadline: number,
  options: DownloadOptions,
): Promise<{ bytes: Uint8Array; mirror: string }> {
  const { connectTimeoutMs = 5_000, stallTimeoutMs = 10_000, speedWindowMs = 2_000, onProgress, onComplaint } = options;
  const patience = { connectMs: connectTimeoutMs, stallMs: stallTimeoutMs, speedMs: speedWindowMs };
  const complaints: string[] = [];
  for (const mirror of mirrors) {
    const url = `${mirror}${mirror.endsWith('/') ? '' : '/'}${file}.gz`;
    try {
      const bytes = await fetchFile(url, patience, deadline, (progress) => onProgress?.({ file, url, ...progress }));
      const found = hexSha256(await unpack(bytes, 'its bytes'));
      if (found === sha256) return { bytes, mirror };
      throw new Error(`wrong bytes: unpacked they have SHA-256 ${found}, expected ${sha256}`);
    } catch (cause) {
      const complaint = `${url}: ${reasonOf(cause)}`;
      complaints.push(complaint);
      onComplaint?.(complaint);
    }
  }
  throw new MnistError(`Cannot download ${file}: ${complaints.join('; ') || 'no mirror was given'}.`);
}

async function holds(path: string, sha256: string): Promise<boolean> {
  try {
    return hexSha256(await unpack(readRegularFile(path, MAX_PACKED_BYTES), path)) === sha256;
  } catch {
    return false;
  }
}

/** Creates the folder and removes temporary files of processes that have ended. */
function prepareFolder(folder: string, files: readonly string[]): void {
  writable(folder, () => makeFolder(folder));
  removeTemporaries(
    folder,
    files.map((file) => `${file}.gz`),
  );
}

/** Runs `body`, which writes; a refused write becomes an error with advice. */
function writable<T>(folder: string, body: () => T): T {
  try {
    return onFile('write to', folder, body);
  } catch (cause) {
    if (!(cause instanceof FileError)) throw cause;
    const other = 'The environment variable XDG_CACHE_HOME names another folder for the cache';
    throw new MnistError(`Cannot keep a download: ${cause.message}. ${other}.`, { cause });
  }
}

/** For a host with several addresses the error has one error for each and no message. */
function reasonOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return reasonOf(error.errors[0]);
  return error instanceof Error ? error.message : String(error);
}
