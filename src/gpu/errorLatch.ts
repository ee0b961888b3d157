/**
 * @file Errors of the device arrive later than the call that made them; they are kept here until somebody looks.
 */
import { GpuError } from './errors.js';

/** The first error that the device reported, and the error scopes that have not answered yet. */
export class ErrorLatch {
  private failure: Error | undefined;
  /** An error that no scope caught: it counts only where no scope named a kernel. */
  private stray: Error | undefined;
  private readonly pending = new Set<Promise<void>>();
  private closed = false;

  /** Keeps an error, unless one came before. */
  fail(error: Error): void {
    if (!this.closed) this.failure ??= error;
  }

  /** Keeps an error that nothing explains better. */
  failStray(error: Error): void {
    this.stray ??= error;
  }

  /** Keeps the error that a scope answers with, if any. */
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

  /** @throws the first error that is known. */
  check(): void {
    const error = this.failure ?? this.stray;
    if (error !== undefined) throw error;
  }

  /** The device is let go: `error` answers what is asked of it from now on, and what it still reports is no news. */
  close(error: Error): void {
    this.fail(error);
    this.closed = true;
  }
}
