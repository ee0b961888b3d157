/**
 * @file What is written of the judged runs, and read again where more are added later.
 */
import { existsSync, readFileSync } from 'node:fs';
import type { StackedCoverage } from '../../src/metrics/stackedModes.js';

/** What reads the digits. */
export interface Judge {
  /** `bundled`, or the name of a file. */
  readonly file: string;
  readonly sha256: string;
  /** `article` or `keras`. */
  readonly classifier: string;
  /** On MNIST's test images, as its file says; null where it does not. */
  readonly testAccuracy: number | null;
}

/** A run that was judged. */
export interface JudgedRun extends StackedCoverage {
  readonly label: string;
  /** As run.json has them. */
  readonly arguments: Readonly<Record<string, unknown>>;
  readonly dataset: string;
  readonly iteration: number;
  /** Learning rate and β₁ of the generator, then of the discriminator. */
  readonly adam: string;
  readonly device: string;
  /** Of training, all sessions together; null where one does not tell. */
  readonly seconds: number | null;
  /** Of a picture beside the page. */
  readonly picture: string;
}

/** The file's content. */
export interface Results {
  /** One, and another for each time that runs were added. */
  readonly commands: readonly string[];
  readonly judge: Judge;
  /** Images of the test split, stacked. */
  readonly real: StackedCoverage & { readonly dataset: string; readonly picture: string };
  readonly runs: readonly JudgedRun[];
}

/**
 * What an earlier call has written.
 *
 * @throws Error where it was judged otherwise: its figures cannot stand beside new ones
 */
export function earlierResults(path: string, judge: Judge, samples: number): Results | undefined {
  if (!existsSync(path)) return undefined;
  const results = JSON.parse(readFileSync(path, 'utf8')) as Results;
  if (results.judge.sha256 !== judge.sha256 || results.real.samples !== samples) {
    throw new Error(
      `--add: ${path} was judged by ${results.judge.file} with ${results.real.samples} samples, ` +
        `not by ${judge.file} with ${samples}`,
    );
  }
  return results;
}

/** The runs with others in place of those of the same label; new ones come last. */
export function withRuns(before: readonly JudgedRun[], judged: readonly JudgedRun[]): JudgedRun[] {
  const at = (label: string): JudgedRun | undefined => judged.find((run) => run.label === label);
  const isNew = ({ label }: JudgedRun): boolean => !before.some((run) => run.label === label);
  return [...before.map((run) => at(run.label) ?? run), ...judged.filter(isNew)];
}
