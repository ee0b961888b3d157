/**
 * @file Decides the verdict on a GAN from its metrics, by the thresholds in registry.ts. They were set on generators whose
 * state is known (experiments/verdict, docs/verdict.md).
 *
 * Quality comes first: variety means nothing if the samples are no digits. Then the worst sign of lost variety decides,
 * whichever metric shows it, since each is blind to some collapse (docs/metrics.md).
 */
import type { Diagnosis, Verdict, VerdictName } from './diagnosis.js';
import { formatSingle } from './metricText.js';
import { type MetricName, METRICS, metricsWith, type Sign, worseOf } from './registry.js';

/** A diagnosis before its verdict. */
export type Findings = Omit<Diagnosis, 'verdict'>;

/**
 * Samples are poor if their MS-SSIM is below this share of that of real images: a classifier can be sure of noise, but two
 * images of noise have no structure in common.
 */
const LEAST_SIMILARITY = 0.5;

/** Classes count only if the classifier is sure of this share of the images: a young GAN's images have none. */
export const CLASSES_COUNT = 0.5;

/** Poor samples are still being learned if the Fréchet distance is below this share of the last evaluation's. */
export const LEARNING = 0.98;

/** The signs of lost variety. */
export const SIGNS: readonly (readonly [MetricName, Sign])[] = metricsWith(({ sign }) => sign !== undefined).flatMap(
  (name) => {
    const { sign } = METRICS[name];
    return sign === undefined ? [] : [[name, sign] as const];
  },
);

/** Metrics with a bound beyond which samples are poor. */
const QUALITY = metricsWith(({ poor }) => poor !== undefined);

/** The verdict is `collapsing` if coverage has fallen below this share of its best. */
export const FALL = 0.6;

/**
 * Decides the verdict.
 *
 * @param before earlier diagnoses of the same training, in order: they distinguish a fall from a poor start
 */
export function judge(now: Findings, before: readonly Findings[] = []): Verdict {
  const unlike = qualityReasons(now);
  const lost = reasonsFor('collapsed', now);
  if (unlike.length > 0) {
    // A generator that made digits before and makes a single non-digit now has collapsed; one that never did has not learned.
    const hadLearned = before.some((earlier) => qualityReasons(earlier).length === 0);
    if (hadLearned && lost.length > 0) return verdict('collapsed', lost);
    const progress = progressOf(now, before);
    const alike = reasonsFor('collapsed', now, true);
    // A single repeated picture among the real ones, of which the classifier is not sure.
    if (alike.length > 0 && !isPoor(now, 'precision')) return verdict('collapsed', alike);
    return progress === undefined || alike.length > 0
      ? verdict('not learning', unlike)
      : verdict('healthy', [progress]);
  }
  if (lost.length > 0) return verdict('collapsed', lost);
  const losing = [...reasonsFor('collapsing', now), ...fall(now, before)];
  if (losing.length > 0) return verdict('collapsing', losing);
  return verdict('healthy', [reasonOf('modes', now.metrics.modes), reasonOf('coverage', now.metrics.coverage)]);
}

function verdict(name: VerdictName, reasons: readonly string[]): Verdict {
  return { name, reasons: [...reasons] };
}

function qualityReasons(findings: Findings): string[] {
  const { metrics, similarity } = findings;
  const isNoise = similarity.generated / similarity.real < LEAST_SIMILARITY;
  return [
    ...QUALITY.filter((name) => isPoor(findings, name)).map((name) => reasonOf(name, metrics[name])),
    ...(isNoise ? [`MS-SSIM ${similarity.generated.toFixed(2)} (real: ${similarity.real.toFixed(2)})`] : []),
  ];
}

function isPoor({ metrics }: Findings, name: MetricName): boolean {
  const { poor } = METRICS[name];
  const value = metrics[name];
  if (poor === undefined || value === null) return false;
  return 'below' in poor ? value < poor.below : value > poor.above;
}

/**
 * Selects the evaluations that show the course of training. Metrics of different sample sizes are not comparable: a distance
 * shrinks with the number. If the newest diagnosis takes another number of samples, only the earlier ones count.
 */
function comparable(now: Findings, before: readonly Findings[]): { last?: Findings; earlier: readonly Findings[] } {
  const all = before.at(-1)?.samples === now.samples ? [...before, now] : before;
  const last = all.at(-1);
  if (last === undefined) return { earlier: [] };
  return { last, earlier: all.slice(0, -1).filter(({ samples }) => samples === last.samples) };
}

/** The reason why poor samples are getting better; undefined if they are not. */
function progressOf(now: Findings, before: readonly Findings[]): string | undefined {
  const { last, earlier } = comparable(now, before);
  const [from, to] = [earlier.at(-1)?.metrics.frechet ?? null, last?.metrics.frechet ?? null];
  if (from === null || to === null || to > LEARNING * from) return undefined;
  return `learning: Fréchet distance from ${formatSingle('frechet', from)} to ${formatSingle('frechet', to)}`;
}

/** @param onlyAlike only by signs that all images are alike */
function reasonsFor(degree: 'collapsed' | 'collapsing', findings: Findings, onlyAlike = false): string[] {
  const { metrics, intervals } = findings;
  const classesCount = (metrics.sure ?? 0) >= CLASSES_COUNT;
  return SIGNS.flatMap(([name, sign]) => {
    if ((onlyAlike && sign.alike !== true) || (sign.byClass === true && !classesCount)) return [];
    const value = sign.usesLowerEnd === true ? (intervals[name]?.low ?? null) : metrics[name];
    if (value === null) return [];
    const isBeyond = worseOf(name) === 'less' ? value < sign[degree] : value > sign[degree];
    return isBeyond ? [reasonOf(name, value)] : [];
  });
}

function fall(now: Findings, before: readonly Findings[]): string[] {
  const { last, earlier } = comparable(now, before);
  const coverage = last?.metrics.coverage ?? null;
  if (coverage === null) return [];
  const best = Math.max(0, ...earlier.map(({ metrics }) => metrics.coverage ?? 0));
  if (coverage >= FALL * best) return [];
  return [`coverage fell from ${formatSingle('coverage', best)} to ${formatSingle('coverage', coverage)}`];
}

/** `recall 0.04` */
function reasonOf(name: MetricName, value: number | null): string {
  return `${METRICS[name].title} ${value === null ? '–' : formatSingle(name, value)}`;
}
