/**
 * @file Tests the command `study`: trains, stops, kills and resumes studies, and checks its error messages.
 *
 * @expensive trains the runs of studies
 */
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Results } from '../../src/study/measure/results.js';
import { readRun } from '../../src/training/run/runFiles.js';
import { isInUse } from '../../src/training/run/runFolder.js';
import { smallMnist } from '../data/fixtures.js';
import { type Ending, FAULTS, poll, Running, zdim, zdimProcess } from '../cli/run.js';
import { contents, writeMnist } from '../cli/tinyRun.js';
import { slow } from '../support/slow.js';
import { newStudy } from './fabricated.js';

const root = mkdtempSync(join(tmpdir(), 'study-test-'));
test.after(() => {
  Running.endAll();
  rmSync(root, { recursive: true });
});

const data = writeMnist(join(root, 'data'));

function studyArguments(out: string, ...more: string[]): string[] {
  const sizes = ['--width', '0.05', '--batch', '4', '--iterations', '4', '--sample-every', '2', '--samples', '100'];
  return [
    'study',
    '--z',
    '2,1',
    '--seeds',
    '1',
    ...sizes,
    '--data-dir',
    data,
    '--no-tune',
    '--out',
    join(root, out),
    ...more,
  ];
}

function goOn(out: string, ...more: string[]): string[] {
  return ['study', '--out', join(root, out), '--no-tune', ...more];
}

function resultsOf(out: string): Results {
  return Results.parse(JSON.parse(readFileSync(join(root, out, 'results.json'), 'utf8')));
}

const outcomes = (out: string): string[] => resultsOf(out).runs.map(({ name, outcome }) => `${name} ${outcome}`);
const sessionsOf = (out: string, run: string): number => readRun(join(root, out, 'runs', run)).sessions.length;
const FINISHED = ['z2-seed1 finished', 'z1-seed1 finished'];

function assertFails({ code, stderr }: Ending, expected: number, message: RegExp): void {
  assert.is(code, expected, stderr);
  assert.match(stderr, message);
  assert.is(stderr.trimEnd().split('\n').length, 1, stderr);
}

let straight: Ending | undefined;

/** The study that nothing comes in between of, made once. */
async function whole(): Promise<Ending> {
  straight ??= await zdim(studyArguments('whole', '--json'));
  return straight;
}

slow('a study trains each dimension, writes report and numbers, and says where they are', async () => {
  const { code, stdout, stderr } = await whole();
  assert.is(code, 0, stderr);
  const folder = join(root, 'whole');
  const told = JSON.parse(stdout) as { study: string; report: string; dimensions: object[] };
  assert.equal([told.study, told.report, told.dimensions.length], [folder, join(folder, 'report.html'), 2]);
  assert.match(stderr, /^\[1\/2\] z 2, seed 1: starts$/m);
  assert.match(stderr, /^\[2\/2\] z 1, seed 1: finished$/m);
  assert.equal(outcomes('whole'), FINISHED);
  assert.equal(readdirSync(join(folder, 'runs')), ['z1-seed1', 'z2-seed1']);
  for (const name of ['strip-z2-seed1', 'walk-z2-seed1', 'map-z1-seed1']) {
    assert.ok(existsSync(join(folder, 'figures', `${name}.png`)), name);
  }
  assert.match(readFileSync(join(folder, 'report.html'), 'utf8'), /<\/html>\s*$/);
});

slow('run again, --out alone: nothing is trained anew, and the report is the same', async () => {
  await whole();
  const files = ['report.html', 'runs/z2-seed1/run.json', 'runs/z1-seed1/metrics.jsonl'].map((name) =>
    join(root, 'whole', name),
  );
  const before = files.map((file) => readFileSync(file, 'utf8'));
  const { code, stdout, stderr } = await zdim(goOn('whole'));
  assert.is(code, 0, stderr);
  assert.match(stdout, /^\[2\/2\] z 1, seed 1: finished before$/m);
  assert.not.match(stdout, /starts|resumes/);
  files.forEach((file, index) => assert.ok(readFileSync(file, 'utf8') === before[index], file));
  assert.is(sessionsOf('whole', 'z2-seed1'), 1);
});

slow('--only-report draws what was removed, without training', async () => {
  await whole();
  const folder = join(root, 'whole');
  const report = readFileSync(join(folder, 'report.html'), 'utf8');
  const time = statSync(join(folder, 'runs/z2-seed1/run.json')).mtimeMs;
  rmSync(join(folder, 'figures'), { recursive: true });
  rmSync(join(folder, 'report.html'));
  const { code, stdout, stderr } = await zdim(goOn('whole', '--only-report'));
  assert.is(code, 0, stderr);
  assert.not.match(stdout, /seed 1:/);
  assert.ok(readFileSync(join(folder, 'report.html'), 'utf8') === report);
  assert.is(statSync(join(folder, 'runs/z2-seed1/run.json')).mtimeMs, time);
});

slow('other settings or other images than the study was begun with: nothing happens to it', async () => {
  await whole();
  const before = contents(join(root, 'whole'));
  assertFails(
    await zdim(studyArguments('whole', '--iterations', '6')),
    1,
    /whole is a study with --iterations 4, not 6: without --iterations it resumes/,
  );
  assertFails(await zdim(goOn('whole', '--z', '2,1,5')), 1, /is a study with --z 2,1, not 2,1,5:/);
  assertFails(await zdim(goOn('whole', '--preset', 'article')), 1, /is a study with --\S+ \S+, not \S+:/);
  assertFails(await zdim(goOn('whole', '--data', 'digits')), 2, /is a study on --data auto, not digits/);
  assert.equal(contents(join(root, 'whole')), before);
});

slow('other images than the study was begun with: nothing is trained, drawn or measured', async () => {
  await whole();
  const before = contents(join(root, 'whole'));
  const pixels = smallMnist()['train-images-idx3-ubyte']!;
  pixels[pixels.length - 1]! ^= 1;
  const other = writeMnist(join(root, 'other'), { ...smallMnist(), 'train-images-idx3-ubyte': pixels });
  assertFails(
    await zdim(goOn('whole', '--data-dir', other)),
    1,
    /whole was created with other images \(idx\/train, SHA-256 \w{64}\); got idx\/train from \S+other \(.*--data-dir names/,
  );
  assert.equal(contents(join(root, 'whole')), before);
  const moved = writeMnist(join(root, 'moved'));
  assert.is((await zdim(goOn('whole', '--data-dir', moved))).code, 0, 'the same images in another folder');
});

slow('Ctrl-C stops with a checkpoint and code 130; run again it goes on, to the same bytes', async () => {
  await whole();
  const { running, wake } = await pausedStudy('stopped');
  const run = join(root, 'stopped', 'runs', 'z2-seed1');
  running.kill('SIGINT');
  await running.says('stopping, with checkpoints');
  wake();
  const { code, stdout, stderr } = await running.ended;
  assert.is(code, 130, stderr);
  assert.match(stdout, /stopped; resume with: node dist\/cli\/index\.js study --out \S+stopped --data-dir \S+data$/m);
  assert.is(readRun(run).sessions.at(-1)?.outcome, 'stopped');
  assert.not.ok(existsSync(join(root, 'stopped', 'runs', 'z1-seed1')), 'no other was begun');

  assert.is((await zdim(goOn('stopped'))).code, 0);
  assert.is(sessionsOf('stopped', 'z2-seed1'), 2);
  assertSameRuns('stopped');
});

slow('a study that is killed leaves no training behind; run again it goes on, to the same bytes', async () => {
  await whole();
  const { running, wake } = await pausedStudy('killed');
  const run = join(root, 'killed', 'runs', 'z2-seed1');
  running.kill('SIGKILL');
  await running.ended;
  wake();
  await poll(() => !isInUse(run), 'the end of its training');
  assert.is(readRun(run).sessions.at(-1)?.outcome, 'stopped');
  const { code, stdout, stderr } = await zdim(goOn('killed'));
  assert.is(code, 0, stderr);
  assert.match(stdout, /^\[1\/2\] z 2, seed 1: resumes$/m);
  assertSameRuns('killed');
});

slow('a run that diverges is recorded, the others are trained, and it is not tried again', async () => {
  const { code, stdout, stderr } = zdimProcess(studyArguments('diverged'), {
    env: { FAULT: 'nan@3' },
    preloads: [FAULTS],
  });
  assert.is(code, 0, stderr);
  assert.match(stdout, /z 2, seed 1: diverged: the loss is not finite at iteration 3/);
  assert.equal(outcomes('diverged'), ['z2-seed1 diverged', 'z1-seed1 diverged']);
  assert.equal(
    resultsOf('diverged').dimensions.map(({ verdicts }) => verdicts.diverged),
    [1, 1],
  );
  const again = await zdim(goOn('diverged'));
  assert.is(again.code, 0);
  assert.match(again.stdout, /z 2, seed 1: diverged before: the loss is not finite/);
});

slow('runs that fail are told, with code 1; run again they go on, to the same bytes', async () => {
  await whole();
  const { code, stdout, stderr } = zdimProcess(studyArguments('failed'), {
    env: { FAULT: 'lose@3' },
    preloads: [FAULTS],
  });
  assert.is(code, 1, stdout);
  assert.match(
    stderr,
    /^error: failed: z2-seed1: .*lost.*; z1-seed1: .*; try again with: node dist\/cli\/index\.js study --out \S+failed --data-dir \S+data$/m,
  );
  assert.equal(outcomes('failed'), ['z2-seed1 failed', 'z1-seed1 failed']);
  assert.is((await zdim(goOn('failed'))).code, 0);
  assertSameRuns('failed');
});

slow('where no run can begin, the study says why, and what it was to be stays', async () => {
  const { code, stderr } = await zdim(studyArguments('nowhere', '--adapter', 'no such adapter'));
  assert.is(code, 1);
  assert.match(stderr, /^error: failed: z2-seed1: .*no such adapter.*; z1-seed1: /m);
  assert.equal(readdirSync(join(root, 'nowhere')), ['study.json']);
});

slow('two runs at a time are the same bytes as one after the other', async () => {
  await whole();
  const { code, stderr } = await zdim(studyArguments('both', '--jobs', '2'));
  assert.is(code, 0, stderr);
  assertSameRuns('both');
});

slow('a half-written run.json is named before anything is trained: code 1', async () => {
  const folder = newStudy(join(root, 'half'), { seeds: ['1'] });
  folder.close();
  const run = folder.runPath(folder.runs[1]!);
  mkdirSync(run, { recursive: true });
  writeFileSync(join(run, 'run.json'), '{"format":');
  assertFails(await zdim(goOn('half')), 1, /z2-seed1\/run\.json is not JSON/);
  assert.equal(readdirSync(folder.files.runs), ['z2-seed1']);
});

test('what is no study is refused, and stays as it is', async () => {
  const mine = join(root, 'mine');
  mkdirSync(mine);
  appendFileSync(join(mine, 'thesis.txt'), 'mine');
  assertFails(
    await zdim(studyArguments('mine')),
    1,
    /mine is not empty: it holds thesis\.txt; name another with --out/,
  );
  writeFileSync(join(mine, 'study.json'), '{"format": "zdim-gan-lab/study/1"}');
  assertFails(await zdim(goOn('mine')), 1, /mine\/study\.json is no study of this program: /);
  assertFails(
    await zdim(goOn('nothing', '--only-report')),
    1,
    /nothing is not a study folder: .*study\.json is missing/,
  );
  assertFails(await zdim(['study', '--only-report']), 2, /--out names its folder/);
  assert.equal(readdirSync(mine).sort(), ['study.json', 'thesis.txt']);
});

test('what cannot be trained is refused by its flag: code 2', async () => {
  for (const [flag, value] of [
    ['--z', '2,2'],
    ['--z', '0'],
    ['--z', '1,513'],
    ['--z', ''],
    ['--seeds', '0'],
    ['--jobs', '0'],
    ['--preset', 'slow'],
    ['--arch', 'vae'],
  ] as const) {
    assertFails(await zdim(['study', flag, value]), 2, new RegExp(`'${flag} <`));
  }
});

/** A study whose first run waits within its second iteration. */
async function pausedStudy(out: string): Promise<{ running: Running; wake: () => void }> {
  const file = join(root, `${out}.pid`);
  const env = { FAULT: 'pause@2', FAULT_FILE: file };
  const running = new Running(studyArguments(out), { env, preloads: [FAULTS] });
  await running.until(() => existsSync(file) && statSync(file).size > 0, 'the pause');
  return { running, wake: () => process.kill(Number(readFileSync(file, 'utf8')), 'SIGUSR2') };
}

/** The runs of a study are those of the whole one, to the byte. */
function assertSameRuns(out: string): void {
  assert.equal(outcomes(out), FINISHED);
  for (const run of ['z2-seed1', 'z1-seed1']) {
    const [expected, found] = ['whole', out].map((name) => contents(join(root, name, 'runs', run)));
    for (const [path, bytes] of expected ?? []) assert.ok(found?.get(path) === bytes, `${out}: ${run}/${path}`);
  }
}

test.run();
