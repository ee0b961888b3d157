/**
 * @file Measures the iterations per second of a training.
 */

/** Counts iterations. Excludes the first count, whose iterations compile kernels, and pauses. */
export class Stopwatch {
  private started: number | undefined;
  private counted = 0;
  private last = 0;
  private pausedAt = 0;
  private paused = 0;

  /** `iterations` more iterations are complete. */
  count(iterations: number): void {
    this.last = performance.now() - this.paused;
    if (this.started === undefined) this.started = this.last;
    else this.counted += iterations;
  }

  /** Stops the clock until {@link resume}. */
  pause(): void {
    this.pausedAt = performance.now();
  }

  resume(): void {
    this.paused += performance.now() - this.pausedAt;
  }

  /** Undefined before the second count. */
  get iterationsPerSecond(): number | undefined {
    // A clock that stands still gives no number that JSON can hold.
    if (this.started === undefined || this.counted === 0 || this.last <= this.started) return undefined;
    return (1000 * this.counted) / (this.last - this.started);
  }
}
