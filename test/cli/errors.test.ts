/**
 * @file What goes wrong outside of the program: data, checkpoints, disks, devices and numbers. It ends with one line that
 * names the file or the argument and says what to do, code 1 (2 where the command is to blame), and nothing half-written.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statfsSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { encodeSafetensors } from '../../src/data/weights/safetensors.js';
import { CheckpointFolder, readCheckpoint } from '../../src/training/checkpoint/checkpoints.js';
import { readRun } from '../../src/training/run/runFiles.js';
import { firstNonFinite, type Snapshot } from '../../src/data/weights/state.js';
import { idxBytes, smallMnist, somePixels } from '../data/fixtures.js';
import { rawSafetensors } from '../data/weights/rawSafetensors.js';
import { slow } from '../support/slow.js';
import { type Ending, FAULTS, Running, zdim, zdimProcess } from './run.js';
import { contents, pathsIn, TRAIN_TINY, writeMnist } from './tinyRun.js';

const root = mkdtempSync(join(tmpdir(), 'errors-test-'));
const disk = join(root, 'disk');
let hasDisk = false;

test.after(() => {
  Running.endAll();
  if (hasDisk) execFileSync('umount', ['--lazy', disk]);
  rmSync(root, { recursive: true });
});

const data = writeMnist(join(root, 'data'));

/** 12 iterations, with checkpoints at 4, 8 and 12. */
function trainArguments(out: string, folder = data): string[] {
  const sizes = ['--iterations', '12', '--checkpoint-every', '4', '--sample-every', '12'];
  return [...TRAIN_TINY, ...sizes, '--data-dir', folder, '--out', out];
}

async function train(out: string, env: Readonly<Record<string, string>> = {}): Promise<Ending> {
  return await zdim(trainArguments(out), env);
}

/** The command that resumes a run, as the program prints it when it is started from dist/. */
function onward(run: string): string {
  return `resume with: node ${join('dist', 'cli', 'index.js')} train --resume ${run}`;
}

function resumeArguments(run: string): string[] {
  return ['train', '--resume', run, '--no-tune'];
}

/** The last line on stderr, which tells what is wrong; no stack trace is with it. */
function complaint({ code, signal, stderr }: Ending, expected: 1 | 2 = 1): string {
  assert.is(signal, null, stderr);
  assert.is(code, expected, stderr);
  assert.not.match(stderr, /^ +at .*\.[jt]s/m);
  const lines = stderr.trimEnd().split('\n');
  const last = lines.at(-1) ?? '';
  assert.ok(last.startsWith('error: '), stderr);
  return last;
}

/** … where it is all that stderr holds. */
function onlyComplaint(ending: Ending, expected: 1 | 2 = 1): string {
  const line = complaint(ending, expected);
  assert.is(ending.stderr, `${line}\n`);
  return line;
}

let made: string | undefined;

/** The folder of a run that nothing comes in between of, made once. */
async function straight(): Promise<string> {
  if (made === undefined) {
    made = join(root, 'straight');
    const { code, stderr } = await train(made);
    assert.is(code, 0, stderr);
  }
  return made;
}

/** Goes on with a run to its end, where all its files are those of the straight one. */
async function assertResumes(run: string): Promise<Ending> {
  const ending = await zdim(resumeArguments(run));
  assert.is(ending.code, 0, ending.stderr);
  const [found, expected] = [contents(run), contents(await straight())];
  assert.equal(
    [...found.keys()].filter((path) => !path.endsWith('.damaged')),
    [...expected.keys()],
  );
  for (const [path, bytes] of expected) assert.ok(found.get(path) === bytes, `${path} is another`);
  return ending;
}

const MNIST = smallMnist();
const IMAGES = 'train-images-idx3-ubyte';
const LABELS = 'train-labels-idx1-ubyte';

/** A copy, with another start. */
function startingWith(start: readonly number[], bytes: Uint8Array): Uint8Array {
  return Uint8Array.from([...start, ...bytes.slice(start.length)]);
}

for (const [what, files, message] of [
  ['images cut short', { [IMAGES]: MNIST[IMAGES]!.subarray(0, 3000) }, /train-images-idx3-ubyte.*truncated/],
  ['labels cut short within their header', { [LABELS]: MNIST[LABELS]!.subarray(0, 6) }, /train-labels-idx1-ubyte/],
  ['another magic number', { [IMAGES]: startingWith([0x50, 0x4b], MNIST[IMAGES]!) }, /train-images-idx3-ubyte.*IDX/],
  [
    'fewer labels than images',
    { [LABELS]: idxBytes([5], [5, 0, 4, 1, 9]) },
    /6 images in .*train-images-idx3-ubyte, 5 labels in .*train-labels-idx1-ubyte/,
  ],
  ['a label that is no digit', { [LABELS]: idxBytes([6], [5, 0, 4, 1, 9, 10]) }, /train-labels-idx1-ubyte.*10/],
  ['images of 27 × 27', { [IMAGES]: idxBytes([6, 27, 27], somePixels(6, 27)) }, /27 × 27.*28 × 28/],
] as const) {
  test(`a data folder with ${what}: code 1, the file, and no run folder`, async () => {
    const folder = writeMnist(join(root, what), { ...MNIST, ...files });
    const out = join(root, 'unmade');
    assert.match(onlyComplaint(await zdim(trainArguments(out, folder))), message);
    assert.not.ok(existsSync(out));
  });
}

test('a data folder that is not there: code 1, its name and where to get one; --debug shows where', async () => {
  const missing = join(root, 'no-such-folder');
  const out = join(root, 'unmade');
  const line = onlyComplaint(await zdim(trainArguments(out, missing)));
  assert.ok(line.includes(missing) && line.includes('put its four .gz files'), line);
  assert.not.ok(existsSync(out));

  for (const args of [
    ['--debug', 'train', '--data-dir', missing],
    ['train', '--data-dir', missing, '--debug'],
  ]) {
    const { code, stderr } = await zdim(args);
    assert.is(code, 1);
    assert.ok(stderr.includes(missing));
    assert.match(stderr, /^ +at .*mnist\.ts/m, args.join(' '));
  }
});

/** Tensors of a header by hand, and the zeros that they take. */
function hostile(header: string, dataBytes: number, claimed?: bigint): Uint8Array {
  return rawSafetensors(header, new Uint8Array(dataBytes), claimed);
}

const place = (name: string, shape: string, offsets: string): string =>
  `"${name}":{"dtype":"F32","shape":${shape},"data_offsets":${offsets}}`;

/** Files that are no checkpoints, and what is said of them. */
const HOSTILE: Readonly<Record<string, readonly [Uint8Array, RegExp]>> = {
  'an empty file': [new Uint8Array(), /8 bytes of length, found 0 in all/],
  'a picture': [
    Uint8Array.from(Buffer.from('\x89PNG\r\n\x1a\n0000', 'latin1')),
    /header would take \d+ bytes, at most/,
  ],
  'a header of 2^63 bytes': [hostile('{}', 0, 2n ** 63n), /header would take 9223372036854775808 bytes, at most/],
  'a header longer than the file': [hostile('{}', 0, 99_999_999n), /truncated: its header takes 99999999 bytes/],
  'tensors that overlap': [
    hostile(`{${place('a', '[2]', '[0,8]')},${place('b', '[2]', '[4,12]')}}`, 12),
    /tensor "b".*overlap another tensor/,
  ],
  'a tensor beyond the file': [hostile(`{${place('a', '[3]', '[0,12]')}}`, 8), /tensor "a".*reach beyond the 8 bytes/],
  'a tensor of 2^80 numbers': [
    hostile(`{${place('a', '[1048576,1048576,1048576,1048576]', '[0,4]')}}`, 4),
    /tensor "a".*more bytes than can be counted/,
  ],
  'a name that comes twice': [
    hostile(`{${place('a', '[1]', '[0,4]')},${place('a', '[1]', '[4,8]')}}`, 8),
    /key "a" twice/,
  ],
  'a safetensors file of something else': [
    encodeSafetensors({ tensors: new Map([['a', { shape: [1], values: Float32Array.of(1) }]]), metadata: new Map() }),
    /is a safetensors file, but not a checkpoint of this program/,
  ],
};

/** What a checkpoint holds, to write another with. */
function partsOf(path: string) {
  const { metadata, tensors } = readCheckpoint(path);
  const facts = [...metadata].filter(([name]) => !['format', 'iteration', 'sha256'].includes(name));
  return { facts: Object.fromEntries(facts), tensors };
}

const hostileFolder = join(root, 'hostile');
mkdirSync(hostileFolder);

for (const [what, [bytes, message]] of Object.entries(HOSTILE)) {
  slow(`sample from ${what}: code 1, its name, and no picture`, async () => {
    const path = join(hostileFolder, `${what.replaceAll(/\W/g, '-')}.safetensors`);
    writeFileSync(path, bytes);
    const out = join(hostileFolder, 'samples.png');
    const line = onlyComplaint(await zdim(['sample', path, '--out', out]));
    assert.ok(line.includes(path), line);
    assert.match(line, message);
    assert.not.ok(existsSync(out));
  });
}

slow('sample from a checkpoint that is cut short, altered, or not what it says: code 1, and its name', async () => {
  const original = join(await straight(), 'checkpoints', '000012.safetensors');
  const { facts, tensors } = partsOf(original);
  /** A whole checkpoint, with a checksum that is right, that tells something else of its network. */
  const telling = (news: Record<string, string>): string => {
    const folder = new CheckpointFolder(mkdtempSync(join(root, 'telling-')));
    return folder.write(12, tensors, { ...facts, ...news });
  };
  const cut = join(hostileFolder, 'cut.safetensors');
  copyFileSync(original, cut);
  truncateSync(cut, 100_000);
  const altered = join(hostileFolder, 'altered.safetensors');
  const bytes = readFileSync(original);
  bytes[80_000]! ^= 4;
  writeFileSync(altered, bytes);
  const out = join(hostileFolder, 'samples.png');
  for (const [path, message] of [
    [cut, /reach beyond the \d+ bytes of data in the file/],
    [altered, /was altered or damaged: its checksum does not match its content/],
    [telling({ zDim: '6' }), /tensor generator\/.* is float32 \[5, \d+\], and the network has float32 \[6, \d+\]/],
    [telling({ zDim: '1000000000' }), /zDim is an integer from 1 to 512, not "?1000000000"?/],
    [telling({ width: '1e9' }), /width is above 0, up to 8, not "?1e9"?/],
    [telling({ architecture: '__proto__' }), /there is no architecture "__proto__"/],
    [telling({ imageHeight: '56' }), /imageHeight is .*28, not "?56"?/],
  ] as const) {
    const line = onlyComplaint(await zdim(['sample', path, '--out', out]));
    assert.ok(line.includes(path), line);
    assert.match(line, message);
    assert.not.ok(existsSync(out));
  }
});

slow('--resume names each hostile checkpoint, passes over them, and ends with the same bytes', async () => {
  const run = join(root, 'beset');
  cpSync(await straight(), run, { recursive: true });
  const checkpoints = join(run, 'checkpoints');
  rmSync(join(checkpoints, '000012.safetensors'));
  const usable = join(checkpoints, '000008.safetensors');
  const { facts, tensors } = partsOf(usable);
  const folder = new CheckpointFolder(checkpoints);
  /** The tensors as they would be after another iteration. */
  const tensorsAt = (iteration: number): Snapshot => {
    return new Map([...tensors, ['iteration', { shape: [], values: Uint32Array.of(iteration) }]]);
  };
  const [first = ''] = tensors.keys();
  const fewer = new Map([...tensorsAt(10)].filter(([name]) => name !== first));
  const expected: [number, RegExp][] = [
    [9, /belongs to another run: its seed is "?another"?, not "?1/],
    [10, new RegExp(`tensor ${first} is missing`)],
  ];
  folder.write(9, tensorsAt(9), { ...facts, seed: 'another' });
  folder.write(10, fewer, facts);
  Object.values(HOSTILE).forEach(([bytes, message], index) => {
    writeFileSync(join(checkpoints, CheckpointFolder.fileName(11 + index)), bytes);
    expected.push([11 + index, message]);
  });
  copyFileSync(usable, join(checkpoints, CheckpointFolder.fileName(30)));
  expected.push([30, /was renamed: it is the checkpoint of iteration 8/]);
  // As of a run that was stopped: one that is finished has nothing to go on with.
  const description = readRun(run);
  const sessions = description.sessions.map((session) => ({ ...session, outcome: 'stopped' }));
  writeFileSync(join(run, 'run.json'), JSON.stringify({ ...description, sessions }));

  const { stdout } = await assertResumes(run);
  const skipped = stdout.split('\n').filter((line) => line.startsWith('skipped: '));
  assert.is(skipped.length, expected.length);
  for (const [iteration, message] of expected) {
    const path = join(checkpoints, CheckpointFolder.fileName(iteration));
    const line = skipped.find((each) => each.includes(path)) ?? '';
    assert.match(line, message, `${path}: ${stdout}`);
    assert.ok(existsSync(`${path}.damaged`) || iteration === 12, `${path} is put aside`);
  }
  assert.match(stdout, /^from iteration 8$/m);
});

for (const [what, args, expected, message] of [
  [
    'sample from nothing',
    ['sample', join(root, 'nothing')],
    1,
    /nothing does not exist: a run's folder or a checkpoint is expected/,
  ],
  ['sample from a folder without checkpoints', ['sample', data], 1, /there is no checkpoint in .*data\/checkpoints/],
  [
    'runs in a folder that is not there',
    ['runs', join(root, 'nothing')],
    1,
    /cannot read .*nothing: it does not exist/,
  ],
  ['timelapse of what is no run', ['timelapse', data], 1, /data is not a run folder: .*run\.json is missing/],
  ['sample without a run', ['sample'], 2, /missing required argument 'run'/],
  ['z that are no numbers', ['sample', data, '--z', '1,two'], 2, /--z <numbers>.*'1,two'.*numbers separated by commas/],
] as const) {
  test(`${what}: code ${expected} and one line`, async () => {
    assert.match(onlyComplaint(await zdim(args), expected), message);
  });
}

test('no adapter: train and sample end with code 1, say who tells what is missing, and leave nothing', () => {
  const none = { VK_DRIVER_FILES: join(root, 'none.json'), VK_ICD_FILENAMES: join(root, 'none.json') };
  const out = join(root, 'unmade');
  const ending = zdimProcess(trainArguments(out), { env: none });
  if (ending.code === 0) {
    console.log('\nSKIPPED: a machine without an adapter; here Dawn finds one without Vulkan');
    return;
  }
  assert.match(complaint(ending), /WebGPU finds no adapter on this machine; `npm run doctor` tells what is missing/);
  assert.not.ok(existsSync(out));
});

slow('more than the device has memory for: code 1, what helps, and no run folder', async () => {
  const out = join(root, 'unmade');
  const huge = ['--width', '2', '--batch', '4096', '--iterations', '1'];
  const line = onlyComplaint(await zdim([...trainArguments(out), ...huge]));
  assert.match(line, /no GPU memory for .*MiB.*; a smaller --batch or --width takes less$/);
  assert.not.ok(existsSync(out));
});

slow(
  'a loss that is NaN stops training at that iteration, and the last checkpoint, all of it finite, is named',
  async () => {
    const run = join(root, 'diverged');
    const line = onlyComplaint(await train(run, { FAULT: 'nan@7' }));
    const checkpoint = join(run, 'checkpoints', '000004.safetensors');
    assert.is(
      line,
      'error: training diverged: the loss is not finite at iteration 7; ' +
        `the last checkpoint is ${checkpoint}; another --seed or a larger --batch may train better`,
    );
    assert.equal(pathsIn(run), ['checkpoints', 'checkpoints/000004.safetensors', 'metrics.jsonl', 'run.json']);
    assert.is(firstNonFinite(readCheckpoint(checkpoint).tensors), undefined);
    const rows = readFileSync(join(run, 'metrics.jsonl'), 'utf8').trimEnd().split('\n');
    assert.is(rows.length, 6);
    assert.not.match(rows.join(''), /null|NaN/);
    const { outcome, to, reason } = readRun(run).sessions[0] ?? {};
    assert.equal([outcome, to, reason], ['diverged', 7, 'the loss is not finite']);
  },
);

slow('a lost device stops training; the last checkpoint is named, and serves to go on to the same bytes', async () => {
  const run = join(root, 'lost');
  const line = onlyComplaint(await train(run, { FAULT: 'lose@7' }));
  assert.match(line, /the GPU device was lost/);
  assert.ok(
    line.endsWith(`; the last checkpoint is ${join(run, 'checkpoints', '000004.safetensors')}; ${onward(run)}`),
    line,
  );
  assert.match((await assertResumes(run)).stdout, /^from iteration 4$/m);
});

slow('a device that is lost before anything is done leaves no run folder', async () => {
  const out = join(root, 'unmade');
  assert.match(onlyComplaint(await train(out, { FAULT: 'lose@1' })), /the GPU device was lost/);
  assert.not.ok(existsSync(out));
});

// A small disk of our own: a tmpfs, which only root may mount.
mkdirSync(disk);
if (process.platform === 'linux') {
  const { status } = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', disk]);
  hasDisk = status === 0;
}

const filler = join(disk, 'filler');

/** Leaves so many bytes, whole pages, on the disk. */
function leave(bytes: number): void {
  rmSync(filler, { force: true });
  const { bavail, bsize } = statfsSync(disk);
  writeFileSync(filler, new Uint8Array(bavail * bsize - bytes));
}

if (!hasDisk) {
  console.log('SKIPPED: full and read-only disks; they need Linux, and root to mount a tmpfs');
} else {
  slow('a disk that is full at the start: code 1, the file and what to do, and nothing is left', async () => {
    const run = join(disk, 'run');
    // No page; one for the lock alone; two, so that the run is made, but its session cannot be noted down.
    for (const [pages, file] of [
      [0, '.lock'],
      [1, 'run.json'],
      [2, 'run.json'],
    ] as const) {
      leave(pages * 4096);
      const line = onlyComplaint(await train(run));
      const advice = 'no space is left on its disk; free some, or name a folder on another disk (ENOSPC)';
      assert.is(line, `error: cannot write ${join(run, file)}: ${advice}`);
      assert.equal(readdirSync(disk), ['filler'], `${pages} pages`);
    }
    rmSync(filler);
  });

  slow(
    'a disk that fills up while training: the last checkpoint is named, and the run goes on once there is room',
    async () => {
      const run = join(disk, 'run');
      /** Trains with a disk that has so much room from the second iteration on, and tells how that ends. */
      const trainInto = async (room: number, args: readonly string[]): Promise<string> => {
        const running = new Running(args, { env: { FAULT: 'pause@6' }, preloads: [FAULTS] });
        await running.says('paused');
        leave(room);
        running.kill('SIGUSR2');
        const ending = await running.ended;
        return complaint({ ...ending, stderr: ending.stderr.replace('paused\n', '') });
      };
      const last = `the last checkpoint is ${join(run, 'checkpoints', '000004.safetensors')}`;

      // Room for a line of metrics, but not for a checkpoint.
      const halfway = await trainInto(65_536, trainArguments(run));
      assert.ok(halfway.includes(`cannot write ${join(run, 'checkpoints', '000008.safetensors')}: no space is left`));
      assert.ok(halfway.endsWith(`; ${last}; ${onward(run)}`), halfway);
      assert.equal(readdirSync(join(run, 'checkpoints')), ['000004.safetensors']);
      const { outcome, reason = '' } = readRun(run).sessions[0] ?? {};
      assert.is(outcome, 'failed');
      assert.match(reason, /no space is left/);

      rmSync(filler);
      assert.match((await assertResumes(run)).stdout, /^from iteration 4$/m);
      rmSync(run, { recursive: true });
      rmSync(filler, { force: true });
    },
  );

  slow('a read-only disk: code 1, the file and what to do, and nothing changes', async () => {
    const run = join(disk, 'finished');
    cpSync(await straight(), run, { recursive: true });
    const before = contents(run);
    execFileSync('mount', ['-o', 'remount,ro', disk]);
    try {
      const advice = 'its disk is read-only; name another folder (EROFS)';
      for (const [args, what] of [
        [trainArguments(join(disk, 'new')), `create the folder ${join(disk, 'new')}`],
        [[...resumeArguments(run), '--iterations', '20'], `write ${join(run, '.lock')}`],
        [['sample', run, '--out', join(disk, 'samples.png')], `write ${join(disk, 'samples.png')}`],
        [['timelapse', run], `write ${join(run, 'timelapse.gif')}`],
      ] as const) {
        assert.is(onlyComplaint(await zdim(args)), `error: cannot ${what}: ${advice}`);
      }
      assert.equal(contents(run), before);
      assert.equal(readdirSync(disk), ['finished']);
    } finally {
      execFileSync('mount', ['-o', 'remount,rw', disk]);
    }
  });
}

test.run();
