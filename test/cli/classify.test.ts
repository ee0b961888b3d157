/**
 * @file `classify`: a training that is killed or stopped ends with the same bytes; what it wrote is judged and asked.
 *
 * @expensive trains classifiers
 */
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { digitsDataset } from '../../src/data/digits/digits.js';
import { fillImages } from '../../src/data/batches.js';
import { encodePng, imageGrid } from '../../src/figures/png.js';
import { EvaluationDescription } from '../../src/training/classifier/classifierDescription.js';
import { parseClassifierMetrics, readClassifierRun } from '../../src/training/classifier/classifierFolder.js';
import { readRows } from '../../src/training/run/iterationLog.js';
import { slow } from '../support/slow.js';
import { type Ending, FAULTS, KILLED, Running, zdim, zdimProcess } from './run.js';
import { pngSize, pathsIn, writeMnist } from './tinyRun.js';

const root = mkdtempSync(join(tmpdir(), 'classify-test-'));
test.after(() => {
  Running.endAll();
  rmSync(root, { recursive: true });
});

const data = writeMnist(join(root, 'data'));

/** Six images, four a batch: 12 iterations in 8 epochs. */
const TINY = ['--data-dir', data, '--batch', '4', '--epochs', '8', '--checkpoint-every', '4', '--no-tune'];

const ITERATIONS = 12;

function trainArguments(out: string, ...more: string[]): string[] {
  return ['classify', 'train', ...TINY, '--out', join(root, out), ...more];
}

async function resume(out: string, ...more: string[]): Promise<Ending> {
  return await zdim(['classify', 'train', '--resume', join(root, out), '--no-tune', ...more]);
}

/** Every file but classifier.json, which tells the time, and the lock. */
function contents(out: string): Map<string, string> {
  const folder = join(root, out);
  const files = pathsIn(folder).filter((path) => /\.(safetensors|jsonl|png)$|evaluation\.json$/.test(path));
  return new Map(files.map((path) => [path, readFileSync(join(folder, path), 'base64')]));
}

let made: Map<string, string> | undefined;

/** The training that nothing comes in between of, made once. */
async function straight(): Promise<Map<string, string>> {
  if (made === undefined) {
    const { code, stderr } = await zdim(trainArguments('straight'));
    assert.equal([code, stderr], [0, '']);
    made = contents('straight');
  }
  return made;
}

async function assertAsStraight(out: string): Promise<void> {
  const [found, expected] = [contents(out), await straight()];
  assert.equal([...found.keys()], [...expected.keys()]);
  for (const [path, bytes] of expected) assert.ok(found.get(path) === bytes, `${out}: ${path} is another`);
  assert.is(readClassifierRun(join(root, out)).sessions.at(-1)?.outcome, 'finished');
}

slow('a training writes its folder: description, losses, checkpoints, weights, evaluation and picture', async () => {
  assert.equal(
    [...(await straight()).keys()],
    [
      'checkpoints/000004.safetensors',
      'checkpoints/000008.safetensors',
      'checkpoints/000012.safetensors',
      'classifier.safetensors',
      'confusion.png',
      'evaluation.json',
      'metrics.jsonl',
    ],
  );
  const folder = join(root, 'straight');
  const { arguments: args, iterations, parameters, dataset, test: judged } = readClassifierRun(folder);
  assert.equal([iterations, parameters, dataset.count, judged.count], [ITERATIONS, 600_810, 6, 3]);
  assert.equal(args.jitter, { shift: 2, turn: 10 });
  const rows = readRows(join(folder, 'metrics.jsonl'), parseClassifierMetrics);
  assert.equal(
    rows.map(({ iteration }) => iteration),
    Array.from({ length: ITERATIONS }, (_, index) => index + 1),
  );
  assert.ok(Math.abs((rows[0]?.loss ?? 0) - Math.log(10)) < 0.5);
  const evaluation = EvaluationDescription.parse(JSON.parse(readFileSync(join(folder, 'evaluation.json'), 'utf8')));
  assert.is(
    evaluation.confusion.flat().reduce((sum, count) => sum + count),
    3,
  );
  const [width, height] = pngSize(join(folder, 'confusion.png'));
  assert.ok(width > 600 && height > 400);
});

slow(
  'killed while it writes a checkpoint, after one, and while it writes what it ends with: the same bytes',
  async () => {
    const moments = [
      { moment: 'half written', file: '000004.safetensors', time: 1 },
      { moment: 'with its name', file: '000008.safetensors', time: 1 },
      { moment: 'before its name', file: 'classifier.safetensors', time: 1 },
      { moment: 'half written', file: 'evaluation.json', time: 1 },
    ];
    for (const [index, moment] of moments.entries()) {
      const args = index === 0 ? trainArguments('killed') : ['classify', 'train', '--resume', join(root, 'killed')];
      const { signal } = zdimProcess(args, { env: { KILLED: JSON.stringify(moment) }, preloads: [KILLED] });
      assert.is(signal, 'SIGKILL', JSON.stringify(moment));
    }
    const { code, stdout, stderr } = await resume('killed');
    assert.equal([code, stderr], [0, '']);
    assert.match(stdout, /^from iteration 12$/m);
    await assertAsStraight('killed');
  },
);

slow(
  'Ctrl-C stops with a checkpoint and code 130; --resume goes on to the same bytes, and then there is no more',
  async () => {
    const running = new Running(trainArguments('stopped'), { env: { FAULT: 'pause@6' }, preloads: [FAULTS] });
    await running.says('paused');
    running.kill('SIGINT');
    await running.says('stopping at the next iteration');
    running.kill('SIGUSR2');
    const { code, stdout } = await running.ended;
    assert.is(code, 130);
    assert.match(stdout, /^stopped after iteration \d+; resume with: node .* classify train --resume .*stopped$/m);
    assert.not.ok(existsSync(join(root, 'stopped', 'classifier.safetensors')));
    assert.is((await resume('stopped', '--keep', 'all')).code, 0);
    rmSync(join(root, 'stopped', 'checkpoints'), { recursive: true });
    cpSync(join(root, 'straight', 'checkpoints'), join(root, 'stopped', 'checkpoints'), { recursive: true });
    await assertAsStraight('stopped');
    const again = await resume('stopped', '--json');
    assert.is(again.code, 0);
    assert.is((JSON.parse(again.stdout) as { outcome: string }).outcome, 'finished');
  },
);

slow('a loss that is not finite ends the training with one line, and the next process goes on', async () => {
  const { code, stderr } = await zdim(trainArguments('failed'), { FAULT: 'nan@6' });
  assert.is(code, 1);
  assert.match(
    stderr,
    /^error: training diverged: the loss is not finite at iteration 6; .*000004.safetensors; a lower --learning-rate/,
  );
  assert.is(readClassifierRun(join(root, 'failed')).sessions[0]?.outcome, 'diverged');
  assert.is((await resume('failed')).code, 0, 'the fault was of the process');
});

slow('eval judges a folder, a checkpoint, and writes the picture; its numbers are those of the training', async () => {
  await straight();
  const folder = join(root, 'straight');
  const out = join(root, 'pictures', 'confusion.png');
  const { code, stdout, stderr } = await zdim(['classify', 'eval', folder, '--data-dir', data, '--out', out, '--json']);
  assert.equal([code, stderr.replace(/^The files in .*\n/m, '')], [0, '']);
  const told = JSON.parse(stdout) as Record<string, unknown>;
  const written = JSON.parse(readFileSync(join(folder, 'evaluation.json'), 'utf8')) as Record<string, unknown>;
  for (const [name, value] of Object.entries(written)) assert.equal(told[name], value, name);
  assert.is(told.out, out);
  assert.ok(pngSize(out)[0] > 600);
  const checkpoint = join(folder, 'checkpoints', '000004.safetensors');
  const people = await zdim(['classify', 'eval', checkpoint, '--data-dir', data]);
  assert.is(people.code, 0, people.stderr);
  assert.match(people.stdout, /of the 3 images of idx\/test, by the article’s CNN, trained on idx\/train/);
  assert.match(people.stdout, /│ class │ images │ +correct │ mistaken for/);
});

/** Writes a digit as a picture of its own. @returns its path */
function writeDigit(name: string, label: number, scale: number, dark: boolean): string {
  const digits = digitsDataset({ seed: 'pictures', count: 200 });
  const values = new Float32Array(28 * 28);
  fillImages(digits, [digits.labels.indexOf(label)], values);
  const shown = dark ? values.map((value) => -value) : values;
  const path = join(root, name);
  writeFileSync(path, encodePng(imageGrid(shown, { count: 1, height: 28, width: 28, channels: 1, scale })));
  return path;
}

slow('predict reads pictures: as they are, larger, and dark on light', async () => {
  const paths = [writeDigit('0.png', 0, 1, false), writeDigit('1.png', 1, 5, true)];
  const { code, stdout, stderr } = await zdim(['classify', 'predict', ...paths, '--json']);
  assert.equal([code, stderr], [0, '']);
  interface Told {
    readonly images: { image: string; class: string; probabilities: number[]; inverted: boolean; resized: boolean }[];
  }
  const { images } = JSON.parse(stdout) as Told;
  assert.equal(
    images.map(({ image, class: name, inverted, resized }) => [image, name, inverted, resized]),
    [
      [paths[0], '0', false, false],
      [paths[1], '1', true, true],
    ],
  );
  for (const { probabilities } of images) {
    assert.ok(Math.abs(probabilities.reduce((sum, value) => sum + value) - 1) < 1e-5);
  }
  const table = (await zdim(['classify', 'predict', ...paths])).stdout;
  assert.match(table, /│ \S*0\.png │ 0 +│ 0: \d+\.\d %/);
  assert.match(table, /│ \S*1\.png │ 1 +│ 1: .* │ resized, inverted +│/);
  const forced = await zdim(['classify', 'predict', paths[1] ?? '', '--no-invert', '--json']);
  assert.is((JSON.parse(forced.stdout) as Told).images[0]?.inverted, false);
});

test('what is no picture, too small, or not there is one clear line, before anything is opened', async () => {
  const text = join(root, 'text.png');
  writeFileSync(text, 'these are words, and no picture');
  const small = join(root, 'small.png');
  writeFileSync(small, encodePng({ width: 4, height: 9, rgba: new Uint8Array(4 * 4 * 9) }));
  const cut = join(root, 'cut.png');
  writeFileSync(cut, readFileSync(writeDigit('whole.png', 2, 1, false)).subarray(0, 90));
  const white = join(root, 'white.png');
  writeFileSync(white, encodePng({ width: 28, height: 28, rgba: new Uint8Array(4 * 28 * 28).fill(255) }));
  for (const [path, message] of [
    [white, /^error: no ink found in .*white\.png\n$/],
    [text, /^error: .*text\.png is not a PNG\n$/],
    [small, /^error: .*small\.png cannot be used: got 4 × 9 pixels; it takes sides from 8 to 4096\n$/],
    [cut, /^error: .*cut\.png cannot be used: .*\n$/],
    [join(root, 'nowhere.png'), /^error: cannot read .*nowhere\.png: it does not exist \(ENOENT\)\n$/],
  ] as const) {
    const { code, stdout, stderr } = await zdim(['classify', 'predict', path]);
    assert.equal([code, stdout], [1, '']);
    assert.match(stderr, message);
  }
});

test('with --json an empty picture has no class, and the command fails', async () => {
  const clear = join(root, 'clear.png');
  writeFileSync(clear, encodePng({ width: 28, height: 28, rgba: new Uint8Array(4 * 28 * 28) }));
  const { code, stdout, stderr } = await zdim(['classify', 'predict', clear, '--json']);
  assert.is(code, 1);
  assert.match(stderr, /no ink found in .*clear\.png/);
  const { images } = JSON.parse(stdout) as { images: Record<string, unknown>[] };
  assert.is(images.length, 1);
  const { image, class: name, label, problem } = images[0] ?? {};
  assert.equal([image, name, label, problem], [clear, null, null, `no ink found in ${clear}`]);
});

test('errors of train and eval name what is wrong', async () => {
  const full = join(root, 'full');
  mkdirSync(full);
  writeFileSync(join(full, 'note.txt'), 'mine');
  for (const [args, code, message] of [
    [['train', '--out', full], 1, /the classifier folder .*full is not empty: it holds .*; name another with --out/],
    [['train', '--resume', full], 1, /full is not a classifier folder: .*classifier\.json is missing/],
    [['train', '--resume', full, '--seed', '2'], 2, /--seed cannot be given with --resume/],
    [['train', '--epochs', '0'], 2, /--epochs <times>.*'0'.*above 0/],
    [['train', '--arch', 'vgg'], 2, /--arch <name>.*'vgg'.*article, keras/],
    [['eval', join(root, 'gone')], 1, /gone does not exist/],
    [['eval', join(full, 'note.txt')], 1, /note\.txt/],
    [['predict'], 2, /images/],
    [['tarin'], 2, /unknown command 'tarin'.*Did you mean train/],
  ] as const) {
    const { code: ended, stderr } = await zdim(['classify', ...args]);
    assert.is(ended, code, stderr);
    assert.match(stderr, message);
  }
});

for (const [command, flags] of [
  ['train', ['--arch', '--data', '--epochs', '--batch', '--seed', '--out', '--resume', '--checkpoint-every', '--json']],
  ['eval', ['--data', '--data-dir', '--out', '--json']],
  ['predict', ['--classifier', '--invert', '--no-invert', '--json']],
] as const) {
  test(`classify ${command} --help shows its flags, an example, and defaults`, async () => {
    const { code, stdout, stderr } = await zdim(['classify', command, '--help']);
    assert.equal([code, stderr], [0, '']);
    for (const flag of flags) assert.match(stdout, new RegExp(`^ +${flag}\\b`, 'm'));
    assert.match(stdout, new RegExp(`^Examples?:\n  node dist/cli\\S* classify ${command}\\b`, 'm'));
    assert.match(stdout, /\bdefault:?\s/);
  });
}

test.run();
