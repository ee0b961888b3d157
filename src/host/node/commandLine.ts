/**
 * @file Words commands that a user can paste into a shell in the current folder.
 */
import { existsSync, realpathSync } from 'node:fs';
import { basename, delimiter, dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { escapeControls } from '../../data/printable.js';

/** Names the user's folder if this process was started in another one, as `npm start` does. */
const USER_FOLDER = 'ZDIM_USER_FOLDER';

/** How a process was started. */
export interface Started {
  /** The user's folder, absolute. */
  readonly folder: string;
  /** The folder that relative paths refer to. */
  readonly base: string;
  /** Path of Node. */
  readonly node: string;
  /** The shell's search path. */
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
 * Quotes a word for a POSIX shell if necessary.
 *
 * Control characters are written by `printf`, so that the word stays one line and does not affect the terminal. Only line
 * feeds at the end are literal: a shell strips them from a command's output.
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

/** A flag with its value: `--out x`, or `--out=-x` if the value looks like a flag. */
export function flagWords(flag: string, value: string): string[] {
  return value.startsWith('-') ? [`${flag}=${value}`] : [flag, value];
}

/** A part of a command: a literal word, or a path, which is printed relative to the user's folder. */
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

/** Name of the package and of its command. */
const PACKAGE = 'zdim-gan-lab';

/**
 * How the user starts the installed package: by npx in the project that has it, or by name if the shell finds it. Undefined
 * if it is not installed. npx puts the project's own commands on the path, so the path alone proves nothing.
 */
function installedName({ program, folder, path }: Started): readonly string[] | undefined {
  // A shell starts the link in .bin; on Windows a script there starts the program itself.
  const [project] = /^.*(?=[\\/]node_modules[\\/](\.bin|zdim-gan-lab)[\\/])/.exec(program) ?? [];
  if (project !== undefined && !relative(project, folder).startsWith('..')) return ['npx', PACKAGE];
  const isOnPath = basename(program) === PACKAGE && path.split(delimiter).includes(dirname(program));
  return isOnPath && project === undefined ? [PACKAGE] : undefined;
}

/** The words that start this program in a stored command. In a program that uses the library, they start the package. */
export function programWords(started: Started = thisProcess()): readonly string[] {
  const own = { ...started, program: packageFile('dist/cli') };
  return installedName(started) ?? installedName(own) ?? ['node', 'dist/cli'];
}

/** `node` if a shell finds this Node by that name, otherwise its path. */
function nodeWord({ node, path }: Started): string {
  const name = process.platform === 'win32' ? 'node.exe' : 'node';
  const found = path
    .split(delimiter)
    .map((folder) => join(folder === '' ? '.' : folder, name))
    .find((file) => existsSync(file));
  return found !== undefined && realpathSync(found) === realpathSync(node) ? 'node' : node;
}

/** Keeps a path that the user gave if it means the same in the user's folder. */
function seenFrom({ folder, base }: Started, path: string): string {
  const seen = folder === base || isAbsolute(path) ? path : nearest(resolve(base, path), folder);
  // The folder's own name, but no line feed at the end of a word, which a terminal would not show.
  return seen.endsWith('\n') ? `${seen}${sep}` : seen;
}

/** A path below a folder relative to it; any other path unchanged. */
function nearest(path: string, folder: string): string {
  const seen = relative(folder, path);
  if (seen === '') return '.';
  return seen === '..' || seen.startsWith(`..${sep}`) || isAbsolute(seen) ? path : seen;
}

/** A path that neither Node nor a command reads as a flag. */
function notFlag(path: string): string {
  return path.startsWith('-') ? `.${sep}${path}` : path;
}
