/**
 * @file What is written of the judged runs, and read again where more are added later.
 */
import { existsSync, readFileSync } from 'node:fs';
import { z } from 'zod';
import { parseDescribed } from '../../src/files/describedJson.js';
import { RunDescription } from '../../src/training/run/runDescription.js';

/** What reads the digits. */
const Judge = z.strictObject({
  /** `bundled`, or the name of a file. */
  file: z.string(),
  sha256: z.string(),
  /** `article` or `keras`. */
  classifier: z.string(),
  /** On MNIST's test images, as its file says; null where it does not. */
  testAccuracy: z.number().nullable(),
});

/** As `src/evaluation/modes/stackedModes.ts` has it; the picture is beside the page. */
const judged = {
  samples: z.int(),
  modes: z.int(),
  divergence: z.number(),
  sure: z.number(),
  sureModes: z.int(),
  dataset: z.string(),
  picture: z.string(),
};

/** A run that was judged. */
const JudgedRun = z.strictObject({
  label: z.string(),
  ...judged,
  /** Of its folder. */
  name: z.string(),
  iteration: z.int(),
  arguments: RunDescription.shape.arguments,
  /** Learning rate and β₁ of the generator, then of the discriminator. */
  adam: z.string(),
  /** Real images that the discriminator was shown up to the iteration. */
  imagesSeen: z.int(),
  device: z.string(),
  /** Of training, all sessions together; null where one does not tell. */
  seconds: z.int().nullable(),
});

/** The file's content. */
const Results = z.strictObject({
  /** One, and another for each time that runs were added. */
  commands: z.array(z.string()).readonly(),
  judge: Judge,
  /** Images of the test split, stacked. */
  real: z.strictObject(judged),
  runs: z.array(JudgedRun).readonly(),
});

export type Judge = z.infer<typeof Judge>;
export type JudgedRun = z.infer<typeof JudgedRun>;
export type Results = z.infer<typeof Results>;

/**
 * What an earlier call has written.
 *
 * @throws Error where it was judged otherwise: its figures cannot stand beside new ones
 */
export function earlierResults(path: string, judge: Judge, samples: number): Results | undefined {
  if (!existsSync(path)) return undefined;
  const read = parseDescribed(Results, readFileSync(path, 'utf8'), 'file of results');
  if ('problem' in read) throw new Error(`--add: ${path} ${read.problem}`, { cause: read.cause });
  const { judge: before, real } = read.value;
  if (before.sha256 !== judge.sha256 || real.samples !== samples) {
    throw new Error(
      `--add: ${path} was judged by ${before.file} with ${real.samples} samples, not by ${judge.file} with ${samples}`,
    );
  }
  return read.value;
}

/** The runs with others in place of those of the same label; new ones come last. */
export function withRuns(before: readonly JudgedRun[], judged: readonly JudgedRun[]): JudgedRun[] {
  const at = (label: string): JudgedRun | undefined => judged.find((run) => run.label === label);
  const isNew = ({ label }: JudgedRun): boolean => !before.some((run) => run.label === label);
  return [...before.map((run) => at(run.label) ?? run), ...judged.filter(isNew)];
}
