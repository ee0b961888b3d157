/**
 * @file The benchmark of Stacked MNIST: its page sets ours beside the published figures and says where ours is shorter,
 * runs can be added, and the script judges a run by few samples.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { benchmark } from '../../experiments/stackedMnist/benchmark.js';
import { pageOf } from '../../experiments/stackedMnist/page.js';
import {
  earlierResults,
  type Judge,
  type JudgedRun,
  type Results,
  withRuns,
} from '../../experiments/stackedMnist/results.js';
import { labelledRun, trainCommand, trainingOf } from '../../experiments/stackedMnist/training.js';
import { Engine } from '../../src/autograd/engine.js';
import type { RunArguments } from '../../src/training/run/runDescription.js';
import { readRun } from '../../src/training/run/runFiles.js';
import { TRAIN_TINY, writeMnist } from '../cli/tinyRun.js';
import { runCommand } from '../support/commandLine.js';
import { openTestDevice } from '../support/device.js';
import { slow } from '../support/slow.js';

const root = mkdtempSync(join(tmpdir(), 'stacked-bench-'));
test.after(() => rmSync(root, { recursive: true }));

const JUDGE: Judge = { file: 'bundled', sha256: 'a'.repeat(64), classifier: 'article', testAccuracy: 0.9946 };

function runOf(label: string, iteration: number, objective?: RunArguments['objective']): JudgedRun {
  const args: RunArguments = {
    ...{ architecture: 'dcgan', zDim: 100, width: 0.5, batch: 64, iterations: iteration + 5, sampleEvery: 100 },
    ...{ checkpointEvery: 100, keep: 3, seed: '1', preset: 'standard', keepBest: 'none' },
    ...(objective === undefined ? {} : { objective }),
  };
  return {
    ...{ label, name: `run-${label}`, iteration, arguments: args, ...trainingOf(args, iteration) },
    ...{ samples: 26_000, modes: 812, divergence: 1.23456, sure: 0.1234, sureModes: 345 },
    ...{ dataset: 'stacked-mnist/train', device: 'llvmpipe', seconds: 480, picture: 'images/one.png' },
  };
}

function resultsOf(runs: readonly JudgedRun[]): Results {
  const real = {
    samples: 26_000,
    modes: 1000,
    divergence: 0.0248,
    sure: 0.9712,
    sureModes: 1000,
    dataset: 'stacked-mnist/test',
    picture: 'images/real.png',
  };
  return { commands: ['node one', 'node two'], judge: JUDGE, real, runs };
}

test('the page sets ours beside the published figures, with judge and sizes, and says that ours is shorter', () => {
  const page = pageOf(resultsOf([runOf('DCGAN', 1000)]));
  for (const [method, modes, divergence] of [
    ['DCGAN', '99.0', '3.40'],
    ['Unrolled GAN', '48.7', '4.32'],
    ['VEEGAN', '150.0', '2.95'],
    ['PacDCGAN2', '1000.0', '0.06'],
  ] as const) {
    assert.ok(page.includes(`| ${method}, published | ${modes} | ${divergence} | `), method);
  }
  assert.ok(
    page.includes(
      '| PacDCGAN2, published | 1000.0 | 0.06 |  |  | 100,000 (50 epochs of 128,000 packs) | 64 packs of 2 |',
    ),
  );
  const ours =
    '| **DCGAN, ours** | **812** | **1.23** | **12.3 %** | **345** | 1,000 | 64 | 0.5 | 1e-3, β₁ 0.5; 4e-4, β₁ 0.5 |';
  assert.ok(page.includes(ours), page);
  assert.ok(page.includes('| real images (stacked-mnist/test) | 1,000 | 0.02 | 97.1 % | 1,000 |'), page);
  assert.ok(page.includes('with a probability of 0.9 or more'));
  assert.ok(page.includes('reads 99.46 % of MNIST’s test images'));
  assert.match(page, /\*\*Ours is a shorter run on a software device \(llvmpipe\), not the full protocol/);
  assert.ok(page.includes('| DCGAN | 64,000 | 1.0 % | 8 min | llvmpipe |'));
  assert.ok(
    page.includes(
      '    node dist/cli train --z 100 --arch dcgan --width 0.5 --batch 64 --iterations 1000 --sample-every 100 ' +
        '--checkpoint-every 100 --keep 3 --seed 1 --data stacked --data-dir path/to/mnist --out runs/run-DCGAN\n',
    ),
    page,
  );
  assert.ok(page.includes('    node one\n    node two\n'));
});

test('rates, packs and images seen are what the objective makes of a run’s settings', () => {
  const rates = { generatorRate: 2e-4, discriminatorRate: 2e-4 };
  const packed = pageOf(resultsOf([runOf('packed', 1000, { loss: 'bce', pack: 2, ...rates })]));
  assert.ok(packed.includes('| 1,000 | 32 packs of 2 | 0.5 | 2e-4, β₁ 0.5; 2e-4, β₁ 0.5 |'), packed);
  assert.ok(packed.includes('| packed | 64,000 | 0.50 % |'), packed);
  assert.match(
    packed,
    /--out runs\/run-packed --loss bce --lr-generator 0\.0002 --lr-discriminator 0\.0002 --pack 2\n/,
  );

  const critic = pageOf(resultsOf([runOf('critic', 1000, { loss: 'wgan', criticSteps: 5, clip: 0.01 })]));
  assert.ok(critic.includes('| 64 | 0.5 | 5e-5, β₁ 0, β₂ 0.99; 5e-5, β₁ 0, β₂ 0.99 |'), critic);
  assert.ok(critic.includes('| critic | 320,000 | 5.0 % |'), critic);

  // Half a batch of the article's schedule is real.
  const { arguments: args } = runOf('halves', 1000);
  const found = trainingOf({ ...args, architecture: 'article' }, 1000);
  assert.equal(found, { adam: '2e-4, β₁ 0.5; 1e-5, β₁ 0.1', imagesSeen: 32_000 });
});

test('it says of which runs the modes are those of strokes', () => {
  const [mush, digits] = [runOf('mush', 1000), { ...runOf('digits', 1000), sure: 0.5 }];
  assert.match(pageOf(resultsOf([mush, digits])), /less than 50 % of the images.* So it is here with mush: how many/);
  assert.not.match(pageOf(resultsOf([digits])), /less than 50 %/);
});

test('of a full run it says no such thing; of one among shorter ones it names the others', () => {
  const full = runOf('full', 100_000);
  assert.not.match(pageOf(resultsOf([full])), /shorter/);
  assert.match(pageOf(resultsOf([full, runOf('brief', 1000)])), /\*\*Of ours, brief is a shorter run/);
});

test('runs are added behind those that were there, in place of the same label', () => {
  const [a, b, c] = [runOf('a', 1), runOf('b', 1), runOf('c', 1)];
  const anew = { ...a, modes: 5 };
  assert.equal(withRuns([a, b], [c, anew]), [anew, b, c]);
  assert.equal(withRuns([], [a]), [a]);
});

test('results of another shape than these are not added to', () => {
  const path = join(root, 'older.json');
  const older = Object.fromEntries(Object.entries(runOf('a', 1)).filter(([name]) => name !== 'sure'));
  writeFileSync(path, JSON.stringify({ ...resultsOf([]), runs: [older] }));
  assert.throws(() => earlierResults(path, JUDGE, 26_000), /--add: .*older\.json is no file of results: runs\.0\.sure/);
});

test('what another judge or another number of samples gave is not added to', () => {
  const path = join(root, 'results.json');
  assert.is(earlierResults(path, JUDGE, 26_000), undefined);
  writeFileSync(path, JSON.stringify(resultsOf([runOf('a', 1)])));
  assert.is(earlierResults(path, JUDGE, 26_000)?.runs[0]?.label, 'a');
  assert.throws(() => earlierResults(path, JUDGE, 100), /--add: .* with 26000 samples, not by bundled with 100/);
  assert.throws(() => earlierResults(path, { ...JUDGE, sha256: 'b' }, 26_000), /was judged by bundled/);
});

slow('runs are judged by few samples, others are added, and the printed command trains the same run', async () => {
  const data = writeMnist(join(root, 'data'));
  const run = join(root, 'run');
  const sizes = ['--iterations', '2', '--sample-every', '2'];
  const trained = await runCommand([...TRAIN_TINY, ...sizes, '--data', 'stacked', '--data-dir', data, '--out', run]);
  assert.is(trained.code, 0, trained.stderr);
  const out = join(root, 'page');
  const device = await openTestDevice();
  const engine = new Engine(device);
  const judge = (label: string, add: boolean): Promise<void> =>
    benchmark(engine, {
      ...{ runs: [labelledRun(`${label}=${run}`)], mnist: data, samples: 24, add, out },
      ...{ command: `judge ${label}`, print: () => undefined },
    });
  await judge('one', false);
  await judge('the other', true);
  device.destroy();
  const { runs, real, commands } = JSON.parse(readFileSync(`${out}.json`, 'utf8')) as Results;
  assert.equal(
    [runs.map(({ label }) => label), real.samples, commands],
    [['one', 'the other'], 24, ['judge one', 'judge the other']],
  );
  assert.is(runs[0]?.modes, runs[1]?.modes);
  for (const { picture } of [real, ...runs]) assert.ok(existsSync(join(root, picture)), picture);
  assert.match(readFileSync(`${out}.md`, 'utf8'), /Judged by 24 samples, not 26,000/);
  assert.throws(() => labelledRun(run), /it takes LABEL=FOLDER/);

  const again = join(root, 'again');
  const { arguments: args } = readRun(run);
  const printed = trainCommand(args, 2, 'again').replace('path/to/mnist', data).replace('runs/again', again);
  assert.is((await runCommand(printed.replace(/^node dist\/cli /, '').split(' '))).code, 0);
  assert.equal(readRun(again).arguments, args);
});

test('the script without --data-dir ends with code 2 and names the flag', () => {
  const folder = fileURLToPath(new URL('../..', import.meta.url));
  const args = ['--import', 'tsx', 'experiments/stackedMnist/index.ts'];
  const { status, stderr } = spawnSync(process.execPath, args, { cwd: folder, encoding: 'utf8' });
  assert.is(status, 2);
  assert.match(stderr, /--data-dir names the folder/);
});

test.run();
