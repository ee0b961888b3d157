/**
 * @file Keeps the device's errors, which arrive later than the call that caused them, until the next check.
 */
import { GpuError } from './errors.js';

/** Holds the first error that the device reported, and the error scopes that have not answered yet. */
export class ErrorLatch {
  private failure: Error | undefined;
  /** An error that no scope caught. It is thrown only if no scope named a kernel. */
  private stray: Error | undefined;
  private readonly pending = new Set<Promise<void>>();
  private closed = false;

  /** Keeps an error unless an earlier one is kept. */
  fail(error: Error): void {
    if (!this.closed) this.failure ??= error;
  }

  /** Keeps an error that is thrown only if there is no better one. */
  failStray(error: Error): void {
    this.stray ??= error;
  }

  /** Keeps the error that an error scope returns, if any. */
  watch(answer: Promise<Error | undefined>): void {
    const check = answer.then(
      (found) => {
        if (found !== undefined) this.fail(found);
      },
      (reason: unknown) => this.fail(new GpuError(reason instanceof Error ? reason.message : String(reason))),
    );
    this.pending.add(check);
    void check.finally(() => this.pending.delete(check));
  }

  /** Waits for the scopes' answers. @throws the first error. */
  async settle(): Promise<void> {
    await Promise.all(this.pending);
    this.check();
  }

  /** @throws the first error. */
  check(): void {
    const error = this.failure ?? this.stray;
    if (error !== undefined) throw error;
  }

  /** Marks the device as destroyed: every later check throws `error`, and later reports are ignored. */
  close(error: Error): void {
    this.fail(error);
    this.closed = true;
  }
}
