/**
 * @file `diagnoses.jsonl`: a line for each evaluation of a run.
 */
import { Diagnosis } from '../../evaluation/diagnosis.js';
import { parseRecord } from '../../files/json.js';
import { readLastRow, readRows } from './iterationLog.js';

/** @throws Error for a diagnosis that could not be read again, such as one with NaN */
export function checkDiagnosis(diagnosis: Diagnosis): void {
  const issue = Diagnosis.safeParse(diagnosis).error?.issues[0];
  if (issue === undefined) return;
  throw new Error(`diagnosis of iteration ${diagnosis.iteration}: ${issue.path.join('.')}: ${issue.message}`);
}

/** Reads the diagnoses of a run, see {@link readRows}. @throws FileError */
export function readDiagnoses(path: string): Diagnosis[] {
  return readRows(path, parseDiagnosis);
}

/** Reads the diagnosis of the last iteration, if any. @throws FileError */
export function readLastDiagnosis(path: string): Diagnosis | undefined {
  return readLastRow(path, parseDiagnosis);
}

/** Parses a line of `diagnoses.jsonl`; undefined if it is not a complete diagnosis. */
export function parseDiagnosis(line: string): Diagnosis | undefined {
  return Diagnosis.safeParse(parseRecord(line)).data;
}
