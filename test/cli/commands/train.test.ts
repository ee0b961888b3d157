/**
 * @file `train` as a process: its files, its progress, its exit codes, and what it says of a mistake.
 *
 * @expensive trains as a process
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readDiagnoses } from '../../../src/training/run/diagnosisLog.js';
import { readRun } from '../../../src/training/run/runFiles.js';
import { slow } from '../../support/slow.js';
import { commandLine, type Ending, zdim, zdimProcess } from '../run.js';
import { contents, pathsIn, pngSize, TRAIN_TINY, writeMnist } from '../tinyRun.js';

const root = mkdtempSync(join(tmpdir(), 'train-test-'));
test.after(() => rmSync(root, { recursive: true }));

const data = writeMnist(join(root, 'data'));

const TINY = [...TRAIN_TINY, '--iterations', '3', '--sample-every', '2'];

async function tiny(out: string, ...more: string[]): Promise<Ending> {
  return await zdim([...TINY, '--data-dir', data, '--out', join(root, out), ...more]);
}

let made: Ending | undefined;

/** The run into `first`, made once. */
async function first(): Promise<Ending> {
  made ??= await tiny('first');
  return made;
}

const PICTURES = ['fixed', 'fresh', 'walk'].flatMap((kind) => [`${kind}-000002.png`, `${kind}-000003.png`]);
const FILES = [
  'checkpoints',
  'checkpoints/000002.safetensors',
  'checkpoints/000003.safetensors',
  'curves.png',
  'images',
  ...PICTURES.map((name) => `images/${name}`),
  'metrics.jsonl',
  'run.json',
];

slow('a tiny run ends by itself with code 0, and says nothing on stderr', async () => {
  const { code, signal, stderr } = await first();
  assert.is(signal, null);
  assert.is(code, 0, stderr);
  assert.is(stderr, '');
});

slow('it writes run.json, metrics, curves, pictures and checkpoints, and nothing else; and says where', async () => {
  const { stdout } = await first();
  const out = join(root, 'first');
  assert.equal(pathsIn(out), FILES);
  for (const named of ['images/fixed-000003.png', 'images/fresh-000003.png', 'images/walk-000003.png', 'curves.png']) {
    assert.ok(stdout.includes(join(out, named)), `${named} is named`);
  }
});

slow('run.json tells what was run, on which images, and how it went', async () => {
  await first();
  const { arguments: args, dataset, parameters, sessions } = readRun(join(root, 'first'));
  assert.equal(args, {
    architecture: 'dcgan',
    zDim: 5,
    width: 0.125,
    batch: 4,
    iterations: 3,
    sampleEvery: 2,
    checkpointEvery: 2,
    keep: 3,
    seed: '1',
    preset: 'standard',
    keepBest: 'none',
  });
  const { sha256, ...images } = dataset;
  assert.equal(images, { kind: 'auto', name: 'idx/train', count: 6, folder: data });
  assert.match(sha256, /^[0-9a-f]{64}$/);
  assert.ok(parameters.generator > 1000 && parameters.discriminator > 1000);

  assert.is(sessions.length, 1);
  const [session] = sessions;
  assert.ok(session);
  const { outcome, from, to, tuned, eager, started, ended = '', iterationsPerSecond = 0 } = session;
  assert.equal([outcome, from, to, tuned, eager], ['finished', 0, 3, false, false]);
  assert.ok(Date.parse(started) < Date.parse(ended));
  assert.ok(iterationsPerSecond > 0);
  assert.ok(Object.keys(session.kernels).length > 0);
  assert.equal(Object.keys(session.versions).sort(), ['node', 'project', 'webgpu']);
  assert.ok(session.adapter.name !== '' && session.adapter.driver !== '');
});

slow('metrics.jsonl has a line for each iteration', async () => {
  await first();
  const lines = readFileSync(join(root, 'first', 'metrics.jsonl'), 'utf8')
    .trimEnd()
    .split('\n');
  const rows = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  assert.equal(
    rows.map(({ iteration }) => iteration),
    [1, 2, 3],
  );
  const names = ['iteration', 'generatorLoss', 'discriminatorLoss', 'realAccuracy', 'fakeAccuracy', 'foolingRate'];
  for (const row of rows) {
    assert.equal(Object.keys(row), names);
    assert.ok(Object.values(row).every(Number.isFinite));
  }
});

slow('pictures are 5 × 5 digits, and a walk of 11, each over a line of text', async () => {
  await first();
  const images = join(root, 'first', 'images');
  const digit = 28 * 4;
  const square = 5 * digit + 4 * 2;
  for (const kind of ['fixed', 'fresh']) {
    const [width, height] = pngSize(join(images, `${kind}-000003.png`));
    assert.is(width, square);
    assert.ok(height > square && height < square + 60, `${height}`);
  }
  const [width, height] = pngSize(join(images, 'walk-000003.png'));
  assert.is(width, 11 * digit + 10 * 2);
  assert.ok(height > digit && height < digit + 60, `${height}`);
});

slow('progress is plain lines where stdout is no terminal', async () => {
  const { stdout } = await first();
  assert.not.match(stdout, /[\r\x1b]/);
  assert.match(stdout, /^3\/3 {2}[\d.]+ it\/s {2}G [\d.]+ {2}D [\d.]+ {2}\d+ s left$/m);
  for (const name of ['device', 'data', 'run', 'model', 'memory']) {
    assert.match(stdout, new RegExp(`^${name} +\\S`, 'm'));
  }
  assert.match(stdout, /^model +dcgan, z 5, width 0\.125: [\d,]+ \+ [\d,]+ numbers$/m);
});

slow('the same seed gives byte-identical files; a reader that goes away does not end the run', async () => {
  await first();
  const command = commandLine([...TINY, '--data-dir', data, '--out', join(root, 'again')]);
  const { status, stderr } = spawnSync('bash', ['-c', 'set -o pipefail; "$@" | true', 'bash', ...command]);
  assert.is(status, 0, stderr.toString());
  assert.equal(contents(join(root, 'again')), contents(join(root, 'first')));
});

slow('--eager gives the same bytes as the replay', async () => {
  await first();
  const { code, stdout } = await tiny('eager', '--eager');
  assert.is(code, 0);
  assert.not.match(stdout, /^memory/m);
  assert.equal(contents(join(root, 'eager')), contents(join(root, 'first')));
  assert.is(readRun(join(root, 'eager')).sessions[0]?.eager, true);
});

slow('another seed gives others; --keep all keeps every checkpoint', async () => {
  await first();
  assert.is((await tiny('other', '--seed', 'another', '--checkpoint-every', '1', '--keep', 'all')).code, 0);
  const [other, before] = [contents(join(root, 'other')), contents(join(root, 'first'))];
  assert.equal([...other.keys()], ['checkpoints/000001.safetensors', ...before.keys()]);
  for (const [path, bytes] of before) assert.is.not(other.get(path), bytes, path);
});

slow('--json: one document on stdout, the progress on stderr; --keep 1 keeps the newest checkpoint', async () => {
  await first();
  const out = join(root, 'json');
  const { code, stdout, stderr } = await tiny('json', '--json', '--checkpoint-every', '1', '--keep', '1');
  assert.is(code, 0, stderr);
  const { seconds, metrics, ...result } = JSON.parse(stdout) as Record<string, unknown>;
  assert.equal(result, {
    run: out,
    outcome: 'finished',
    iterations: 3,
    checkpoint: join(out, 'checkpoints', '000003.safetensors'),
    pictures: {
      fixed: join(out, 'images', 'fixed-000003.png'),
      fresh: join(out, 'images', 'fresh-000003.png'),
      walk: join(out, 'images', 'walk-000003.png'),
    },
  });
  assert.ok(typeof seconds === 'number' && seconds > 0);
  const [, , last = ''] = readFileSync(join(out, 'metrics.jsonl'), 'utf8').split('\n');
  assert.equal({ iteration: 3, ...(metrics as object) }, JSON.parse(last));
  assert.match(stderr, /^3\/3 {2}/m);
  assert.match(stderr, /^device +\S/m);

  assert.equal(readdirSync(join(out, 'checkpoints')), ['000003.safetensors']);
  const [kept, before] = [contents(out), contents(join(root, 'first'))];
  for (const [path, bytes] of kept) assert.is(bytes, before.get(path), path);
});

slow('--arch article and a preset that flags outweigh, on the built-in digits', async () => {
  const out = join(root, 'article');
  const more = ['--arch', 'article', '--preset', 'quick', '--iterations', '1', '--data', 'digits', '--out', out];
  const { code, stderr, stdout } = await zdim([...TINY, ...more]);
  assert.is(code, 0, stderr);
  assert.match(stdout, /^model +article, z 5, width 0\.125/m);
  assert.match(stdout, /^data +digits, 60000 images$/m);
  const { arguments: args, dataset } = readRun(out);
  assert.equal([args.preset, args.batch, args.iterations, args.sampleEvery], ['quick', 4, 1, 2]);
  assert.equal([dataset.kind, dataset.name, dataset.folder], ['digits', 'digits', undefined]);
});

slow(
  '--loss and what goes with it: printed, in run.json and in every line of metrics, and kept on resume',
  async () => {
    const out = join(root, 'critic');
    const flags = ['--loss', 'wgan-gp', '--critic-steps', '2', '--gp-weight', '5', '--lr-generator', '2e-4'];
    const { code, stderr, stdout } = await tiny('critic', ...flags, '--iterations', '2');
    assert.is(code, 0, stderr);
    const told = 'wgan-gp, penalty weight 5, critic steps 2, learning rate of the generator 0.0002, normalise none';
    assert.match(stdout, new RegExp(`^loss +${told}$`, 'm'));
    const { objective } = readRun(out).arguments;
    const settings = { penaltyWeight: 5, criticSteps: 2, generatorRate: 2e-4, normaliseDiscriminator: 'none' };
    assert.equal(objective, { loss: 'wgan-gp', ...settings });
    const again = await zdim(['train', '--resume', out, '--iterations', '3', '--no-tune']);
    assert.is(again.code, 0, again.stderr);
    assert.equal(readRun(out).arguments.objective, objective);
    const lines = readFileSync(join(out, 'metrics.jsonl'), 'utf8').trimEnd().split('\n');
    assert.is(lines.length, 3);
    for (const line of lines) {
      const { wasserstein, gradientPenalty } = JSON.parse(line) as Record<string, unknown>;
      assert.ok(typeof wasserstein === 'number' && typeof gradientPenalty === 'number', line);
    }
  },
);

slow('a critic is judged by held-out images at each evaluation, also in a resumed run', async () => {
  const out = join(root, 'critic looks');
  const flags = ['--loss', 'wgan-gp', '--critic-steps', '1', '--data', 'digits', '--diagnose', '100'];
  const { code, stderr } = await zdim([...TRAIN_TINY, ...flags, '--iterations', '1', '--out', out]);
  assert.is(code, 0, stderr);
  const again = await zdim(['train', '--resume', out, '--iterations', '2', '--no-tune']);
  assert.is(again.code, 0, again.stderr);
  const looks = readDiagnoses(join(out, 'diagnoses.jsonl'));
  assert.equal(
    looks.map(({ iteration, metrics }) => [iteration, typeof metrics.wassersteinHeldOut]),
    [
      [1, 'number'],
      [2, 'number'],
    ],
  );
});

slow('what keeps the modes: printed, in run.json, resumed and sampled', async () => {
  const out = join(root, 'packed');
  const networks = ['--pack', '2', '--minibatch-stddev', '--normalise-generator', 'spectral', '--ema', '0.5'];
  const flags = [...networks, '--augment', 'cutout,translation', '--instance-noise', '0.1'];
  const { code, stderr, stdout } = await tiny('packed', ...flags, '--iterations', '1');
  assert.is(code, 0, stderr);
  const told = 'bce, normalise the generator spectral, pack 2, minibatch stddev, augment translation and cutout, ';
  assert.match(stdout, new RegExp(`^loss +${told}instance noise 0\\.1, noise iterations 1, ema 0\\.5$`, 'm'));
  const { objective } = readRun(out).arguments;
  const built = { normaliseGenerator: 'spectral', pack: 2, minibatchStddev: true, averageDecay: 0.5 };
  // The noise falls over the iterations that the run is begun with.
  const shown = { augment: ['translation', 'cutout'], instanceNoise: 0.1, noiseIterations: 1 };
  assert.equal(objective, { loss: 'bce', ...built, ...shown });
  const again = await zdim(['train', '--resume', out, '--iterations', '2', '--no-tune']);
  assert.is(again.code, 0, again.stderr);
  const sample = await zdim(['sample', out, '--out', join(root, 'packed.png')]);
  assert.is(sample.code, 0, sample.stderr);
  const refused = await zdim(['train', '--resume', out, '--minibatch-stddev']);
  assert.is(refused.code, 2);
  assert.match(refused.stderr, /--minibatch-stddev cannot be given with --resume/);
});

const mnist = process.env.MNIST_DIR;
if (mnist === undefined || mnist === '') {
  console.log('SKIPPED: a run on real MNIST by --data-dir; set MNIST_DIR to the folder of its four files');
} else {
  slow('a tiny run on real MNIST by --data-dir', async () => {
    const out = join(root, 'mnist');
    const { code, stdout, stderr } = await zdim([...TINY, '--data-dir', mnist, '--out', out]);
    assert.is(code, 0, stderr);
    assert.match(stdout, /^data +mnist\/train, 60000 images$/m);
    assert.is(readRun(out).dataset.name, 'mnist/train');
  });
}

slow('without --out, the folder is made up in runs/, and a second one does not fall into the first', () => {
  const cwd = join(root, 'elsewhere');
  mkdirSync(cwd);
  const args = [...TINY, '--data-dir', data, '--iterations', '1', '--json'];
  const { code, stdout, stderr } = zdimProcess(args, { cwd });
  assert.is(code, 0, stderr);
  const { run } = JSON.parse(stdout) as { run: string };
  assert.match(run, /^runs\/\d{8}-\d{6}-dcgan-z5$/);
  assert.equal(readdirSync(join(cwd, 'runs')), [run.slice('runs/'.length)]);
  assert.ok(existsSync(join(cwd, run, 'checkpoints', '000001.safetensors')));
});

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
  ['checkpoints every 0', ['--checkpoint-every', '0'], /--checkpoint-every <iterations>.*'0'.*at least 1/],
  ['no checkpoint to keep', ['--keep', '0'], /--keep <count>.*'0'.*integer of at least 1, or all/],
  ['no metric of the best', ['--keep-best', 'fid'], /--keep-best <metric>.*'fid'.*none, frechet, recall, coverage/],
  ['some checkpoints to keep', ['--keep', 'some'], /--keep <count>.*'some'.*at least 1, or all/],
  ['width 0', ['--width', '0'], /--width <factor>.*'0'.*above 0/],
  ['an unknown architecture', ['--arch', 'dcgam'], /--arch <name>.*'dcgam'.*dcgan, article/],
  ['an unknown preset', ['--preset', 'huge'], /--preset <name>.*'huge'.*standard, quick/],
  ['unknown data', ['--data', 'cifar'], /--data <kind>.*'cifar'.*auto, mnist, digits/],
  ['a batch without halves', ['--arch', 'article', '--batch', '5'], /--batch 5: --arch article.*even/],
  ['an unknown loss', ['--loss', 'gan'], /--loss <name>.*'gan'.*bce, bce-saturating, lsgan, hinge, wgan, wgan-gp, r1/],
  ['a weight without a penalty', ['--gp-weight', '10'], /--gp-weight 10: --loss bce has no gradient penalty/],
  ['clipping of another loss', ['--loss', 'hinge', '--clip', '0.1'], /--clip 0\.1: .*taken by wgan/],
  ['a limit of 0', ['--loss', 'wgan', '--clip', '0'], /--clip <limit>.*'0'.*above 0/],
  ['no critic step', ['--critic-steps', '0'], /--critic-steps <count>.*'0'.*from 1 to 100/],
  ['critic steps of halves', ['--arch', 'article', '--critic-steps', '5'], /--critic-steps 5: .*half a batch/],
  ['a penalty on a batch', ['--loss', 'wgan-gp', '--normalise', 'batch'], /--normalise batch: .*whole batch.*none/],
  ['smoothed labels of a critic', ['--loss', 'wgan', '--label-smoothing', '0.1'], /--label-smoothing 0\.1: .*not prob/],
  ['packs of 5', ['--pack', '5'], /--pack <images>.*'5'.*from 1 to 4/],
  ['a batch that is no packs', ['--pack', '3'], /--pack 3: .*a batch of 32 images.*not a whole number of packs/],
  [
    'a clip under spectral normalisation',
    ['--loss', 'wgan', '--normalise', 'spectral', '--clip', '0.1'],
    /--clip 0\.1: .*spectral/,
  ],
  ['an unknown normalisation', ['--normalise-generator', 'group'], /--normalise-generator <kind>.*'group'.*spectral/],
  ['an unknown change', ['--augment', 'colour'], /--augment <kinds>.*'colour'.*translation, cutout/],
  ['a change twice', ['--augment', 'cutout,cutout'], /--augment <kinds>.*'cutout,cutout'.*each once/],
  ['no noise', ['--instance-noise', '0'], /--instance-noise <deviation>.*'0'.*above 0/],
  ['fading without noise', ['--noise-iterations', '9'], /--noise-iterations 9: without --instance-noise/],
  ['an average that stays as it is', ['--ema', '1'], /--ema <decay>.*'1'.*above 0 and below 1/],
  ['a penalty to be unrolled', ['--loss', 'wgan-gp', '--unroll', '5'], /--unroll 5: .*third derivatives/],
  ['labels without a difference', ['--label-smoothing', '0.5'], /--label-smoothing <amount>.*'0\.5'.*below 0\.5/],
  ['a folder for digits', ['--data', 'digits', '--data-dir', data], /--data digits .*takes no --data-dir/],
  ['a word too many', ['fast'], /too many arguments/],
  ['an unknown flag', ['--iteration', '3'], /^error: unknown option '--iteration' \(Did you mean --iterations\?\)\n$/],
] as const) {
  test(`${what}: code 2 and one line`, async () => {
    const out = join(root, 'mistake');
    const { code, signal, stdout, stderr } = await zdim(['train', '--out', out, ...args]);
    assert.is(signal, null);
    assert.is(code, 2, stderr);
    assert.match(stderr, message);
    assert.is(stderr.trimEnd().split('\n').length, 1, stderr);
    assert.is(stdout, '');
    assert.not.ok(existsSync(out), 'nothing is made');
  });
}

test('an unknown command is named, and the one that is meant', async () => {
  const { code, stderr } = await zdim(['trian']);
  assert.is(code, 2);
  assert.is(stderr, "error: unknown command 'trian' (Did you mean train?)\n");
});

slow('a run folder that is not empty is refused, and left alone', async () => {
  const out = join(root, 'full');
  mkdirSync(out);
  writeFileSync(join(out, 'precious.txt'), 'mine');
  const { code, stderr } = await tiny('full');
  assert.is(code, 1);
  assert.match(stderr, /^error: the run folder .*full is not empty: it holds .*; name another with --out\n$/);
  assert.equal(readdirSync(out), ['precious.txt']);
});

slow('a folder that holds a run is refused, and left alone', async () => {
  await first();
  const out = join(root, 'first');
  const before = contents(out);
  const { code, stderr } = await tiny('first', '--seed', 'another');
  assert.is(code, 1);
  assert.match(
    stderr,
    /^error: the folder .*first already holds a run; resume it with --resume, or name another with --out\n$/,
  );
  assert.equal(contents(out), before);
  assert.equal(pathsIn(out), FILES);
});

slow('--adapter with no such name: code 1, and the names that there are', async () => {
  const { code, stderr } = await tiny('adapter', '--adapter', 'nosuch');
  assert.is(code, 1);
  assert.match(stderr, /^error: WebGPU finds no adapter whose name holds "nosuch"; it offers: \S/);
  const [, offered = ''] = stderr.trimEnd().split('it offers: ');
  const [, adapter = 'none'] = /^adapter +(\S+)/m.exec((await zdim(['doctor'])).stdout) ?? [];
  // Dawn's list has a name in full, WebGPU a spelling of its own: "NVIDIA H100 80GB HBM3", "nvidia-h100-80gb-hbm3".
  const plain = (text: string): string => text.toLowerCase().replace(/[^a-z0-9]+/g, '-');
  assert.ok(plain(offered).includes(plain(adapter)), `${offered} holds ${adapter}`);
  assert.not.ok(existsSync(join(root, 'adapter')));
});

test.run();
