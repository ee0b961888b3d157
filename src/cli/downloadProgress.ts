/**
 * @file How a download shows its progress: a bar on a terminal, plain lines elsewhere.
 */
import type { SingleBar } from 'cli-progress';
import type { DownloadProgress } from '../data/download.js';
import { formatBytes } from '../gpu/errors.js';
import { progressBar } from './terminal/bars.js';

/** Seconds between plain lines about one file. */
const LINE_EVERY = 5;

/** Follows the files of one download, one after the other. */
export class DownloadReport {
  private readonly bar: SingleBar | undefined;
  private url: string | undefined;
  private started = 0;
  private lastLine = 0;

  /** @param isTerminal whether stderr is one: the bar is drawn there, so that stdout can be piped on. */
  constructor(
    private readonly print: (line: string) => void,
    isTerminal: boolean,
  ) {
    if (!isTerminal) return;
    this.bar = progressBar({
      format: '{file} {bar} {received} of {size}, {rate}/s',
      barsize: 24,
      clearOnComplete: true,
    });
  }

  /** To be called at every piece that arrives. */
  update({ file, url, receivedBytes, totalBytes }: DownloadProgress): void {
    const now = performance.now();
    const size = totalBytes === undefined ? 'an unknown size' : formatBytes(totalBytes);
    if (url !== this.url) {
      this.stop();
      this.url = url;
      this.started = this.lastLine = now;
      this.bar?.start(totalBytes ?? 0, 0, { file: file.padEnd(24), received: formatBytes(0), size, rate: '–' });
    }
    const received = formatBytes(receivedBytes);
    const elapsed = (now - this.started) / 1000;
    this.bar?.update(receivedBytes, { received, rate: elapsed === 0 ? '–' : formatBytes(receivedBytes / elapsed) });
    const done = receivedBytes === totalBytes;
    if (this.bar === undefined && (done || now - this.lastLine > LINE_EVERY * 1000)) {
      this.lastLine = now;
      this.print(`  ${file}: ${received} of ${size} from ${new URL(url).host}`);
    }
  }

  /** Gives the terminal back. */
  stop(): void {
    this.bar?.stop();
    this.url = undefined;
  }
}
