/**
 * @file Tests what `study` and its folders refuse: settings that differ from the folder's, that cannot be trained or read again;
 * and that runs which never start are named.
 */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { StudyError, type StudySettings } from '../../../src/study/plan/studyDescription.js';
import { checkGiven } from '../../../src/study/plan/studyPlan.js';
import { RunTrainer } from '../../../src/study/runner/trainRuns.js';
import { study, type StudyOptions } from '../../../src/study/study.js';
import { newStudy, SETTINGS, STUDY } from '../fabricated.js';

const root = mkdtempSync(join(tmpdir(), 'given-settings-'));
test.after(() => rmSync(root, { recursive: true }));

async function refused(options: StudyOptions): Promise<string> {
  try {
    await study(options);
  } catch (error) {
    if (error instanceof StudyError) return error.message;
    throw error;
  }
  throw new Error('it was taken');
}

test('settings that differ from those of the folder are refused', async () => {
  const folder = join(root, 'other');
  newStudy(folder).close();
  const given: readonly (readonly [Partial<StudySettings>, RegExp])[] = [
    [{ iterations: 5 }, /--iterations 4, not 5/],
    [{ seeds: ['1', '3'] }, /of the seeds 1,2, not 1,3/],
    [{ objective: { loss: 'hinge' } }, /--loss/],
    [{ objective: { loss: 'bce', pack: 2 } }, /pack/],
  ];
  for (const [changed, message] of given) {
    assert.match(await refused({ folder, settings: { ...SETTINGS, ...changed } }), message);
  }
  assert.match(await refused({ folder, data: { kind: 'mnist' } }), /is a study on --data digits, not mnist/);
  const packed = { ...STUDY, settings: { ...SETTINGS, objective: { loss: 'bce', pack: 2 } as const } };
  assert.throws(() => checkGiven('s', 'study', packed, { settings: SETTINGS }), /is a study with .*--pack 2, not/);
  checkGiven('s', 'study', STUDY, { settings: SETTINGS, kind: 'auto' });
});

test('settings that cannot be trained are refused, and no folder is created', async () => {
  const folder = join(root, 'invalid');
  const given: readonly (readonly [Partial<StudySettings>, RegExp])[] = [
    [{ batch: -3 }, /^settings\.batch: /],
    [{ width: NaN }, /^settings\.width: /],
    [{ zDims: [] }, /^settings\.zDims: /],
    [{ architecture: 'article', batch: 5 }, /^--batch 5: --arch article trains on two halves/],
  ];
  for (const [changed, message] of given) {
    assert.match(await refused({ folder, settings: { ...SETTINGS, ...changed } }), message);
  }
  assert.throws(() => newStudy(folder, { batch: -3 }), /a study cannot be created: settings\.batch: /);
  assert.match(await refused({ folder, settings: SETTINGS, onlyReport: true }), /is not a study folder/);
  assert.not(existsSync(folder));
});

test('runs that never start after two failures are named', async () => {
  const folder = newStudy(join(root, 'failing'));
  const trainer = new RunTrainer(folder, { program: [process.execPath, '-e', 'process.exit(1)'] });
  await trainer.run();
  folder.close();
  assert.equal(
    trainer.notStarted.map(({ name }) => name),
    ['z5-seed2', 'z2-seed2'],
  );
});

test.run();
