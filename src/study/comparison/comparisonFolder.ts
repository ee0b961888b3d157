/**
 * @file The folder that a comparison writes, this process's own while it works on it.
 */
import { basename } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { removeTemporaries, replaceAtomically } from '../../files/atomic.js';
import { checkNotLink, makeNewFolder, type NewFolder, removeEmpty } from '../../files/folders.js';
import { FolderLock, type Guard } from '../../files/lock.js';
import { StudyError } from '../plan/studyDescription.js';
import { type ComparisonDescription, comparisonFiles, readComparison } from './comparison.js';

export class ComparisonFolder {
  /** To be called before each write. */
  readonly guard: Guard;

  private constructor(
    readonly path: string,
    private readonly made: boolean,
    private readonly lock: FolderLock,
  ) {
    this.guard = lock.ensureHeld;
  }

  /**
   * Takes the folder, and writes `comparison.json` into a new one.
   *
   * @param begun what `comparison.json` said when it was read; undefined where there was none
   * @throws StudyError where it says something else by now; LockedError when another process works on it; FileError
   */
  static take(
    place: NewFolder,
    comparison: ComparisonDescription,
    begun: ComparisonDescription | undefined,
  ): ComparisonFolder {
    const { path, made } = makeNewFolder(place);
    let lock: FolderLock | undefined;
    try {
      lock = FolderLock.acquire(path);
      // Between reading and locking, images are read and a question may wait for its answer.
      if (!isDeepStrictEqual(readComparison(path), begun)) {
        throw new StudyError(`another process has begun or changed the comparison in ${path}; run the command again`);
      }
      const files = comparisonFiles(path);
      // A folder that was there, and holds no comparison, may hold files of others.
      removeTemporaries(path, begun === undefined && !made ? [basename(files.comparison)] : undefined);
      if (begun === undefined) {
        replaceAtomically(files.comparison, `${JSON.stringify(comparison, null, 2)}\n`);
      } else {
        checkNotLink(files.figures);
        removeTemporaries(files.figures);
      }
      return new ComparisonFolder(path, made, lock);
    } catch (error) {
      lock?.release();
      if (made) removeEmpty(path);
      throw error;
    }
  }

  /** Gives the folder back; a new one into which nothing was written goes. */
  close(): void {
    this.lock.release();
    if (this.made) removeEmpty(this.path);
  }
}
