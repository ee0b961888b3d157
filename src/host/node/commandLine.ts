/**
 * @file Commands that a user is told to paste into a shell: they run from the folder where the user is.
 */
import { existsSync, realpathSync } from 'node:fs';
import { basename, delimiter, dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { escapeControls } from '../../data/printable.js';

/** Names the user's folder where this process was started in another, as `npm start` does. */
const USER_FOLDER = 'ZDIM_USER_FOLDER';

/** What a process was started with. */
export interface Started {
  /** The user's folder, absolute. */
  readonly folder: string;
  /** The folder that relative paths begin at. */
  readonly base: string;
  /** Node's own path. */
  readonly node: string;
  /** Folders in which a shell looks for programs. */
  readonly path: string;
  /** The program's path, absolute. */
  readonly program: string;
}

function thisProcess(): Started {
  const base = process.cwd();
  const named = process.env[USER_FOLDER] ?? '';
  return {
    folder: isAbsolute(named) && existsSync(named) ? named : base,
    base,
    node: process.execPath,
    path: process.env.PATH ?? '',
    program: process.argv[1] === undefined ? packageFile('dist/cli') : resolve(process.argv[1]),
  };
}

/** The absolute path of a file of this package. */
export function packageFile(path: string): string {
  return fileURLToPath(new URL(`../../../${path}`, import.meta.url));
}

/**
 * A word as a POSIX shell takes it, between quotes where it needs them.
 *
 * Control characters are written by `printf`, so that the word stays one line and does nothing to the terminal that shows
 * it. Only line feeds at the end stand as they are: a shell strips them from what a command prints.
 */
export function shellWord(text: string): string {
  if (/^[\w.,/-]+$/.test(text)) return text;
  const [, start = '', end = ''] = /^(.*?)(\n*)$/s.exec(text) ?? [];
  if (escapeControls(start) === start) return `'${text.replaceAll("'", "'\\''")}'`;
  const printed = Array.from(start, (character) => (isPlain(character) ? character : octal(character))).join('');
  return `"$(printf '${printed}')"${end === '' ? '' : `'${end}'`}`;
}

/** Whether a character means itself between the quotes of `"$(printf '…')"`, in every shell. */
function isPlain(character: string): boolean {
  return /^[\w ,.:/=@+-]$/.test(character) || (character > '\x7f' && escapeControls(character) === character);
}

function octal(character: string): string {
  return Array.from(Buffer.from(character), (byte) => `\\${byte.toString(8).padStart(3, '0')}`).join('');
}

/** A flag with its value: `--out x`, or `--out=-x` where the value would be taken for a flag. */
export function flagWords(flag: string, value: string): string[] {
  return value.startsWith('-') ? [`${flag}=${value}`] : [flag, value];
}

/** A part of a command: a word as it is, or a path, which is written as seen from the user's folder. */
export type CommandPart = string | { readonly flag?: string; readonly path: string };

/** A command of this program, such as `node dist/cli train --resume runs/my-run`, or `npx zdim-gan-lab train …`. */
export function commandLine(parts: readonly CommandPart[], started: Started = thisProcess()): string {
  const installed = installedName(started);
  if (installed === undefined) return scriptLine(started.program, parts, started);
  return [...installed, ...wordsOf(parts, started)].map(shellWord).join(' ');
}

/** A command that runs a script by Node. @param script absolute */
export function scriptLine(
  script: string,
  parts: readonly CommandPart[] = [],
  started: Started = thisProcess(),
): string {
  const program = [nodeWord(started), notFlag(nearest(script, started.folder))];
  return [...program, ...wordsOf(parts, started)].map(shellWord).join(' ');
}

function wordsOf(parts: readonly CommandPart[], started: Started): string[] {
  return parts.flatMap((part) => {
    if (typeof part === 'string') return [part];
    const path = seenFrom(started, part.path);
    return part.flag === undefined ? [notFlag(path)] : flagWords(part.flag, path);
  });
}

/** The package's name, which is its command's too. */
const PACKAGE = 'zdim-gan-lab';

/**
 * How the user starts the program where it is an installed package: by npx in the project that has it, or by name where a
 * shell finds that. Undefined elsewhere. npx puts the project's own commands on the path, so that alone proves nothing.
 */
function installedName({ program, folder, path }: Started): readonly string[] | undefined {
  // A shell starts the link in .bin; on Windows a script there starts the program itself.
  const [project] = /^.*(?=[\\/]node_modules[\\/](\.bin|zdim-gan-lab)[\\/])/.exec(program) ?? [];
  if (project !== undefined && !relative(project, folder).startsWith('..')) return ['npx', PACKAGE];
  const isOnPath = basename(program) === PACKAGE && path.split(delimiter).includes(dirname(program));
  return isOnPath && project === undefined ? [PACKAGE] : undefined;
}

/** `node` where a shell finds this very Node by that name; its path elsewhere. */
function nodeWord({ node, path }: Started): string {
  const name = process.platform === 'win32' ? 'node.exe' : 'node';
  const found = path
    .split(delimiter)
    .map((folder) => join(folder === '' ? '.' : folder, name))
    .find((file) => existsSync(file));
  return found !== undefined && realpathSync(found) === realpathSync(node) ? 'node' : node;
}

/** A path that the user gave stays as it is where it means the same in the user's folder. */
function seenFrom({ folder, base }: Started, path: string): string {
  const seen = folder === base || isAbsolute(path) ? path : nearest(resolve(base, path), folder);
  // The folder's own name, but no line feed at the end of a word, which a terminal would not show.
  return seen.endsWith('\n') ? `${seen}${sep}` : seen;
}

/** A path below a folder as seen from there; any other as it is. */
function nearest(path: string, folder: string): string {
  const seen = relative(folder, path);
  if (seen === '') return '.';
  return seen === '..' || seen.startsWith(`..${sep}`) || isAbsolute(seen) ? path : seen;
}

/** A path that neither Node nor a command takes for a flag. */
function notFlag(path: string): string {
  return path.startsWith('-') ? `.${sep}${path}` : path;
}
