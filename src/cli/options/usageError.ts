/**
 * @file The error of a command that was understood, but asks for what does not go together.
 */

/** Ends the process with exit code 2, as an unknown flag does. */
export class UsageError extends Error {
  override name = 'UsageError';
}
