/**
 * @file How a download shows its progress: a bar on a terminal, plain lines elsewhere.
 */
import type { DownloadProgress } from '../../datasets/download.js';
import { formatBytes } from '../../gpu/errors.js';
import { ProgressDisplay, type ProgressRow } from './progress.js';

/** Follows the files of one download, one after the other. */
export class DownloadReport {
  private readonly row: ProgressRow;
  private url: string | undefined;
  private started = 0;

  /**
   * @param isTerminal whether stderr is one: the bar is drawn there, so that stdout can be piped on
   * @param display shows it; one of its own where absent
   */
  constructor(
    print: (line: string) => void,
    isTerminal: boolean,
    display = new ProgressDisplay({ print, isTerminal }),
  ) {
    this.row = display.row();
  }

  /** To be called at every piece that arrives. */
  update({ file, url, receivedBytes, totalBytes }: DownloadProgress): void {
    const now = performance.now();
    if (url !== this.url) {
      this.url = url;
      this.started = now;
    }
    const seconds = (now - this.started) / 1000;
    const size = totalBytes === undefined ? 'an unknown size' : formatBytes(totalBytes);
    const received = `${formatBytes(receivedBytes)} of ${size}`;
    const total = totalBytes === undefined ? {} : { total: totalBytes };
    this.row.show({
      label: file,
      done: receivedBytes,
      ...total,
      numbers: received,
      detail: `${seconds === 0 ? '–' : formatBytes(receivedBytes / seconds)}/s`,
      line: () => `  ${file}: ${received} from ${new URL(url).host}`,
    });
    if (receivedBytes === totalBytes) this.row.printLine();
  }

  /** Gives the terminal back. */
  stop(): void {
    this.row.end();
    this.url = undefined;
  }
}
