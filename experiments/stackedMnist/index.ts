/**
 * @file Measures mode collapse on Stacked MNIST: how many of 1,000 modes generators cover, beside published figures.
 *
 *     node --import tsx experiments/stackedMnist/index.ts --data-dir path/to/mnist --run "DCGAN=runs/a" --run "PacDCGAN2=runs/b"
 *
 * writes docs/stacked-mnist.json, docs/stacked-mnist.md and a picture for each run. Runs are those of `train --data stacked`.
 * Without --run this project's DCGAN is trained first, at the published learning rates; with `--width 1 --batch 64
 * --iterations 100000` as long as in PacGAN's protocol, which takes a GPU. The page and published.ts say what differs from the
 * protocol even then. Not part of `npm run bench`. Flags:
 *
 *     --run LABEL=FOLDER   a finished run, judged by its newest checkpoint; repeatable
 *     --add                keeps the earlier results, except for runs with the same label
 *     --classifier FILE    judges by this classifier, such as a Keras mnist_cnn of `classify train --arch keras`
 *     --samples N          26,000, as published
 *     --out PATH           where the results are written, without an ending
 *     --width F, --batch N, --iterations N, --seed TEXT    of the DCGAN that is trained; 0.5, 64, 1000, 1
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Engine } from '../../src/autograd/engine.js';
import { STACKED_SAMPLES } from '../../src/data/stackedMnist.js';
import { locateMnist } from '../../src/datasets/mnist.js';
import { openDevice } from '../../src/host/node/device.js';
import { tuningFile } from '../../src/host/node/tuningFile.js';
import { misuse, parseFlags } from '../../bench/support/flags.js';
import { benchmark, type LabelledRun, OUT } from './benchmark.js';
import { SHOWN } from './judging.js';
import { PUBLISHED_RATE } from './published.js';
import { dcganArguments, labelledRun, runFolder } from './training.js';

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
  throw new Error(`--samples ${values.samples}: it takes an integer, ${SHOWN} or more`);
}
const wanted = values.run.length > 0 ? values.run.map(labelledRun) : [trainDcgan(folder)];

const device = await openDevice();
await benchmark(new Engine(device, { store: tuningFile() }), {
  ...{ runs: wanted, mnist: folder, samples, classifier: values.classifier, add: values.add, out: values.out },
  ...{ command: commandOf(), print: (line: string) => console.log(line) },
});
device.destroy();

/** Trains this project's DCGAN at the published learning rates, with the sizes of the flags. */
function trainDcgan(from: string): LabelledRun {
  const { width, batch, iterations, seed } = values;
  const rate = PUBLISHED_RATE;
  const path = runFolder(`stacked-dcgan-rate${rate}-width${width}-batch${batch}-${iterations}-seed${seed}`);
  const args = existsSync(path)
    ? ['train', '--resume', path]
    : dcganArguments({ width, batch, iterations, seed }, from, path);
  const { status } = spawnSync(process.execPath, ['--import', 'tsx', PROGRAM, ...args], { stdio: 'inherit' });
  if (status !== 0) throw new Error(`train ended with exit code ${status ?? 'none'}`);
  return { label: 'DCGAN', path };
}

/** The command without this machine's folders: runs are in the folders that the page's commands write. */
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
