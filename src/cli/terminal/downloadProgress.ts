/**
 * @file Displays the progress of a download: a bar on a terminal, plain lines elsewhere.
 */
import type { DownloadProgress } from '../../datasets/download.js';
import { formatBytes } from '../../gpu/errors.js';
import { ProgressDisplay, type ProgressRow } from './progress.js';

/** Displays the files of one download in turn. */
export class DownloadReport {
  private readonly row: ProgressRow;
  private url: string | undefined;
  private started = 0;

  /**
   * @param isTerminal whether stderr is a terminal: the bar is drawn there, so that stdout can be piped
   * @param display default: one of its own
   */
  constructor(
    print: (line: string) => void,
    isTerminal: boolean,
    display = new ProgressDisplay({ print, isTerminal }),
  ) {
    this.row = display.row();
  }

  /** Displays a piece that has arrived. */
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

  /** Removes the bar. */
  stop(): void {
    this.row.end();
    this.url = undefined;
  }
}
