/**
 * @file `train` as a process: its files, its progress, its exit codes, and what it says of a mistake.
 */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { slow } from '../support/slow.js';
import { type Ending, zdim } from './run.js';

const root = mkdtempSync(join(tmpdir(), 'train-test-'));
test.after(() => rmSync(root, { recursive: true }));

const TINY = ['--z', '5', '--width', '0.125', '--iterations', '3', '--batch', '4', '--sample-every', '2', '--no-tune'];

function tiny(out: string, ...more: string[]): Ending {
  const where = join(root, out);
  return zdim([
    'train',
    ...TINY,
    ...(more.includes('--data-dir') ? [] : ['--data', 'digits']),
    '--out',
    where,
    ...more,
  ]);
}

/** Every file of a run by its path, but for run.json, which tells the time. */
function filesOf(out: string): Record<string, string> {
  const paths = readdirSync(join(root, out), { recursive: true, encoding: 'utf8' }).sort();
  const files = paths.filter((path) => path !== 'run.json' && path !== 'images');
  return Object.fromEntries(files.map((path) => [path, readFileSync(join(root, out, path)).toString('base64')]));
}

function json(path: string): Record<string, unknown> {
  return JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>;
}

let made: Ending | undefined;

/** The run into `first`, made once. */
function first(): Ending {
  made ??= tiny('first');
  return made;
}

slow('a tiny run ends by itself with code 0, and says nothing on stderr', () => {
  const { code, signal, stderr } = first();
  assert.is(signal, null);
  assert.is(code, 0, stderr);
  assert.is(stderr, '');
});

slow('it writes run.json, metrics.jsonl and the pictures', () => {
  const { stdout } = first();
  const out = join(root, 'first');
  assert.equal(readdirSync(out).sort(), ['images', 'metrics.jsonl', 'run.json']);
  const pictures = ['fixed-000002.png', 'fixed-000003.png', 'fresh-000002.png', 'fresh-000003.png'];
  assert.equal(readdirSync(join(out, 'images')).sort(), pictures);
  for (const last of ['fixed-000003.png', 'fresh-000003.png']) {
    assert.ok(stdout.includes(join(out, 'images', last)), `${last} is named`);
  }

  const run = json(join(out, 'run.json'));
  const { architecture, zDim, width, batch, iterations, sampleEvery, seed, tuned, eager } = run;
  assert.equal([architecture, zDim, width, batch, iterations], ['dcgan', 5, 0.125, 4, 3]);
  assert.equal([sampleEvery, seed, tuned, eager], [2, '1', false, false]);
  for (const name of ['dataset', 'parameters', 'adapter', 'versions', 'kernels', 'started', 'finished']) {
    assert.ok(name in run, `run.json tells ${name}`);
  }
  assert.ok(typeof run.iterationsPerSecond === 'number' && run.iterationsPerSecond > 0);

  const lines = readFileSync(join(out, 'metrics.jsonl'), 'utf8').trimEnd().split('\n');
  const rows = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  assert.equal(
    rows.map(({ iteration }) => iteration),
    [1, 2, 3],
  );
  const names = [
    'iteration',
    'generatorLoss',
    'discriminatorLoss',
    'realCalledReal',
    'fakeCalledFake',
    'fakeCalledReal',
  ];
  for (const row of rows) {
    assert.equal(Object.keys(row), names);
    assert.ok(Object.values(row).every(Number.isFinite));
  }
});

slow('progress is plain lines where stdout is no terminal', () => {
  const { stdout } = first();
  assert.not.match(stdout, /[\r\x1b]/);
  assert.match(stdout, /^3\/3 {2}[\d.]+ it\/s {2}G [\d.]+ {2}D [\d.]+ {2}0 s left$/m);
  for (const name of ['device', 'data', 'run', 'model', 'memory']) {
    assert.match(stdout, new RegExp(`^${name} +\\S`, 'm'));
  }
  assert.match(stdout, /^model +dcgan, z 5, width 0\.125: [\d,]+ \+ [\d,]+ numbers$/m);
});

slow('the same seed gives byte-identical metrics and pictures', () => {
  first();
  assert.is(tiny('again').code, 0);
  assert.equal(filesOf('again'), filesOf('first'));
});

slow('--eager gives the same bytes as the replay', () => {
  first();
  const { code, stdout } = tiny('eager', '--eager');
  assert.is(code, 0);
  assert.not.match(stdout, /^memory/m);
  assert.equal(filesOf('eager'), filesOf('first'));
  assert.is(json(join(root, 'eager', 'run.json')).eager, true);
});

slow('another seed gives others', () => {
  first();
  assert.is(tiny('other', '--seed', 'another').code, 0);
  const [other, before] = [filesOf('other'), filesOf('first')];
  assert.equal(Object.keys(other), Object.keys(before));
  for (const [path, bytes] of Object.entries(other)) assert.is.not(bytes, before[path], path);
});

slow('--arch article and a preset that flags outweigh', () => {
  const { code, stderr, stdout } = tiny('article', '--arch', 'article', '--preset', 'quick', '--iterations', '1');
  assert.is(code, 0, stderr);
  assert.match(stdout, /^model +article, z 5, width 0\.125/m);
  const { preset, batch, iterations } = json(join(root, 'article', 'run.json'));
  assert.equal([preset, batch, iterations], ['quick', 4, 1]);
});

const mnist = process.env.MNIST_DIR;
if (mnist === undefined || mnist === '') {
  console.log('SKIPPED: a run on real MNIST by --data-dir; set MNIST_DIR to the folder of its four files');
} else {
  slow('a tiny run on real MNIST by --data-dir', () => {
    const { code, stdout, stderr } = tiny('mnist', '--data-dir', mnist);
    assert.is(code, 0, stderr);
    assert.match(stdout, /^data +mnist\/train, 60000 images$/m);
    const { dataset } = json(join(root, 'mnist', 'run.json'));
    assert.equal(
      [(dataset as Record<string, unknown>).name, filesOf('mnist')['metrics.jsonl'] !== ''],
      ['mnist/train', true],
    );
  });
}

// Mistakes in the command: code 2, one line that names the flag, and nothing written.
for (const [what, args, message] of [
  ['z 0', ['--z', '0'], /--z <dimension>.*'0'.*from 1 to 512/],
  ['z 513', ['--z', '513'], /--z <dimension>.*'513'.*from 1 to 512/],
  ['z below 0', ['--z', '-3'], /--z <dimension>.*'-3'.*from 1 to 512/],
  ['z that is no number', ['--z', 'ten'], /--z <dimension>.*'ten'.*integer from 1 to 512/],
  ['z that is no integer', ['--z', '2.5'], /--z <dimension>.*'2\.5'.*integer/],
  ['no z', ['--z'], /--z <dimension>.*argument missing/],
  ['batch 0', ['--batch', '0'], /--batch <images>.*'0'.*from 1 to 4096/],
  ['iterations 0', ['--iterations', '0'], /--iterations <count>.*'0'.*at least 1/],
  ['width 0', ['--width', '0'], /--width <factor>.*'0'.*above 0/],
  ['an unknown architecture', ['--arch', 'dcgam'], /--arch <name>.*'dcgam'.*dcgan, article/],
  ['an unknown preset', ['--preset', 'huge'], /--preset <name>.*'huge'.*standard, quick/],
  ['unknown data', ['--data', 'cifar'], /--data <kind>.*'cifar'.*auto, mnist, digits/],
] as const) {
  test(`${what}: code 2 and one line`, () => {
    const out = join(root, 'mistake');
    const { code, signal, stdout, stderr } = zdim(['train', '--out', out, ...args]);
    assert.is(signal, null);
    assert.is(code, 2, stderr);
    assert.match(stderr, message);
    assert.is(stderr.trimEnd().split('\n').length, 1, stderr);
    assert.is(stdout, '');
    assert.not.ok(existsSync(out), 'nothing is made');
  });
}

test('an unknown flag is named, and the one that is meant', () => {
  const { code, stdout, stderr } = zdim(['train', '--iteration', '3']);
  assert.is(code, 2);
  assert.is(stderr, "error: unknown option '--iteration'\n(Did you mean --iterations?)\n");
  assert.is(stdout, '');
});

test('an unknown command is named, and the one that is meant', () => {
  const { code, stderr } = zdim(['trian']);
  assert.is(code, 2);
  assert.is(stderr, "error: unknown command 'trian'\n(Did you mean train?)\n");
});

test('a word too many is refused', () => {
  const { code, stderr } = zdim(['train', 'fast']);
  assert.is(code, 2);
  assert.match(stderr, /too many arguments/);
});

test('--help and --version end with code 0, on stdout', () => {
  const help = zdim(['train', '--help']);
  assert.is(help.code, 0);
  for (const flag of ['--z', '--arch', '--data-dir', '--out', '--seed', '--eager', '--debug']) {
    assert.ok(help.stdout.includes(flag), flag);
  }
  assert.is(help.stderr, '');
  const version = zdim(['--version']);
  assert.is(version.code, 0);
  assert.match(version.stdout, /^\d+\.\d+\.\d+\n$/);
});

test('a data folder that is not there: code 1 and its name; --debug shows where', () => {
  const missing = join(root, 'no-such-folder');
  const plain = zdim(['train', '--data-dir', missing, '--out', join(root, 'missing')]);
  assert.is(plain.code, 1);
  assert.ok(plain.stderr.startsWith('error: ') && plain.stderr.includes(missing), plain.stderr);
  assert.not.match(plain.stderr, /^ +at /m);
  assert.is(plain.stderr.trimEnd().split('\n').length, 1, plain.stderr);
  assert.not.ok(existsSync(join(root, 'missing')));

  const debug = zdim(['--debug', 'train', '--data-dir', missing]);
  assert.is(debug.code, 1);
  assert.ok(debug.stderr.includes(missing));
  assert.match(debug.stderr, /^ +at .*mnist\.ts/m);
  const behind = zdim(['train', '--data-dir', missing, '--debug']);
  assert.match(behind.stderr, /^ +at .*mnist\.ts/m, '--debug behind the command');
});

slow('a run folder that is not empty is refused, and left alone', () => {
  const out = join(root, 'full');
  mkdirSync(out);
  writeFileSync(join(out, 'precious.txt'), 'mine');
  const { code, stderr } = tiny('full');
  assert.is(code, 1);
  assert.match(stderr, /error: the run folder .*full is not empty; name another with --out/);
  assert.is(stderr.trimEnd().split('\n').length, 1, stderr);
  assert.equal(readdirSync(out), ['precious.txt']);
});

slow('--adapter with no such name: code 1, and the names that there are', () => {
  const { code, stderr } = tiny('adapter', '--adapter', 'nosuch');
  assert.is(code, 1);
  assert.match(stderr, /^error: WebGPU finds no adapter whose name holds "nosuch"; it offers: \S/);
  const [, offered = ''] = stderr.trimEnd().split('it offers: ');
  const [, adapter = 'none'] = /^adapter +(\S+)/m.exec(zdim(['doctor']).stdout) ?? [];
  // Dawn's list has a name in full, WebGPU a spelling of its own: "NVIDIA H100 80GB HBM3", "nvidia-h100-80gb-hbm3".
  const plain = (text: string): string => text.toLowerCase().replace(/[^a-z0-9]+/g, '-');
  assert.ok(plain(offered).includes(plain(adapter)), `${offered} holds ${adapter}`);
  assert.not.ok(existsSync(join(root, 'adapter')));
});

test.run();
