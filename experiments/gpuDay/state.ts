/**
 * @file The state of a GPU day, in one file: what became of each part. A second start reads it and goes on from there.
 */
import { join } from 'node:path';
import { z } from 'zod';
import { writeAtomically } from '../../src/files/atomic.js';
import { parseDescribed } from '../../src/files/describedJson.js';
import { makeFolder } from '../../src/files/folders.js';
import { MOST_BYTES, readTextIfThere } from '../../src/files/regularFiles.js';

const seconds = z.number().min(0);

const PartRecord = z.strictObject({
  outcome: z
    .enum(['finished', 'cut', 'failed', 'skipped'])
    .describe('cut: by the budget, to be resumed; skipped: this machine lacks something'),
  seconds: seconds.describe('of all starts together'),
  starts: z.int().min(0),
  reason: z.string().optional().describe('why it is not finished'),
  lastLines: z.array(z.string()).optional().describe('of the output of a failed part'),
});

export const DayAdapter = z.object({ name: z.string(), driver: z.string(), software: z.boolean() });

const DayRecord = z.strictObject({
  format: z.literal('zdim-gan-lab/gpu-day/1'),
  adapter: DayAdapter,
  starts: z
    .array(z.strictObject({ started: z.string(), budgetSeconds: seconds, seconds: seconds.optional() }))
    .describe('seconds: that it took; absent if it was killed'),
  parts: z.record(z.string(), PartRecord),
});

export type DayAdapter = z.infer<typeof DayAdapter>;
export type PartRecord = z.infer<typeof PartRecord>;
export type DayRecord = z.infer<typeof DayRecord>;

/** The file of a day, in the folder of its results. */
export class DayState {
  private constructor(
    private readonly path: string,
    private record: DayRecord,
  ) {}

  /**
   * Reads the state of the day in a folder, or begins one.
   *
   * @param isRead makes no folder: nothing will be written
   * @throws Error for a damaged file, or the day of another adapter: results of two devices do not mix
   */
  static open(folder: string, adapter: DayAdapter, { isRead = false } = {}): DayState {
    const path = join(folder, 'day.json');
    const text = readTextIfThere(path, MOST_BYTES.json);
    if (text === undefined) {
      if (!isRead) makeFolder(folder);
      return new DayState(path, {
        format: 'zdim-gan-lab/gpu-day/1',
        adapter: DayAdapter.parse(adapter),
        starts: [],
        parts: {},
      });
    }
    const read = parseDescribed(DayRecord, text, 'state of a GPU day');
    if ('problem' in read) throw new Error(`${path} ${read.problem}`, { cause: read.cause });
    const { name, driver } = read.value.adapter;
    if (name !== adapter.name || driver !== adapter.driver) {
      throw new Error(
        `${path} is of ${name} (${driver}), this machine has ${adapter.name} (${adapter.driver}); --out names another folder`,
      );
    }
    return new DayState(path, read.value);
  }

  get value(): DayRecord {
    return this.record;
  }

  of(part: string): PartRecord | undefined {
    return this.record.parts[part];
  }

  /** Records a start of the day. */
  begin(started: string, budgetSeconds: number): void {
    this.write({ ...this.record, starts: [...this.record.starts, { started, budgetSeconds }] });
  }

  /** Records how long the last start took. */
  end(took: number): void {
    const [last, ...others] = this.record.starts.toReversed();
    if (last === undefined) return;
    this.write({ ...this.record, starts: [...others.toReversed(), { ...last, seconds: took }] });
  }

  set(part: string, outcome: PartRecord): void {
    this.write({ ...this.record, parts: { ...this.record.parts, [part]: outcome } });
  }

  private write(record: DayRecord): void {
    this.record = record;
    writeAtomically(this.path, `${JSON.stringify(record, null, 2)}\n`);
  }
}
