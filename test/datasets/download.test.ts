/**
 * @file Tests the download into a cache folder: for any behaviour of the mirrors it holds complete, correct files or none.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import type { RequestListener } from 'node:http';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { downloadPublished, type DownloadProgress } from '../../src/datasets/download.js';
import { loadMnist } from '../../src/datasets/mnist.js';
import { rejection, withFolder } from '../data/fixtures.js';
import * as mirrors from './mirror.js';

const { SMALL, SMALL_FILES, right, withMirror } = mirrors;

async function listed(folder: string): Promise<string[]> {
  return (await readdir(folder)).sort();
}

async function assertComplete(folder: string): Promise<void> {
  assert.equal(await listed(folder), [...SMALL_FILES].sort());
  for (const split of ['train', 'test'] as const) {
    assert.is((await loadMnist(folder, split, [SMALL])).name, `small/${split}`);
  }
}

test('fills the folder, reports progress, and requests nothing the second time', () =>
  withMirror(right, (mirror, requests) =>
    withFolder({}, async (folder) => {
      const seen: DownloadProgress[] = [];
      const cache = join(folder, 'deep', 'cache');
      const options = { mirrors: [mirror], onProgress: (progress: DownloadProgress) => seen.push(progress) };
      assert.is(await downloadPublished(SMALL, cache, options), cache);
      await assertComplete(cache);
      assert.equal([...new Set(seen.map(({ file }) => file))], Object.keys(SMALL.sha256));
      const last = seen.at(-1);
      assert.is(last?.receivedBytes, (await readFile(join(cache, `${last?.file}.gz`))).length);

      await downloadPublished(SMALL, cache, options);
      assert.is(requests.length, 4);
    }),
  ));

test('a damaged file in the folder is fetched again', () =>
  withMirror(right, (mirror, requests) =>
    withFolder({}, async (folder) => {
      await downloadPublished(SMALL, folder, { mirrors: [mirror] });
      await writeFile(join(folder, 't10k-labels-idx1-ubyte.gz'), 'half a fi');
      await downloadPublished(SMALL, folder, { mirrors: [mirror] });
      assert.equal(requests.slice(4), ['/mnist/t10k-labels-idx1-ubyte.gz']);
      await assertComplete(folder);
    }),
  ));

for (const [what, listener, complaint] of [
  ['answers 404', mirrors.notFound, /HTTP 404/],
  ['answers 500', mirrors.broken, /HTTP 500/],
  ['has other bytes', mirrors.otherBytes, /wrong bytes: unpacked they have SHA-256 [0-9a-f]{64}, expected/],
  ['sends a page of its own', mirrors.notPacked, /wrong bytes/],
  ['sends half an archive', mirrors.damaged, /cannot unpack gzip/],
  ['cuts off', mirrors.cutsOff, /cut off after 50 of/],
  ['never answers', mirrors.silent, /no answer within 0.5 s/],
  ['stalls', mirrors.stalls, /nothing came for 0.5 s/],
  ['is too slow', mirrors.trickles, /too slow: at 1 kB\/s/],
] as const) {
  test(`a mirror that ${what} is named in the error, leaves no file, and is skipped`, () =>
    withMirror(listener, (bad, asked) =>
      withMirror(right, (good) =>
        withFolder({}, async (folder) => {
          const patience = { connectTimeoutMs: 500, stallTimeoutMs: 500, speedWindowMs: 100, totalTimeoutMs: 20_000 };
          const message = await rejection(downloadPublished(SMALL, folder, { ...patience, mirrors: [bad] }));
          assert.match(
            message,
            `MnistError: Cannot download train-images-idx3-ubyte: ${bad}/train-images-idx3-ubyte.gz: `,
          );
          assert.match(message, complaint);
          assert.equal(await listed(folder), []);

          asked.length = 0;
          const complaints: string[] = [];
          const onComplaint = (text: string) => complaints.push(text);
          await downloadPublished(SMALL, folder, { ...patience, mirrors: [bad, good], onComplaint });
          await assertComplete(folder);
          assert.is(complaints.length, 1);
          assert.match(complaints[0]!, complaint);
          assert.equal(
            asked,
            ['/mnist/train-images-idx3-ubyte.gz'],
            'the mirror that works is asked first from then on',
          );
        }),
      ),
    ));
}

test('a silent mirror costs one wait, not one per file', () =>
  withMirror(mirrors.silent, (one, askedOne) =>
    withMirror(mirrors.silent, (other, askedOther) =>
      withFolder({}, async (folder) => {
        const start = performance.now();
        const message = await rejection(
          downloadPublished(SMALL, folder, { mirrors: [one, other], connectTimeoutMs: 100 }),
        );
        const ms = performance.now() - start;
        assert.match(message, /no answer within 0.1 s; .*no answer within 0.1 s\.$/);
        assert.equal([askedOne.length, askedOther.length], [1, 1]);
        assert.ok(ms < 1000, `${ms} ms`);
      }),
    ),
  ));

test('the time limit for all files holds, even if each mirror keeps sending', () =>
  withMirror(mirrors.stalls, (one) =>
    withMirror(mirrors.stalls, (other) =>
      withFolder({}, async (folder) => {
        const message = await rejection(
          downloadPublished(SMALL, folder, { mirrors: [one, other], totalTimeoutMs: 150 }),
        );
        assert.match(message, /the time for the whole download is up; .*the time for the whole download is up/);
        assert.equal(await listed(folder), []);
      }),
    ),
  ));

test('files from before a failure stay, and are not requested again', () => {
  let down = true;
  const halfDown: RequestListener = (request, response) => {
    (down && request.url?.includes('t10k') ? mirrors.broken : right)(request, response);
  };
  return withMirror(halfDown, (mirror, requests) =>
    withFolder({}, async (folder) => {
      await rejection(downloadPublished(SMALL, folder, { mirrors: [mirror] }));
      assert.equal(await listed(folder), ['train-images-idx3-ubyte.gz', 'train-labels-idx1-ubyte.gz']);
      down = false;
      requests.length = 0;
      await downloadPublished(SMALL, folder, { mirrors: [mirror] });
      assert.is(requests.length, 2);
      await assertComplete(folder);
    }),
  );
});

test('without a listening server it fails at once with a reason', async () => {
  let closed = '';
  await withMirror(right, (mirror) => {
    closed = mirror;
    return Promise.resolve();
  });
  await withFolder({}, async (folder) => {
    const message = await rejection(downloadPublished(SMALL, folder, { mirrors: [closed, closed] }));
    assert.match(message, /ECONNREFUSED.*; .*ECONNREFUSED/);
  });
});

test('a folder that cannot be made is named before any request', () =>
  withMirror(right, (mirror, requests) =>
    withFolder({ file: new Uint8Array(1) }, async (folder) => {
      const inside = join(folder, 'file', 'cache');
      const message = await rejection(downloadPublished(SMALL, inside, { mirrors: [mirror] }));
      assert.match(message, /^MnistError: Cannot keep a download: cannot create the folder .*cache: .*\(ENOTDIR\)/);
      assert.match(message, /XDG_CACHE_HOME/);
      assert.equal(requests, []);
    }),
  ));

test('a file that cannot be written is named, and leaves nothing', () =>
  withMirror(right, (mirror) =>
    withFolder({}, async (folder) => {
      await mkdir(join(folder, 'train-images-idx3-ubyte.gz'));
      const message = await rejection(downloadPublished(SMALL, folder, { mirrors: [mirror] }));
      assert.match(message, /^MnistError: Cannot keep a download: cannot write .*train-images-idx3-ubyte\.gz: /);
      assert.equal(await listed(folder), ['train-images-idx3-ubyte.gz']);
    }),
  ));

/** A process of its own that downloads. */
function downloader(mirror: string, folder: string) {
  const program = fileURLToPath(new URL('downloadOnce.ts', import.meta.url));
  const child = spawn(process.execPath, ['--import', 'tsx', program, mirror, folder], { stdio: 'inherit' });
  return { child, ended: once(child, 'exit') };
}

test('processes that fill one cache at the same time do not harm each other', () =>
  withMirror(right, (mirror) =>
    withFolder({}, async (folder) => {
      const processes = [downloader(mirror, folder), downloader(mirror, folder)];
      const here = Array.from({ length: 3 }, () => downloadPublished(SMALL, folder, { mirrors: [mirror] }));
      await Promise.all(here);
      for (const { ended } of processes) assert.equal(await ended, [0, null]);
      await assertComplete(folder);
    }),
  ));

test('a killed process leaves complete files only, and the next one continues', async () => {
  let reached: () => void = () => undefined;
  const halfWay = new Promise<void>((resolve) => (reached = resolve));
  let slow = true;
  const stops: RequestListener = (request, response) => {
    if (!slow || !request.url?.includes('t10k')) {
      right(request, response);
      return;
    }
    mirrors.stalls(request, response);
    reached();
  };
  await withMirror(stops, (mirror, requests) =>
    withFolder({}, async (folder) => {
      const { child, ended } = downloader(mirror, folder);
      await halfWay;
      child.kill('SIGKILL');
      await ended;
      assert.equal(await listed(folder), ['train-images-idx3-ubyte.gz', 'train-labels-idx1-ubyte.gz']);

      // As if it had been killed a moment later, while writing.
      await writeFile(join(folder, `.t10k-images-idx3-ubyte.gz.${child.pid}.tmp`), 'half');
      slow = false;
      requests.length = 0;
      await downloadPublished(SMALL, folder, { mirrors: [mirror] });
      assert.is(requests.length, 2);
      await assertComplete(folder);
    }),
  );
});

test('temporary files of a living process and other files are kept', () =>
  withMirror(right, (mirror) =>
    withFolder({}, async (folder) => {
      const others = [`.t10k-images-idx3-ubyte.gz.${process.ppid}.tmp`, '.notes.99999999.tmp', 'draft.tmp'];
      for (const name of others) await writeFile(join(folder, name), 'mine');
      await downloadPublished(SMALL, folder, { mirrors: [mirror] });
      assert.equal(await listed(folder), [...SMALL_FILES, ...others].sort());
    }),
  ));

test.run();
