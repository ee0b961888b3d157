/**
 * @file The measurements that a study's table and charts show: where each is in a diagnosis, and how it is told.
 */
import type { Diagnosis } from '../../evaluation/diagnosis.js';

export const METRIC_NAMES = [
  'modes',
  'entropy',
  'divergence',
  'totalVariation',
  'confidence',
  'sure',
  'variety',
  'frechet',
  'kernel',
  'precision',
  'recall',
  'density',
  'coverage',
  'duplicates',
  'support',
  'similarity',
  'memorised',
  'switched',
  'displacement',
  'pathLength',
  'effectiveDimension',
  'discriminatorAccuracy',
  'gap',
  'lossBalance',
  'generatorGradient',
  'discriminatorGradient',
] as const;

export type MetricName = (typeof METRIC_NAMES)[number];

/** Which values are better: larger ones, smaller ones, or those nearer to a target. */
export type Better = 'more' | 'less' | number;

export interface SummaryMetric {
  readonly title: string;
  /** Below a chart's title, and as a help in the table. */
  readonly about: string;
  /** As docs/metrics.md has it; absent where neither way is better. */
  readonly better?: Better;
  /** null where it was not measured. */
  readonly of: (diagnosis: Diagnosis) => number | null;
  /** After the point. */
  readonly digits: number;
  /** Of a chart's axis: the most that it can be. */
  readonly most?: number;
}

export const SUMMARY_METRICS: Readonly<Record<MetricName, SummaryMetric>> = {
  modes: {
    title: 'digits made',
    about: 'of ten, by images that the classifier is sure of',
    better: 'more',
    of: ({ labels }) => labels.modes,
    digits: 1,
    most: 10,
  },
  entropy: {
    title: 'entropy of the labels',
    about: 'in nats; 2.30 where all ten come equally often',
    better: 'more',
    of: ({ labels }) => labels.entropy,
    digits: 2,
  },
  divergence: {
    title: 'KL divergence of the labels',
    about: 'from the real shares of the digits, in nats',
    better: 'less',
    of: ({ labels }) => labels.divergence.value,
    digits: 3,
  },
  totalVariation: {
    title: 'total variation of the labels',
    about: 'from the real shares of the digits, 0 to 1',
    better: 'less',
    of: ({ labels }) => labels.totalVariation.value,
    digits: 3,
    most: 1,
  },
  confidence: {
    title: 'confidence',
    about: "mean of the classifier's largest probability",
    better: 'more',
    of: ({ labels }) => labels.confidence,
    digits: 2,
    most: 1,
  },
  sure: {
    title: 'sure of',
    about: 'share of the images with a probability of 0.9 or more',
    better: 'more',
    of: ({ labels }) => labels.sure,
    digits: 2,
    most: 1,
  },
  variety: {
    title: 'variety within a digit',
    about: 'spread of its images; 1 is that of the real ones',
    better: 1,
    of: ({ variety }) => variety.mean,
    digits: 2,
  },
  frechet: {
    title: 'Fréchet distance',
    about: "of this classifier's features (no FID)",
    better: 'less',
    of: ({ features }) => features.frechet,
    digits: 1,
  },
  kernel: {
    title: 'kernel distance',
    about: "of this classifier's features (as KID)",
    better: 'less',
    of: ({ features }) => features.kernel,
    digits: 3,
  },
  precision: {
    title: 'precision',
    about: 'share of the images that look real',
    better: 'more',
    of: ({ features }) => features.precision,
    digits: 2,
    most: 1,
  },
  recall: {
    title: 'recall',
    about: 'share of the real images that it could make',
    better: 'more',
    of: ({ features }) => features.recall,
    digits: 2,
    most: 1,
  },
  density: {
    title: 'density',
    about: '1 where images lie as close to real ones as those do to each other',
    better: 1,
    of: ({ features }) => features.density,
    digits: 2,
  },
  coverage: {
    title: 'coverage',
    about: 'share of the real images with a generated one nearby',
    better: 'more',
    of: ({ features }) => features.coverage,
    digits: 2,
    most: 1,
  },
  duplicates: {
    title: 'duplicates',
    about: 'share of the images that another one almost repeats',
    better: 'less',
    of: ({ images }) => images.duplicates,
    digits: 3,
    most: 1,
  },
  support: {
    title: 'support',
    about: 'different images that it seems to have, by the birthday test; – without any collision',
    better: 'more',
    of: ({ images }) => images.support,
    digits: 0,
  },
  similarity: {
    title: 'similarity of pairs',
    about: 'mean MS-SSIM, less that of real images',
    better: 0,
    of: ({ images }) => images.similarity - images.realSimilarity,
    digits: 3,
  },
  memorised: {
    title: 'memorised',
    about: 'share of the images that almost repeat a training image',
    better: 0.01,
    of: ({ images }) => images.memorised,
    digits: 3,
    most: 1,
  },
  switched: {
    title: 'still switching',
    about: 'share of the fixed z whose digit changed since the look before',
    better: 'less',
    of: ({ latent }) => latent?.switched ?? null,
    digits: 2,
    most: 1,
  },
  displacement: {
    title: 'displacement of fixed z',
    about: 'in features since the look before; 1 is as far as two real images',
    better: 'less',
    of: ({ latent }) => latent?.displacement ?? null,
    digits: 3,
  },
  pathLength: {
    title: 'perceptual path length',
    about: 'squared feature distance of a small step, over its squared length',
    of: ({ latent }) => latent?.pathLength ?? null,
    digits: 1,
  },
  effectiveDimension: {
    title: 'effective dimension',
    about: "of the generator's Jacobian over z",
    of: ({ latent }) => latent?.effectiveDimension ?? null,
    digits: 1,
  },
  discriminatorAccuracy: {
    title: 'discriminator accuracy',
    about: 'share of the images, real and generated alike, that it calls right',
    of: ({ training }) => training?.discriminatorAccuracy ?? null,
    digits: 2,
    most: 1,
  },
  gap: {
    title: 'gap of the discriminator',
    about: 'share of real images called real, less that of generated ones',
    of: ({ training }) => training?.gap ?? null,
    digits: 2,
  },
  lossBalance: {
    title: 'balance of the losses',
    about: "the generator's part of both; ½ where they are equal",
    of: ({ training }) => training?.lossBalance ?? null,
    digits: 2,
    most: 1,
  },
  generatorGradient: {
    title: 'gradient of the generator',
    about: "its norm, root mean square by Adam's second moment",
    of: ({ training }) => training?.generatorGradient ?? null,
    digits: 3,
  },
  discriminatorGradient: {
    title: 'gradient of the discriminator',
    about: "its norm, root mean square by Adam's second moment",
    of: ({ training }) => training?.discriminatorGradient ?? null,
    digits: 3,
  },
};

/** What a column of a table means. */
export interface GlossaryEntry {
  readonly title: string;
  readonly about: string;
  /** Given for numbers that measure how good a generator is; absent where neither way is better. */
  readonly better?: Better | undefined;
}

export const Z_DIM_ENTRY: GlossaryEntry = { title: 'z_dim', about: 'dimension of the latent variable z' };

export const VERDICT_ENTRY: GlossaryEntry = {
  title: 'verdict',
  about:
    'state of the generator by a rule over the measurements: healthy, collapsing, collapsed, not learning or diverged; ' +
    'how many runs got each',
};

/** Columns of the table. */
export const TABLE_METRICS: readonly MetricName[] = [
  'modes',
  'divergence',
  'variety',
  'frechet',
  'precision',
  'recall',
  'coverage',
  'duplicates',
  'switched',
  'effectiveDimension',
];

/** A measurement as text. */
export function shownMetric(name: MetricName, value: number): string {
  return value.toFixed(SUMMARY_METRICS[name].digits).replace('-', '−');
}

/** What a measurement is, in a line. */
export function describedMetric(name: MetricName): string {
  const { title, about } = SUMMARY_METRICS[name];
  return `${title}: ${about}`;
}

/** Which values are better, as a sign behind a title: `↑`, `↓`, or `→ 1` for a target. Empty where neither way is. */
export function betterSign(better: Better | undefined): string {
  if (better === undefined) return '';
  return better === 'more' ? '↑' : better === 'less' ? '↓' : `→ ${better}`;
}

/** The same in words. */
export function betterWords(better: Better | undefined): string {
  if (better === undefined) return 'neither way is better';
  return typeof better === 'number' ? `best at ${better}` : `${better} is better`;
}

/** A title and the sign behind it, as a table's heading. */
export function headingOf({ title, better }: { readonly title: string; readonly better?: Better | undefined }): string {
  return `${title} ${betterSign(better)}`.trimEnd();
}

/** Explains each sign of a table once, in the order of {@link betterSign}. */
export function betterKey(all: readonly (Better | undefined)[]): string {
  const targets = all.filter((better) => typeof better === 'number').toSorted((a, b) => a - b);
  const used = [...(['more', 'less'] as const).filter((better) => all.includes(better)), ...new Set(targets)];
  return used.map((better) => `${betterSign(better)}: ${betterWords(better)}`).join(', ');
}

/** Something of each measurement, by name. */
export function byMetric<T>(of: (name: MetricName) => T): Record<MetricName, T> {
  return {
    modes: of('modes'),
    entropy: of('entropy'),
    divergence: of('divergence'),
    totalVariation: of('totalVariation'),
    confidence: of('confidence'),
    sure: of('sure'),
    variety: of('variety'),
    frechet: of('frechet'),
    kernel: of('kernel'),
    precision: of('precision'),
    recall: of('recall'),
    density: of('density'),
    coverage: of('coverage'),
    duplicates: of('duplicates'),
    support: of('support'),
    similarity: of('similarity'),
    memorised: of('memorised'),
    switched: of('switched'),
    displacement: of('displacement'),
    pathLength: of('pathLength'),
    effectiveDimension: of('effectiveDimension'),
    discriminatorAccuracy: of('discriminatorAccuracy'),
    gap: of('gap'),
    lossBalance: of('lossBalance'),
    generatorGradient: of('generatorGradient'),
    discriminatorGradient: of('discriminatorGradient'),
  };
}
