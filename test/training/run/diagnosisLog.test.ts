/**
 * @file diagnoses.jsonl: appended, read, cut back to an iteration, and read again whatever happened to it.
 */
import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Diagnosis } from '../../../src/evaluation/diagnosis.js';
import { checkDiagnosis, parseDiagnosis, readDiagnoses } from '../../../src/training/run/diagnosisLog.js';
import { IterationLog } from '../../../src/training/run/iterationLog.js';
import { diagnosisOf } from '../../study/diagnoses.js';

const root = mkdtempSync(join(tmpdir(), 'diagnoses-'));
test.after(() => rmSync(root, { recursive: true }));

function logOf(name: string, ...iterations: number[]): IterationLog<Diagnosis> {
  const log = new IterationLog(join(root, name), parseDiagnosis);
  log.append(iterations.map((iteration) => diagnosisOf({ iteration })));
  return log;
}

const iterationsIn = ({ path }: IterationLog<Diagnosis>): number[] =>
  readDiagnoses(path).map(({ iteration }) => iteration);

test('a look is a line, and comes back as it was', () => {
  const log = logOf('lines', 200, 400);
  assert.equal(readDiagnoses(log.path), [diagnosisOf({ iteration: 200 }), diagnosisOf({ iteration: 400 })]);
  assert.is(readFileSync(log.path, 'utf8').split('\n').length, 3);
  log.close();
});

test('no file is no look', () => {
  assert.equal(readDiagnoses(join(root, 'nothing')), []);
});

test('what is no whole look is left out, and of two of one iteration the first counts', () => {
  const log = logOf('damaged', 400, 200);
  appendFileSync(
    log.path,
    `\0\0\n{"iteration":300}\n${JSON.stringify(diagnosisOf({ iteration: 200, modes: 1 }))}\n{"iter`,
  );
  assert.equal(iterationsIn(log), [200, 400]);
  assert.is(readDiagnoses(log.path)[0]?.metrics.modes, 10);
  log.close();
});

test('cut back to an iteration, later looks and a half-written line are gone, and more can be appended', () => {
  const log = logOf('cut', 200, 400, 600);
  appendFileSync(log.path, '{"iteration":80');
  log.truncate(450);
  assert.equal(iterationsIn(log), [200, 400]);
  log.append([diagnosisOf({ iteration: 600 })]);
  log.flush();
  assert.equal(iterationsIn(log), [200, 400, 600]);
  log.close();
});

test('a diagnosis with NaN is refused by name', () => {
  assert.throws(
    () => checkDiagnosis(diagnosisOf({ iteration: 400, frechet: NaN })),
    /^diagnosis of iteration 400: metrics\.frechet: /,
  );
  checkDiagnosis(diagnosisOf({ iteration: 400 }));
});

test.run();
