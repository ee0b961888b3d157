/**
 * @file `train --resume`: whatever ended a run, at whatever moment, it goes on to the same bytes as if nothing had.
 *
 * @expensive starts, stops and resumes processes
 */
import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import seedrandom from 'seedrandom';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { ObjectiveOptions } from '../../src/gan/settings.js';
import { flaggedSettings } from '../../src/gan/objective.js';
import { readRun } from '../../src/training/run/runFiles.js';
import { slow } from '../support/slow.js';
import type { Killed } from './fixtures/killed.js';
import { type Ending, FAULTS, KILLED, poll, Running, shellCode, zdim } from './run.js';
import { contents, pathsIn, TRAIN_TINY, writeMnist } from './tinyRun.js';

const root = mkdtempSync(join(tmpdir(), 'resume-test-'));
test.after(() => {
  Running.endAll();
  rmSync(root, { recursive: true });
});

const data = writeMnist(join(root, 'data'));

const ITERATIONS = 60;
const CHECKPOINT_EVERY = 5;
const LAST = 'checkpoints/000060.safetensors';

function trainArguments(out: string, iterations = ITERATIONS): string[] {
  const every = ['--sample-every', '15', '--checkpoint-every', CHECKPOINT_EVERY.toString()];
  return [...TRAIN_TINY, '--iterations', iterations.toString(), ...every, '--data-dir', data, '--out', join(root, out)];
}

function resumeArguments(out: string, ...more: string[]): string[] {
  return ['train', '--resume', join(root, out), '--no-tune', ...more];
}

async function resume(out: string, ...more: string[]): Promise<Ending> {
  return await zdim(resumeArguments(out, ...more));
}

interface Straight {
  readonly paths: readonly string[];
  readonly contents: ReadonlyMap<string, string>;
  /** How long it took until the GPU was at work, and until its end, in milliseconds. */
  readonly ready: number;
  readonly ended: number;
}

let made: Promise<Straight> | undefined;

/** The run that nothing comes in between of, made once. */
function straight(): Promise<Straight> {
  made ??= (async () => {
    const start = performance.now();
    const running = new Running(trainArguments('straight'));
    await running.says(/^memory/m);
    const ready = performance.now() - start;
    const { code, stderr } = await running.ended;
    assert.is(code, 0, stderr);
    const folder = join(root, 'straight');
    return { paths: pathsIn(folder), contents: contents(folder), ready, ended: performance.now() - start };
  })();
  return made;
}

/** All files of a finished run are those of the straight one, to the byte; of the checkpoints only the last has to be. */
async function assertAsStraight(out: string, damaged: readonly string[] = []): Promise<void> {
  const isOld = (path: string): boolean => /^checkpoints\/0000\d\d\.safetensors$/.test(path) && path !== LAST;
  const expected = await straight();
  const folder = join(root, out);
  const wanted = [...expected.paths.filter((path) => !isOld(path)), ...damaged].sort();
  assert.equal(
    pathsIn(folder).filter((path) => !isOld(path)),
    wanted,
    `${out}: the names`,
  );
  const found = contents(folder);
  for (const [path, bytes] of expected.contents) {
    if (!isOld(path)) assert.ok(found.get(path) === bytes, `${out}: ${path} is another than that of the straight run`);
  }
  assert.is(readRun(folder).sessions.at(-1)?.outcome, 'finished');
}

function copyOf(out: string, name: string): string {
  cpSync(join(root, out), join(root, name), { recursive: true });
  return join(root, name);
}

function iterationsIn(out: string): number {
  const file = join(root, out, 'metrics.jsonl');
  return existsSync(file) ? readFileSync(file, 'utf8').split('\n').length - 1 : 0;
}

slow('30 iterations, and 30 more by --resume --iterations 60, are the same bytes as 60', async () => {
  assert.is((await zdim(trainArguments('halves', 30))).code, 0);
  const { code, stdout, stderr } = await resume('halves', '--iterations', '60');
  assert.is(code, 0, stderr);
  assert.match(stdout, /^from iteration 30$/m);
  await assertAsStraight('halves');
  const { sessions, arguments: args } = readRun(join(root, 'halves'));
  assert.equal(
    sessions.map(({ from, to }) => [from, to]),
    [
      [0, 30],
      [30, 60],
    ],
  );
  assert.is(args.iterations, 60);
});

const KILLS = 20;

/** After so many milliseconds, or when the process is at something, where it kills itself. */
type Moment = { readonly after: number } | Killed;

/** Moments in no order: while the program starts, while it trains, while it writes. */
function moments({ ready, ended }: Straight): Moment[] {
  const random = seedrandom('moments of death');
  const any = <const T>(...values: readonly T[]): T => values[Math.floor(random() * values.length)]!;
  const all: Moment[] = [
    ...Array.from({ length: 5 }, () => ({ after: random() * ready })),
    ...Array.from({ length: 6 }, () => ({ after: ready + random() * (ended - ready) })),
    ...Array.from({ length: 6 }, () => ({
      moment: any('half written', 'before its name', 'with its name'),
      ...any({ file: 'safetensors', time: any(1, 2) }, { file: 'png', time: any(1, 2, 3, 4) }),
    })),
    { moment: any('half written', 'with its name'), file: 'run.json', time: any(1, 2) },
    { moment: 'half written', file: 'metrics', time: any(2, 3, 4) },
    { moment: 'after a removal', file: 'safetensors', time: 1 },
  ];
  for (let i = all.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [all[i], all[j]] = [all[j]!, all[i]!];
  }
  return all;
}

/** Names of files that somebody began to write. */
function temporaries(folder: string): Set<string> {
  return new Set(existsSync(folder) ? pathsIn(folder).filter((path) => path.endsWith('.tmp')) : []);
}

slow('a run killed twenty times, while it starts, trains and writes, ends with the same bytes', async () => {
  const all = moments(await straight());
  assert.is(all.length, KILLS);
  const folder = join(root, 'killed');
  const deaths = { starting: 0, training: 0, writing: 0 };
  for (const [index, moment] of all.entries()) {
    const isTimed = 'after' in moment;
    const done = iterationsIn('killed');
    // One that is not killed in time waits for it, so that the iterations last for all kills.
    const share = Math.floor((ITERATIONS * (index + 1)) / KILLS);
    const limit = Math.min(ITERATIONS - 2, isTimed ? share : Math.max(share, done + 16));
    const before = temporaries(folder);
    const running = new Running(
      existsSync(join(folder, 'run.json')) ? resumeArguments('killed') : trainArguments('killed'),
      {
        env: { FAULT: `pause@${Math.max(1, limit - done)}`, ...(isTimed ? {} : { KILLED: JSON.stringify(moment) }) },
        preloads: isTimed ? [FAULTS] : [FAULTS, KILLED],
      },
    );
    const start = performance.now();
    const isDue = (): boolean => isTimed && performance.now() - start > moment.after;
    await poll(() => running.hasEnded || isDue() || running.said.includes('paused'), 'the moment to kill');
    running.kill('SIGKILL');
    const { signal, stdout, stderr } = await running.ended;
    assert.is(signal, 'SIGKILL', `${JSON.stringify(moment)}: ${stdout}${stderr}`);
    const isHalf = [...temporaries(folder)].some((path) => !before.has(path));
    deaths[isHalf ? 'writing' : /^memory/m.test(stdout) ? 'training' : 'starting']++;
  }
  for (const [when, count] of Object.entries(deaths)) assert.ok(count >= 3, `${count} of the kills came while ${when}`);
  const { code, stderr } = await resume('killed');
  assert.is(code, 0, stderr);
  await assertAsStraight('killed');
});

/** A process that waits within its iteration `at`, until it is woken with SIGUSR2. */
async function paused(args: readonly string[], at: number): Promise<Running> {
  const running = new Running(args, { env: { FAULT: `pause@${at}` }, preloads: [FAULTS] });
  await running.says('paused');
  return running;
}

slow('Ctrl-C stops with a checkpoint and code 130; the command that it tells goes on, to the same bytes', async () => {
  const name = "it's interrupted";
  const folder = join(root, name);
  const running = await paused(trainArguments(name), 17);
  running.kill('SIGINT');
  await running.says('stopping at the next iteration, with a checkpoint (a second request ends at once)');
  running.kill('SIGUSR2');
  const { code, signal, stdout } = await running.ended;
  assert.equal([code, signal], [130, null]);

  const { outcome, to = 0 } = readRun(folder).sessions.at(-1) ?? {};
  assert.is(outcome, 'stopped');
  assert.ok(to >= 17 && to < ITERATIONS, `${to}`);
  assert.ok(existsSync(join(folder, 'checkpoints', `0000${to}.safetensors`)));
  assert.is(iterationsIn(name), to);
  copyOf(name, 'stopped');

  const last = stdout.trimEnd().split('\n').at(-1) ?? '';
  const [told, command = ''] = last.split('; resume with: ');
  assert.is(told, `stopped after iteration ${to}`);
  assert.match(command, /^node \S+ train --resume /);
  const resumed = spawnSync('sh', ['-c', `${command} --no-tune`], { encoding: 'utf8' });
  assert.is(resumed.status, 0, resumed.stderr);
  assert.match(resumed.stdout, new RegExp(`^from iteration ${to}$`, 'm'));
  await assertAsStraight(name);
});

slow('a second Ctrl-C ends at once, with code 130, and SIGTERM stops like Ctrl-C, with code 143', async () => {
  copyOf('stopped', 'impatient');
  const impatient = await paused(resumeArguments('impatient'), 3);
  impatient.kill('SIGINT');
  await impatient.says('stopping at the next iteration');
  impatient.kill('SIGINT');
  // Nothing wakes it: its iteration is not waited for.
  assert.is(shellCode(await impatient.ended), 130);
  assert.is(readRun(join(root, 'impatient')).sessions.at(-1)?.outcome, 'running');

  const running = await paused(resumeArguments('impatient'), 3);
  running.kill('SIGTERM');
  await running.says('stopping at the next iteration');
  // As where the system tells the whole process group, and a parent passes it on: still one request.
  running.kill('SIGTERM');
  running.kill('SIGUSR2');
  const { code, signal } = await running.ended;
  assert.equal([code, signal], [143, null]);
  assert.is((await resume('impatient')).code, 0);
  await assertAsStraight('impatient');
});

slow('Ctrl-C before the first iteration ends at once, and leaves a run that can be begun', async () => {
  // With nothing remembered, to measure kernels takes many seconds, all of them spent on compiling: an exit from within
  // what the driver does must not crash.
  const tuned = trainArguments('early').map((word) => (word === '--no-tune' ? '--tune' : word));
  for (const [index, delay] of [0, 100, 250, 500].entries()) {
    rmSync(join(root, 'early'), { recursive: true, force: true });
    const running = new Running(tuned, { env: { XDG_CACHE_HOME: join(root, `nothing remembered ${index}`) } });
    await running.says(/^measuring kernels/m);
    const start = performance.now();
    await poll(() => performance.now() - start >= delay, 'a moment of compiling');
    running.kill('SIGINT');
    const ending = await running.ended;
    assert.is(shellCode(ending), 130, `after ${delay} ms: ${ending.signal ?? ending.stderr}`);
    assert.equal(pathsIn(join(root, 'early')), ['metrics.jsonl', 'run.json'], 'no lock is left');
  }
  const { code: resumed, stdout, stderr } = await resume('early', '--json');
  assert.is(resumed, 0, stderr);
  assert.match(stderr, /^there is no checkpoint yet: starting from the beginning$/m);
  assert.is((JSON.parse(stdout) as { outcome: string }).outcome, 'finished');
  await assertAsStraight('early');
});

slow('a second process on a run is refused and names the first, which goes on unharmed', async () => {
  copyOf('stopped', 'contested');
  const folder = join(root, 'contested');
  const running = await paused(resumeArguments('contested'), 3);
  const before = contents(folder);
  for (const [args, message] of [
    [resumeArguments('contested'), `the folder ${folder} is in use by process ${running.pid}`],
    [
      trainArguments('contested'),
      `the folder ${folder} already holds a run; resume it with --resume, or name another with --out`,
    ],
  ] as const) {
    const { code, stderr } = await zdim(args);
    assert.is(code, 1);
    assert.is(stderr, `error: ${message}\n`);
    assert.equal(contents(folder), before);
  }
  running.kill('SIGUSR2');
  assert.is((await running.ended).code, 0);
  await assertAsStraight('contested');
});

slow('a finished run says so, and stays as it is', async () => {
  await straight();
  const folder = join(root, 'straight');
  const times = (): unknown => pathsIn(folder).map((path) => [path, statSync(join(folder, path)).mtimeMs]);
  const before = times();
  const { code, stdout, stderr } = await resume('straight');
  assert.equal([code, stderr], [0, '']);
  assert.is(stdout, `${folder} is finished, with 60 iterations; a larger --iterations trains it further\n`);
  const { run, outcome, iterations } = JSON.parse((await resume('straight', '--json')).stdout) as Record<
    string,
    unknown
  >;
  assert.equal([run, outcome, iterations], [folder, 'finished', 60]);
  assert.equal(times(), before);
});

slow('fewer --iterations than were made: code 2, and the run goes on all the same', async () => {
  await straight();
  const before = contents(join(root, 'stopped'));
  const { code, stderr } = await resume('stopped', '--iterations', '5');
  assert.is(code, 2);
  assert.match(stderr, /^error: --iterations 5: the run already has \d\d iterations\n$/);
  assert.equal(contents(join(root, 'stopped')), before);
});

slow('a damaged checkpoint is named and passed over, the one before is used, and the bytes are the same', async () => {
  const folder = copyOf('stopped', 'damaged');
  const names = readdirSync(join(folder, 'checkpoints')).sort().reverse();
  assert.is(names.length, 3);
  const [newest = '', second = '', third = ''] = names.map((name) => join(folder, 'checkpoints', name));
  truncateSync(newest, 60_000);
  const bytes = readFileSync(second);
  bytes[100_000]! ^= 1;
  writeFileSync(second, bytes);

  const { code, stdout, stderr } = await resume('damaged');
  assert.is(code, 0, stderr);
  assert.match(stdout, new RegExp(`^skipped: ${newest}: .*(truncated|reach beyond)`, 'm'));
  assert.match(stdout, new RegExp(`^skipped: ${second} was altered or damaged`, 'm'));
  assert.match(stdout, new RegExp(`^from iteration ${Number(/(\d+)\.safetensors$/.exec(third)?.[1])}$`, 'm'));
  const aside = [newest, second].map((path) => `${path.slice(folder.length + 1)}.damaged`);
  await assertAsStraight('damaged', aside);
});

slow('where all checkpoints are damaged: code 1, they are named, and what to do', async () => {
  const folder = copyOf('stopped', 'hopeless');
  const names = readdirSync(join(folder, 'checkpoints'));
  for (const name of names) truncateSync(join(folder, 'checkpoints', name), 1000);
  const before = contents(folder);
  const { code, stderr } = await resume('hopeless');
  assert.is(code, 1);
  assert.is(stderr.trimEnd().split('\n').length, 1, stderr);
  for (const name of names) assert.ok(stderr.includes(name), stderr);
  assert.ok(stderr.includes(`remove ${join(folder, 'checkpoints')} to start again from iteration 0`), stderr);
  assert.equal(contents(folder), before);

  rmSync(join(folder, 'checkpoints'), { recursive: true });
  assert.is((await resume('hopeless')).code, 0);
  await assertAsStraight('hopeless');
});

/** All that can be asked for of an objective. */
const ASKED: { readonly [name in keyof ObjectiveOptions]-?: NonNullable<ObjectiveOptions[name]> } = {
  loss: 'hinge',
  penaltyWeight: 1,
  criticSteps: 2,
  clip: 0.1,
  labelSmoothing: 0.1,
  generatorRate: 1e-4,
  discriminatorRate: 1e-4,
  normaliseDiscriminator: 'none',
  normaliseGenerator: 'none',
  hidden: 16,
  pack: 2,
  minibatchStddev: true,
  augment: ['translation', 'cutout'],
  instanceNoise: 0.1,
  noiseIterations: 5,
  averageDecay: 0.9,
  unroll: 5,
  conditional: true,
};

for (const [flag, value] of [
  ['--z', '5'],
  ['--arch', 'dcgan'],
  ['--seed', '1'],
  ['--batch', '4'],
  ['--width', '0.125'],
  ['--sample-every', '15'],
  ['--data', 'auto'],
  ['--out', 'elsewhere'],
  ...flaggedSettings(ASKED),
] as const) {
  test(`--resume with ${flag}: code 2`, async () => {
    const { code, stdout, stderr } = await zdim([
      'train',
      '--resume',
      join(root, 'anything'),
      flag,
      ...(value === '' ? [] : [value]),
    ]);
    assert.is(code, 2);
    assert.is(stderr, `error: ${flag} cannot be given with --resume: this setting is fixed when a run is created\n`);
    assert.is(stdout, '');
  });
}

test('--resume of a folder that is no run, or that is not there: code 1, and nothing is made', async () => {
  const nothing = join(root, 'nothing');
  for (const folder of [data, nothing]) {
    const { code, stderr } = await zdim(['train', '--resume', folder]);
    assert.is(code, 1);
    assert.is(stderr, `error: ${folder} is not a run folder: ${join(folder, 'run.json')} is missing\n`);
  }
  assert.not.ok(existsSync(nothing));
  assert.is(readdirSync(data).length, 4);
});

slow('a damaged run.json: code 1, the file and what is wrong with it', async () => {
  await straight();
  const text = readFileSync(join(root, 'straight', 'run.json'), 'utf8');
  for (const [damage, message] of [
    [text.slice(0, 300), /run\.json is not JSON: /],
    [text.replace('"zDim": 5', '"zDim": 5000'), /run\.json is no run of this program: arguments\.zDim: /],
    ['', /run\.json is not JSON: /],
  ] as const) {
    const folder = copyOf('stopped', 'illegible');
    writeFileSync(join(folder, 'run.json'), damage);
    const { code, stderr } = await resume('illegible');
    assert.is(code, 1);
    assert.match(stderr, message);
    assert.is(stderr.trimEnd().split('\n').length, 1, stderr);
    assert.is(readFileSync(join(folder, 'run.json'), 'utf8'), damage);
    rmSync(folder, { recursive: true });
  }
});

test.run();
