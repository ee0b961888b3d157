/**
 * @file Looks at a run as processes: the verdict while training, the exit code that it stops with, and `diagnose`.
 *
 * @expensive evaluates trained generators
 */
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { selectBest } from '../../../src/evaluation/best.js';
import { describeBest } from '../../../src/evaluation/metricText.js';
import { metricsWith } from '../../../src/evaluation/registry.js';
import { Diagnosis } from '../../../src/evaluation/diagnosis.js';
import { readDiagnoses } from '../../../src/training/run/diagnosisLog.js';
import { readRun, runFiles } from '../../../src/training/run/runFiles.js';
import { slow } from '../../support/slow.js';
import { type Ending, zdim } from '../run.js';
import { TRAIN_TINY, writeMnist } from '../tinyRun.js';

const root = mkdtempSync(join(tmpdir(), 'diagnose-test-'));
test.after(() => rmSync(root, { recursive: true }));

const LOOKED_AT = [
  ...[...TRAIN_TINY, '--data', 'digits', '--iterations', '3', '--sample-every', '1', '--diagnose', '100'],
  ...['--keep', '1', '--keep-best', 'frechet'],
];

const run = join(root, 'run');
let made: Ending | undefined;

/** A run that three looks were taken at, made once. */
async function trained(): Promise<Ending> {
  made ??= await zdim([...LOOKED_AT, '--out', run]);
  return made;
}

slow('each set of pictures comes with a look, whose verdict is told at the end', async () => {
  const { code, stdout, stderr } = await trained();
  assert.is(code, 0, stderr);
  const looks = readDiagnoses(runFiles(run).diagnoses);
  assert.equal(
    looks.map(({ iteration, samples }) => [iteration, samples]),
    [
      [1, 100],
      [2, 100],
      [3, 100],
    ],
  );
  const { name, reasons } = looks[2]!.verdict;
  assert.ok(stdout.includes(`  ${name}: ${reasons.join(', ')}`), stdout);
  const { diagnosis } = readRun(run).arguments;
  assert.equal([diagnosis?.samples, diagnosis?.classifier], [100, 'bundled']);
});

slow('--stop-on ends the run when two looks agree, with a checkpoint and an exit code of its own', async () => {
  const out = join(root, 'stopped');
  const { code, stdout, stderr } = await zdim([...LOOKED_AT, '--stop-on', 'not-learning,collapsed', '--out', out]);
  const looks = readDiagnoses(runFiles(out).diagnoses);
  const verdict = looks.at(-1)?.verdict.name;
  assert.is(code, verdict === 'collapsed' ? 12 : 13, stdout + stderr);
  assert.is(looks.length, 2);
  assert.match(stdout, new RegExp(`stopped on its verdict: ${verdict}`));
  assert.ok(existsSync(join(out, 'checkpoints', '000002.safetensors')));
  assert.is(readRun(out).sessions[0]?.outcome, 'stopped');

  const elsewhere = join(root, 'elsewhere');
  cpSync(out, elsewhere, { recursive: true });
  const without = ['train', '--resume', elsewhere, '--no-tune', '--diagnose', '0'];
  const refused = await zdim(without);
  assert.is(refused.code, 2);
  assert.match(refused.stderr, /--diagnose 0 turns evaluations off; --keep-best needs them/);
  const blind = await zdim([...without, '--keep-best', 'none']);
  assert.is(blind.code, 0, blind.stderr);
  assert.is(readDiagnoses(runFiles(elsewhere).diagnoses).length, 2, 'no more looks');
  assert.is(readRun(elsewhere).arguments.diagnosis, undefined);

  const resumed = await zdim(['train', '--resume', out, '--no-tune']);
  assert.is(resumed.code, 0, resumed.stderr);
  assert.is(
    readFileSync(runFiles(out).diagnoses, 'utf8'),
    (await trained(), readFileSync(runFiles(run).diagnoses, 'utf8')),
    'it sees what a run that was never stopped sees',
  );
});

slow('diagnose judges a checkpoint by as many samples as are wanted', async () => {
  await trained();
  const { code, stdout, stderr } = await zdim(['diagnose', run, '--samples', '150', '--json']);
  assert.is(code, 0, stderr);
  const told = JSON.parse(stdout) as { checkpoint: string; dataset: string; diagnosis: unknown };
  assert.is(told.checkpoint, join(run, 'checkpoints', '000003.safetensors'));
  assert.is(told.dataset, 'digits');
  const { iteration, samples, metrics } = Diagnosis.parse(told.diagnosis);
  assert.equal([iteration, samples], [3, 150]);
  assert.type(metrics.memorised, 'number');
  // What only training sees is taken from its own look.
  const last = readDiagnoses(runFiles(run).diagnoses).at(-1);
  for (const name of metricsWith(({ ofRun }) => ofRun === true)) assert.is(metrics[name], last?.metrics[name], name);
  assert.type(metrics.gap, 'number');
});

slow('--checkpoint best takes the best checkpoint by train --keep-best, and the commands tell it', async () => {
  const { stdout } = await trained();
  const looks = readDiagnoses(runFiles(run).diagnoses);
  const best = selectBest('frechet', looks);
  assert.ok(best);
  const checkpoint = join(run, 'checkpoints', `00000${best.iteration}.safetensors`);
  assert.ok(stdout.includes(`  ${checkpoint}  the best checkpoint: ${describeBest(best)}\n`), stdout);
  assert.equal(readdirSync(runFiles(run).checkpoints).length, best.iteration === 3 ? 1 : 2);

  const diagnosed = await zdim(['diagnose', run, '--checkpoint', 'best', '--samples', '100', '--json']);
  assert.is(diagnosed.code, 0, diagnosed.stderr);
  const told = JSON.parse(diagnosed.stdout) as { checkpoint: string; diagnosis: unknown };
  assert.is(told.checkpoint, checkpoint);
  assert.is(Diagnosis.parse(told.diagnosis).metrics.frechet, best.value, 'the samples are those of the evaluation');

  const drawn = await zdim(['sample', run, '--checkpoint', 'best', '--out', join(root, 'best.png'), '--json']);
  assert.is((JSON.parse(drawn.stdout) as { iteration: number }).iteration, best.iteration);
  const animated = await zdim(['timelapse', run, '--checkpoint', 'best', '--out', join(root, 'best.gif'), '--json']);
  assert.is((JSON.parse(animated.stdout) as { frames: number }).frames, best.iteration);
  const listed = await zdim(['runs', root, '--json']);
  const rows = JSON.parse(listed.stdout) as { run: string; best?: unknown }[];
  assert.equal(rows.find((row) => row.run === run)?.best, best);
  assert.match((await zdim(['runs', root])).stdout, /best checkpoint/);

  const both = await zdim(['sample', run, '--checkpoint', 'best', '--iteration', '3']);
  assert.is(both.code, 2);
  assert.match(both.stderr, /--iteration.* cannot be used with .*--checkpoint/);
});

slow('a run folder that was half written is read as far as it goes', async () => {
  await trained();
  const torn = join(root, 'torn');
  cpSync(run, torn, { recursive: true });
  const { diagnoses } = runFiles(torn);
  writeFileSync(diagnoses, readFileSync(diagnoses, 'utf8').slice(0, -40));
  const { code, stdout, stderr } = await zdim(['diagnose', torn, '--samples', '100', '--json']);
  assert.is(code, 0, stderr);
  assert.is(Diagnosis.parse((JSON.parse(stdout) as { diagnosis: unknown }).diagnosis).metrics.gap, null);
  assert.is(readDiagnoses(diagnoses).length, 2, 'nothing is lost');
});

const JUNK = join(root, 'junk');
writeFileSync(JUNK, 'junk');

for (const [what, args, message] of [
  ['too few samples', ['--diagnose', '50'], /--diagnose 50: an evaluation takes at least 100 images/],
  ['no such verdict', ['--stop-on', 'tired'], /--stop-on <verdicts>.*healthy, collapsing, collapsed, not-learning/],
  ['nothing to choose by', ['--diagnose', '0', '--keep-best', 'recall'], /--diagnose 0 .*; --keep-best needs them/],
  ['nothing to stop on', ['--diagnose', '0', '--stop-on', 'collapsed'], /--diagnose 0 turns evaluations off/],
  ['too few real images', ['--classifier', JUNK], /idx\/train has 6 images, an evaluation of 100 samples needs 100/],
  ['a classifier that is not there', ['--classifier', join(root, 'none')], /cannot read \S*none/],
] as const) {
  test(`train is refused: ${what}`, async () => {
    const out = join(root, 'refused');
    const data = writeMnist(join(root, 'data'));
    const { code, stderr } = await zdim([
      ...TRAIN_TINY,
      '--data-dir',
      data,
      '--iterations',
      '1',
      ...args,
      '--out',
      out,
    ]);
    assert.ok(code === 1 || code === 2, `exit code ${code}`);
    assert.match(stderr, message);
    assert.not(existsSync(out));
  });
}

slow('a classifier that is none is refused before anything is trained', async () => {
  const out = join(root, 'refused');
  const { code, stderr } = await zdim([...LOOKED_AT, '--classifier', JUNK, '--out', out]);
  assert.is(code, 1);
  assert.match(stderr, /junk/);
  assert.not(existsSync(out));
});

test('images that the project has no classifier for are not looked at, unless one is named', async () => {
  const data = writeMnist(join(root, 'data'));
  const wanted = await zdim([...TRAIN_TINY, '--data-dir', data, '--diagnose', '100', '--out', join(root, 'unknown')]);
  assert.is(wanted.code, 2);
  assert.match(wanted.stderr, /the project has no classifier for idx\/train: --classifier names one/);
});

test.run();
