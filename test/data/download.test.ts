import { createHash } from 'node:crypto';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { createServer, type RequestListener } from 'node:http';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { downloadMnist, type DownloadProgress } from '../../src/data/download.js';
import { loadMnist } from '../../src/data/mnist.js';
import { rejection, smallMnist, withFolder } from './fixtures.js';

const originals = smallMnist();
const files = Object.fromEntries(
  Object.entries(originals).map(([name, bytes]) => [name, createHash('sha256').update(bytes).digest('hex')]),
);

/** A mirror on this machine; `requests` lists the paths asked for. */
async function withMirror(
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

const right: RequestListener = (request, response) => {
  const name = (request.url ?? '').replace('/mnist/', '').replace('.gz', '');
  response.end(gzipSync(originals[name]!));
};
const notFound: RequestListener = (_, response) => response.writeHead(404).end('no such file');
const otherBytes: RequestListener = (_, response) => response.end(gzipSync('something else'));
const cutsOff: RequestListener = (_, response) => {
  const packed = gzipSync(originals['train-images-idx3-ubyte']!);
  response.writeHead(200, { 'content-length': packed.length });
  response.write(packed.subarray(0, 50), () => response.destroy());
};
const silent: RequestListener = () => undefined;
const stalls: RequestListener = (_, response) => {
  response.writeHead(200, { 'content-length': 1000 });
  response.write('abc');
};

test('fills the folder, reports progress, and asks for nothing the second time', () =>
  withMirror(right, (mirror, requests) =>
    withFolder({}, async (folder) => {
      const seen: DownloadProgress[] = [];
      const cache = join(folder, 'deep', 'cache');
      const options = { mirrors: [mirror], files, onProgress: (progress: DownloadProgress) => seen.push(progress) };
      assert.is(await downloadMnist(cache, options), cache);
      assert.equal(
        (await readdir(cache)).sort(),
        Object.keys(files)
          .map((name) => `${name}.gz`)
          .sort(),
      );
      assert.is((await loadMnist(cache, 'train')).count, 6);
      assert.equal([...new Set(seen.map(({ file }) => file))], Object.keys(files));
      const last = seen.at(-1);
      assert.is(last?.receivedBytes, (await readFile(join(cache, `${last?.file}.gz`))).length);

      await downloadMnist(cache, options);
      assert.is(requests.length, 4);
    }),
  ));

test('a damaged file in the folder is fetched again', () =>
  withMirror(right, (mirror, requests) =>
    withFolder({}, async (folder) => {
      await downloadMnist(folder, { mirrors: [mirror], files });
      await writeFile(join(folder, 't10k-labels-idx1-ubyte.gz'), 'half a fi');
      await downloadMnist(folder, { mirrors: [mirror], files });
      assert.equal(requests.slice(4), ['/mnist/t10k-labels-idx1-ubyte.gz']);
      assert.is((await loadMnist(folder, 'test')).count, 3);
    }),
  ));

for (const [what, listener, complaint] of [
  ['answers 404', notFound, /HTTP 404/],
  ['has other bytes', otherBytes, /SHA-256 [0-9a-f]{64}, expected/],
  ['cuts off', cutsOff, /terminated|other side closed|aborted/],
  ['never answers', silent, /no answer within 100 ms/],
] as const) {
  test(`a mirror that ${what} is named in the error, leaves no file, and is passed over for the next`, () =>
    withMirror(listener, (bad) =>
      withMirror(right, (good) =>
        withFolder({}, async (folder) => {
          const options = { files, connectTimeoutMs: 100 };
          const message = await rejection(downloadMnist(folder, { ...options, mirrors: [bad] }));
          assert.match(
            message,
            `MnistError: Cannot download train-images-idx3-ubyte: ${bad}/train-images-idx3-ubyte.gz`,
          );
          assert.match(message, complaint);
          assert.equal(await readdir(folder), []);

          await downloadMnist(folder, { ...options, mirrors: [bad, good] });
          assert.is((await readdir(folder)).length, 4);
        }),
      ),
    ));
}

test('a mirror that stalls half way is given up when the whole time is over', () =>
  withMirror(stalls, (mirror) =>
    withFolder({}, async (folder) => {
      const message = await rejection(downloadMnist(folder, { mirrors: [mirror], files, totalTimeoutMs: 200 }));
      assert.match(message, 'the time for the whole download is up');
      assert.equal(await readdir(folder), []);
    }),
  ));

test('with nobody listening it fails at once and says so', async () => {
  let closed = '';
  await withMirror(right, (mirror) => {
    closed = mirror;
    return Promise.resolve();
  });
  await withFolder({}, async (folder) => {
    const message = await rejection(downloadMnist(folder, { mirrors: [closed, closed], files }));
    assert.match(message, /ECONNREFUSED.*; .*ECONNREFUSED/);
  });
});

test.run();
