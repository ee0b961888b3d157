/**
 * @file Runs functions that must be synchronous, because their context ends when they return: a scope, a recording, a paused
 * tape.
 */
import { GpuError } from './errors.js';

/**
 * Runs `body`.
 *
 * @param what the context's name for the message: `scope`
 * @returns its result
 * @throws GpuError for an async function, before it runs, and for a function that returns a promise
 */
export function runSynchronously<T>(what: string, body: () => T): T {
  refuseAsync(what, body);
  const result = body();
  refusePromise(what, result);
  return result;
}

/** @throws GpuError for an async function, which has not run yet */
export function refuseAsync(what: string, body: object): void {
  if (Object.prototype.toString.call(body) === '[object AsyncFunction]') throw refusal(what, 'an async function');
}

/** @throws GpuError for a promise, whose own rejection is then ignored */
export function refusePromise(what: string, result: unknown): void {
  if (!isThenable(result)) return;
  void Promise.resolve(result).catch(() => undefined);
  throw refusal(what, 'a function that returns a promise');
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  const isObject = (typeof value === 'object' && value !== null) || typeof value === 'function';
  return isObject && 'then' in value && typeof value.then === 'function';
}

function refusal(what: string, got: string): GpuError {
  return new GpuError(
    `${what}: got ${got}; it takes a synchronous function, because it ends when the function returns: ` +
      'await before it, or after it what it returned',
  );
}
