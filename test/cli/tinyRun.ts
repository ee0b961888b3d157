/**
 * @file What the tests of the command line train: the smallest networks, on six images, so that a run takes seconds, most
 * of them to compile kernels.
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { smallMnist } from '../data/fixtures.js';

/** Makes a folder with MNIST-shaped files. @returns its path */
export function writeMnist(folder: string, files: Readonly<Record<string, Uint8Array>> = smallMnist()): string {
  mkdirSync(folder, { recursive: true });
  for (const [name, bytes] of Object.entries(files)) writeFileSync(join(folder, name), bytes);
  return folder;
}

/** `train` with the smallest sizes. */
export const TRAIN_TINY = ['train', '--z', '5', '--width', '0.125', '--batch', '4', '--no-tune'] as const;

/** Every file of a folder by its path in it, folders and hidden files included, in order. */
export function pathsIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort();
}

/** The content of every file in a folder, by path; but run.json, which tells the time. */
export function contents(folder: string): Map<string, string> {
  const entries = readdirSync(folder, { recursive: true, encoding: 'utf8', withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile() && entry.name !== 'run.json');
  const paths = files.map(({ parentPath, name }) => join(parentPath, name)).sort();
  return new Map(paths.map((path) => [path.slice(folder.length + 1), readFileSync(path, 'base64')]));
}

/** Width and height of a PNG, out of its header. */
export function pngSize(path: string): [number, number] {
  const header = readFileSync(path);
  if (header.toString('latin1', 1, 4) !== 'PNG') throw new Error(`${path} is no PNG`);
  return [header.readUInt32BE(16), header.readUInt32BE(20)];
}
