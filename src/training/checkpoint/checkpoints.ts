/**
 * @file Writes and reads checkpoints: safetensors files such as `checkpoints/000500.safetensors`, with a checksum inside.
 * They hold weights, batch-norm statistics, Adam's moments, and the counters of the random numbers.
 */
import { createHash } from 'node:crypto';
import { lstatSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { removeTemporaries, replaceAtomically } from '../../files/atomic.js';
import { FileError, onFile, systemCode } from '../../files/errors.js';
import { checkNotLink, makeFolderWithin } from '../../files/folders.js';
import type { Guard } from '../../files/lock.js';
import { isMissing, MOST_BYTES, readRegularFile } from '../../files/regularFiles.js';
import { encodeSafetensors, parseSafetensors, SafetensorsError } from '../../data/weights/safetensors.js';
import { shown } from '../../data/printable.js';
import type { Snapshot } from '../../data/weights/state.js';

/** A file is not a complete, unaltered checkpoint, or belongs to another network; the message names it. */
export class CheckpointError extends Error {
  override readonly name = 'CheckpointError';
}

/** Wraps an error about a checkpoint. */
export function checkpointError(cause: unknown): CheckpointError {
  return new CheckpointError(cause instanceof Error ? cause.message : String(cause), { cause });
}

/** A checkpoint that was read. */
export interface Checkpoint {
  readonly path: string;
  readonly iteration: number;
  /** Facts about the network: `architecture`, `zDim`, … */
  readonly metadata: ReadonlyMap<string, string>;
  readonly tensors: Snapshot;
}

const SUFFIX = '.safetensors';
const NAME = /^(\d{6,})\.safetensors$/;
const DAMAGED = '.damaged';

/** Which checkpoints remain when a new one is written. */
export interface Retention {
  /** Number of the newest. If absent: all. */
  readonly newest?: number | undefined;
  /** The iteration of one that remains besides them. */
  readonly best?: number | undefined;
}

/** Number of names that are tried. */
const MOST_DAMAGED = 100;

/** System errors that are about this process and not about the file. */
const OF_PROCESS: ReadonlySet<string> = new Set(['EMFILE', 'ENFILE', 'ENOMEM']);

/** Keys of the metadata that this file writes itself. */
const FORMAT_KEY = 'format';
const FORMAT = 'zdim-gan-lab/checkpoint/1';
const ITERATION_KEY = 'iteration';
const CHECKSUM_KEY = 'sha256';

/** Hex SHA-256 over metadata, names, shapes, types and numbers. */
function checksum(metadata: ReadonlyMap<string, string>, tensors: Snapshot): string {
  const hash = createHash('sha256');
  const entries = [...metadata].filter(([key]) => key !== CHECKSUM_KEY).sort(([a], [b]) => (a < b ? -1 : 1));
  hash.update(JSON.stringify(entries));
  for (const [name, { shape, values }] of [...tensors].sort(([a], [b]) => (a < b ? -1 : 1))) {
    hash.update(JSON.stringify([name, shape, values instanceof Float32Array ? 'F32' : 'U32']));
    hash.update(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
  }
  return hash.digest('hex');
}

/**
 * Reads a checkpoint.
 *
 * @throws CheckpointError for a file that is cut short, altered, or not a checkpoint; FileError if it cannot be read
 */
export function readCheckpoint(path: string): Checkpoint {
  const bytes = readRegularFile(path, MOST_BYTES.weights);
  let file;
  try {
    file = parseSafetensors(bytes, path);
  } catch (error) {
    if (error instanceof SafetensorsError) throw new CheckpointError(error.message, { cause: error });
    throw error;
  }
  const { metadata, tensors } = file;
  if (metadata.get(FORMAT_KEY) !== FORMAT) {
    throw new CheckpointError(`${path} is a safetensors file, but not a checkpoint of this program`);
  }
  if (metadata.get(CHECKSUM_KEY) !== checksum(metadata, tensors)) {
    throw new CheckpointError(`${path} was altered or damaged: its checksum does not match its content`);
  }
  const iteration = Number(metadata.get(ITERATION_KEY));
  if (!Number.isSafeInteger(iteration) || iteration < 0) throw new CheckpointError(`${path} states no iteration`);
  return { path, iteration, metadata, tensors };
}

/** Encodes a checkpoint's file. @param metadata facts about the network */
export function encodeCheckpoint(
  iteration: number,
  tensors: Snapshot,
  metadata: Readonly<Record<string, string>>,
): Uint8Array {
  const facts = new Map([[FORMAT_KEY, FORMAT], [ITERATION_KEY, iteration.toString()], ...Object.entries(metadata)]);
  const signed = new Map([...facts, [CHECKSUM_KEY, checksum(facts, tensors)]]);
  return encodeSafetensors({ tensors, metadata: signed });
}

/**
 * Compares a checkpoint's metadata with the expected ones.
 *
 * @throws CheckpointError naming the first fact that differs
 */
export function checkMetadata({ path, metadata }: Checkpoint, expected: Readonly<Record<string, string>>): void {
  for (const [name, wanted] of Object.entries(expected)) {
    const found = metadata.get(name);
    if (found === wanted) continue;
    const got = found === undefined ? 'missing' : shown(found);
    throw new CheckpointError(`${path} belongs to another run: its ${name} is ${got}, not ${shown(wanted)}`);
  }
}

/** Reads a checkpoint, and checks that its name states its iteration. @throws CheckpointError, FileError */
export function readNamed(path: string): Checkpoint {
  const checkpoint = readCheckpoint(path);
  if (checkpoint.iteration === CheckpointFolder.iterationOf(path)) return checkpoint;
  throw new CheckpointError(`${path} was renamed: it is the checkpoint of iteration ${checkpoint.iteration}`);
}

/** Renames an unusable checkpoint. */
function putAside(path: string): void {
  for (let number = 1; ; number++) {
    try {
      renameSync(path, `${path}${DAMAGED}${number === 1 ? '' : `-${number}`}`);
      return;
    } catch (error) {
      const isTaken = ['EISDIR', 'ENOTDIR', 'ENOTEMPTY', 'EEXIST'].includes(systemCode(error) ?? '');
      if (!isTaken || number === MOST_DAMAGED) throw error;
    }
  }
}

/** The folder of a run's checkpoints. */
export class CheckpointFolder {
  /** @param guard throws if the folder above is not this process's any more; for writing */
  constructor(
    readonly path: string,
    private readonly guard: Guard = () => undefined,
  ) {}

  /** Names the checkpoint of an iteration. */
  static fileName(iteration: number): string {
    return `${iteration.toString().padStart(6, '0')}${SUFFIX}`;
  }

  /** Reads the iteration from a checkpoint's path; NaN for another path. */
  static iterationOf(path: string): number {
    return Number(NAME.exec(basename(path))?.[1] ?? NaN);
  }

  /**
   * Writes a checkpoint, then removes those that are not to be kept. The newest complete one exists at any moment.
   *
   * @param metadata facts about the network
   * @returns its path
   * @throws FileError if it cannot be written, with the earlier ones unchanged; FolderLostError
   */
  write(
    iteration: number,
    tensors: Snapshot,
    metadata: Readonly<Record<string, string>>,
    { newest = Infinity, best }: Retention = {},
  ): string {
    const bytes = encodeCheckpoint(iteration, tensors, metadata);
    this.guard();
    makeFolderWithin(this.path);
    const path = this.pathOf(iteration);
    replaceAtomically(path, bytes);
    const files = this.list().filter((each) => lstatSync(each, { throwIfNoEntry: false })?.isDirectory() === false);
    for (const old of files.slice(newest)) {
      if (CheckpointFolder.iterationOf(old) === best) continue;
      this.guard();
      rmSync(old, { force: true });
    }
    return path;
  }

  /** The path of the checkpoint of an iteration, whether it exists or not. */
  pathOf(iteration: number): string {
    return join(this.path, CheckpointFolder.fileName(iteration));
  }

  /** Lists the paths of all checkpoints, newest first. */
  list(): string[] {
    const named = this.names().filter((name) => NAME.test(name));
    const newestFirst = named.sort((a, b) => CheckpointFolder.iterationOf(b) - CheckpointFolder.iterationOf(a));
    return newestFirst.map((name) => join(this.path, name));
  }

  /** Lists the iterations of all checkpoints, newest first. */
  iterations(): number[] {
    return this.list().map((path) => CheckpointFolder.iterationOf(path));
  }

  /**
   * Finds the newest usable checkpoint. Skips damaged ones, those of other networks, and those that cannot be read.
   *
   * @param fits throws CheckpointError for a checkpoint of another network
   * @returns the checkpoint, and the errors of newer ones
   * @throws CheckpointError if there are checkpoints, but none is usable; FileError
   */
  newest(fits: (checkpoint: Checkpoint) => void = () => undefined): {
    checkpoint: Checkpoint | undefined;
    skipped: readonly CheckpointError[];
  } {
    const skipped: CheckpointError[] = [];
    for (const path of this.list()) {
      try {
        const checkpoint = readNamed(path);
        fits(checkpoint);
        return { checkpoint, skipped };
      } catch (error) {
        if (error instanceof FileError) {
          // Another process trains this run, and has removed it in favour of a newer one.
          if (isMissing(error, path)) continue;
          if (OF_PROCESS.has(systemCode(error.cause) ?? '')) throw error;
          skipped.push(checkpointError(error));
        } else if (error instanceof CheckpointError) skipped.push(error);
        else throw error;
      }
    }
    if (skipped.length === 0) return { checkpoint: undefined, skipped };
    const problems = skipped.map(({ message }) => message.replace(/\.$/, ''));
    throw new CheckpointError(`no checkpoint in ${this.path} is usable: ${problems.join('; ')}`);
  }

  /** Like {@link newest}, for a training that resumes: the error says how to start again. */
  newestToResume(fits: (checkpoint: Checkpoint) => void): ReturnType<CheckpointFolder['newest']> {
    try {
      return this.newest(fits);
    } catch (cause) {
      if (!(cause instanceof CheckpointError)) throw cause;
      throw new CheckpointError(`${cause.message}; remove ${this.path} to start again from iteration 0`, { cause });
    }
  }

  /**
   * Renames unusable checkpoints newer than `iteration` to names that end in `.damaged`, so that they do not count as the
   * newest. Removes incomplete files.
   */
  tidy(iteration: number): void {
    this.guard();
    checkNotLink(this.path);
    for (const path of this.list()) {
      if (CheckpointFolder.iterationOf(path) > iteration) {
        onFile('rename', path, () => putAside(path));
      }
    }
    removeTemporaries(this.path);
  }

  private names(): string[] {
    return onFile('read', this.path, () => {
      try {
        return readdirSync(this.path);
      } catch (error) {
        // Any other error must not look as if there were no checkpoints: the run would begin anew.
        if (systemCode(error) === 'ENOENT') return [];
        throw error;
      }
    });
  }
}
