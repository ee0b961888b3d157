/**
 * @file Lists all metrics of a generator. Schemas, tables, charts, comparison columns, the verdict's signs, `diagnose` and the
 * table in docs/metrics.md are derived from this list: a new metric is one row here, plus the function that computes it.
 */
import type { Measured, MetricResult } from './measured.js';

/** Which values are better: larger ones, smaller ones, or those nearer to a target (that of real images). */
export type Better = 'more' | 'less' | number;

/** Thresholds that make a metric a sign of lost variety; {@link worseOf} says in which direction. */
export interface Sign {
  /** Beyond this the verdict is `collapsed`. */
  readonly collapsed: number;
  /** Beyond this the verdict is `collapsing`. */
  readonly collapsing: number;
  /** Compares the lower end of the 95 % interval in place of the value. */
  readonly usesLowerEnd?: true;
  /** Based on classes, which mean nothing while the classifier is sure of few of the images. */
  readonly byClass?: true;
  /** Also holds for poor samples: it says that all are alike. */
  readonly alike?: true;
}

/** A row of {@link METRICS}: what a metric means, how it is read, and where it is shown. */
export interface Metric {
  /** Name in tables, charts and messages. */
  readonly title: string;
  /** One line below a chart's title and in tooltips. */
  readonly about: string;
  readonly unit?: string;
  /** Absent if neither direction is better. */
  readonly better?: Better;
  /** Direction in which faults move the value, if `better` does not say. */
  readonly worse?: 'more' | 'less';
  /** Digits after the decimal point. */
  readonly digits: number;
  /** Least and largest possible value; unbounded where absent. */
  readonly range?: readonly [least: number, most?: number];
  /** Reads the value from the shared results, or computes it. */
  readonly of: (measured: Measured) => MetricResult | Promise<MetricResult>;
  /** Needs the history of a training run: the evaluation of a checkpoint copies the value that its run recorded. */
  readonly ofRun?: true;
  /** Makes samples poor, not digits at all, whatever their variety. */
  readonly poor?: { readonly below: number } | { readonly above: number };
  readonly sign?: Sign;
  /** Column of a study's table and panel of its chart over z_dim; `terminal`: also in the terminal's narrow table. */
  readonly table?: 'report' | 'terminal';
  /** Panel of a study's chart over the iterations. */
  readonly chart?: { readonly size: 'large' | 'small'; readonly axis?: 'logarithmic' };
  /** Column of a comparison's table, and the axis of its panel. */
  readonly comparison?: 'linear' | 'logarithmic';
  /** Correlated with the Fréchet distance over a run's evaluations. */
  readonly correlated?: true;
  /** Selects the best checkpoint of a run: `train --keep-best`. Absent where a collapsed generator may have a good value. */
  readonly selects?: true;
}

const SHARE = [0, 1] as const;

const rows = {
  modes: {
    title: 'modes',
    about: 'classes of ten that the generator makes, by images that the classifier is sure of',
    unit: 'classes',
    better: 'more',
    digits: 1,
    range: [0, 10],
    of: ({ labels }) => labels.modes,
    sign: { collapsed: 5.5, collapsing: 8.5, byClass: true },
    table: 'terminal',
    chart: { size: 'large' },
    comparison: 'linear',
  },
  entropy: {
    title: 'label entropy',
    about: 'entropy of the class shares; 2.30 if all ten are equally frequent',
    unit: 'nats',
    better: 'more',
    digits: 2,
    range: [0],
    of: ({ labels }) => labels.entropy,
  },
  divergence: {
    title: 'label KL divergence',
    about: 'KL divergence of the class shares from the real ones',
    unit: 'nats',
    better: 'less',
    digits: 3,
    of: ({ labels }) => labels.divergence,
    table: 'terminal',
    comparison: 'linear',
  },
  totalVariation: {
    title: 'total variation',
    about: 'total variation of the class shares from the real ones',
    unit: 'share',
    better: 'less',
    digits: 3,
    range: SHARE,
    of: ({ labels }) => labels.totalVariation,
    sign: { collapsed: 0.6, collapsing: 0.3, usesLowerEnd: true, byClass: true },
  },
  confidence: {
    title: 'confidence',
    about: "mean of the classifier's largest probability",
    unit: 'probability',
    better: 'more',
    digits: 2,
    range: SHARE,
    of: ({ labels }) => labels.confidence,
  },
  sure: {
    title: 'sure',
    about: 'share of the images whose largest probability is 0.9 or more',
    unit: 'share',
    better: 'more',
    digits: 2,
    range: SHARE,
    of: ({ labels }) => labels.sure,
    poor: { below: 0.3 },
    chart: { size: 'small' },
  },
  conditionalAccuracy: {
    title: 'conditional accuracy',
    about: 'share of the images that show the requested class; conditional generators only',
    unit: 'share',
    better: 'more',
    digits: 3,
    range: SHARE,
    of: ({ conditionalAccuracy }) => conditionalAccuracy,
  },
  variety: {
    title: 'variety',
    about: 'spread of the images within a class; 1 is that of the real ones',
    better: 1,
    worse: 'less',
    digits: 2,
    range: [0],
    of: ({ variety }) => variety.mean,
    poor: { above: 2 },
    sign: { collapsed: 0.25, collapsing: 0.6, alike: true },
    table: 'report',
    chart: { size: 'small' },
  },
  frechet: {
    title: 'Fréchet distance',
    about: "between this classifier's features of real and generated images (no FID)",
    unit: 'features²',
    better: 'less',
    digits: 1,
    range: [0],
    of: ({ features }) => features.frechet,
    table: 'terminal',
    chart: { size: 'large', axis: 'logarithmic' },
    comparison: 'linear',
    selects: true,
  },
  kernel: {
    title: 'kernel distance',
    about: "KID's estimator on this classifier's features; unbiased, so it may be below 0",
    better: 'less',
    digits: 3,
    of: ({ features }) => features.kernel,
  },
  precision: {
    title: 'precision',
    about: 'share of the generated images within the real manifold',
    unit: 'share',
    better: 'more',
    digits: 2,
    range: SHARE,
    of: ({ features }) => features.precision,
    poor: { below: 0.35 },
    table: 'report',
  },
  recall: {
    title: 'recall',
    about: 'share of the real images within the generated manifold',
    unit: 'share',
    better: 'more',
    digits: 2,
    range: SHARE,
    of: ({ features }) => features.recall,
    sign: { collapsed: 0.01, collapsing: 0.05 },
    table: 'report',
    chart: { size: 'small' },
    comparison: 'linear',
    selects: true,
  },
  density: {
    title: 'density',
    about: '1 if images lie as close to real ones as those do to each other; may be above 1',
    better: 1,
    worse: 'less',
    digits: 2,
    range: [0],
    of: ({ features }) => features.density,
  },
  coverage: {
    title: 'coverage',
    about: 'share of the real images with a generated one in their neighbourhood',
    unit: 'share',
    better: 'more',
    digits: 2,
    range: SHARE,
    of: ({ features }) => features.coverage,
    table: 'terminal',
    chart: { size: 'small' },
    comparison: 'linear',
    selects: true,
  },
  duplicates: {
    title: 'duplicates',
    about: 'share of the images that another one almost repeats; about 0.01 for real images',
    unit: 'share',
    better: 'less',
    digits: 3,
    range: SHARE,
    of: ({ copies }) => copies.duplicates,
    sign: { collapsed: 0.9, collapsing: 0.4, alike: true },
    table: 'report',
  },
  support: {
    title: 'support',
    about: 'number of different images, estimated by the birthday test; – if no two are alike',
    unit: 'images',
    better: 'more',
    digits: 0,
    range: [0],
    of: ({ copies }) => copies.support,
    // Duplicates are near 1 wherever z has few dimensions; the support still tells those apart.
    comparison: 'logarithmic',
  },
  similarity: {
    title: 'similarity',
    about: 'mean MS-SSIM of pairs of images, less that of real pairs',
    better: 0,
    worse: 'more',
    digits: 3,
    of: ({ similarity }) => similarity.generated - similarity.real,
  },
  memorised: {
    title: 'memorised',
    about: 'share of the images that almost repeat a training image; 0.01 for unseen real images',
    unit: 'share',
    better: 0.01,
    worse: 'more',
    digits: 3,
    range: SHARE,
    of: ({ copies }) => copies.memorised,
  },
  switched: {
    title: 'switched',
    about: 'share of the fixed z whose class changed since the last evaluation',
    unit: 'share',
    better: 'less',
    digits: 2,
    range: SHARE,
    of: ({ latent }) => latent?.switched ?? null,
    ofRun: true,
    table: 'report',
    chart: { size: 'large' },
  },
  displacement: {
    title: 'displacement',
    about: 'mean feature distance that a fixed z moved since the last evaluation; 1 is that of two real images',
    better: 'less',
    digits: 3,
    range: [0],
    of: ({ latent }) => latent?.displacement ?? null,
    ofRun: true,
    chart: { size: 'small' },
  },
  pathLength: {
    title: 'path length',
    about: 'perceptual path length: mean squared speed of the features on a walk between random z',
    worse: 'less',
    digits: 1,
    range: [0],
    of: ({ latent }) => latent?.pathLength ?? null,
  },
  effectiveDimension: {
    title: 'effective dimension',
    about: "participation ratio of the Jacobian's squared singular values, at most z_dim",
    unit: 'dimensions',
    worse: 'less',
    digits: 1,
    range: [0],
    of: ({ latent }) => latent?.effectiveDimension ?? null,
    table: 'terminal',
  },
  discriminatorAccuracy: {
    title: 'discriminator accuracy',
    about: 'share of real and generated images that the discriminator classifies correctly',
    unit: 'share',
    worse: 'more',
    digits: 2,
    range: SHARE,
    of: ({ training }) => training?.discriminatorAccuracy ?? null,
    ofRun: true,
  },
  gap: {
    title: 'discriminator gap',
    about: 'share of real images called real, less that of generated ones',
    unit: 'share',
    digits: 2,
    range: [-1, 1],
    of: ({ training }) => training?.gap ?? null,
    ofRun: true,
    chart: { size: 'small' },
  },
  lossBalance: {
    title: 'loss balance',
    about: "size of the generator's loss over the sum of both sizes; ½ if they are equal",
    unit: 'share',
    digits: 2,
    range: SHARE,
    of: ({ training }) => training?.lossBalance ?? null,
    ofRun: true,
    chart: { size: 'small' },
  },
  generatorGradient: {
    title: 'generator gradient',
    about: "norm of the generator's gradient, root mean square by Adam's second moment",
    digits: 3,
    range: [0],
    of: ({ training }) => training?.generatorGradient ?? null,
    ofRun: true,
    chart: { size: 'small', axis: 'logarithmic' },
  },
  discriminatorGradient: {
    title: 'discriminator gradient',
    about: "norm of the discriminator's gradient, root mean square by Adam's second moment",
    digits: 3,
    range: [0],
    of: ({ training }) => training?.discriminatorGradient ?? null,
    ofRun: true,
    chart: { size: 'small', axis: 'logarithmic' },
  },
  generatorLoss: {
    title: 'generator loss',
    about: 'mean over the last iterations before the evaluation',
    digits: 3,
    of: ({ training }) => training?.generatorLoss ?? null,
    ofRun: true,
    correlated: true,
  },
  discriminatorLoss: {
    title: 'discriminator loss',
    about: 'mean over the last iterations before the evaluation',
    digits: 3,
    of: ({ training }) => training?.discriminatorLoss ?? null,
    ofRun: true,
    correlated: true,
  },
  wasserstein: {
    title: 'Wasserstein estimate',
    about: "the critic's mean score of training images less that of generated ones, in its own scale; critics only",
    digits: 3,
    of: ({ wasserstein }) => wasserstein?.training ?? null,
    ofRun: true,
    correlated: true,
  },
  wassersteinHeldOut: {
    title: 'held-out Wasserstein estimate',
    about: "the critic's mean score of held-out images less that of generated ones; critics only",
    digits: 3,
    of: ({ wasserstein }) => wasserstein?.heldOut ?? null,
    ofRun: true,
    correlated: true,
  },
} as const satisfies Readonly<Record<string, Metric>>;

/** The name of a metric in files and results. */
export type MetricName = keyof typeof rows;

/** The name of a metric that selects the best checkpoint. */
export type BestMetricName = {
  [Name in MetricName]: (typeof rows)[Name] extends { readonly selects: true } ? Name : never;
}[MetricName];

/** All metrics by name. */
export const METRICS: Readonly<Record<MetricName, Metric>> = rows;

function isMetricName(name: string): name is MetricName {
  return name in rows;
}

/** In the order of the list. */
export const METRIC_NAMES: readonly MetricName[] = Object.keys(rows).filter(isMetricName);

/** The metrics for which a condition holds, in the order of the list. */
export function metricsWith(holds: (metric: Metric) => boolean): MetricName[] {
  return METRIC_NAMES.filter((name) => holds(METRICS[name]));
}

/** The direction in which faults move a metric; undefined if they do not. */
export function worseOf(name: MetricName): 'more' | 'less' | undefined {
  const { better, worse } = METRICS[name];
  if (better === 'more') return 'less';
  return better === 'less' ? 'more' : worse;
}

/** A record with a value for each metric. */
export function byMetric<T>(of: (name: MetricName) => T): Record<MetricName, T> {
  const values: Partial<Record<MetricName, T>> = {};
  for (const name of METRIC_NAMES) values[name] = of(name);
  if (isComplete(values)) return values;
  throw new Error('byMetric: a metric is missing');
}

function isComplete<T>(values: Partial<Record<MetricName, T>>): values is Record<MetricName, T> {
  return METRIC_NAMES.every((name) => name in values);
}
