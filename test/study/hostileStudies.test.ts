/**
 * @file Studies that somebody else put together: no name in them leads out of their folder, no link is followed for
 * writing, and what cannot be read of a run is told of that run alone.
 */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { FileError } from '../../src/files/errors.js';
import { ComparisonDescription, readComparison, studyPath } from '../../src/study/comparison/comparison.js';
import { measureRuns, readMeasurement } from '../../src/study/measure/measurement.js';
import { reportStudy } from '../../src/study/report/reportStudy.js';
import { collectResults, Results } from '../../src/study/measure/results.js';
import { secondsOf } from '../../src/study/runner/runState.js';
import { StudyError } from '../../src/study/plan/studyDescription.js';
import { readStudy, StudyFolder } from '../../src/study/plan/studyFolder.js';
import { planRuns } from '../../src/study/plan/studyPlan.js';
import { readRun, runFiles } from '../../src/training/run/runFiles.js';
import { HAS_FIFOS, makeFifo } from '../support/fifo.js';
import { fakeGenerator, FakeMeasurer, newStudy, putRun, SETTINGS, STUDY } from './fabricated.js';

const root = mkdtempSync(join(tmpdir(), 'hostile-studies-'));
test.after(() => rmSync(root, { recursive: true }));

/** Studies that are written: each stays this process's until its test ends. */
const opened: StudyFolder[] = [];
test.after.each(() => {
  for (const folder of opened.splice(0)) folder.close();
});

function open(folder: StudyFolder): StudyFolder {
  opened.push(folder);
  return folder;
}

const SEEDS = ['1/../../../../x', '..', '.', '', '/etc', 'a\\..\\b', 'a\0b', 'a b', 'ä', 'a.', 'x'.repeat(101), 'a\n'];

for (const seed of SEEDS) {
  test(`a study of the seed ${JSON.stringify(seed.slice(0, 20))} is refused where it is read, planned and begun`, () => {
    const path = mkdtempSync(join(root, 'seed-'));
    const settings = { ...SETTINGS, seeds: ['1', seed] };
    writeFileSync(join(path, 'study.json'), JSON.stringify({ ...STUDY, settings }));
    for (const body of [() => readStudy(path), () => StudyFolder.open(path)]) {
      assert.throws(body, /study\.json is no study of this program: settings\.seeds\.1/);
    }
    const folder = join(root, 'never-made');
    for (const body of [() => planRuns(settings), () => StudyFolder.create(folder, { ...STUDY, settings })]) {
      assert.throws(body, (error: unknown) => error instanceof StudyError && error.message.startsWith('the seed "'));
    }
    assert.not(existsSync(folder));
  });
}

test('seeds of other letters are taken, but not two that differ in capitals alone', () => {
  const path = mkdtempSync(join(root, 'letters-'));
  const write = (seeds: string[]): void => {
    writeFileSync(join(path, 'study.json'), JSON.stringify({ ...STUDY, settings: { ...SETTINGS, seeds } }));
  };
  write(['first_1.5', '-b']);
  assert.equal(readStudy(path)?.settings.seeds, ['first_1.5', '-b']);
  write(['a', 'A']);
  assert.throws(() => readStudy(path), /seeds: a seed comes twice, or in capitals too/);
});

test('a run is found by a name of one segment alone', () => {
  const folder = newStudy(join(root, 'names'));
  folder.close();
  const run = { name: '../../x', zDim: 5, seed: '1' };
  for (const body of [() => folder.runPath(run), () => readMeasurement(folder, run)]) {
    assert.throws(
      body,
      (error: unknown) => error instanceof FileError && error.message.includes('cannot be a name in'),
    );
  }
});

test('a method whose folder is no folder of its own is refused where it is read and joined', () => {
  const path = mkdtempSync(join(root, 'methods-'));
  for (const method of ['..', '.', '...', 'a..b', '.x', 'bce lr-generator=1.', 'con', 'x'.repeat(300), '']) {
    const comparison = { ...STUDY, format: 'zdim-gan-lab/comparison/1', settings: SETTINGS, methods: ['bce', method] };
    writeFileSync(join(path, 'comparison.json'), JSON.stringify(comparison));
    assert.throws(
      () => readComparison(path),
      /comparison\.json is no comparison of this program: methods\.1: no method/,
    );
    assert.throws(
      () => studyPath(path, method),
      (error: unknown) => error instanceof FileError,
    );
    assert.ok(ComparisonDescription.safeParse({ ...comparison, methods: ['bce lr-generator=0.1'] }).success);
  }
});

test('a measurement of another run does not count', async () => {
  const folder = open(newStudy(join(root, 'measured'), { zDims: [5], seeds: ['1'] }));
  const [run] = folder.runs;
  if (run === undefined) throw new Error('no run');
  putRun(folder, run);
  await measureRuns(folder, new FakeMeasurer());
  folder.close();
  const path = join(folder.files.measurements, 'z5-seed1.json');
  writeFileSync(path, readFileSync(path, 'utf8').replace('"z5-seed1"', '"../../x"'));
  assert.throws(() => readMeasurement(folder, run), /z5-seed1\.json is the measurement of "\.\.\/\.\.\/x"; remove it/);
});

test('links are replaced where a study writes files, and not followed where it writes into folders', () => {
  const folder = open(newStudy(join(root, 'linked')));
  const outside = mkdtempSync(join(root, 'outside-'));
  const target = join(outside, 'mine');
  writeFileSync(target, 'mine');
  symlinkSync(target, folder.files.report);
  folder.write(folder.files.report, 'page');
  assert.equal(
    [target, folder.files.report].map((path) => readFileSync(path, 'utf8')),
    ['mine', 'page'],
  );
  symlinkSync(outside, folder.files.measurements);
  const inside = join(folder.files.measurements, 'z5-seed1.json');
  symlinkSync(outside, folder.files.figures);
  writeFileSync(join(outside, 'mine.png'), '');
  folder.keepFigures(new Set());
  assert.throws(() => folder.write(inside, {}), /measurements: it is a link, and links are not followed here/);
  writeFileSync(join(outside, '.mine.999999999.tmp'), '');
  folder.close();
  assert.throws(() => StudyFolder.open(folder.path), /measurements: it is a link, and links are not followed here/);
  assert.equal(readdirSync(outside).sort(), ['.mine.999999999.tmp', 'mine', 'mine.png']);
});

test('a run whose clock was set back has no negative time, and years beyond 9999 are read and reported', () => {
  const folder = newStudy(join(root, 'clock'), { zDims: [5, 2, 1], seeds: ['1'] });
  folder.close();
  const times = [
    ['2026-01-02T03:04:05.000Z', '2026-01-02T03:04:04.000Z'],
    ['+010000-01-01T00:00:00.000Z', '+010000-01-01T00:00:07.000Z'],
    ['-000001-12-31T23:59:59.000Z', '0000-01-01T00:00:01.000Z'],
  ] as const;
  folder.runs.forEach((run, index) => {
    const [started, ended] = times[index]!;
    putRun(folder, run, { started, ended });
  });
  const seconds = folder.runs.map((run) => secondsOf(folder.stateOf(run)));
  assert.equal(seconds, [undefined, 7, 2]);
  const results = collectResults(folder);
  assert.equal(
    results.runs.map((run) => run.seconds),
    [null, 7, 2],
  );
  assert.ok(Results.safeParse(results).success);
});

test('a point in time that is none is refused', () => {
  const folder = newStudy(join(root, 'times'), { zDims: [5], seeds: ['1'] });
  folder.close();
  const [run] = folder.runs;
  if (run === undefined) throw new Error('no run');
  for (const started of ['+010000-13-01T00:00:00.000Z', '-000000-01-01T00:00:00.000Z', '10000-01-01T00:00:00Z', '']) {
    putRun(folder, run, { started });
    rmSync(runFiles(folder.runPath(run)).diagnoses);
    assert.throws(() => readRun(folder.runPath(run)), /sessions\.0\.started: a point in time in UTC/);
  }
});

test('files of a run that cannot be read are told of that run, and the report is drawn', async () => {
  if (!HAS_FIFOS) return;
  const folder = open(newStudy(join(root, 'fifos'), { zDims: [5, 2], seeds: ['1'] }));
  for (const run of folder.runs) putRun(folder, run);
  const [first] = folder.runs;
  if (first === undefined) throw new Error('no run');
  const files = runFiles(folder.runPath(first));
  for (const path of [files.metrics, files.diagnoses, join(files.images, 'fixed-000004.png')]) {
    rmSync(path);
    makeFifo(path);
  }
  makeFifo(join(files.checkpoints, '000005.safetensors'));
  rmSync(join(files.checkpoints, '000004.safetensors'));
  mkdirSync(join(files.checkpoints, '000004.safetensors'));
  const problems = await measureRuns(folder, new FakeMeasurer());
  const { runs } = await reportStudy(folder, fakeGenerator, problems);
  folder.close();
  const [bad, good] = runs;
  assert.equal(good?.complaints, []);
  for (const pattern of [
    /^cannot read .*diagnoses\.jsonl: it is a FIFO/,
    /^not measured: .*000005\.safetensors: it is a FIFO.*000004\.safetensors: it is a folder/,
    /^no strip: .*fixed-000004\.png: it is a FIFO/,
    /^no curves: .*metrics\.jsonl: it is a FIFO/,
    /^no walk and map: .*000005\.safetensors: it is a FIFO/,
  ]) {
    assert.ok(
      bad?.complaints.some((each) => pattern.test(each)),
      `${String(pattern)}: ${bad?.complaints.join('\n') ?? ''}`,
    );
  }
});

test.run();
