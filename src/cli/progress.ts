/**
 * @file How training shows its progress: a bar on a terminal, plain lines elsewhere.
 */
import type { SingleBar } from 'cli-progress';
import type { Diagnosis } from '../metrics/diagnosis.js';
import type { Metrics } from '../training/ganMetrics.js';
import { progressBar } from './terminal/bars.js';

/** Seconds between plain lines. */
const LINE_EVERY = 10;

/** Weight of the past in the smoothed rate and losses. */
const SMOOTHING = 0.9;

/** Follows the iterations of one training run. */
export class TrainingProgress {
  private readonly bar: SingleBar | undefined;
  private lastLine = performance.now();
  /** Whether the first iterations are done: they wait for the driver to compile kernels, and do not count. */
  private started = false;
  private lastTime = performance.now();
  private generatorLoss: number | undefined;
  private discriminatorLoss: number | undefined;
  private rate: number | undefined;
  private verdict = '';

  /** @param done iterations done before */
  constructor(
    done: number,
    private readonly total: number,
    private readonly print: (line: string) => void,
    isTerminal: boolean,
  ) {
    if (!isTerminal) return;
    this.bar = progressBar({
      format: 'training {bar} {value}/{total}  {rate} it/s  G {generator}  D {discriminator}  {left} left  {verdict}',
      barsize: 24,
      // The bar's own clock would count the time to compile kernels.
      etaBuffer: 1,
    });
    this.bar.start(total, done, { rate: '–', generator: '–', discriminator: '–', left: '–', verdict: '' });
  }

  /** Shows the verdict of a look from now on. Its time is not training's. */
  look({ labels, verdict }: Diagnosis): void {
    this.verdict = `${verdict.name} (${labels.modes} modes)`;
    this.lastTime = performance.now();
    this.bar?.update({ verdict: this.verdict });
  }

  /** @param done iterations done, of which `rows` are the last. */
  update(done: number, rows: readonly Metrics[]): void {
    const now = performance.now();
    if (this.started) this.rate = smooth(this.rate, (1000 * rows.length) / (now - this.lastTime));
    this.started = true;
    this.lastTime = now;
    for (const row of rows) {
      this.generatorLoss = smooth(this.generatorLoss, row.generatorLoss);
      this.discriminatorLoss = smooth(this.discriminatorLoss, row.discriminatorLoss);
    }
    const shown = {
      rate: this.rate?.toFixed(1) ?? '–',
      generator: (this.generatorLoss ?? NaN).toFixed(3),
      discriminator: (this.discriminatorLoss ?? NaN).toFixed(3),
      left: this.rate === undefined ? '–' : duration((this.total - done) / this.rate),
      verdict: this.verdict,
    };
    this.bar?.update(done, shown);
    if (this.bar === undefined && (now - this.lastLine > LINE_EVERY * 1000 || done === this.total)) {
      this.lastLine = now;
      this.print(
        `${done}/${this.total}  ${shown.rate} it/s  G ${shown.generator}  D ${shown.discriminator}  ${shown.left} left  ${this.verdict}`.trimEnd(),
      );
    }
  }

  /** Gives the terminal back. */
  stop(): void {
    this.bar?.stop();
  }
}

function smooth(before: number | undefined, now: number): number {
  return before === undefined ? now : SMOOTHING * before + (1 - SMOOTHING) * now;
}

/** 3725 → `1 h 2 min`, 125 → `2 min 5 s`. */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  if (hours > 0) return `${hours} h ${minutes} min`;
  return minutes > 0 ? `${minutes} min ${rest} s` : `${rest} s`;
}
