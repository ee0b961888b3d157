/**
 * @file Tests where `openDataset` finds images: a folder, the environment, the cache, mirrors, or drawn; never under a wrong name.
 */
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  type DatasetWarning,
  openDataset,
  type OpenDatasetOptions,
  type OpenedDataset,
} from '../../src/datasets/open.js';
import { rejection, smallMnist } from '../data/fixtures.js';
import { cutsOff, notFound, otherBytes, withMirror } from './mirror.js';

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

/** Opens the test split, which is smaller; by default with an empty cache and no mirror. */
async function choose(
  request: OpenDatasetOptions,
  env: Readonly<Record<string, string>> = {},
): Promise<{ chosen: OpenedDataset; warnings: readonly DatasetWarning[] }> {
  const nothing = { MNIST_DIR: '', FASHION_MNIST_DIR: '', XDG_CACHE_HOME: join(root, 'cache') };
  Object.assign(process.env, nothing, { ZDIM_MNIST_MIRRORS: CLOSED, ZDIM_FASHION_MNIST_MIRRORS: CLOSED }, env);
  const warnings: DatasetWarning[] = [];
  const warning = (each: DatasetWarning): void => void warnings.push(each);
  return { chosen: await openDataset({ split: 'test', ...request }, { warning }), warnings };
}

/** The reason of the only warning, which must be that `auto` draws the built-in digits. */
function fallbackReason(warnings: readonly DatasetWarning[]): string {
  const last = warnings.at(-1);
  if (last?.type !== 'fallback') throw new Error(`got ${JSON.stringify(warnings)}; it takes a fallback`);
  return last.reason;
}

test('the seed determines the digits; test images are different from training images', async () => {
  const { chosen, warnings } = await choose({ kind: 'digits', seed: 'two' });
  const { dataset, kind, folder, origin, classes } = chosen;
  assert.equal([dataset.name, dataset.count, kind, folder], ['digits/test', 10_000, 'digits', undefined]);
  assert.is(origin, 'drawn by this program from the seed two');
  assert.is(classes[7], '7');
  assert.equal(warnings, []);
  assert.match(
    await rejection(choose({ kind: 'digits', folder: own })),
    /^DatasetRequestError: the built-in digits are drawn and read no folder, got /,
  );
});

test('unpublished files in a folder are used with a warning, and not called MNIST', async () => {
  for (const kind of ['auto', 'mnist', 'fashion'] as const) {
    const { chosen, warnings } = await choose({ kind, folder: own });
    assert.equal([chosen.dataset.name, chosen.kind, chosen.folder, chosen.origin], ['idx/test', kind, own, own]);
    const title = kind === 'fashion' ? 'Fashion-MNIST' : 'MNIST';
    assert.equal(warnings, [{ type: 'unpublished', folder: own, title }]);
  }
});

test('a requested folder without the files is an error, whatever the environment has', async () => {
  const message = await rejection(choose({ folder: root }, { MNIST_DIR: own }));
  assert.match(message, `MnistError: No MNIST: folder ${root} holds no train-images-idx3-ubyte[.gz].`);
});

test('$MNIST_DIR is searched first; one without the files is named in a warning', async () => {
  const { chosen } = await choose({}, { MNIST_DIR: own });
  assert.equal([chosen.dataset.name, chosen.folder], ['idx/test', own]);
  const { chosen: instead, warnings } = await choose({}, { MNIST_DIR: root });
  assert.is(instead.kind, 'digits');
  assert.equal(warnings[0], { type: 'emptyVariable', variable: '$MNIST_DIR', folder: root, title: 'MNIST' });
});

for (const [what, listener, complaint] of [
  ['that have no such file', notFound, 'HTTP 404'],
  ['that have other bytes', otherBytes, 'wrong bytes'],
  ['that cut off', cutsOff, 'cut off after 50 of'],
] as const) {
  test(`auto with mirrors ${what}: the built-in digits, a warning, and nothing in the cache`, () =>
    withMirror(listener, (mirror) =>
      withMirror(listener, async (other) => {
        const cache = join(root, `cache ${what}`);
        const env = { ZDIM_MNIST_MIRRORS: `${mirror}, ${other}/`, XDG_CACHE_HOME: cache };
        const { chosen, warnings } = await choose({}, env);
        assert.equal([chosen.dataset.name, chosen.kind], ['digits/test', 'digits']);
        for (const url of [mirror, other]) {
          assert.match(fallbackReason(warnings), `${url}/train-images-idx3-ubyte.gz: ${complaint}`);
        }
        assert.equal(readdirSync(join(cache, 'zdim-gan-lab', 'mnist')), []);
      }),
    ));
}

test('a dataset requested by name that cannot be downloaded is an error that says where to get it', async () => {
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

test('a cache that cannot be written is named, with what to do; auto draws the digits', async () => {
  const env = { XDG_CACHE_HOME: join(own, 'train-labels-idx1-ubyte') };
  const message = await rejection(choose({ kind: 'mnist' }, env));
  assert.match(message, /Cannot keep a download: cannot create the folder .*ENOTDIR.*XDG_CACHE_HOME/);
  const { chosen, warnings } = await choose({}, env);
  assert.is(chosen.kind, 'digits');
  assert.match(fallbackReason(warnings), /^Cannot keep a download/);
});

test('unknown names are refused with the names there are', async () => {
  const unknown: object[] = [{ kind: 'nope' }, { kind: 'digits', split: 'foo' }];
  assert.equal(await Promise.all(unknown.map((options) => rejection(openDataset(options)))), [
    'DatasetRequestError: kind takes auto, mnist, digits, fashion, stacked, got "nope"',
    'DatasetRequestError: split takes train, test, got "foo"',
  ]);
});

test('mirrors that are not URLs are refused with the variable’s name', async () => {
  for (const kind of ['auto', 'fashion'] as const) {
    const variable = kind === 'auto' ? 'ZDIM_MNIST_MIRRORS' : 'ZDIM_FASHION_MNIST_MIRRORS';
    for (const value of ['mirror.example', `${CLOSED},`, 'ftp://a/']) {
      const message = await rejection(choose({ kind }, { [variable]: value }));
      assert.match(message, `DatasetRequestError: $${variable} takes http or https URLs separated by commas, got "`);
    }
  }
});

if (real !== '') {
  test('a folder with another dataset than requested is refused; `auto` opens it under its own name', async () => {
    const refused = 'holds MNIST, not Fashion-MNIST; it opens as mnist';
    assert.is(await rejection(choose({ kind: 'fashion', folder: real })), `DatasetRequestError: ${real} ${refused}`);
    assert.is(
      await rejection(choose({ kind: 'fashion' }, { FASHION_MNIST_DIR: real })),
      `DatasetRequestError: $FASHION_MNIST_DIR (${real}) ${refused}`,
    );
    const { chosen, warnings } = await choose({ folder: real });
    assert.equal([chosen.dataset.name, chosen.kind, chosen.folder, warnings], ['mnist/test', 'mnist', real, []]);
  });
}

test.run();
