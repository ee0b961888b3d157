/**
 * @file `--data stacked` as a process: `data` tells of it, `train` takes it and goes on with the same bytes, pictures are
 * in colour, and what reads images of one channel says that it does not read these.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { decodePng } from '../../src/figures/png.js';
import { readRun } from '../../src/training/run/runFiles.js';
import { rejection, withFolder } from '../data/fixtures.js';
import { chooseDataset } from '../../src/cli/options/dataOptions.js';
import { slow } from '../support/slow.js';
import { type Ending, zdim } from './run.js';
import { contents, TRAIN_TINY, writeMnist } from './tinyRun.js';

const root = mkdtempSync(join(tmpdir(), 'stacked-test-'));
test.after(() => rmSync(root, { recursive: true }));

const data = writeMnist(join(root, 'data'));
const STACKED = ['--data', 'stacked', '--data-dir', data];

async function train(out: string, ...more: string[]): Promise<Ending> {
  return await zdim([...TRAIN_TINY, '--sample-every', '2', '--keep', 'all', '--out', join(root, out), ...more]);
}

let made: Ending | undefined;

/** The run of four iterations into `whole`, made once. */
async function whole(): Promise<Ending> {
  made ??= await train('whole', ...STACKED, '--iterations', '4');
  return made;
}

/** Pixels of a picture that are no shade of grey. */
function countColoured(path: string): number {
  const { rgba } = decodePng(readFileSync(path));
  let count = 0;
  for (let at = 0; at < rgba.length; at += 4) if (rgba[at] !== rgba[at + 1] || rgba[at] !== rgba[at + 2]) count++;
  return count;
}

test('the images of a folder are stacked by the seed; each split has a number of its own', async () => {
  const say = (): void => undefined;
  const choose = (seed: string, split: 'train' | 'test') =>
    chooseDataset({ kind: 'stacked', folder: data, seed, split, say });
  const { dataset, kind, folder, origin, classes } = await choose('1', 'train');
  assert.equal([dataset.name, dataset.count, dataset.channels], ['stacked-idx/train', 128_000, 3]);
  assert.equal([kind, folder, classes.length, classes[42]], ['stacked', data, 1000, '042']);
  assert.is(origin, `three digits an image, drawn by the seed 1, from ${data}`);
  assert.is((await choose('1', 'train')).dataset.sha256, dataset.sha256);
  assert.is.not((await choose('2', 'train')).dataset.sha256, dataset.sha256);
  const held = (await choose('1', 'test')).dataset;
  assert.equal([held.name, held.count], ['stacked-idx/test', 26_000]);
});

test('a folder without MNIST is an error that names it', () =>
  withFolder({}, async (empty) => {
    const wanted = chooseDataset({ kind: 'stacked', folder: empty, seed: '1', say: () => undefined });
    assert.match(await rejection(wanted), `MnistError: No MNIST: folder ${empty} holds no train-images-idx3-ubyte`);
  }));

test('data: 1,000 classes in a line, and a sheet with a column for each red digit', async () => {
  const sheet = join(root, 'sheet.png');
  const { code, stdout, stderr } = await zdim(['data', ...STACKED, '--split', 'test', '--sheet', sheet, '--rows', '2']);
  assert.is(code, 0, stderr);
  assert.match(stdout, /^data +stacked-idx\/test, 26000 images of 28 × 28 × 3$/m);
  assert.match(stdout, /^classes +1000, with 0 to \d+ images each$/m);
  const { width } = decodePng(readFileSync(sheet));
  assert.is(width, 10 * 56 + 9 * 2);
  assert.ok(countColoured(sheet) > 1000);
});

slow('train: run.json tells of the images, there are no looks, and the pictures are in colour', async () => {
  const { code, stdout, stderr } = await whole();
  assert.is(code, 0, stderr);
  assert.match(stdout, /^data +stacked-idx\/train, 128000 images$/m);
  assert.match(stdout, /^eval +none: stacked-idx\/train has images of 3 channels, evaluations take one channel/m);
  const { dataset, arguments: args } = readRun(join(root, 'whole'));
  assert.equal([dataset.kind, dataset.name, dataset.count], ['stacked', 'stacked-idx/train', 128_000]);
  assert.is(args.diagnosis, undefined);
  for (const kind of ['fixed', 'fresh', 'walk']) {
    const path = join(root, 'whole', 'images', `${kind}-000004.png`);
    assert.ok(countColoured(path) > 1000, path);
  }
});

slow('train: going on ends with the bytes of a run that was never stopped', async () => {
  await whole();
  const begun = await train('begun', ...STACKED, '--iterations', '2');
  assert.is(begun.code, 0, begun.stderr);
  const { code, stderr } = await zdim(['train', '--resume', join(root, 'begun'), '--iterations', '4']);
  assert.is(code, 0, stderr);
  assert.equal(contents(join(root, 'begun')), contents(join(root, 'whole')));
});

slow('sample, interpolate and timelapse draw its generator in colour', async () => {
  await whole();
  const run = join(root, 'whole');
  for (const command of ['sample', 'interpolate']) {
    const out = join(root, `${command}.png`);
    const { code, stderr } = await zdim([command, run, '--out', out]);
    assert.is(code, 0, stderr);
    assert.ok(countColoured(out) > 1000, command);
  }
  const out = join(root, 'lapse.gif');
  const { code, stdout, stderr } = await zdim(['timelapse', run, '--out', out]);
  assert.is(code, 0, stderr);
  assert.is(stdout, `2 pictures: ${out}\n`);
});

slow('what reads images of one channel refuses them, with the reason', async () => {
  await whole();
  const reason = /stacked-idx\/train has images of 3 channels, evaluations take one channel/;
  for (const [flag, value] of [
    ['--diagnose', '100'],
    ['--stop-on', 'collapsed'],
  ] as const) {
    const { code, stderr } = await train('refused', ...STACKED, '--iterations', '2', flag, value);
    assert.is(code, 2, stderr);
    assert.match(stderr, new RegExp(`^error: ${flag}: ${reason.source}`));
  }
  const diagnosed = await zdim(['diagnose', join(root, 'whole')]);
  assert.is(diagnosed.code, 2);
  assert.match(diagnosed.stderr, reason);
  const study = await zdim(['study', '--data', 'stacked']);
  assert.is(study.code, 2);
  assert.match(study.stderr, /'stacked' is invalid.*auto, mnist, digits, fashion\./);
});

test.run();
