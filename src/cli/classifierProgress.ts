/**
 * @file How a classifier's training shows its progress: a bar on a terminal, plain lines elsewhere.
 */
import type { SingleBar } from 'cli-progress';
import type { ClassifierMetrics } from '../training/classifierTraining.js';
import { duration } from './progress.js';
import { progressBar } from './terminal/bars.js';

/** Seconds between plain lines. */
const LINE_EVERY = 10;

/** Weight of the past in the smoothed loss, by iteration. */
const SMOOTHING = 0.95;

/** Follows the iterations of one training. */
export class ClassifierProgress {
  private readonly bar: SingleBar | undefined;
  private lastLine = performance.now();
  private loss: number | undefined;
  private accuracy = '';
  /** Since the first iterations, which wait for the driver to compile kernels; without the time of evaluations. */
  private seconds = 0;
  private counted = 0;
  private lastTime: number | undefined;

  /** @param done iterations done before */
  constructor(
    done: number,
    private readonly total: number,
    private readonly perEpoch: number,
    private readonly print: (line: string) => void,
    isTerminal: boolean,
  ) {
    if (!isTerminal) return;
    this.bar = progressBar({
      format: 'training {bar} {value}/{total}  epoch {epoch}  {rate} it/s  loss {loss}  {left} left  {accuracy}',
      barsize: 24,
      // The bar's own clock would count the time to compile kernels.
      etaBuffer: 1,
    });
    this.bar.start(total, done, this.shown(done));
  }

  /** @param done iterations done, of which `rows` are the last. */
  update(done: number, rows: readonly ClassifierMetrics[]): void {
    const now = performance.now();
    if (this.lastTime !== undefined) {
      this.seconds += (now - this.lastTime) / 1000;
      this.counted += rows.length;
    }
    this.lastTime = now;
    for (const { loss } of rows) {
      this.loss = this.loss === undefined ? loss : SMOOTHING * this.loss + (1 - SMOOTHING) * loss;
    }
    const shown = this.shown(done);
    this.bar?.update(done, shown);
    if (this.bar === undefined && (now - this.lastLine > LINE_EVERY * 1000 || done === this.total)) {
      this.lastLine = now;
      const { epoch, rate, loss, left } = shown;
      this.print(`${done}/${this.total}  epoch ${epoch}  ${rate} it/s  loss ${loss}  ${left} left`);
    }
  }

  /** The test images were looked at. */
  evaluated(done: number, accuracy: number): void {
    this.accuracy = `${(100 * accuracy).toFixed(2)} % of the test images`;
    this.lastTime = performance.now();
    this.bar?.update(done, this.shown(done));
    if (this.bar === undefined) this.print(`${done}/${this.total}  ${this.accuracy}`);
  }

  /** Gives the terminal back. */
  stop(): void {
    this.bar?.stop();
  }

  private shown(done: number) {
    const rate = this.counted > 0 ? this.counted / this.seconds : undefined;
    return {
      epoch: (done / this.perEpoch).toFixed(1),
      rate: rate?.toFixed(1) ?? '–',
      loss: this.loss?.toFixed(4) ?? '–',
      left: rate === undefined ? '–' : duration((this.total - done) / rate),
      accuracy: this.accuracy,
    };
  }
}
