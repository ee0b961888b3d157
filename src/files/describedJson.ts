/**
 * @file Reads JSON files by a zod schema, with messages that name what is wrong.
 */
import type { z } from 'zod';
import { printable } from '../data/printable.js';

/** Maximum length of a parser's message, which may quote the file. */
const PROBLEM_CHARACTERS = 200;

/** A parsed value, or the problem. */
export type Described<T> = { readonly value: T } | { readonly problem: string; readonly cause?: unknown };

/**
 * Parses a text by a schema.
 *
 * @param what it should be: `no <what>` is in the problem
 * @returns the value; or the problem as the end of a sentence that begins with the file's name
 */
export function parseDescribed<T>(schema: z.ZodType<T>, text: string, what: string): Described<T> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (cause) {
    const problem = cause instanceof Error ? cause.message : String(cause);
    return { problem: `is not JSON: ${printable(problem, PROBLEM_CHARACTERS)}`, cause };
  }
  const result = schema.safeParse(parsed);
  if (result.success) return { value: result.data };
  const [issue] = result.error.issues;
  const problem = [issue?.path.join('.') ?? '', issue?.message ?? ''].filter((part) => part !== '').join(': ');
  return { problem: `is no ${what}: ${printable(problem, PROBLEM_CHARACTERS)}` };
}
