/**
 * @file The error of a command whose flags contradict each other.
 */

/** Sets exit code 2, like an unknown flag. */
export class UsageError extends Error {
  override name = 'UsageError';
}
