/**
 * @file `diagnoses.jsonl`: a line of JSON for each look at a run, appended as training goes.
 */
import { parseRecord } from '../../files/json.js';
import type { Guard } from '../../files/lock.js';
import { Diagnosis } from '../../evaluation/diagnosis.js';
import { IterationLog, readLastRow, readRows } from './iterationLog.js';

/** The file of one run, open for appending. */
export class DiagnosisLog extends IterationLog<Diagnosis> {
  /** Opens the file, and makes it where it is not. @throws FileError, FolderLostError */
  constructor(path: string, guard?: Guard) {
    super(path, parseLine, guard);
  }

  /**
   * Appends a look, whole or not at all.
   *
   * @throws Error for one that could not be read again, such as one that holds NaN; FileError when there is no space
   */
  append(diagnosis: Diagnosis): void {
    const issue = Diagnosis.safeParse(diagnosis).error?.issues[0];
    if (issue !== undefined) {
      const where = `${issue.path.join('.')} of iteration ${diagnosis.iteration}`;
      throw new Error(`DiagnosisLog.append: ${where}: ${issue.message}`);
    }
    this.lines.append([diagnosis]);
  }
}

/**
 * Reads the looks at a run; lines that are no whole diagnosis are left out, and of two of one iteration the first counts.
 *
 * @returns ascending by iteration; none where there is no file
 * @throws FileError when the file cannot be read
 */
export function readDiagnoses(path: string): Diagnosis[] {
  return readRows(path, parseLine);
}

/** The newest look, see {@link readDiagnoses}; undefined where there is none. @throws FileError */
export function readLastDiagnosis(path: string): Diagnosis | undefined {
  return readLastRow(path, parseLine);
}

function parseLine(line: string): Diagnosis | undefined {
  return Diagnosis.safeParse(parseRecord(line)).data;
}
