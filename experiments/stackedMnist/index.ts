/**
 * @file Stacked MNIST as a benchmark of mode collapse: how many of 1,000 modes generators cover, beside published figures.
 *
 *     node --import tsx experiments/stackedMnist/index.ts --data-dir path/to/mnist --run "DCGAN=runs/a" --run "PacDCGAN2=runs/b"
 *
 * writes docs/stacked-mnist.json, docs/stacked-mnist.md and a picture for each. Runs are those of `train --data stacked`;
 * without --run this project's DCGAN is trained first, at the published learning rates. It is trained as long as PacGAN's
 * protocol has it by `--width 1 --batch 64 --iterations 100000`, where a GPU is at hand; what differs from the protocol
 * even then is in published.ts and on the page. No part of `npm run bench`. Flags:
 *
 *     --run LABEL=FOLDER   a finished run, judged by its newest checkpoint; any number of times
 *     --add                keeps what is in the results already, but for runs of the same label
 *     --classifier FILE    judges by this classifier, such as a Keras mnist_cnn of `classify train --arch keras`
 *     --samples N          26,000, as published
 *     --out PATH           where the results go, without an ending
 *     --width F, --batch N, --iterations N, --seed TEXT    of the DCGAN that is trained; 0.5, 64, 1000, 1
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { format, resolveConfig } from 'prettier';
import { Engine } from '../../src/autograd/engine.js';
import { loadMnist, locateMnist } from '../../src/datasets/mnist.js';
import { STACKED_SAMPLES, stackedMnist } from '../../src/data/stackedMnist.js';
import { encodePng, imageGrid } from '../../src/figures/png.js';
import { openDevice } from '../../src/host/node/device.js';
import { tuningFile } from '../../src/host/node/tuningFile.js';
import type { StackedCoverage } from '../../src/evaluation/modes/stackedModes.js';
import { judgeReal, judgeRun, openJudge, SHOWN } from './judging.js';
import { pageOf } from './page.js';
import { PUBLISHED_RATE } from './published.js';
import { earlierResults, type JudgedRun, type Results, withRuns } from './results.js';
import { runFolder } from './training.js';
import { misuse, parseFlags } from '../../bench/support/flags.js';

const OUT = 'docs/stacked-mnist';
const PROGRAM = fileURLToPath(new URL('../../src/cli/index.ts', import.meta.url));

const { values } = parseFlags(import.meta.url, {
  options: {
    'data-dir': { type: 'string' },
    run: { type: 'string', multiple: true, default: [] },
    add: { type: 'boolean', default: false },
    classifier: { type: 'string' },
    samples: { type: 'string', default: String(STACKED_SAMPLES) },
    out: { type: 'string', default: OUT },
    width: { type: 'string', default: '0.5' },
    batch: { type: 'string', default: '64' },
    iterations: { type: 'string', default: '1000' },
    seed: { type: 'string', default: '1' },
  },
});

const folder = values['data-dir'];
if (folder === undefined) misuse('--data-dir names the folder of the four MNIST files');
await locateMnist({ explicit: folder });
const samples = Number(values.samples);
if (!Number.isInteger(samples) || samples < SHOWN) {
  throw new Error(`--samples ${values.samples}: it takes a whole number, ${SHOWN} or more`);
}
const wanted = values.run.length > 0 ? values.run.map(runOf) : [trainDcgan(folder)];

const device = await openDevice();
const engine = new Engine(device, { store: tuningFile() });
const { judge, model } = openJudge(engine, values.classifier);
const before = values.add ? earlierResults(`${values.out}.json`, judge, samples) : undefined;

const real = before?.real ?? (await realImages(folder));
const judged: JudgedRun[] = [];
for (const { label, path } of wanted) {
  const picture = pictureOf(label);
  const { run, first } = await judgeRun(engine, model, { label, path, picture }, samples);
  writePicture(picture, first);
  judged.push(run);
  console.log(`${label}: ${toldOf(run)}, iteration ${run.iteration}`);
  const commands = [...(before?.commands ?? []), commandOf()];
  await write({ commands, judge, real, runs: withRuns(before?.runs ?? [], judged) });
}
device.destroy();

async function realImages(from: string): Promise<Results['real']> {
  const dataset = stackedMnist(await loadMnist(from, 'test'), { seed: 'real', count: samples });
  const { coverage, first } = await judgeReal(engine, model, dataset, samples);
  console.log(`real images: ${toldOf(coverage)}`);
  const picture = pictureOf('real');
  writePicture(picture, first);
  return { ...coverage, dataset: dataset.name, picture };
}

function toldOf({ modes, divergence, sure, sureModes }: StackedCoverage): string {
  const surely = `${(100 * sure).toFixed(1)} % surely read, of ${sureModes} modes`;
  return `${modes} modes, KL ${divergence.toFixed(3)}, ${surely}`;
}

/** This project's DCGAN at the published learning rates, and of the sizes that the flags tell. */
function trainDcgan(from: string): { label: string; path: string } {
  const { width, batch, iterations, seed } = values;
  const rate = PUBLISHED_RATE;
  const path = runFolder(`stacked-dcgan-rate${rate}-width${width}-batch${batch}-${iterations}-seed${seed}`);
  const rates = ['--lr-generator', rate, '--lr-discriminator', rate];
  const sizes = ['--width', width, '--batch', batch, '--iterations', iterations, '--seed', seed, ...rates];
  const args = existsSync(path)
    ? ['--resume', path]
    : ['--z', '100', '--data', 'stacked', '--data-dir', from, ...sizes, '--sample-every', iterations, '--out', path];
  const { status } = spawnSync(process.execPath, ['--import', 'tsx', PROGRAM, 'train', ...args], { stdio: 'inherit' });
  if (status !== 0) throw new Error(`train ended with exit code ${status ?? 'none'}`);
  return { label: 'DCGAN', path };
}

async function write(results: Results): Promise<void> {
  writeFileSync(`${values.out}.json`, await pretty(JSON.stringify(results), 'json'));
  writeFileSync(`${values.out}.md`, await pretty(pageOf(results), 'markdown'));
}

async function pretty(text: string, parser: string): Promise<string> {
  return format(text, { ...(await resolveConfig(`${OUT}.json`)), parser });
}

/** Beside the page, by the label. */
function pictureOf(label: string): string {
  const word = label.toLowerCase().replace(/[^a-z0-9]+/g, '-');
  return `images/${basename(values.out)}-${word}.png`;
}

function writePicture(picture: string, images: Float32Array): void {
  const path = join(dirname(values.out), picture);
  mkdirSync(dirname(path), { recursive: true });
  const shape = { count: SHOWN, height: 28, width: 28, channels: 3, columns: SHOWN, scale: 2 };
  writeFileSync(path, encodePng(imageGrid(images, shape)));
}

function runOf(given: string): { label: string; path: string } {
  const at = given.indexOf('=');
  if (at < 1) throw new Error(`--run ${given}: it takes LABEL=FOLDER`);
  return { label: given.slice(0, at), path: given.slice(at + 1) };
}

/** Without folders that only one machine has: runs lie where their commands on the page leave them. */
function commandOf(): string {
  const { run, add, classifier, width, batch, iterations, seed } = values;
  const given = run.map((each) => `--run '${each.slice(0, each.indexOf('='))}=${runFolder(basename(each))}'`);
  const trained = `--width ${width} --batch ${batch} --iterations ${iterations} --seed ${seed}`;
  return [
    'node --import tsx experiments/stackedMnist/index.ts --data-dir path/to/mnist',
    ...(run.length > 0 ? given : [trained]),
    ...(add ? ['--add'] : []),
    ...(classifier === undefined ? [] : [`--classifier path/to/${basename(classifier)}`]),
    ...(samples === STACKED_SAMPLES ? [] : [`--samples ${samples}`]),
  ].join(' ');
}
