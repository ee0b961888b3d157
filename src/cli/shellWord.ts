/**
 * @file Commands that a user is told to type.
 */

/** A word as a shell takes it: between quotes where it needs them. */
export function shellWord(text: string): string {
  return /^[\w./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
