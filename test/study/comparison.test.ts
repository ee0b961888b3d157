/**
 * @file `compare`: what it makes of its studies, without a GPU; and as a user runs it.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { parseMethod } from '../../src/cli/method.js';
import { folderName, studyPath } from '../../src/study/comparison/comparison.js';
import { worstOf } from '../../src/study/comparison/comparisonFigure.js';
import { type ComparedStudy, ComparisonResults } from '../../src/study/comparison/comparisonResults.js';
import { reportComparison } from '../../src/study/comparison/reportComparison.js';
import { measureRuns } from '../../src/study/measurement.js';
import { reportStudy } from '../../src/study/reportStudy.js';
import { type Ending, Running, zdim } from '../cli/run.js';
import { contents, writeMnist } from '../cli/tinyRun.js';
import { slow } from '../support/slow.js';
import { diagnosisOf } from './diagnoses.js';
import { FakeMeasurer, fakeGenerator, newStudy, putRun, SETTINGS } from './fabricated.js';

const root = mkdtempSync(join(tmpdir(), 'comparison-test-'));
test.after(() => {
  Running.endAll();
  rmSync(root, { recursive: true });
});

/** A study whose runs make so many digits, and train at so many iterations a second by seed. */
async function studyOf(path: string, method: string, modes: number, speeds: readonly number[]): Promise<ComparedStudy> {
  const folder = newStudy(studyPath(path, method));
  for (const run of folder.runs) {
    const iterationsPerSecond = speeds[Number(run.seed) - 1] ?? 1;
    putRun(folder, run, { iterationsPerSecond });
  }
  const verdict = modes === 10 ? 'healthy' : 'collapsed';
  await measureRuns(folder, new FakeMeasurer((zDim) => diagnosisOf({ zDim, modes, verdict })));
  const results = await reportStudy(folder, fakeGenerator);
  folder.close();
  return { method, results };
}

test('a comparison has a row for each method and dimension, with the mean and spread of its seeds', async () => {
  const path = join(root, 'made');
  const studies = [await studyOf(path, 'bce', 3, [10, 20]), await studyOf(path, 'wgan-gp critic-steps=2', 10, [5, 5])];
  const results = await reportComparison(path, { settings: SETTINGS }, studies, 'node dist/cli compare');
  assert.equal(ComparisonResults.parse(JSON.parse(readFileSync(join(path, 'results.json'), 'utf8'))), results);
  assert.equal(
    results.rows.map(({ method, zDim, study }) => `${method}, ${zDim}: ${study}`),
    [
      'bce, 5: studies/bce',
      'bce, 2: studies/bce',
      'wgan-gp critic-steps=2, 5: studies/wgan-gp-critic-steps-2',
      'wgan-gp critic-steps=2, 2: studies/wgan-gp-critic-steps-2',
    ],
  );
  const [bce, , wgan] = results.rows;
  if (bce === undefined || wgan === undefined) throw new Error('there are rows missing');
  // 100 and 50 milliseconds.
  assert.equal(bce.millisecondsPerIteration, { mean: 75, deviation: Math.sqrt(2 * 25 ** 2), runs: 2 });
  assert.is(bce.metrics.modes?.mean, 3);
  assert.is(worstOf(bce), 'collapsed');
  assert.is(worstOf(wgan), 'healthy');
  const table = readFileSync(join(path, 'table.md'), 'utf8').trimEnd().split('\n');
  assert.is(table.length, 6);
  assert.match(table[2] ?? '', /^\| bce \| 5 \| 2 collapsed \| 3\.0 ± 0\.0 \|/);
  assert.match(table[4] ?? '', /\| 200 ± 0 \|$/);
  const page = readFileSync(join(path, 'report.html'), 'utf8');
  assert.match(page, /href="studies\/wgan-gp-critic-steps-2\/report\.html"/);
  assert.not.match(page, /(?:src|href)="https?:/);
  for (const name of ['comparison.png', 'comparison.svg', 'samples.png']) {
    assert.ok(existsSync(join(path, 'figures', name)), name);
  }
});

test('a method is a loss and flags of train without their dashes', () => {
  assert.equal(parseMethod('bce'), { loss: 'bce' });
  assert.equal(parseMethod(' wgan-gp  critic-steps=2 gp-weight=0.5'), {
    loss: 'wgan-gp',
    criticSteps: 2,
    gpWeight: 0.5,
  });
  const shown = { loss: 'bce', pack: 2, minibatchStddev: true, augment: ['translation', 'cutout'], instanceNoise: 0.1 };
  assert.equal(parseMethod('bce pack=2 minibatch-stddev augment=translation,cutout instance-noise=0.1'), shown);
  assert.throws(() => parseMethod('gan'), /the method “gan” is none: .*Allowed choices are bce/);
  assert.throws(() => parseMethod('bce depth=3'), /the method “bce depth=3” is none: unknown option '--depth'/);
  assert.throws(() => parseMethod('wgan clip=x'), /the method “wgan clip=x” is none/);
});

test('the folder of a method has a name that any system takes', () => {
  assert.is(folderName('bce label-smoothing=0.1'), 'bce-label-smoothing-0.1');
});

const data = writeMnist(join(root, 'data'));
const SIZES = ['--width', '0.125', '--batch', '4', '--iterations', '4', '--sample-every', '2', '--samples', '100'];

function compareArguments(out: string, methods: readonly string[]): string[] {
  const where = ['--data-dir', data, '--no-tune', '--out', join(root, out)];
  return ['compare', ...methods, '--z', '2', ...SIZES, ...where];
}

function assertFails({ code, stderr }: Ending, expected: number, message: RegExp): void {
  assert.is(code, expected, stderr);
  assert.match(stderr, message);
}

slow('compare trains a study for each method; stopped, it goes on to the same results as if nothing had', async () => {
  const methods = ['bce', 'wgan-gp critic-steps=2'];
  const { code, stdout, stderr } = zdim([...compareArguments('whole', methods), '--json']);
  assert.is(code, 0, stderr);
  const told = JSON.parse(stdout) as { rows: { method: string; runs: number }[] };
  assert.equal(
    told.rows.map(({ method, runs }) => `${method}: ${runs}`),
    ['bce: 1', 'wgan-gp critic-steps=2: 1'],
  );

  const running = new Running(compareArguments('stopped', methods));
  await running.says(/^method 2 of 2: wgan-gp critic-steps=2$/m);
  running.kill('SIGINT');
  const ending = await running.ended;
  assert.is(ending.code, 130, ending.stderr);
  assert.match(ending.stdout, /^stopped; to go on: node dist\/cli compare --out .*stopped --data-dir /m);
  const resumed = zdim(['compare', '--out', join(root, 'stopped'), '--no-tune']);
  assert.is(resumed.code, 0, resumed.stderr);
  const metrics = (out: string): (string | undefined)[] => {
    return methods.map((method) => contents(studyPath(join(root, out), method)).get('runs/z2-seed1/metrics.jsonl'));
  };
  assert.ok(metrics('whole').every((text) => text !== undefined && text !== ''));
  assert.equal(metrics('stopped'), metrics('whole'));

  assertFails(zdim(['compare', 'bce', '--out', join(root, 'whole')]), 1, /compares bce, wgan-gp critic-steps=2/);
  assertFails(zdim(['compare', '--z', '3', '--out', join(root, 'whole')]), 1, /is a study with --z 2, not 3/);
});

slow('what makes no sense is refused before anything is trained', () => {
  const refused = (methods: readonly string[], message: RegExp): void => {
    assertFails(zdim(compareArguments('refused', methods)), 2, message);
    assert.not.ok(existsSync(join(root, 'refused')));
  };
  refused(['bce', 'gan'], /the method “gan” is none/);
  refused(['bce', 'bce'], /the method “bce” comes twice/);
  refused(['wgan-gp normalise=batch'], /--normalise batch/);
  assertFails(zdim(['compare', '--only-report']), 2, /--only-report/);
});

test.run();
