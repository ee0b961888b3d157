/**
 * @file Where a command writes that was given no folder.
 */
import type { NewFolder } from '../../files/folders.js';

/**
 * A name after the time and what is in it, or the next one that is free: `runs/20260102-030405-dcgan-z2`.
 *
 * @param parent folder of such folders
 */
export function defaultFolder(parent: string, what: string): NewFolder {
  const stamp = new Date().toISOString().slice(0, 19).replaceAll(/[-:]/g, '').replace('T', '-');
  return { firstFree: `${parent}/${stamp}-${what}` };
}
