/**
 * @file `compare` as a user runs it: trained, stopped and resumed; and what it refuses.
 *
 * @expensive trains the runs of comparisons
 */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  type ComparisonDescription,
  comparisonFiles,
  readComparison,
  studyPath,
} from '../../../src/study/comparison/comparison.js';
import { COMPARED_Z_DIMS } from '../../../src/study/comparison/presets.js';
import { readStudy } from '../../../src/study/plan/studyFolder.js';
import type { StudyDataset } from '../../../src/study/plan/studyDescription.js';
import { SAMPLES, seedNames } from '../../../src/study/plan/studyPlan.js';
import { PRESETS } from '../../../src/training/run/presets.js';
import { runFiles } from '../../../src/training/run/runFiles.js';
import { newStudy, putRun, STUDY } from '../../study/fabricated.js';
import { slow } from '../../support/slow.js';
import { type Ending, Running, zdim } from '../run.js';
import { contents, pathsIn, writeMnist } from '../tinyRun.js';

const root = mkdtempSync(join(tmpdir(), 'compare-test-'));
test.after(() => {
  Running.endAll();
  rmSync(root, { recursive: true });
});

const data = writeMnist(join(root, 'data'));
const SIZES = [
  ...['--width', '0.125', '--batch', '4', '--iterations', '4', '--sample-every', '2'],
  ...['--seeds', '1', '--samples', '100'],
];

function compareArguments(out: string, methods: readonly string[], folder = data): string[] {
  return ['compare', ...methods, '--z', '2', ...SIZES, '--data-dir', folder, '--no-tune', '--out', join(root, out)];
}

function goOn(out: string, ...more: string[]): string[] {
  return ['compare', '--out', join(root, out), '--no-tune', ...more];
}

function assertFails({ code, stderr }: Ending, expected: number, message: RegExp): void {
  assert.is(code, expected, stderr);
  assert.match(stderr, message);
  assert.is(stderr.trimEnd().split('\n').length, 1, stderr);
}

const { quick } = PRESETS;

/** A comparison of bce and hinge of which nothing is trained. @returns its folder */
function begun(out: string, dataset: Partial<StudyDataset> = {}): string {
  const path = join(root, out);
  const description: ComparisonDescription = {
    format: 'zdim-gan-lab/comparison/1',
    created: STUDY.created,
    methods: ['bce', 'hinge'],
    settings: {
      preset: 'quick',
      keepBest: 'none',
      checkpoint: 'newest',
      zDims: [...COMPARED_Z_DIMS],
      samples: SAMPLES,
      ...quick,
      seeds: seedNames(quick.seeds),
    },
    dataset: { ...STUDY.dataset, ...dataset },
  };
  mkdirSync(path);
  writeFileSync(comparisonFiles(path).comparison, JSON.stringify(description));
  return path;
}

slow(
  'stopped in its first method, it goes on by --out alone to the same images and results as if nothing had been',
  async () => {
    const methods = ['bce', 'wgan-gp critic-steps=2'];
    const { code, stdout, stderr } = await zdim([...compareArguments('whole', methods), '--json']);
    assert.is(code, 0, stderr);
    const told = JSON.parse(stdout) as { rows: { method: string; runs: number }[] };
    assert.equal(
      told.rows.map(({ method, runs }) => `${method}: ${runs}`),
      ['bce: 1', 'wgan-gp critic-steps=2: 1'],
    );

    const running = new Running(compareArguments('stopped', methods));
    await running.says(/^method 1 of 2: bce\n.*starts$/m);
    running.kill('SIGINT');
    const ending = await running.ended;
    assert.is(ending.code, 130, ending.stderr);
    assert.match(
      ending.stdout,
      /^stopped; resume with: node dist\/cli\/index\.js compare --out .*stopped --data-dir /m,
    );
    assert.not.ok(existsSync(studyPath(join(root, 'stopped'), 'wgan-gp critic-steps=2')));
    const resumed = await zdim(goOn('stopped'));
    assert.is(resumed.code, 0, resumed.stderr);
    const images = methods.map((method) => readStudy(studyPath(join(root, 'stopped'), method))?.dataset);
    assert.equal(images, [readComparison(join(root, 'whole'))?.dataset, images[0]]);
    const metrics = (out: string): (string | undefined)[] => {
      return methods.map((method) => contents(studyPath(join(root, out), method)).get('runs/z2-seed1/metrics.jsonl'));
    };
    assert.ok(metrics('whole').every((text) => text !== undefined && text !== ''));
    assert.equal(metrics('stopped'), metrics('whole'));
  },
);

test('what is to be compared is refused where it is another than what was begun', async () => {
  const path = begun('settings');
  assertFails(await zdim(['compare', 'bce', '--out', path]), 1, /compares bce, hinge: without methods it resumes/);
  assertFails(
    await zdim(['compare', 'bce ', ' hinge', '--z', '3', '--out', path]),
    1,
    /settings is a comparison with --z 50,2,1, not 3: without --z/,
  );
  assertFails(
    await zdim(goOn('settings', '--data', 'mnist')),
    2,
    /settings is a comparison on --data digits, not mnist/,
  );
  assert.equal(pathsIn(path), ['comparison.json']);
});

test('images are those that the comparison was begun on, or it does not go on', async () => {
  const found = { kind: 'auto', name: 'idx/train' };
  const others = begun('others', { ...found, folder: data });
  assertFails(
    await zdim(goOn('others')),
    1,
    /others was created with other images \(idx\/train, .*\); got idx\/train from \S+data \(/,
  );
  const gone = begun('gone', { ...found, folder: join(root, 'no such folder') });
  assertFails(
    await zdim(goOn('gone')),
    1,
    /idx\/train was read from .*such folder, which no longer exists; --data-dir names another/,
  );
  for (const path of [others, gone]) assert.equal(pathsIn(path), ['comparison.json']);
});

slow(
  '--only-report draws from what there is, names the methods that are not begun, and complains as a study does',
  async () => {
    const path = begun('parts');
    assertFails(await zdim(goOn('parts', '--only-report')), 1, /parts has no run to report yet/);
    const folder = newStudy(studyPath(path, 'bce'), readComparison(path)?.settings);
    for (const run of folder.runs) putRun(folder, run);
    const checkpoints = folder.runs.map((run) => runFiles(folder.runPath(run)).checkpoints);
    folder.close();
    // They hold nothing that a generator could be made of.
    for (const each of checkpoints.slice(1)) rmSync(each, { recursive: true });
    const [damaged = ''] = checkpoints.slice(0, 1).flatMap((each) => readdirSync(each).map((name) => join(each, name)));
    truncateSync(damaged, 10);
    const complaining = await zdim(goOn('parts', '--only-report'));
    assert.is(complaining.code, 1, complaining.stderr);
    assert.match(complaining.stdout, /^bce: z50-seed1: no walk and map: /m);
    rmSync(damaged);
    const { code, stdout, stderr } = await zdim(goOn('parts', '--only-report', '--json'));
    assert.is(code, 0, stderr);
    const told = JSON.parse(stdout) as { unfinished: string[]; rows: { method: string; zDim: number }[] };
    assert.equal(told.unfinished, ['hinge: not begun']);
    assert.match(stderr, /^hinge: not begun$/m);
    assert.equal(
      told.rows.map(({ method, zDim }) => `${method} ${zDim}`),
      ['bce 50', 'bce 2', 'bce 1'],
    );
    assert.not.ok(existsSync(studyPath(path, 'hinge')));
  },
);

test('a study within it that has other images is refused before anything is trained', async () => {
  const path = begun('mixed');
  newStudy(studyPath(path, 'hinge'), {}, { kind: 'mnist', name: 'mnist/train', sha256: '1b2c'.repeat(16) }).close();
  const before = pathsIn(path);
  assertFails(
    await zdim(goOn('mixed')),
    1,
    /the study of hinge is on mnist\/train \(.*\), the comparison on digits \(/,
  );
  assert.equal(pathsIn(path), before);
});

test('what makes no sense or cannot be had is refused before anything is trained, and leaves nothing behind', async () => {
  const refused = async (methods: readonly string[], code: number, message: RegExp, folder = data): Promise<void> => {
    assertFails(await zdim(compareArguments('refused', methods, folder)), code, message);
    assert.not.ok(existsSync(join(root, 'refused')));
  };
  await refused(['bce', 'gan'], 2, /invalid method “gan”/);
  await refused(['bce', 'bce '], 2, /the method “bce” is given twice/);
  await refused(['bce loss=hinge'], 2, /invalid method “bce loss=hinge”: its loss is its first word/);
  await refused(
    ['wgan clip=1e-2', 'wgan clip=1e+2'],
    2,
    /“wgan clip=1e-2” and “wgan clip=1e\+2” would share the folder wgan-/,
  );
  await refused(['wgan-gp normalise=batch'], 2, /--normalise batch/);
  await refused(['bce'], 1, /no such folder/, join(root, 'no such folder'));
  assertFails(await zdim(['compare', '--only-report']), 2, /--only-report/);
});

test.run();
