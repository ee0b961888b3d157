/**
 * @file Tests that each failure of a download has its own error.
 */
import type { RequestListener } from 'node:http';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { fetchFile, type Progress } from '../../src/datasets/fetchFile.js';
import { rejection } from '../data/fixtures.js';
import * as mirrors from './mirror.js';

/** Milliseconds. */
const PATIENCE = { connectMs: 5_000, stallMs: 5_000, speedMs: 5_000 };
const FILE = '/train-images-idx3-ubyte.gz';

const soon = (): number => performance.now() + 20_000;

/** The error of fetching from a server, and how long that took. */
async function complaintAbout(
  listener: RequestListener,
  patience: Partial<typeof PATIENCE> = {},
  deadline = soon(),
): Promise<{ message: string; ms: number }> {
  let outcome = { message: '', ms: 0 };
  await mirrors.withMirror(listener, async (mirror) => {
    const start = performance.now();
    const message = await rejection(fetchFile(mirror + FILE, { ...PATIENCE, ...patience }, deadline));
    outcome = { message, ms: performance.now() - start };
  });
  return outcome;
}

test('all bytes arrive, and progress counts up to the announced length', () =>
  mirrors.withMirror(mirrors.right, async (mirror) => {
    const seen: Progress[] = [];
    const bytes = await fetchFile(mirror + FILE, PATIENCE, soon(), (progress) => seen.push(progress));
    assert.equal([...bytes.subarray(0, 2)], [0x1f, 0x8b]);
    assert.equal(seen.at(-1), { receivedBytes: bytes.length, totalBytes: bytes.length });
  }));

test('without an announced length, progress has no total', () => {
  const unannounced: RequestListener = (_, response) => {
    response.write('abc');
    response.end('def');
  };
  return mirrors.withMirror(unannounced, async (mirror) => {
    const seen: Progress[] = [];
    const bytes = await fetchFile(mirror + FILE, PATIENCE, soon(), (progress) => seen.push(progress));
    assert.is(new TextDecoder().decode(bytes), 'abcdef');
    assert.equal(seen.at(-1), { receivedBytes: 6 });
  });
});

test('a response that is labelled as packed is not unpacked', () => {
  const labelled: RequestListener = (request, response) => {
    response.setHeader('content-encoding', 'gzip');
    mirrors.right(request, response);
  };
  return mirrors.withMirror(labelled, async (mirror) => {
    const bytes = await fetchFile(mirror + FILE, PATIENCE, soon());
    assert.equal([...bytes.subarray(0, 2)], [0x1f, 0x8b]);
  });
});

for (const [what, listener, complaint] of [
  ['404', mirrors.notFound, 'Error: HTTP 404 Not Found'],
  ['500', mirrors.broken, 'Error: HTTP 500 Internal Server Error'],
  ['a redirect to no address', mirrors.redirectsNowhere, 'Error: redirected to what is no address'],
  ['redirects without end', mirrors.redirectsToItself, 'Error: redirected too often'],
  ['a connection cut off', mirrors.cutsOff, /^Error: cut off after 50 of \d\d+ bytes$/],
  [
    'one cut off that announced no length',
    mirrors.cutsOffUnannounced,
    /^Error: cut off after 50 of an unknown number of bytes$/,
  ],
  ['more bytes than any file has', mirrors.endless, 'Error: sent more than 67108864 bytes'],
] as const) {
  test(`${what} is named`, async () => {
    assert.match((await complaintAbout(listener)).message, complaint);
  });
}

test('a request without an answer ends after connectMs', async () => {
  const { message, ms } = await complaintAbout(mirrors.silent, { connectMs: 40 });
  assert.is(message, 'Error: no answer within 0.04 s');
  assert.ok(ms < 4_000, `${ms} ms`);
});

test('a download that stalls ends after stallMs', async () => {
  const { message, ms } = await complaintAbout(mirrors.stalls, { stallMs: 150 });
  assert.is(message, 'Error: nothing came for 0.15 s, after 3 of 1000 bytes');
  assert.ok(ms < 4_000, `${ms} ms`);
});

test('steady pieces are no stall, for any number of pieces', () => {
  const steady: RequestListener = (_, response) => {
    let left = 30;
    const timer = setInterval(() => {
      if (left-- > 0) response.write('a');
      else {
        clearInterval(timer);
        response.end();
      }
    }, 20);
  };
  return mirrors.withMirror(steady, async (mirror) => {
    assert.is((await fetchFile(mirror + FILE, { ...PATIENCE, stallMs: 400 }, soon())).length, 30);
  });
});

test('a download that is too slow for the deadline ends long before it', async () => {
  const { message, ms } = await complaintAbout(mirrors.trickles, { speedMs: 40 });
  assert.match(message, /^Error: too slow: at 1 kB\/s it would take \d{3,} s more$/);
  assert.ok(ms < 10_000, `${ms} ms`);
});

test('no download exceeds the deadline', async () => {
  const { message, ms } = await complaintAbout(mirrors.stalls, {}, performance.now() + 60);
  assert.is(message, 'Error: the time for the whole download is up');
  assert.ok(ms < 4_000, `${ms} ms`);
});

test('redirects are followed, to other servers too', () =>
  mirrors.withMirror(mirrors.right, (good) =>
    mirrors.withMirror(mirrors.redirectsTo(good), async (elsewhere) => {
      assert.equal(await fetchFile(elsewhere + FILE, PATIENCE, soon()), await fetchFile(good + FILE, PATIENCE, soon()));
    }),
  ));

test.run();
