/**
 * @file `diagnoses.jsonl`: a line of JSON for each look at a run, appended as training goes.
 */
import { parseRecord } from '../files/json.js';
import { JsonLines, readLines } from '../files/jsonLines.js';
import { Diagnosis } from '../metrics/diagnosis.js';

/** The file of one run, open for appending. */
export class DiagnosisLog {
  private readonly lines: JsonLines;

  /** Opens the file, and makes it where it is not. @throws FileError */
  constructor(readonly path: string) {
    this.lines = new JsonLines(path);
  }

  /**
   * Appends a look, whole or not at all.
   *
   * @throws Error for one that could not be read again, such as one that holds NaN; FileError when there is no space
   */
  append(diagnosis: Diagnosis): void {
    const issue = Diagnosis.safeParse(diagnosis).error?.issues[0];
    if (issue !== undefined) {
      throw new Error(
        `DiagnosisLog.append: ${issue.path.join('.')} of iteration ${diagnosis.iteration}: ${issue.message}`,
      );
    }
    this.lines.append([diagnosis]);
  }

  /** Cuts off what comes after an iteration, a last line that was never completed included. */
  truncate(iteration: number): void {
    this.lines.truncate((line) => (parseLine(line)?.iteration ?? Infinity) <= iteration);
  }

  /** Makes what was appended last through a power cut. */
  flush(): void {
    this.lines.flush();
  }

  /** No more is appended. */
  close(): void {
    this.lines.close();
  }
}

/**
 * Reads the looks at a run; lines that are no whole diagnosis are left out, and of two of one iteration the first counts.
 *
 * @returns ascending by iteration; none where there is no file
 * @throws FileError when the file cannot be read
 */
export function readDiagnoses(path: string): Diagnosis[] {
  const looks = new Map<number, Diagnosis>();
  for (const line of readLines(path)) {
    const look = parseLine(line);
    if (look !== undefined && !looks.has(look.iteration)) looks.set(look.iteration, look);
  }
  return [...looks.values()].sort((a, b) => a.iteration - b.iteration);
}

function parseLine(line: string): Diagnosis | undefined {
  return Diagnosis.safeParse(parseRecord(line)).data;
}
