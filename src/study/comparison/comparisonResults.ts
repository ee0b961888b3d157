/**
 * @file Collects the results of a comparison as numbers: a row for each method and dimension of z. `npm run schemas` writes its
 * JSON schema, `schemas/comparison-results.schema.json`, from this file.
 */
import { z } from 'zod';
import { complaintsOf, Dimension, type Results, Spread, spreadOf } from '../measure/results.js';
import { StudyDataset, StudySettings } from '../plan/studyDescription.js';
import { checkDataset, type ComparisonDescription, folderName } from './comparison.js';

export const Row = Dimension.extend({
  method: z.string(),
  study: z.string().describe("its study, within the comparison's folder"),
  millisecondsPerIteration: Spread.nullable().describe('of training alone, over the runs that tell; null: none does'),
});

export const ComparisonResults = z
  .strictObject({
    format: z.literal('zdim-gan-lab/comparison-results/3'),
    command: z.array(z.string()).describe('arguments of the command that repeats the comparison'),
    settings: StudySettings.omit({ objective: true }),
    dataset: StudyDataset,
    adapters: z.array(z.string()).describe('that the runs were trained on'),
    versions: z.record(z.string(), z.string()).describe('of this project, Dawn and Node, of the last session'),
    methods: z.array(z.strictObject({ method: z.string(), objective: StudySettings.shape.objective })),
    unfinished: z.array(z.string()).describe('methods and runs that are not begun, or not at their end'),
    complaints: z.array(z.string()).describe('what could not be measured or drawn, and why'),
    rows: z.array(Row).describe('by method, then by dimension, in the requested order'),
  })
  .describe('What a comparison of methods by zdim-gan-lab found: results.json in its folder');

export type ComparisonRow = z.infer<typeof Row>;
export type ComparisonResults = z.infer<typeof ComparisonResults>;

/** What the results are put together by. */
export type ComparedOn = Pick<ComparisonDescription, 'methods' | 'settings' | 'dataset'>;

/** A method, and what its study found. */
export interface ComparedStudy {
  readonly method: string;
  readonly results: Results;
}

/**
 * Puts together what the studies found.
 *
 * @param command arguments of the command that repeats the comparison
 * @throws RangeError without any; StudyError where one is on other images than the comparison
 */
export function collectComparison(
  { methods, settings, dataset }: ComparedOn,
  studies: readonly ComparedStudy[],
  command: string[],
): ComparisonResults {
  const last = studies.at(-1)?.results;
  if (last === undefined) throw new RangeError('collectComparison: there is no study.');
  for (const { method, results } of studies) checkDataset(method, results.dataset, dataset);
  return {
    format: 'zdim-gan-lab/comparison-results/3',
    command,
    settings,
    dataset,
    adapters: [...new Set(studies.flatMap(({ results }) => results.adapters))],
    versions: last.versions,
    methods: studies.map(({ method, results: { settings: own } }) => {
      return own.objective === undefined ? { method } : { method, objective: own.objective };
    }),
    unfinished: methods.flatMap((method) => unfinishedOf(method, studies)),
    complaints: studies.flatMap(({ method, results }) => complaintsOf(results).map((line) => `${method}: ${line}`)),
    rows: studies.flatMap(({ method, results }) => rowsOf(method, results)),
  };
}

function unfinishedOf(method: string, studies: readonly ComparedStudy[]): string[] {
  const study = studies.find((each) => each.method === method);
  if (study === undefined) return [`${method}: not begun`];
  return study.results.runs.flatMap(({ name, outcome }) => {
    if (outcome === 'finished' || outcome === 'diverged') return [];
    return [`${method}: ${name} is ${outcome === 'absent' ? 'not begun' : outcome}`];
  });
}

function rowsOf(method: string, { dimensions, runs }: Results): ComparisonRow[] {
  return dimensions.map((dimension) => {
    const speeds = runs.filter(({ zDim }) => zDim === dimension.zDim).map((run) => run.iterationsPerSecond);
    const milliseconds = speeds.flatMap((speed) => (speed === null ? [] : [1000 / speed]));
    return {
      method,
      study: `studies/${folderName(method)}`,
      ...dimension,
      millisecondsPerIteration: spreadOf(milliseconds),
    };
  });
}
