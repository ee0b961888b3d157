/**
 * @file Downloads one file from one URL, with time limits.
 *
 * It uses `node:http` instead of `fetch`: an aborted `fetch` (Node 20) keeps connecting for up to 10 s and keeps the process
 * alive, and it unpacks answers with a content encoding, so that lengths no longer show whether an answer is complete.
 */
import * as http from 'node:http';
import * as https from 'node:https';

/** Time limits for a server, in milliseconds. */
export interface Patience {
  /** Until the headers arrive. */
  readonly connectMs: number;
  /** Between two pieces of the answer. */
  readonly stallMs: number;
  /** Before its speed counts. */
  readonly speedMs: number;
}

export interface Progress {
  readonly receivedBytes: number;
  /** The announced length, if any. */
  readonly totalBytes?: number;
}

const MOST_REDIRECTS = 5;

/** Fashion-MNIST's training images are 47 MB unpacked; a server that sends more than this sends something else. */
const MAX_BYTES = 64 * 1024 * 1024;

/**
 * Fetches a file into memory.
 *
 * @param deadline on the clock of `performance.now`; a server that is too slow for it is abandoned early
 * @throws Error that names the problem: no answer, an HTTP status, a stall, too slow, cut off, too large
 */
export async function fetchFile(
  url: string,
  patience: Patience,
  deadline: number,
  onProgress?: (progress: Progress) => void,
): Promise<Uint8Array> {
  const { connectMs, stallMs, speedMs } = patience;
  const abort = new AbortController();
  const after = (ms: number, reason: () => string): NodeJS.Timeout => {
    return setTimeout(() => abort.abort(new Error(reason())), Math.max(0, ms));
  };
  const timers = [
    after(deadline - performance.now(), () => 'the time for the whole download is up'),
    after(connectMs, () => `no answer within ${seconds(connectMs)}`),
  ];
  const chunks: Uint8Array[] = [];
  let receivedBytes = 0;
  let answered = false;
  let totalBytes: number | undefined;
  const soFar = (): string => `after ${receivedBytes} of ${totalBytes ?? 'an unknown number of'} bytes`;
  try {
    const response = await open(url, abort.signal, MOST_REDIRECTS);
    clearTimeout(timers.pop());
    answered = true;
    totalBytes = announcedLength(response);
    const stall = after(stallMs, () => `nothing came for ${seconds(stallMs)}, ${soFar()}`);
    timers.push(stall);
    const start = performance.now();
    const body: AsyncIterable<unknown> = response;
    for await (const chunk of body) {
      if (!(chunk instanceof Uint8Array)) throw new TypeError('the answer is not a stream of bytes');
      stall.refresh();
      receivedBytes += chunk.length;
      if (receivedBytes > MAX_BYTES) abort.abort(new Error(`sent more than ${MAX_BYTES} bytes`));
      const elapsed = performance.now() - start;
      if (totalBytes !== undefined && elapsed > speedMs) {
        const leftMs = ((totalBytes - receivedBytes) / receivedBytes) * elapsed;
        if (start + elapsed + leftMs > deadline) {
          abort.abort(new Error(`too slow: at ${rate(receivedBytes, elapsed)} it would take ${seconds(leftMs)} more`));
        }
      }
      abort.signal.throwIfAborted();
      chunks.push(chunk);
      onProgress?.({ receivedBytes, ...(totalBytes === undefined ? {} : { totalBytes }) });
    }
    return Buffer.concat(chunks);
  } catch (error) {
    abort.signal.throwIfAborted();
    throw answered ? new Error(`cut off ${soFar()}`, { cause: error }) : error;
  } finally {
    for (const timer of timers) clearTimeout(timer);
  }
}

/** Sends the request and follows redirects. @returns the answer with a body */
function open(url: string, signal: AbortSignal, redirects: number): Promise<http.IncomingMessage> {
  return new Promise((resolve, reject) => {
    const { get } = url.startsWith('https:') ? https : http;
    const request = get(url, { signal }, (response) => {
      const { statusCode = 0, statusMessage = '', headers } = response;
      if (statusCode === 200) {
        resolve(response);
        return;
      }
      response.destroy();
      const { location } = headers;
      const moved = statusCode > 300 && statusCode < 400 && location !== undefined;
      if (!moved) reject(new Error(`HTTP ${statusCode} ${statusMessage}`.trimEnd()));
      else if (redirects === 0) reject(new Error('redirected too often'));
      else if (!URL.canParse(location, url)) reject(new Error('redirected to what is no address'));
      else resolve(open(new URL(location, url).href, signal, redirects - 1));
    });
    request.on('error', reject);
  });
}

function announcedLength({ headers }: http.IncomingMessage): number | undefined {
  const text = headers['content-length'];
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined;
}

/** 5000 → `5 s`, 150 → `0.15 s`. */
function seconds(ms: number): string {
  return ms < 10_000 ? `${Number((ms / 1000).toPrecision(2))} s` : `${Math.round(ms / 1000)} s`;
}

function rate(bytes: number, ms: number): string {
  return `${Math.max(1, Math.round(bytes / ms))} kB/s`;
}
