/**
 * @file Which images are chosen: from a folder, the environment, the cache, mirrors, or drawn; and never by a wrong name.
 */
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { chooseDataset, type ChosenDataset, type DataKind } from '../../../src/cli/commands/data.js';
import { DownloadReport } from '../../../src/cli/terminal/downloadProgress.js';
import { rejection, smallMnist } from '../../data/fixtures.js';
import { cutsOff, notFound, otherBytes, withMirror } from '../../datasets/mirror.js';

const root = mkdtempSync(join(tmpdir(), 'data-test-'));
test.after(() => rmSync(root, { recursive: true }));

/** A folder of files that nobody has published. */
const own = join(root, 'own');
mkdirSync(own);
for (const [name, bytes] of Object.entries(smallMnist())) writeFileSync(join(own, name), bytes);

const real = process.env.MNIST_DIR ?? '';
if (real === '') {
  console.log('SKIPPED a dataset of another name than asked for: set MNIST_DIR to the folder that holds real MNIST');
}

/** Nobody listens there. */
const CLOSED = 'http://127.0.0.1:9/';

/** Asks for the test split, which is smaller, with an empty cache and no mirror unless `env` says so. */
async function choose(
  request: { kind?: DataKind; folder?: string; seed?: string },
  env: Readonly<Record<string, string>> = {},
): Promise<{ chosen: ChosenDataset; said: readonly string[]; important: readonly string[] }> {
  const nothing = { MNIST_DIR: '', FASHION_MNIST_DIR: '', XDG_CACHE_HOME: join(root, 'cache') };
  Object.assign(process.env, nothing, { ZDIM_MNIST_MIRRORS: CLOSED, ZDIM_FASHION_MNIST_MIRRORS: CLOSED }, env);
  const [said, important]: string[][] = [[], []];
  const say = (line: string, seen = false): void => {
    (seen ? important : said)?.push(line);
  };
  const chosen = await chooseDataset({ kind: 'auto', seed: '1', split: 'test', say, ...request });
  return { chosen, said: said ?? [], important: important ?? [] };
}

const INSTEAD = 'MNIST cannot be had: these are the BUILT-IN DIGITS, which are drawn, not MNIST.';

test('digits are drawn by their seed; the test images are none of the training images', async () => {
  const { chosen, said } = await choose({ kind: 'digits', seed: 'two' });
  const { dataset, kind, folder, origin, classes } = chosen;
  assert.equal([dataset.name, dataset.count, kind, folder], ['digits/test', 10_000, 'digits', undefined]);
  assert.is(origin, 'drawn by this program from the seed two');
  assert.is(classes[7], '7');
  assert.equal(said, []);
  assert.match(
    await rejection(choose({ kind: 'digits', folder: own })),
    /^UsageError: --data digits .* no --data-dir$/,
  );
});

test('a folder’s files that nobody published are taken, with a line, and not called MNIST', async () => {
  for (const kind of ['auto', 'mnist', 'fashion'] as const) {
    const { chosen, said } = await choose({ kind, folder: own });
    assert.equal([chosen.dataset.name, chosen.kind, chosen.folder, chosen.origin], ['idx/test', kind, own, own]);
    assert.is(said.length, 1);
    assert.match(said[0]!, `The files in ${own} are not those that ${kind === 'fashion' ? 'Fashion-' : ''}MNIST was`);
  }
});

test('a folder that holds nothing is an error, whatever the environment has', async () => {
  const message = await rejection(choose({ folder: root }, { MNIST_DIR: own }));
  assert.match(message, `MnistError: No MNIST: folder ${root} holds no train-images-idx3-ubyte[.gz].`);
});

test('$MNIST_DIR is looked into first; one that holds nothing is named', async () => {
  const { chosen } = await choose({}, { MNIST_DIR: own });
  assert.equal([chosen.dataset.name, chosen.folder], ['idx/test', own]);
  const { chosen: instead, said } = await choose({}, { MNIST_DIR: root });
  assert.is(instead.kind, 'digits');
  assert.is(said[0], `$MNIST_DIR is ${root}, which holds no MNIST: looking elsewhere.`);
});

for (const [what, listener, complaint] of [
  ['that have no such file', notFound, 'HTTP 404'],
  ['that have other bytes', otherBytes, 'wrong bytes'],
  ['that cut off', cutsOff, 'cut off after 50 of'],
] as const) {
  test(`auto with mirrors ${what}: the built-in digits, a bold line that says so, and nothing in the cache`, () =>
    withMirror(listener, (mirror) =>
      withMirror(listener, async (other) => {
        const cache = join(root, `cache ${what}`);
        const env = { ZDIM_MNIST_MIRRORS: `${mirror}, ${other}/`, XDG_CACHE_HOME: cache };
        const { chosen, said, important } = await choose({}, env);
        assert.equal([chosen.dataset.name, chosen.kind], ['digits/test', 'digits']);
        assert.equal(important, [INSTEAD]);
        for (const url of [mirror, other]) {
          assert.match(said.at(-1) ?? '', `${url}/train-images-idx3-ubyte.gz: ${complaint}`);
        }
        assert.equal(readdirSync(join(cache, 'zdim-gan-lab', 'mnist')), []);
      }),
    ));
}

test('asked for by name, a dataset that cannot be had is an error, with where to get it', async () => {
  for (const [kind, title, host] of [
    ['mnist', 'MNIST', 'ossci-datasets'],
    ['fashion', 'Fashion-MNIST', 'zalandoresearch'],
  ] as const) {
    const message = await rejection(choose({ kind }));
    assert.match(
      message,
      /^MnistError: Cannot download train-images-idx3-ubyte: http:\/\/127\.0\.0\.1:9\/.*ECONNREFUSED/,
    );
    assert.match(message, `${title} is at https://`);
    assert.match(message, host);
  }
});

test('a cache that cannot be written is named, with what to do; auto goes on with the digits', async () => {
  const env = { XDG_CACHE_HOME: join(own, 'train-labels-idx1-ubyte') };
  const message = await rejection(choose({ kind: 'mnist' }, env));
  assert.match(message, /Cannot keep a download: cannot create the folder .*ENOTDIR.*XDG_CACHE_HOME/);
  const { chosen, said, important } = await choose({}, env);
  assert.equal([chosen.kind, important], ['digits', [INSTEAD]]);
  assert.match(said.at(-1) ?? '', /^Cannot keep a download/);
});

test('mirrors that are no URLs are a mistake that names the variable', async () => {
  for (const kind of ['auto', 'fashion'] as const) {
    const variable = kind === 'auto' ? 'ZDIM_MNIST_MIRRORS' : 'ZDIM_FASHION_MNIST_MIRRORS';
    for (const value of ['mirror.example', `${CLOSED},`, 'ftp://a/']) {
      const message = await rejection(choose({ kind }, { [variable]: value }));
      assert.match(message, `UsageError: $${variable} takes http or https URLs with commas between them, got "`);
    }
  }
});

if (real !== '') {
  test('a dataset of another name than asked for is refused; by auto and a folder it is taken under its own', async () => {
    const refused = 'holds MNIST, not Fashion-MNIST; --data mnist asks for that';
    assert.is(await rejection(choose({ kind: 'fashion', folder: real })), `UsageError: --data-dir ${real} ${refused}`);
    assert.is(
      await rejection(choose({ kind: 'fashion' }, { FASHION_MNIST_DIR: real })),
      `UsageError: $FASHION_MNIST_DIR, ${real}, ${refused}`,
    );
    const { chosen, said } = await choose({ folder: real });
    assert.equal([chosen.dataset.name, chosen.kind, chosen.folder, said], ['mnist/test', 'mnist', real, []]);
  });
}

test('off a terminal, a download shows as a line a file, and not as one a piece', () => {
  const lines: string[] = [];
  const report = new DownloadReport((line) => lines.push(line), false);
  for (const file of ['first', 'second']) {
    for (const receivedBytes of [1024, 2048, 4096]) {
      report.update({ file, url: `https://mirror.example/a/${file}.gz`, receivedBytes, totalBytes: 4096 });
    }
  }
  report.stop();
  assert.equal(lines, [
    '  first: 4.0 KiB of 4.0 KiB from mirror.example',
    '  second: 4.0 KiB of 4.0 KiB from mirror.example',
  ]);
});

test.run();
