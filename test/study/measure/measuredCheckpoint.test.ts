/**
 * @file Studies with `--checkpoint best`: each run is measured and drawn by its best checkpoint.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { collectResults } from '../../../src/study/measure/results.js';
import { measureRuns, readMeasurement } from '../../../src/study/measure/measurement.js';
import type { StudySettings } from '../../../src/study/plan/studyDescription.js';
import { reportStudy } from '../../../src/study/report/reportStudy.js';
import { CheckpointFolder } from '../../../src/training/checkpoint/checkpoints.js';
import { runFiles } from '../../../src/training/run/runFiles.js';
import { diagnosisOf } from '../diagnoses.js';
import { FakeMeasurer, fakeGenerator, newStudy, putCheckpoint, putRun } from '../fabricated.js';

const root = mkdtempSync(join(tmpdir(), 'measured-'));
test.after(() => rmSync(root, { recursive: true }));

let folders = 0;

/** A study of one run with checkpoints of 2 and 4, and these Fréchet distances. */
function studyOf(values: Readonly<Record<number, number>>) {
  const settings: Partial<StudySettings> = { zDims: [5], seeds: ['1'], keepBest: 'frechet', checkpoint: 'best' };
  const folder = newStudy(join(root, `${++folders}`), settings);
  const run = folder.runs[0]!;
  putRun(folder, run);
  putCheckpoint(folder, run, 2);
  const { diagnoses, checkpoints } = runFiles(folder.runPath(run));
  const lines = Object.entries(values).map(([iteration, frechet]) => {
    return `${JSON.stringify(diagnosisOf({ iteration: Number(iteration), zDim: 5, frechet }))}\n`;
  });
  writeFileSync(diagnoses, lines.join(''));
  return { folder, run, checkpoints: new CheckpointFolder(checkpoints) };
}

test('each run is measured once by its best checkpoint, and the report says so', async () => {
  const { folder, run, checkpoints } = studyOf({ 2: 5, 4: 9 });
  const measurer = new FakeMeasurer();
  for (const attempt of ['first', 'second']) {
    assert.is((await measureRuns(folder, measurer)).size, 0, attempt);
    assert.equal(measurer.measured, [run.name], attempt);
  }
  assert.is(readMeasurement(folder, run)?.checkpoint.iteration, 2);
  const drawn: number[] = [];
  const { runs, differences } = await reportStudy(folder, (checkpoint) => {
    drawn.push(checkpoint.iteration);
    return fakeGenerator(checkpoint);
  });
  assert.equal(drawn, [2]);
  assert.equal(runs[0]?.complaints, []);
  assert.is.not(runs[0]?.metrics, null);
  assert.ok(differences.some((difference) => difference.includes('best checkpoint')));
  assert.match(readFileSync(folder.files.report, 'utf8'), /of the checkpoint with the best Fréchet distance each/);

  // The measurement stays valid without its checkpoint, until a better one is there.
  rmSync(checkpoints.pathOf(2));
  assert.is((await measureRuns(folder, measurer)).size, 0);
  assert.is.not(collectResults(folder).runs[0]?.metrics, null);
  folder.close();
});

test('a measurement of another checkpoint than the best does not count', async () => {
  const { folder, run } = studyOf({ 2: 5, 4: 9 });
  await measureRuns(folder, new FakeMeasurer());
  const better = diagnosisOf({ iteration: 4, zDim: 5, frechet: 1 });
  writeFileSync(runFiles(folder.runPath(run)).diagnoses, `${JSON.stringify(better)}\n`);
  const [result] = collectResults(folder).runs;
  assert.is(result?.metrics, null);
  assert.match(result?.complaints.join() ?? '', /of iteration 2, not of the best, 4, and does not count/);
  folder.close();
});

test('a run without a best checkpoint is reported, and not measured by another', async () => {
  const { folder, run } = studyOf({});
  const measurer = new FakeMeasurer();
  const problems = await measureRuns(folder, measurer);
  assert.match(problems.get(run.name)?.join() ?? '', /not measured: .*no best checkpoint yet/);
  assert.equal(measurer.measured, []);
  folder.close();
});

test.run();
