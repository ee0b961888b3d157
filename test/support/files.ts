/**
 * @file Finds the test files and cuts them into batches that share a process. A file's header may hold these tags:
 *
 *     @own-process REASON   the file changes the process for all files behind it, or needs a fresh one
 *     @expensive            the file takes more than 10 seconds; `npm test -- --fast` leaves it out
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';

/** Most files that share a process: a failure of the process costs few others a restart, and batches can be balanced. */
const BATCH_SIZE = 12;

/** A test file, as its name and header describe it. */
interface TestFile {
  readonly path: string;
  /** Its folder at the top of the test folder; files of one folder share modules and kernels. */
  readonly folder: string;
  readonly isAlone: boolean;
  readonly isExpensive: boolean;
}

/** Does not follow links: dependencies have tests of their own. */
function filesIn(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return filesIn(path);
    return entry.isFile() ? [path] : [];
  });
}

function describeFile(root: string, path: string): TestFile {
  const text = readFileSync(path, 'utf8');
  const header = text.startsWith('/**') ? text.slice(0, text.indexOf('*/')) : '';
  const [folder = ''] = relative(root, path).split(/[\\/]/);
  return {
    path,
    folder,
    isAlone: header.includes('@own-process'),
    isExpensive: header.includes('@expensive'),
  };
}

/** Which files to run. */
export interface Selection {
  /** The folder to search. */
  readonly root: string;
  /** Parts of paths; a file matches if it has one of them. All files match no words. */
  readonly words: readonly string[];
  /** Whether expensive files are left out. */
  readonly fast: boolean;
}

/** Batches of files in the order in which to start them: expensive files first, so that none is left to run alone at the end. */
export function findBatches({ root, words, fast }: Selection): string[][] {
  const files = filesIn(root)
    .filter((path) => path.endsWith('.test.ts'))
    .filter((path) => words.length === 0 || words.some((word) => relative(root, path).includes(word)))
    .sort()
    .map((path) => describeFile(root, path))
    .filter(({ isExpensive }) => !(fast && isExpensive));

  const expensive = files.filter(({ isExpensive }) => isExpensive).map(({ path }) => [path]);
  const alone = files.filter(({ isAlone, isExpensive }) => isAlone && !isExpensive).map(({ path }) => [path]);
  const shared = files.filter(({ isAlone, isExpensive }) => !isAlone && !isExpensive);
  const folders = [...new Set(shared.map(({ folder }) => folder))];
  return [...expensive, ...folders.flatMap((name) => cut(shared.filter(({ folder }) => folder === name))), ...alone];
}

/** Cuts files into batches of nearly the same number. */
function cut(files: readonly TestFile[]): string[][] {
  const count = Math.ceil(files.length / BATCH_SIZE);
  return Array.from({ length: count }, (_, batch) => {
    const [from, to] = [batch, batch + 1].map((part) => Math.round((part * files.length) / count));
    return files.slice(from, to).map(({ path }) => path);
  });
}
