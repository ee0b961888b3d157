/**
 * @file The commands that read a run: `sample`, `interpolate`, `timelapse`, `runs`; and the help and completions of all.
 *
 * @expensive trains and draws
 */
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PNG } from 'pngjs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { slow } from '../support/slow.js';
import { type Ending, FAULTS, KILLED, Running, zdim, zdimProcess } from './run.js';
import { pngSize, TRAIN_TINY, writeMnist } from './tinyRun.js';

const root = mkdtempSync(join(tmpdir(), 'pictures-test-'));
test.after(() => {
  Running.endAll();
  rmSync(root, { recursive: true });
});

const data = writeMnist(join(root, 'data'));
const runs = join(root, 'runs');

function trainArguments(name: string): string[] {
  const sizes = ['--iterations', '40', '--sample-every', '20', '--keep', 'all'];
  return [...TRAIN_TINY, ...sizes, '--data-dir', data, '--out', join(runs, name)];
}

let isMade = false;

/** The folder of a finished run, made once. */
async function run(): Promise<string> {
  const folder = join(runs, 'finished');
  if (!isMade) {
    const { code, stderr } = await zdim(trainArguments('finished'));
    assert.is(code, 0, stderr);
    isMade = true;
  }
  return folder;
}

/** Side of a generated image in a picture, and of the gap to the next. */
const SIDE = 28 * 4;
const GAP = 2;

/** Pixels of so many images in a row. */
function span(images: number, side = SIDE): number {
  return images * side + (images - 1) * GAP;
}

interface Result {
  readonly out: string;
  readonly checkpoint: string;
  readonly iteration: number;
  readonly zDim: number;
  readonly count: number;
}

/** Runs a command that draws, without a caption, and hands back what `--json` tells and the picture's bytes. */
async function draw(
  command: string,
  name: string,
  ...args: string[]
): Promise<{ result: Result; png: Buffer; path: string }> {
  const path = join(root, name);
  const { code, stdout, stderr } = await zdim([command, await run(), '--out', path, '--json', '--no-caption', ...args]);
  assert.is(code, 0, stderr);
  const result = JSON.parse(stdout) as Result;
  assert.is(result.out, path);
  return { result, png: readFileSync(path), path };
}

/** Grey levels of one image of a picture. */
function imageAt(png: Buffer, column: number, row: number): string {
  const { width, data: rgba } = PNG.sync.read(png);
  const pixels = Array.from({ length: SIDE * SIDE }, (_, index) => {
    const [x, y] = [column * (SIDE + GAP) + (index % SIDE), row * (SIDE + GAP) + Math.floor(index / SIDE)];
    return rgba[4 * (y * width + x)]!;
  });
  assert.ok(new Set(pixels).size > 3, 'there is something to see');
  return pixels.join(' ');
}

function assertUsage({ code, stdout, stderr }: Ending, message: RegExp): void {
  assert.is(code, 2, stderr);
  assert.match(stderr, message);
  assert.is(stderr.trimEnd().split('\n').length, 1, stderr);
  assert.is(stdout, '');
}

slow('sample draws 25 images of the newest checkpoint over a caption, and says where', async () => {
  const path = join(root, 'plain.png');
  const { code, stdout, stderr } = await zdim(['sample', await run(), '--out', path]);
  assert.equal([code, stderr], [0, '']);
  const checkpoint = join(await run(), 'checkpoints', '000040.safetensors');
  assert.is(stdout, `25 images of iteration 40 (${checkpoint}): ${path}\n`);
  const [width, height] = pngSize(path);
  assert.is(width, span(5));
  assert.ok(height > span(5) + 10 && height < span(5) + 60, `${height}`);
});

slow('sample: count, columns and scale give the size; --no-caption leaves only the images', async () => {
  const { result, path } = await draw('sample', 'seven.png', '--count', '7', '--columns', '3', '--scale', '2');
  assert.equal(pngSize(path), [span(3, 56), span(3, 56)]);
  assert.equal([result.count, result.zDim, result.iteration], [7, 5, 40]);
  assert.is(result.checkpoint, join(await run(), 'checkpoints', '000040.safetensors'));
});

slow('sample: a seed gives the same images again, and more of them begin with the same', async () => {
  const { png } = await draw('sample', 'four.png', '--count', '4', '--columns', '4', '--seed', 'x');
  assert.ok((await draw('sample', 'again.png', '--count', '4', '--columns', '4', '--seed', 'x')).png.equals(png));
  const more = (await draw('sample', 'more.png', '--count', '8', '--columns', '4', '--seed', 'x')).png;
  assert.equal(
    [0, 1, 2, 3].map((column) => imageAt(more, column, 0)),
    [0, 1, 2, 3].map((column) => imageAt(png, column, 0)),
  );
  const other = (await draw('sample', 'other.png', '--count', '4', '--columns', '4', '--seed', 'y')).png;
  assert.is.not(imageAt(other, 0, 0), imageAt(png, 0, 0));
});

slow('sample --iteration takes that checkpoint of the run, and a checkpoint alone serves as well', async () => {
  const { result, png } = await draw('sample', 'second.png', '--iteration', '20');
  assert.is(result.iteration, 20);
  assert.not.ok((await draw('sample', 'newest.png')).png.equals(png), 'as at iteration 40');
  const alone = join(root, 'alone.safetensors');
  cpSync(join(await run(), 'checkpoints', '000020.safetensors'), alone);
  const path = join(root, 'alone.png');
  const { code, stderr } = await zdim(['sample', alone, '--out', path, '--no-caption']);
  assert.is(code, 0, stderr);
  assert.ok(readFileSync(path).equals(png));

  const { code: missing, stderr: said } = await zdim(['sample', await run(), '--iteration', '30', '--out', path]);
  assert.is(missing, 1);
  assert.match(said, /finished has no checkpoint of iteration 30; it has 40, 20\n$/);
});

const POINTS = ['0.5,-1.2,0,0.25,1', '-1,2,-0.5,0,0'] as const;

slow('sample --z draws the given points, each as the other commands do', async () => {
  const { result, png, path } = await draw('sample', 'given.png', `--z=${POINTS[0]}`, `--z=${POINTS[1]}`);
  assert.is(result.count, 2);
  assert.equal(pngSize(path), [span(2), SIDE]);
  const walk = (await draw('interpolate', 'between.png', `--from=${POINTS[0]}`, `--to=${POINTS[1]}`, '--steps', '3'))
    .png;
  assert.is(imageAt(walk, 0, 0), imageAt(png, 0, 0));
  assert.is(imageAt(walk, 2, 0), imageAt(png, 1, 0));
});

slow('sample: z of another length, or with a seed or a count: code 2', async () => {
  const path = join(root, 'unmade.png');
  const sample = async (...args: string[]): Promise<Ending> =>
    await zdim(['sample', await run(), '--out', path, ...args]);
  assertUsage(await sample('--z', '1,2'), /^error: --z: this generator's z has 5 numbers, got 2\n$/);
  assertUsage(await sample(`--z=${POINTS[0]}`, '--seed', '1'), /^error: --z gives the points and takes no --seed/);
  assertUsage(await sample(`--z=${POINTS[0]}`, '--count', '2'), /^error: --z gives the points .*no --seed or --count/);
  assertUsage(
    await sample('--columns', '10000', '--scale', '64'),
    /^error: a picture of \d+ × 1792 pixels is too large/,
  );
  assert.not.ok(existsSync(path));
});

slow('interpolate: rows and steps give the size, and each row begins and ends at sampled z', async () => {
  const args = ['--rows', '2', '--steps', '4', '--seed', 'ends'];
  const { result, png, path } = await draw('interpolate', 'walks.png', ...args);
  assert.is(result.count, 8);
  assert.equal(pngSize(path), [span(4), span(2)]);
  const ends = (await draw('sample', 'ends.png', '--count', '4', '--columns', '2', '--seed', 'ends')).png;
  for (const row of [0, 1]) {
    assert.is(imageAt(png, 0, row), imageAt(ends, 0, row));
    assert.is(imageAt(png, 3, row), imageAt(ends, 1, row));
  }
  assert.is.not(imageAt(png, 1, 0), imageAt(png, 0, 0));

  const { png: spherical } = await draw('interpolate', 'circles.png', ...args, '--walk', 'spherical');
  for (const column of [0, 3]) assert.is(imageAt(spherical, column, 1), imageAt(png, column, 1));
  assert.is.not(imageAt(spherical, 1, 1), imageAt(png, 1, 1));
});

slow('interpolate: one end alone, or ends with a seed: code 2', async () => {
  const interpolate = async (...args: string[]): Promise<Ending> => await zdim(['interpolate', await run(), ...args]);
  assertUsage(await interpolate(`--from=${POINTS[0]}`), /^error: --from and --to are used together\n$/);
  const both = [`--from=${POINTS[0]}`, `--to=${POINTS[1]}`];
  assertUsage(
    await interpolate(...both, '--rows', '2'),
    /^error: --from and --to define one walk and take no --seed or --rows/,
  );
  assertUsage(
    await interpolate(`--from=${POINTS[0]}`, '--to=1,2'),
    /^error: --to: this generator's z has 5 numbers, got 2/,
  );
  assertUsage(await interpolate('--walk', 'random'), /--walk <kind>.*'random'.*linear, spherical/);
  assertUsage(await interpolate('--steps', '1'), /--steps <images>.*'1'.*from 2 to/);
});

/** Frames of a GIF, by its blocks. */
function framesOf(gif: Buffer): number {
  assert.is(gif.toString('latin1', 0, 6), 'GIF89a');
  const tableBytes = (flags: number): number => ((flags & 0x80) === 0 ? 0 : 3 * 2 ** ((flags & 7) + 1));
  let at = 13 + tableBytes(gif[10]!);
  let frames = 0;
  const skipBlocks = (): void => {
    while (gif[at] !== 0) at += gif[at]! + 1;
    at++;
  };
  while (gif[at] !== 0x3b) {
    assert.ok(at < gif.length, 'the GIF has an end');
    if (gif[at] === 0x2c) {
      frames++;
      at += 10 + tableBytes(gif[at + 9]!) + 1;
    } else {
      assert.is(gif[at], 0x21);
      at += 2;
    }
    skipBlocks();
  }
  return frames;
}

slow('timelapse makes a GIF of as many frames as there are pictures, into the run', async () => {
  const copy = join(root, 'filmed');
  cpSync(await run(), copy, { recursive: true });
  const { code, stdout, stderr } = await zdim(['timelapse', copy]);
  assert.equal([code, stderr], [0, '']);
  const gif = readFileSync(join(copy, 'timelapse.gif'));
  assert.is(stdout, `2 pictures: ${join(copy, 'timelapse.gif')}\n`);
  assert.is(framesOf(gif), 2);
  const [width, height] = pngSize(join(copy, 'images', 'fixed-000040.png'));
  assert.equal([gif.readUInt16LE(6), gif.readUInt16LE(8)], [width, height]);

  const out = join(root, 'walk.gif');
  const json = await zdim(['timelapse', copy, '--kind', 'walk', '--fps', '10', '--out', out, '--json']);
  assert.equal(JSON.parse(json.stdout), { out, frames: 2, fps: 10 });
  assert.is(framesOf(readFileSync(out)), 2);
});

slow('timelapse of a run without pictures, or with a damaged one: code 1, and no GIF', async () => {
  const copy = join(root, 'unfilmed');
  cpSync(await run(), copy, { recursive: true });
  const damaged = join(copy, 'images', 'fresh-000020.png');
  writeFileSync(damaged, readFileSync(damaged).subarray(0, 500));
  const broken = await zdim(['timelapse', copy, '--kind', 'fresh']);
  assert.is(broken.code, 1);
  assert.ok(broken.stderr.startsWith(`error: ${damaged} is damaged: `), broken.stderr);

  rmSync(join(copy, 'images'), { recursive: true });
  const { code, stderr } = await zdim(['timelapse', copy]);
  assert.is(code, 1);
  assert.match(stderr, /^error: .*unfilmed\/images has no pictures fixed-….png yet\n$/);
  assert.not.ok(existsSync(join(copy, 'timelapse.gif')));
});

interface Row {
  readonly run: string;
  readonly state: string;
  readonly problem?: string;
  readonly done?: number;
  readonly iterations?: number;
  readonly generatorLoss?: number;
}

/** What `runs --json` tells, by the last part of the path. */
async function listed(): Promise<Map<string, Row>> {
  const { code, stdout, stderr } = await zdim(['runs', runs, '--json']);
  assert.equal([code, stderr], [0, '']);
  const rows = JSON.parse(stdout) as Row[];
  return new Map(rows.map((row) => [row.run.slice(runs.length + 1), row]));
}

slow('runs lists what became of each run, as a table and as JSON', async () => {
  await run();
  mkdirSync(join(runs, 'no-run'));
  mkdirSync(join(runs, 'damaged'));
  writeFileSync(join(runs, 'damaged', 'run.json'), '{"format":');
  const at = (moment: object): Record<string, string> => ({ KILLED: JSON.stringify(moment) });
  const death = at({ moment: 'half written', file: 'safetensors', time: 1 });
  assert.is(zdimProcess(trainArguments('killed'), { env: death, preloads: [KILLED] }).signal, 'SIGKILL');
  assert.is((await zdim(trainArguments('failed'), { FAULT: 'nan@3' })).code, 1);
  const running = new Running(trainArguments('running'), { env: { FAULT: 'pause@2' }, preloads: [FAULTS] });
  await running.says('paused');

  const rows = await listed();
  const states = [...rows].map(([name, { state, done, iterations }]) => [name, state, done, iterations]);
  assert.equal(states.sort(), [
    ['damaged', 'damaged', undefined, undefined],
    ['failed', 'diverged', 2, 40],
    ['finished', 'finished', 40, 40],
    ['killed', 'killed', 20, 40],
    ['running', 'running', 1, 40],
  ]);
  assert.match(rows.get('failed')?.problem ?? '', /^the loss is not finite/);
  assert.match(rows.get('damaged')?.problem ?? '', /damaged\/run\.json is not JSON/);
  const [last = ''] = readFileSync(join(runs, 'finished', 'metrics.jsonl'), 'utf8')
    .trimEnd()
    .split('\n')
    .slice(-1);
  const { generatorLoss } = JSON.parse(last) as Row;
  assert.is(rows.get('finished')?.generatorLoss, generatorLoss);

  const { stdout } = await zdim(['runs', runs]);
  for (const [name, { state }] of rows) assert.match(stdout, new RegExp(`│ \\S*/${name} +│ ${state} +│`));
  assert.match(stdout, /finished +│ finished │ dcgan │ 5 │ 0\.125 │ idx\/train │ +40\/40 │/);
  assert.match(stdout, /^\S*failed: the loss is not finite/m);
  assert.not.match(stdout, /no-run/);

  running.kill('SIGINT');
  await running.says('stopping at the next iteration');
  running.kill('SIGUSR2');
  assert.is((await running.ended).code, 130);
  assert.is((await listed()).get('running')?.state, 'stopped');
});

test('runs in a folder without any says so', async () => {
  const { code, stdout } = await zdim(['runs', data]);
  assert.equal([code, stdout], [0, `${data} has no runs\n`]);
  assert.equal(JSON.parse((await zdim(['runs', data, '--json'])).stdout), []);
});

for (const [command, flags] of [
  ['train', ['--z', '--arch', '--data-dir', '--out', '--seed', '--resume', '--keep', '--eager', '--json', '--debug']],
  ['sample', ['--iteration', '--out', '--count', '--columns', '--seed', '--z', '--json', '--debug']],
  ['interpolate', ['--steps', '--rows', '--from', '--to', '--walk', '--json', '--debug']],
  ['timelapse', ['--kind', '--fps', '--out', '--json', '--debug']],
  ['runs', ['--json', '--debug']],
  ['study', ['--z', '--seeds', '--preset', '--jobs', '--only-report', '--out', '--json', '--debug']],
  ['data', ['--data', '--sheet', '--json', '--debug']],
  ['doctor', ['--json', '--debug']],
] as const) {
  test(`${command} --help shows its flags, an example, and defaults`, async () => {
    const { code, stdout, stderr } = await zdim([command, '--help']);
    assert.equal([code, stderr], [0, '']);
    for (const flag of flags) assert.match(stdout, new RegExp(`^ +(-\\w, )?${flag}\\b`, 'm'));
    assert.match(stdout, new RegExp(`^Examples?:\n  node dist/cli\\S* ${command}\\b`, 'm'));
    if (command !== 'doctor') assert.match(stdout, /\bdefault:?\s/);
  });
}

test('--help lists the commands, --version tells the version: code 0, on stdout', async () => {
  const help = await zdim(['--help']);
  assert.equal([help.code, help.stderr], [0, '']);
  for (const command of [
    'train',
    'sample',
    'interpolate',
    'timelapse',
    'study',
    'runs',
    'data',
    'doctor',
    'completion',
  ]) {
    assert.match(help.stdout, new RegExp(`^  ${command} `, 'm'));
  }
  const version = await zdim(['--version']);
  assert.is(version.code, 0);
  assert.match(version.stdout, /^\d+\.\d+\.\d+\n$/);
});

test('completion bash prints a script that bash takes, and it asks for commands, flags and choices', () => {
  const { code, stdout, stderr } = zdimProcess(['completion', 'bash']);
  assert.equal([code, stderr], [0, '']);
  const check = spawnSync('bash', ['-n'], { input: stdout, encoding: 'utf8' });
  assert.equal([check.status, check.stderr], [0, '']);
  for (const [words, offered] of [
    [['sam'], 'sample'],
    [['train', '--ar'], '--arch'],
    [['train', '--arch', ''], 'article'],
  ] as const) {
    const { code: ended, stdout: answer } = zdimProcess(['complete', '--', ...words]);
    assert.is(ended, 0);
    assert.match(answer, new RegExp(`^${offered}\\t`, 'm'));
  }
});

test.run();
