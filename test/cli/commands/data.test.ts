/**
 * @file Tests `data`: its output, its contact sheet, its exit codes, and a real download.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { RequestListener } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { digitsDataset } from '../../../src/data/digits/digits.js';
import { decodePng } from '../../../src/figures/png.js';
import { withMirror } from '../../datasets/mirror.js';
import { zdim } from '../run.js';

const root = mkdtempSync(join(tmpdir(), 'data-command-test-'));
test.after(() => rmSync(root, { recursive: true }));

/** Nothing is on the machine, and no mirror is there. */
const NOTHING = { MNIST_DIR: '', XDG_CACHE_HOME: join(root, 'empty'), ZDIM_MNIST_MIRRORS: 'http://127.0.0.1:9/' };
const TEST_DIGITS = ['data', '--data', 'digits', '--split', 'test'];

const expected = digitsDataset({ seed: '1', first: 60_000, count: 10_000 });

test('it tells name, count, origin, hash and classes, on stdout', async () => {
  const { code, stdout, stderr } = await zdim(TEST_DIGITS);
  assert.is(code, 0);
  assert.is(stderr, '');
  assert.match(stdout, /^data +digits\/test, 10000 images of 28 × 28$/m);
  assert.match(stdout, /^from +drawn by this program from the seed 1$/m);
  assert.match(stdout, new RegExp(`^sha256 +${expected.sha256} `, 'm'));
  assert.match(stdout, /^classes +0 +1000$/m);
  assert.match(stdout, /^ +9 +1000$/m);
});

test('--json: one object on stdout, and what it does for people on stderr', async () => {
  const { code, stdout, stderr } = await zdim(['data', '--split', 'test', '--json'], NOTHING);
  assert.is(code, 0);
  assert.match(
    stderr,
    /^MNIST is not on this machine: downloading it to .*\nCannot download .*\nMNIST is unavailable: .*\n$/,
  );
  const { classes, ...rest } = JSON.parse(stdout) as Record<string, unknown>;
  assert.equal(rest, {
    name: 'digits/test',
    kind: 'digits',
    origin: 'drawn by this program from the seed 1',
    ...{ count: 10_000, height: 28, width: 28, channels: 1 },
    sha256: expected.sha256,
  });
  assert.equal((classes as unknown[])[3], { label: 3, name: '3', count: 1000 });
});

test('--sheet writes a column a class and as many rows as --rows says, into a folder that it makes', async () => {
  const sheet = join(root, 'new', 'folder', 'sheet.png');
  const { code, stdout, stderr } = await zdim([...TEST_DIGITS, '--sheet', sheet, '--rows', '3']);
  assert.is(code, 0, stderr);
  assert.ok(stdout.includes(`sheet    ${sheet}\n`), stdout);
  const { width, height, rgba } = decodePng(readFileSync(sheet));
  assert.is(width, 10 * 56 + 9 * 2);
  assert.ok(height > 3 * 56 + 2 * 2, 'the images, and a caption');
  for (const digit of [0, 9]) {
    const first = expected.labels.indexOf(digit) * 784;
    for (let x = 0; x < 28; x++) {
      const pixel = 28 * width + digit * 58 + 2 * x;
      assert.is(rgba[pixel * 4], expected.pixels[first + 14 * 28 + x], `the middle row of the first ${digit}`);
    }
  }
});

test('an unavailable dataset: code 1 and one line', async () => {
  const { code, stdout, stderr } = await zdim(['data', '--data', 'mnist', '--json'], NOTHING);
  assert.is(code, 1);
  assert.is(stdout, '');
  assert.match(stderr, /^MNIST is not on .*\nerror: Cannot download train-images-idx3-ubyte: .*\n$/);
});

test('mistakes: code 2 and one line', async () => {
  for (const [args, message] of [
    [['--data', 'cifar'], /--data <kind>.*'cifar'.*auto, mnist, digits, fashion/],
    [['--rows', '0'], /--rows <count>.*'0'.*from 1 to 1000/],
    [['--data', 'digits', '--data-dir', root], /--data digits .* takes no --data-dir/],
  ] as const) {
    const { code, stdout, stderr } = await zdim(['data', ...args]);
    assert.is(code, 2, stderr);
    assert.match(stderr, message);
    assert.is(stderr.trimEnd().split('\n').length, 1, stderr);
    assert.is(stdout, '');
  }
});

test('--help tells defaults and an example', async () => {
  const { code, stdout } = await zdim(['data', '--help']);
  assert.is(code, 0);
  for (const part of [/default:\s+"auto"/, /default:\s+10/, /--json/, /node dist\/cli\S* data --data digits --sheet/]) {
    assert.match(stdout, part);
  }
});

const real = process.env.MNIST_DIR ?? '';
if (real === '') {
  console.log(
    'SKIPPED a download of real MNIST from a mirror on this machine: set MNIST_DIR to the folder that holds it',
  );
} else {
  test('real MNIST is downloaded, with progress, and found in the cache from then on', () => {
    const serve: RequestListener = ({ url = '' }, response) => {
      const path = join(real, url.replace('/mnist/', ''));
      if (existsSync(path)) {
        const bytes = readFileSync(path);
        response.writeHead(200, { 'content-length': bytes.length }).end(bytes);
      } else response.writeHead(404).end();
    };
    return withMirror(serve, async (mirror, requests) => {
      const empty = { MNIST_DIR: '', XDG_CACHE_HOME: join(root, 'filled') };
      const env = { ...empty, ZDIM_MNIST_MIRRORS: `http://127.0.0.1:9,${mirror}` };
      const first = await zdim(['data'], env);
      assert.is(first.code, 0, first.stderr);
      const folder = join(root, 'filled', 'zdim-gan-lab', 'mnist');
      const { stdout } = first;
      assert.ok(stdout.startsWith(`MNIST is not on this machine: downloading it to ${folder} ...\n`), stdout);
      assert.match(stdout, /^ {2}t10k-labels-idx1-ubyte: 4\.\d KiB of 4\.\d KiB from 127\.0\.0\.1:\d+$/m);
      assert.match(stdout, /^ {2}skipped the mirror http:\/\/127\.0\.0\.1:9\/train-images.*ECONNREFUSED/m);
      assert.match(stdout, /^data +mnist\/train, 60000 images of 28 × 28$/m);
      assert.ok(stdout.includes(`from     ${folder}\n`), stdout);
      assert.is(requests.length, 4);

      const again = await zdim(['data'], empty);
      assert.match(again.stdout, /^data +mnist\/train/, 'the first line: nothing is downloaded');

      // Damaged, as by a copy that broke off: it is fetched again, and nothing else is.
      writeFileSync(join(folder, 'train-labels-idx1-ubyte.gz'), 'half');
      const mended = await zdim(['data'], env);
      assert.match(mended.stdout, /^data +mnist\/train/m);
      assert.is(requests.length, 5);
    });
  });
}

test.run();
