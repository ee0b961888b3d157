/**
 * @file Serves a small dataset from good and bad mirrors on this machine.
 */
import { createHash } from 'node:crypto';
import { createServer, type RequestListener } from 'node:http';
import { gzipSync } from 'node:zlib';
import type { PublishedDataset } from '../../src/datasets/published.js';
import { smallMnist } from '../data/fixtures.js';

const originals = smallMnist();

/** What a good mirror sends, by path: `/mnist/train-images-idx3-ubyte.gz` and so on. */
const packed = new Map<string, Uint8Array>(
  Object.entries(originals).map(([name, bytes]) => [`/mnist/${name}.gz`, gzipSync(bytes)]),
);

/** Published by nobody: the files of `smallMnist`, with their true hashes. */
export const SMALL: PublishedDataset = {
  name: 'small',
  title: 'Small MNIST',
  mirrors: [],
  sha256: Object.fromEntries(
    Object.entries(originals).map(([name, bytes]) => [name, createHash('sha256').update(bytes).digest('hex')]),
  ),
  classes: [],
};

/** The names a full folder holds. */
export const SMALL_FILES = Object.keys(originals).map((name) => `${name}.gz`);

/** Runs `body` with the base URL of a mirror; `requests` lists the paths that it was asked for. */
export async function withMirror(
  listener: RequestListener,
  body: (mirror: string, requests: string[]) => Promise<void>,
): Promise<void> {
  const requests: string[] = [];
  const server = createServer((request, response) => {
    requests.push(request.url ?? '');
    listener(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  try {
    await body(`http://127.0.0.1:${port}/mnist`, requests);
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}

export const right: RequestListener = ({ url = '' }, response) => {
  const bytes = packed.get(url);
  if (bytes === undefined) response.writeHead(404).end('no such file');
  else response.writeHead(200, { 'content-length': bytes.length }).end(bytes);
};

export const notFound: RequestListener = (_, response) => response.writeHead(404).end('no such file');
export const broken: RequestListener = (_, response) => response.writeHead(500).end('something broke');
export const otherBytes: RequestListener = (_, response) => response.end(gzipSync('something else'));
export const notPacked: RequestListener = (_, response) => response.end('<html>Please log in to this network</html>');
export const damaged: RequestListener = ({ url = '' }, response) => response.end(packed.get(url)?.subarray(0, 100));

/** Announces a file and closes the connection after 50 bytes of it. */
export const cutsOff: RequestListener = ({ url = '' }, response) => {
  const bytes = packed.get(url)!;
  response.writeHead(200, { 'content-length': bytes.length });
  response.write(bytes.subarray(0, 50), () => response.destroy());
};

/** The same without saying how long the file is. */
export const cutsOffUnannounced: RequestListener = ({ url = '' }, response) => {
  response.write(packed.get(url)!.subarray(0, 50), () => response.destroy());
};

export const silent: RequestListener = () => undefined;

/** Sends three bytes and then nothing more. */
export const stalls: RequestListener = (_, response) => {
  response.writeHead(200, { 'content-length': 1000 });
  response.write('abc');
};

/** A byte every 5 ms of a file that would take over an hour so. */
export const trickles: RequestListener = (_, response) => {
  response.writeHead(200, { 'content-length': 1_000_000 });
  const timer = setInterval(() => response.write('a'), 5);
  response.on('close', () => clearInterval(timer));
};

/** Sends more than any file of the format. */
export const endless: RequestListener = (_, response) => {
  const chunk = Buffer.alloc(4 * 1024 * 1024);
  const more = (): void => {
    while (!response.destroyed && response.write(chunk));
  };
  response.on('drain', more);
  more();
};

/** Sends everyone on to another mirror. */
export const redirectsTo = (mirror: string): RequestListener => {
  return ({ url = '' }, response) => response.writeHead(302, { location: url.replace('/mnist', mirror) }).end();
};

export const redirectsToItself: RequestListener = ({ url = '' }, response) => {
  response.writeHead(301, { location: url }).end();
};

export const redirectsNowhere: RequestListener = (_, response) => {
  response.writeHead(301, { location: 'http://[' }).end();
};
