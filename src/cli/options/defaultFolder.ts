/**
 * @file Names the folder of a command without --out.
 */
import type { NewFolder } from '../../files/folders.js';

/**
 * The time and a title, or the next free name: `runs/20260102-030405-dcgan-z2`.
 *
 * @param parent the folder of all such folders
 */
export function defaultFolder(parent: string, what: string): NewFolder {
  const stamp = new Date().toISOString().slice(0, 19).replaceAll(/[-:]/g, '').replace('T', '-');
  return { firstFree: `${parent}/${stamp}-${what}` };
}
