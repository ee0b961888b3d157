/**
 * @file Where a command writes that was told no folder.
 */
import { existsSync } from 'node:fs';

/**
 * A path named after the time and what is in it, at which there is nothing yet: `runs/20260102-030405-dcgan-z2`.
 *
 * @param parent folder of such folders
 */
export function defaultFolder(parent: string, what: string): string {
  const stamp = new Date().toISOString().slice(0, 19).replaceAll(/[-:]/g, '').replace('T', '-');
  const base = `${parent}/${stamp}-${what}`;
  let path = base;
  for (let number = 2; existsSync(path); number++) path = `${base}-${number}`;
  return path;
}
