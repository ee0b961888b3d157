/**
 * @file Writes the results of a test run as JSON after each file, and reads them again to resume the run.
 */
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, relative } from 'node:path';
import { z } from 'zod';
import type { FileResult } from './batch.js';

/** The end of a failing file's output that is kept, in characters. */
const KEPT_OUTPUT = 4000;

const count = z.int().min(0);

const ReportedFile = z.strictObject({
  path: z.string().describe('within the test folder'),
  seconds: z.number(),
  passed: count,
  failed: count,
  skipped: count,
  problem: z.string().optional().describe('what is wrong with the file as a whole'),
  notices: z.array(z.string()).describe('what the file left out, and why'),
  output: z.string().optional().describe('its end, of a failing file'),
});

/** The content of the file. */
export const TestReport = z.strictObject({ date: z.string(), files: z.array(ReportedFile) });

type ReportedFile = z.infer<typeof ReportedFile>;

/** A test run's results, in a file. */
export class ReportFile {
  private constructor(
    private readonly path: string,
    private readonly root: string,
    private readonly files: ReportedFile[],
  ) {}

  /** @param isResumed keeps the files that have passed @throws Error for a file of another kind */
  static open(path: string, root: string, isResumed: boolean): ReportFile {
    if (!isResumed || !existsSync(path)) return new ReportFile(path, root, []);
    const { files } = TestReport.parse(JSON.parse(readFileSync(path, 'utf8')));
    const passed = files.filter(({ failed }) => failed === 0);
    return new ReportFile(path, root, passed);
  }

  /** The files that passed before. */
  get passed(): readonly ReportedFile[] {
    return [...this.files];
  }

  add({ path, seconds, tally, problem, notices, output }: FileResult): void {
    this.files.push({
      path: relative(this.root, path),
      seconds,
      ...tally,
      ...(problem === undefined ? {} : { problem }),
      notices,
      ...(tally.failed === 0 ? {} : { output: output.slice(-KEPT_OUTPUT) }),
    });
    const report = { date: new Date().toISOString(), files: this.files };
    mkdirSync(dirname(this.path), { recursive: true });
    // A run that is killed leaves a whole report.
    const draft = `${this.path}.${process.pid}.draft`;
    writeFileSync(draft, `${JSON.stringify(report, null, 2)}\n`);
    renameSync(draft, this.path);
  }
}
