/**
 * @file `results.json`: all that a study found, as numbers. Its JSON schema is `schemas/results.schema.json`, made from
 * this file by `npm run schemas`.
 */
import { z } from 'zod';
import { FileError } from '../../files/errors.js';
import { Diagnosis, VERDICTS, type VerdictName } from '../../evaluation/diagnosis.js';
import { readDiagnoses } from '../../training/run/diagnosisLog.js';
import { byInstant } from '../../training/run/instants.js';
import { runFiles } from '../../training/run/runFolder.js';
import { differencesFromArticle } from '../report/differences.js';
import { LossCorrelations, lossCorrelationsOf, LossSigns, lossSignsOf } from './lossSigns.js';
import { ClassifierDescription, type Measurement, readMeasurement, type RunProblems } from './measurement.js';
import { iterationsOf, RUN_OUTCOMES, secondsOf } from '../runner/runState.js';
import { StudyDataset, StudySettings } from '../plan/studyDescription.js';
import type { StudyFolder } from '../plan/studyFolder.js';
import { studyCommandLine, type PlannedRun } from '../plan/studyPlan.js';
import { byMetric, describedMetric, SUMMARY_METRICS } from './summaryMetrics.js';

const count = z.int().min(0);
const Values = z.strictObject(byMetric((name) => z.number().nullable().describe(describedMetric(name))));
const verdict = z.enum(VERDICTS);

const Look = z.strictObject({
  iteration: count,
  verdict,
  metrics: Values.describe('null where it was not measured'),
  signs: LossSigns.optional().describe('what training itself says; null where it was not recorded'),
});

const RunResult = z.strictObject({
  name: z.string(),
  folder: z.string().describe("within the study's folder"),
  zDim: count.min(1),
  seed: z.string(),
  outcome: z.enum(RUN_OUTCOMES).describe('of its training'),
  problem: z.string().optional().describe('what went wrong in its training'),
  complaints: z.array(z.string()).describe('what could not be measured or drawn of it, and why'),
  iterations: count.describe('that were made'),
  seconds: z.number().min(0).nullable().describe('that its training took'),
  iterationsPerSecond: z
    .number()
    .positive()
    .nullable()
    .describe('of its last session, without looks and the first iterations, which compile kernels; null: not told'),
  parameters: z.strictObject({ generator: count, discriminator: count }).nullable(),
  verdict: verdict.nullable().describe('of the finished run, or diverged; null where it is not measured'),
  metrics: Values.nullable().describe('of the finished run; null where it is not measured'),
  diagnosis: Diagnosis.nullable().describe('all that was measured of the finished run'),
  looks: z.array(Look).describe('over training'),
  correlations: LossCorrelations.optional().describe(
    "Spearman's rank correlation of each sign with the Fréchet distance over the looks; null: fewer than 4, or no change",
  ),
});

export const Spread = z.strictObject({
  mean: z.number(),
  deviation: z.number().min(0).nullable().describe('sample standard deviation over seeds; null for one run'),
  runs: count.min(1).describe('that it was measured of'),
});

export const Dimension = z.strictObject({
  zDim: count.min(1),
  runs: count.describe('planned'),
  verdicts: z
    .strictObject({ healthy: count, collapsing: count, collapsed: count, 'not learning': count, diverged: count })
    .describe('runs that got each'),
  metrics: z.strictObject(byMetric(() => Spread.nullable())).describe('over the runs that were measured'),
});

export const Results = z
  .strictObject({
    format: z.literal('zdim-gan-lab/results/1'),
    command: z.string().describe('makes the same study'),
    settings: StudySettings,
    dataset: StudyDataset,
    classifier: ClassifierDescription.nullable().describe('null where nothing is measured yet'),
    adapters: z.array(z.string()).describe('that the runs were trained on'),
    versions: z.record(z.string(), z.string()).describe('of this project, Dawn and Node, of the last session'),
    differences: z.array(z.string()).describe("from the article's protocol"),
    dimensions: z.array(Dimension).describe('in the order asked for'),
    runs: z.array(RunResult),
  })
  .describe('What a study of zdim-gan-lab found: results.json in its folder');

export type Results = z.infer<typeof Results>;
export type RunResult = z.infer<typeof RunResult>;
export type DimensionResult = z.infer<typeof Dimension>;
export type Spread = z.infer<typeof Spread>;

/**
 * Puts together what a study's folder tells.
 *
 * @param problems that measuring the runs met with
 * @throws StudyError, RunError for files that are damaged
 */
export function collectResults(folder: StudyFolder, problems: RunProblems = new Map()): Results {
  const { settings, dataset } = folder.description;
  const states = folder.runs.map((run) => ({ run, state: folder.stateOf(run) }));
  const measurements = new Map(folder.runs.map((run) => [run.name, readMeasurement(folder, run)]));
  const runs = states.map(({ run, state }) => {
    const result = resultOf(folder, run, state, measurements.get(run.name));
    return { ...result, complaints: [...result.complaints, ...(problems.get(run.name) ?? [])] };
  });
  const sessions = states.flatMap(({ state }) => state.description?.sessions ?? []);
  const adapters = sessions.map(({ adapter: { name, driver } }) => (driver === '' ? name : `${name} (${driver})`));
  const newest = sessions.toSorted((a, b) => byInstant(a.started, b.started)).at(-1);
  return {
    format: 'zdim-gan-lab/results/1',
    command: studyCommandLine(settings, dataset),
    settings,
    dataset,
    classifier: [...measurements.values()].find((measurement) => measurement !== undefined)?.classifier ?? null,
    adapters: [...new Set(adapters)],
    versions: { ...newest?.versions },
    differences: [...differencesFromArticle(settings, dataset)],
    dimensions: settings.zDims.map((zDim) => dimensionOf(zDim, runs)),
    runs,
  };
}

function resultOf(
  folder: StudyFolder,
  run: PlannedRun,
  state: ReturnType<StudyFolder['stateOf']>,
  measurement: Measurement | undefined,
): RunResult {
  const { outcome, problem, description } = state;
  const { looks, complaints } = looksOf(runFiles(folder.runPath(run)).diagnoses);
  const iterations = iterationsOf(state);
  const measured = measurement?.checkpoint.iteration ?? iterations;
  const diagnosis = outcome === 'finished' && measured === iterations ? (measurement?.diagnosis ?? null) : null;
  const stale = `its measurement is of iteration ${measured}, not of its last, ${iterations}, and does not count`;
  return {
    name: run.name,
    folder: `runs/${run.name}`,
    zDim: run.zDim,
    seed: run.seed,
    outcome,
    ...(problem === undefined ? {} : { problem }),
    complaints: [...complaints, ...(outcome === 'finished' && measured !== iterations ? [stale] : [])],
    iterations,
    seconds: secondsOf(state) ?? null,
    iterationsPerSecond: description?.sessions.at(-1)?.iterationsPerSecond ?? null,
    parameters: description?.parameters ?? null,
    verdict: outcome === 'diverged' ? 'diverged' : (diagnosis?.verdict.name ?? null),
    metrics: diagnosis === null ? null : metricsOf(diagnosis),
    diagnosis,
    looks: looks.map((look) => ({
      iteration: look.iteration,
      verdict: look.verdict.name,
      metrics: metricsOf(look),
      signs: lossSignsOf(look),
    })),
    correlations: lossCorrelationsOf(looks),
  };
}

/** The looks at a run; none where they cannot be read, with the reason. */
function looksOf(path: string): { looks: readonly Diagnosis[]; complaints: readonly string[] } {
  try {
    return { looks: readDiagnoses(path), complaints: [] };
  } catch (error) {
    if (!(error instanceof FileError)) throw error;
    return { looks: [], complaints: [error.message] };
  }
}

type Values = z.infer<typeof Values>;

function metricsOf(diagnosis: Diagnosis): Values {
  return byMetric((name) => SUMMARY_METRICS[name].of(diagnosis));
}

function dimensionOf(zDim: number, all: readonly RunResult[]): DimensionResult {
  const runs = all.filter((run) => run.zDim === zDim);
  const countOf = (name: VerdictName): number => runs.filter(({ verdict }) => verdict === name).length;
  return {
    zDim,
    runs: runs.length,
    verdicts: {
      healthy: countOf('healthy'),
      collapsing: countOf('collapsing'),
      collapsed: countOf('collapsed'),
      'not learning': countOf('not learning'),
      diverged: countOf('diverged'),
    },
    metrics: byMetric((name) => spreadOf(runs.flatMap(({ metrics }) => metrics?.[name] ?? []))),
  };
}

/** What could not be measured or drawn of the runs, a line each. */
export function complaintsOf({ runs }: Pick<Results, 'runs'>): string[] {
  return runs.flatMap(({ name, complaints }) => complaints.map((complaint) => `${name}: ${complaint}`));
}

/** Mean and sample standard deviation; null without values. */
export function spreadOf(values: readonly number[]): Spread | null {
  const { length } = values;
  if (length === 0) return null;
  const mean = values.reduce((sum, value) => sum + value, 0) / length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, deviation: length === 1 ? null : Math.sqrt(squares / (length - 1)), runs: length };
}
