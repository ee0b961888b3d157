/**
 * @file Collects the results of a study as numbers: `results.json`. `npm run schemas` writes its JSON schema,
 * `schemas/results.schema.json`, from this file.
 */
import { z } from 'zod';
import { FileError } from '../../files/errors.js';
import { Diagnosis, MetricValues, VERDICTS, type VerdictName } from '../../evaluation/diagnosis.js';
import { byMetric } from '../../evaluation/registry.js';
import { readDiagnoses } from '../../training/run/diagnosisLog.js';
import { byInstant } from '../../training/run/instants.js';
import { runFiles } from '../../training/run/runFiles.js';
import { differencesFromArticle } from '../report/differences.js';
import { Correlations, correlationsOf } from './correlations.js';
import { ClassifierDescription, type Measurement, readMeasurement, type RunProblems } from './measurement.js';
import { measuredIteration } from './measuredCheckpoint.js';
import { iterationsOf, RUN_OUTCOMES, secondsOf } from '../runner/runState.js';
import { StudyDataset, StudySettings } from '../plan/studyDescription.js';
import type { StudyFolder } from '../plan/studyFolder.js';
import { studyToArgv, type PlannedRun } from '../plan/studyPlan.js';

const count = z.int().min(0);
const verdict = z.enum(VERDICTS);

const Evaluation = z.strictObject({
  iteration: count,
  verdict,
  metrics: MetricValues.describe('null if not measured'),
});

const RunResult = z.strictObject({
  name: z.string(),
  folder: z.string().describe("within the study's folder"),
  zDim: count.min(1),
  seed: z.string(),
  outcome: z.enum(RUN_OUTCOMES).describe('of its training'),
  problem: z.string().optional().describe('why its training failed'),
  complaints: z.array(z.string()).describe('what could not be measured or drawn, and why'),
  iterations: count.describe('completed'),
  seconds: z.number().min(0).nullable().describe('duration of its training'),
  iterationsPerSecond: z
    .number()
    .positive()
    .nullable()
    .describe(
      'of its last session, without evaluations and the first iterations, which compile kernels; null: not recorded',
    ),
  parameters: z.strictObject({ generator: count, discriminator: count }).nullable(),
  verdict: verdict.nullable().describe('of the finished run, or diverged; null if not measured'),
  metrics: MetricValues.nullable().describe('of the finished run; null if not measured'),
  diagnosis: Diagnosis.nullable().describe('of the finished run'),
  evaluations: z.array(Evaluation).describe('over training'),
  correlations: Correlations.describe(
    "Spearman's rank correlation with the Fréchet distance over the evaluations, by metric; null: fewer than 4, or no change",
  ),
});

export const Spread = z.strictObject({
  mean: z.number(),
  deviation: z.number().min(0).nullable().describe('sample standard deviation over seeds; null for one run'),
  runs: count.min(1).describe('number of measured runs'),
});

export const Dimension = z.strictObject({
  zDim: count.min(1),
  runs: count.describe('planned runs'),
  verdicts: z
    .strictObject({ healthy: count, collapsing: count, collapsed: count, 'not learning': count, diverged: count })
    .describe('number of runs with each verdict'),
  metrics: z.strictObject(byMetric(() => Spread.nullable().default(null))).describe('over the measured runs'),
});

/** All numbers of a study. */
export const Results = z
  .strictObject({
    format: z.literal('zdim-gan-lab/results/3'),
    command: z.array(z.string()).describe('arguments of the command that repeats the study'),
    settings: StudySettings,
    dataset: StudyDataset,
    classifier: ClassifierDescription.nullable().describe('null if nothing is measured yet'),
    adapters: z.array(z.string()).describe('devices that the runs were trained on'),
    versions: z.record(z.string(), z.string()).describe('of this project, Dawn and Node, of the last session'),
    differences: z.array(z.string()).describe("from the article's protocol"),
    dimensions: z.array(Dimension).describe('in the requested order'),
    runs: z.array(RunResult),
  })
  .describe('Results of a study of zdim-gan-lab: results.json in its folder');

/** All numbers of a study. */
export type Results = z.infer<typeof Results>;
export type RunResult = z.infer<typeof RunResult>;
export type DimensionResult = z.infer<typeof Dimension>;
export type Spread = z.infer<typeof Spread>;

/**
 * Collects the results from a study's folder.
 *
 * @param problems of measuring the runs
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
    format: 'zdim-gan-lab/results/3',
    command: studyToArgv(settings, dataset),
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
  const { evaluations, complaints } = evaluationsOf(runFiles(folder.runPath(run)).diagnoses);
  const iterations = iterationsOf(state);
  const { settings } = folder.description;
  const measured = measurement?.checkpoint.iteration;
  const wanted = measuredIteration({ path: folder.runPath(run), settings, iterations, evaluations, measured });
  const isStale = outcome === 'finished' && measured !== undefined && measured !== wanted;
  const diagnosis = outcome === 'finished' && !isStale ? (measurement?.diagnosis ?? null) : null;
  const counting = settings.checkpoint === 'best' ? 'best' : 'last';
  const stale = `its measurement is of iteration ${measured}, not of the ${counting}, ${wanted}, and does not count`;
  return {
    name: run.name,
    folder: `runs/${run.name}`,
    zDim: run.zDim,
    seed: run.seed,
    outcome,
    ...(problem === undefined ? {} : { problem }),
    complaints: [...complaints, ...(isStale ? [stale] : [])],
    iterations,
    seconds: secondsOf(state) ?? null,
    iterationsPerSecond: description?.sessions.at(-1)?.iterationsPerSecond ?? null,
    parameters: description?.parameters ?? null,
    verdict: outcome === 'diverged' ? 'diverged' : (diagnosis?.verdict.name ?? null),
    metrics: diagnosis?.metrics ?? null,
    diagnosis,
    evaluations: evaluations.map(({ iteration, verdict: { name }, metrics }) => ({
      iteration,
      verdict: name,
      metrics,
    })),
    correlations: correlationsOf(evaluations.map(({ metrics }) => metrics)),
  };
}

/** Reads the evaluations of a run; none if they cannot be read, with the reason. */
function evaluationsOf(path: string): { evaluations: readonly Diagnosis[]; complaints: readonly string[] } {
  try {
    return { evaluations: readDiagnoses(path), complaints: [] };
  } catch (error) {
    if (!(error instanceof FileError)) throw error;
    return { evaluations: [], complaints: [error.message] };
  }
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

/** One line for each thing that could not be measured or drawn. */
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
