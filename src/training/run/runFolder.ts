/**
 * @file The folder of a run, a classifier, a study or a comparison. One process at a time writes it; a JSON file describes it.
 */
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { z } from 'zod';
import { printable } from '../../data/printable.js';
import { type Content, isTemporary, removeTemporaries, replaceAtomically } from '../../files/atomic.js';
import { parseDescribed } from '../../files/describedJson.js';
import { FileError, onFile, systemCode } from '../../files/errors.js';
import { checkNotLink, makeFolderWithin, makeNewFolder, type NewFolder, removeEmpty } from '../../files/folders.js';
import { parseRecord } from '../../files/json.js';
import { FolderLock, type Guard, LOCK_NAME } from '../../files/lock.js';
import { isMissing, MOST_BYTES, readRegularText } from '../../files/regularFiles.js';
import { CheckpointFolder } from '../checkpoint/checkpoints.js';
import { IterationLog, type ParseRow, type Row } from './iterationLog.js';

/** The sub-folder of checkpoints. */
const CHECKPOINTS = 'checkpoints';

/** The last version that reads the formats before the current ones. */
const OLDER_VERSION = 'zdim-gan-lab 0.1.0';

/** What a folder holds. */
export interface FolderKind<Description extends object> {
  /** In errors: `<path> is not a <name> folder`. */
  readonly name: string;
  /** The JSON file that describes the folder. */
  readonly file: string;
  /** The description's `format`, such as `zdim-gan-lab/run/2`. The number rises when older files cannot be read any more. */
  readonly format: string;
  readonly schema: z.ZodType<Description>;
  readonly error: new (message: string, options?: ErrorOptions & { readonly missing?: boolean }) => Error;
  /** Sub-folders that are written. A link in the place of one is refused. */
  readonly folders: readonly string[];
  /** Logs, which {@link RunFolder.discard} deletes. */
  readonly logs?: readonly string[];
  /** Whether a new folder may already hold other files. */
  readonly mayHoldOthers?: boolean;
}

/** @throws the kind's error if the folder has no such description, or a damaged or older one; FileError */
export function readDescription<Description extends object>(kind: FolderKind<Description>, path: string): Description {
  const description = readIfPresent(kind, path);
  if (description !== undefined) return description;
  throw new kind.error(`${path} is not a ${kind.name} folder: ${join(path, kind.file)} is missing`, { missing: true });
}

/**
 * @returns undefined if the folder has no such description
 * @throws the kind's error if the description is damaged or older; FileError
 */
export function readIfPresent<Description extends object>(
  kind: FolderKind<Description>,
  path: string,
): Description | undefined {
  const file = join(path, kind.file);
  let text: string;
  try {
    text = readRegularText(file, MOST_BYTES.json);
  } catch (cause) {
    const isUnderFile = cause instanceof FileError && systemCode(cause.cause) === 'ENOTDIR';
    if (isUnderFile || isMissing(cause, file)) return undefined;
    throw cause;
  }
  return parseDescription(kind, text, file);
}

/** @throws the kind's error if the text is not a description of this version; `file` names it */
export function parseDescription<Description extends object>(
  kind: FolderKind<Description>,
  text: string,
  file: string,
): Description {
  const read = parseDescribed(kind.schema, text, `${kind.name} of this program`);
  if ('value' in read) return read.value;
  const format = parseRecord(text)?.format;
  const family = kind.format.slice(0, kind.format.lastIndexOf('/') + 1);
  if (typeof format === 'string' && format.startsWith(family) && format !== kind.format) {
    const isOlder = Number(format.slice(family.length)) < Number(kind.format.slice(family.length));
    const reader = isOlder ? OLDER_VERSION : 'another version of zdim-gan-lab';
    throw new kind.error(
      `${file} has the format ${printable(format)}, which ${reader} reads; this version reads ${kind.format}`,
    );
  }
  throw new kind.error(`${file} ${read.problem}`, { cause: read.cause });
}

/** Whether a living process writes a folder. */
export function isInUse(path: string): boolean {
  return FolderLock.isHeld(path);
}

/** Checks whether a new folder can be created, before anything expensive starts. @throws the kind's error */
export function checkUnused(
  kind: Pick<FolderKind<object>, 'name' | 'file' | 'error' | 'mayHoldOthers'>,
  path: string,
): void {
  const { name, file, mayHoldOthers } = kind;
  if (!existsSync(path)) return;
  const there = onFile('read the folder', path, () => readdirSync(path)).filter((entry) => {
    return entry !== LOCK_NAME && !isTemporary(entry);
  });
  if (there.includes(file)) {
    throw new kind.error(
      `the folder ${path} already holds a ${name}; resume it with --resume, or name another with --out`,
    );
  }
  if (there.length > 0 && mayHoldOthers !== true) {
    throw new kind.error(
      `the ${name} folder ${path} is not empty: it holds ${basename(there[0]!)}; name another with --out`,
    );
  }
}

/** A folder that this process writes until {@link close}. */
export class RunFolder<Description extends object> {
  readonly checkpoints: CheckpointFolder;
  private readonly logs: IterationLog<Row>[] = [];

  private constructor(
    private readonly kind: FolderKind<Description>,
    readonly path: string,
    private readonly current: { description: Description },
    private readonly lock: FolderLock,
  ) {
    this.checkpoints = new CheckpointFolder(join(path, CHECKPOINTS), lock.ensureHeld);
  }

  /**
   * Creates a folder.
   *
   * @param place an existing folder must be empty
   * @throws the kind's error if the description is not valid, or the folder is not empty; LockedError if another process writes it; FileError if it cannot
   *   be written, in which case no new folder remains
   */
  static create<D extends object>(kind: FolderKind<D>, place: NewFolder, description: D): RunFolder<D> {
    const issue = kind.schema.safeParse(description).error?.issues[0];
    if (issue !== undefined) {
      throw new kind.error(`a ${kind.name} cannot be created: ${issue.path.join('.')}: ${issue.message}`);
    }
    const { path, made } = makeNewFolder(place);
    let lock: FolderLock | undefined;
    let isOurs = false;
    try {
      lock = FolderLock.acquire(path);
      checkUnused(kind, path);
      isOurs = true;
      removeTemporaries(path, kind.mayHoldOthers === true && !made ? [kind.file] : undefined);
      const folder = new RunFolder(kind, path, { description }, lock);
      folder.describe(description);
      return folder;
    } catch (error) {
      if (isOurs) rmSync(join(path, kind.file), { force: true });
      lock?.release();
      if (made) removeEmpty(path);
      throw error;
    }
  }

  /** Opens an existing folder for writing. @throws the kind's error, LockedError, FileError */
  static open<D extends object>(kind: FolderKind<D>, path: string): RunFolder<D> {
    readDescription(kind, path);
    const lock = FolderLock.acquire(path);
    try {
      // Read again: another process may have written it before the lock.
      const description = readDescription(kind, path);
      const folders = kind.folders.map((name) => join(path, name));
      for (const folder of folders) checkNotLink(folder);
      for (const folder of [path, ...folders]) removeTemporaries(folder);
      return new RunFolder(kind, path, { description }, lock);
    } catch (error) {
      lock.release();
      throw error;
    }
  }

  /** As written last. */
  get description(): Description {
    return this.current.description;
  }

  /** Throws FolderLostError if the folder is not this process's any more. Called before each write. */
  readonly ensureHeld: Guard = () => this.lock.ensureHeld();

  /** Writes the description. @throws FileError, FolderLostError */
  describe(description: Description): void {
    this.write(this.kind.file, description);
    this.current.description = description;
  }

  /**
   * Writes a file completely or not at all, and creates its sub-folder.
   *
   * @param name within the folder, such as `images/fixed-000500.png`
   * @param content an object becomes indented JSON
   * @returns its path
   * @throws FileError, FolderLostError
   */
  write(name: string, content: string | Uint8Array | object): string {
    this.ensureHeld();
    const path = join(this.path, name);
    if (dirname(path) !== join(this.path)) makeFolderWithin(dirname(path));
    const isText = typeof content === 'string' || content instanceof Uint8Array;
    const bytes: Content = isText ? content : `${JSON.stringify(content, null, 2)}\n`;
    replaceAtomically(path, bytes);
    return path;
  }

  /** Opens a log, which {@link close} closes. @throws FileError, FolderLostError */
  log<T extends Row>(name: string, parse: ParseRow<T>): IterationLog<T> {
    const log = new IterationLog(join(this.path, name), parse, this.ensureHeld);
    this.logs.push(log);
    return log;
  }

  /** Gives the folder back. */
  close(): void {
    this.closeLogs();
    this.lock.release();
  }

  /** Deletes description and logs, and the folder if nothing else is in it. */
  discard(): void {
    this.closeLogs();
    if (this.lock.isOwn) {
      for (const name of [this.kind.file, ...(this.kind.logs ?? [])]) rmSync(join(this.path, name), { force: true });
    }
    // Last: no other process may take the folder while its files disappear.
    this.lock.release();
    removeEmpty(this.path);
  }

  /** Once: a closed file's descriptor may be another file's by now. */
  private closeLogs(): void {
    for (const log of this.logs.splice(0)) log.close();
  }
}
