/**
 * @file A run's checkpoints: one safetensors file each, `checkpoints/000500.safetensors`, with a checksum inside. Weights,
 * batch-norm statistics, Adam's moments, and the counters, which are the whole state of the random numbers.
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

/** A file that is no whole, unaltered checkpoint, or not of the network that it is wanted for; the message names it. */
export class CheckpointError extends Error {
  override readonly name = 'CheckpointError';
}

/** What else went wrong with a checkpoint, as such an error. */
export function checkpointError(cause: unknown): CheckpointError {
  return new CheckpointError(cause instanceof Error ? cause.message : String(cause), { cause });
}

export interface Checkpoint {
  readonly path: string;
  readonly iteration: number;
  /** What the network is: `architecture`, `zDim`, … */
  readonly about: ReadonlyMap<string, string>;
  readonly tensors: Snapshot;
}

const SUFFIX = '.safetensors';
const NAME = /^(\d{6,})\.safetensors$/;
const DAMAGED = '.damaged';

/** Names that are tried. */
const MOST_DAMAGED = 100;

/** What the system refuses for want of something of this process's, whatever the file. */
const OF_PROCESS: ReadonlySet<string> = new Set(['EMFILE', 'ENFILE', 'ENOMEM']);

/** Names in the metadata that are this file's own. */
const FORMAT_KEY = 'format';
const FORMAT = 'zdim-gan-lab/checkpoint/1';
const ITERATION_KEY = 'iteration';
const CHECKSUM_KEY = 'sha256';

/** Hex SHA-256 over all that a checkpoint says: metadata, names, shapes, types and numbers. */
function checksum(about: ReadonlyMap<string, string>, tensors: Snapshot): string {
  const hash = createHash('sha256');
  const entries = [...about].filter(([key]) => key !== CHECKSUM_KEY).sort(([a], [b]) => (a < b ? -1 : 1));
  hash.update(JSON.stringify(entries));
  for (const [name, { shape, values }] of [...tensors].sort(([a], [b]) => (a < b ? -1 : 1))) {
    hash.update(JSON.stringify([name, shape, values instanceof Float32Array ? 'F32' : 'U32']));
    hash.update(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
  }
  return hash.digest('hex');
}

/**
 * Reads a checkpoint, whole or not at all.
 *
 * @throws CheckpointError for a file that is cut short, altered, or no checkpoint; FileError for one that cannot be read
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
    throw new CheckpointError(`${path} is a safetensors file, but no checkpoint of this program`);
  }
  if (metadata.get(CHECKSUM_KEY) !== checksum(metadata, tensors)) {
    throw new CheckpointError(`${path} was altered or damaged: its content does not have the checksum it states`);
  }
  const iteration = Number(metadata.get(ITERATION_KEY));
  if (!Number.isSafeInteger(iteration) || iteration < 0) throw new CheckpointError(`${path} tells no iteration`);
  return { path, iteration, about: metadata, tensors };
}

/** The bytes of a checkpoint's file. @param about says what the network is */
export function encodeCheckpoint(
  iteration: number,
  tensors: Snapshot,
  about: Readonly<Record<string, string>>,
): Uint8Array {
  const described = new Map([[FORMAT_KEY, FORMAT], [ITERATION_KEY, iteration.toString()], ...Object.entries(about)]);
  const metadata = new Map([...described, [CHECKSUM_KEY, checksum(described, tensors)]]);
  return encodeSafetensors({ tensors, metadata });
}

/**
 * Holds what a checkpoint tells of its training against what it should tell.
 *
 * @param what it should be of, for the message
 * @throws CheckpointError naming the first fact that differs
 */
export function checkTold(
  { path, about }: Checkpoint,
  what: 'run' | 'training',
  expected: Readonly<Record<string, string>>,
): void {
  for (const [name, wanted] of Object.entries(expected)) {
    const found = about.get(name);
    if (found === wanted) continue;
    const told = found === undefined ? 'not told' : shown(found);
    throw new CheckpointError(`${path} is of another ${what}: its ${name} is ${told}, not ${shown(wanted)}`);
  }
}

/** Reads a checkpoint that must be of the iteration that its name tells. @throws CheckpointError, FileError */
export function readNamed(path: string): Checkpoint {
  const checkpoint = readCheckpoint(path);
  if (checkpoint.iteration === CheckpointFolder.iterationOf(path)) return checkpoint;
  throw new CheckpointError(`${path} was renamed: it is the checkpoint of iteration ${checkpoint.iteration}`);
}

/** Renames what is called a checkpoint; a folder of the new name is no place for it. */
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
  /** @param guard says whether the folder above is still this process's; for one that writes */
  constructor(
    readonly path: string,
    private readonly guard: Guard = () => undefined,
  ) {}

  /** What the checkpoint of an iteration is called. */
  static fileName(iteration: number): string {
    return `${iteration.toString().padStart(6, '0')}${SUFFIX}`;
  }

  /** The iteration that a path is the checkpoint of; NaN where it is none. */
  static iterationOf(path: string): number {
    return Number(NAME.exec(basename(path))?.[1] ?? NaN);
  }

  /**
   * Writes a checkpoint, then removes the oldest beyond `keep`: at any moment the newest complete one is there.
   *
   * @param about says what the network is
   * @returns its path
   * @throws FileError when it cannot be written; what was there before then still is; FolderLostError
   */
  write(iteration: number, tensors: Snapshot, about: Readonly<Record<string, string>>, keep = Infinity): string {
    const bytes = encodeCheckpoint(iteration, tensors, about);
    this.guard();
    makeFolderWithin(this.path);
    const path = join(this.path, CheckpointFolder.fileName(iteration));
    replaceAtomically(path, bytes);
    const files = this.list().filter((each) => lstatSync(each, { throwIfNoEntry: false })?.isDirectory() === false);
    for (const old of files.slice(keep)) {
      this.guard();
      rmSync(old, { force: true });
    }
    return path;
  }

  /** Paths of what is called a checkpoint, newest first. */
  list(): string[] {
    const named = this.names().filter((name) => NAME.test(name));
    const newestFirst = named.sort((a, b) => CheckpointFolder.iterationOf(b) - CheckpointFolder.iterationOf(a));
    return newestFirst.map((name) => join(this.path, name));
  }

  /**
   * The newest checkpoint that can be used. One that is damaged, of something else, no regular file, or refused by the
   * system is passed over.
   *
   * @param fits throws CheckpointError for one that is whole, but not of the wanted network
   * @returns with it what was wrong with newer ones
   * @throws CheckpointError when there are checkpoints, but none can be used; FileError
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
          // The run goes on beside us, and has removed it in favour of a newer one.
          if (isMissing(error, path)) continue;
          if (OF_PROCESS.has(systemCode(error.cause) ?? '')) throw error;
          skipped.push(checkpointError(error));
        } else if (error instanceof CheckpointError) skipped.push(error);
        else throw error;
      }
    }
    if (skipped.length === 0) return { checkpoint: undefined, skipped };
    const problems = skipped.map(({ message }) => message.replace(/\.$/, ''));
    throw new CheckpointError(`no checkpoint in ${this.path} can be used: ${problems.join('; ')}`);
  }

  /**
   * The same for what is to go on from it.
   *
   * @param what goes on, for the advice where none can be used
   */
  newestToResume(what: string, fits: (checkpoint: Checkpoint) => void): ReturnType<CheckpointFolder['newest']> {
    try {
      return this.newest(fits);
    } catch (cause) {
      if (!(cause instanceof CheckpointError)) throw cause;
      const advice = `remove ${this.path} to begin the ${what} again from its start`;
      throw new CheckpointError(`${cause.message}; ${advice}`, { cause });
    }
  }

  /**
   * Puts unusable checkpoints newer than `iteration` aside, under names that end in `.damaged`, so that they do not
   * count as the newest; and removes what was never completed.
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
