/**
 * @file Opens the folder of a comparison for writing.
 */
import { isDeepStrictEqual } from 'node:util';
import type { NewFolder } from '../../files/folders.js';
import { RunFolder } from '../../training/run/runFolder.js';
import { StudyError } from '../plan/studyDescription.js';
import { COMPARISON, type ComparisonDescription, readComparison } from './comparison.js';

/** The folder of a comparison, which this process writes until it is closed. */
export type ComparisonFolder = RunFolder<ComparisonDescription>;

/**
 * Opens the folder of a comparison, or creates it.
 *
 * @param begun the content of `comparison.json` when it was read; undefined if there was none
 * @throws StudyError if the content is another now; LockedError if another process writes the folder; FileError
 */
export function openComparison(
  place: NewFolder,
  comparison: ComparisonDescription,
  begun: ComparisonDescription | undefined,
): ComparisonFolder {
  if (begun === undefined || typeof place !== 'string') {
    if (typeof place === 'string') checkUnchanged(place, readComparison(place), undefined);
    return RunFolder.create(COMPARISON, place, comparison);
  }
  const folder = RunFolder.open(COMPARISON, place);
  try {
    checkUnchanged(place, folder.description, begun);
    return folder;
  } catch (error) {
    folder.close();
    throw error;
  }
}

/** Images are read, and a question may wait, between reading and locking. */
function checkUnchanged(path: string, found: object | undefined, begun: object | undefined): void {
  if (isDeepStrictEqual(found, begun)) return;
  throw new StudyError(`another process has begun or changed the comparison in ${path}; run the command again`);
}
