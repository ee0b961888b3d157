/**
 * @file Names incomplete files. A name identifies the process that writes it, so that others can remove the files of killed
 * processes and keep those of living ones.
 */
import { lstatSync, readdirSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { isRunning, livenessByMarks, marksOf, ownIdentity } from './processes.js';

/** Bytes of the final name that a temporary one shows, for people. Names of 255 bytes have no room for more than a few. */
const SHOWN_BYTES = 64;

/**
 * Milliseconds to keep a temporary file whose process may still run elsewhere (another host, another PID namespace, an older
 * version that stored only its number): a file is written within minutes.
 */
const LEFT_AFTER = 24 * 3600 * 1000;

/** `.report.html.3-0c9a81e2-5f21b3d4.4711.tmp`: the final name, a count, place and birth of the process, its number. */
const NAME = /^\..*\.[0-9a-z]+-([0-9a-f]{8})-([0-9a-f]{8})\.(\d+)\.tmp$/s;

/** Names by older versions: `.report.html.4711.tmp`. */
const OLDER_NAME = /^\..*\.(\d+)\.tmp$/s;

let count = 0;

/** A new temporary name beside `path`, at most 140 bytes long. */
export function temporaryPath(path: string): string {
  const identity = ownIdentity();
  const { place, birth } = marksOf(identity);
  const marks = `${(count++).toString(36)}-${place}-${birth}.${identity.pid}.tmp`;
  return join(dirname(path), `.${shortened(basename(path))}.${marks}`);
}

/** Whether a name is that of an incomplete file. */
export function isTemporary(name: string): boolean {
  return OLDER_NAME.test(name);
}

/**
 * Removes the temporary files of killed processes from a folder. Files of living processes stay, and so do files that cannot
 * be read or removed: they do no harm.
 *
 * @param ours the files that this program writes there, where others keep files as well, such as in a user's folder of
 *   pictures: of the names of older versions, which other programs may use too, only those of these files are removed.
 *   Absent: all files in the folder are this program's.
 */
export function removeTemporaries(folder: string, ours?: readonly string[]): void {
  let names: string[];
  try {
    names = readdirSync(folder);
  } catch {
    return;
  }
  for (const name of names) {
    const isOurs = ours === undefined || NAME.test(name) || ours.some((file) => name.startsWith(`.${file}.`));
    if (!isOurs || !isTemporary(name)) continue;
    const path = join(folder, name);
    try {
      if (lstatSync(path).isFile() && isAbandoned(path, name)) rmSync(path, { force: true });
    } catch {
      // Gone, or not to be removed.
    }
  }
}

function isAbandoned(path: string, name: string): boolean {
  const [, place, birth, pid] = NAME.exec(name) ?? [];
  const number = Number(pid ?? OLDER_NAME.exec(name)?.[1]);
  if (place !== undefined && birth !== undefined) {
    const liveness = livenessByMarks(number, { place, birth });
    if (liveness !== 'unknown') return liveness === 'gone';
  } else if (number === process.pid || !isRunning(number)) {
    // This process writes no such names.
    return true;
  }
  return Math.abs(Date.now() - lstatSync(path).mtimeMs) > LEFT_AFTER;
}

/** The beginning of a name, cut between characters. */
function shortened(name: string): string {
  let end = '';
  let bytes = 0;
  for (const character of name) {
    bytes += Buffer.byteLength(character);
    if (bytes > SHOWN_BYTES) break;
    end += character;
  }
  return end;
}
