/**
 * @file The verdict on a GAN: one word for what its diagnosis says, by thresholds that were set on generators whose
 * state is known (experiments/verdict, docs/verdict.md).
 *
 * Quality comes first: of samples that are no digits, variety means nothing. Then the worst sign of lost variety
 * decides, whichever metric sees it, as each is blind to some collapse (docs/metrics.md).
 */
import type { Diagnosis, Verdict, VerdictName } from './diagnosis.js';

/** What a verdict is made from. */
export type Findings = Omit<Diagnosis, 'verdict'>;

/** A number of a diagnosis that collapse moves one way. */
interface Sign {
  /** For people: `coverage`. */
  readonly name: string;
  readonly of: (findings: Findings) => number | null;
  /** Beyond this the verdict is `collapsed`. */
  readonly collapsed: number;
  /** Beyond this it is `collapsing`. */
  readonly collapsing: number;
  /** Whether it falls as variety is lost, or rises. */
  readonly worse: 'less' | 'more';
  /** Whether it goes by the classes, which say nothing while the classifier is sure of few of the images. */
  readonly byClass?: boolean;
}

/**
 * Samples are poor, not what the dataset holds, below either of the first two or above the third, or below the fourth,
 * which is a share of what real images have: a classifier can be sure of noise, but its pixels spread as no digit's do,
 * and two images of it have no structure in common.
 */
export const QUALITY = { precision: 0.35, sure: 0.3, variety: 2, similarity: 0.5 } as const;

/** Of how many of the images the classifier has to be sure so that their classes count: a young GAN's mush has none. */
export const CLASSES_COUNT = 0.5;

/** Poor samples are still being learned where the Fréchet distance is below this share of what it was at the last look. */
export const LEARNING = 0.98;

/** The signs of lost variety. */
export const SIGNS: readonly Sign[] = [
  { name: 'modes', of: ({ labels }) => labels.modes, collapsed: 5.5, collapsing: 8.5, worse: 'less', byClass: true },
  { name: 'variety', of: ({ variety }) => variety.mean, collapsed: 0.25, collapsing: 0.6, worse: 'less' },
  { name: 'recall', of: ({ features }) => features.recall, collapsed: 0.01, collapsing: 0.05, worse: 'less' },
  { name: 'duplicates', of: ({ images }) => images.duplicates, collapsed: 0.9, collapsing: 0.4, worse: 'more' },
  {
    name: 'total variation',
    of: ({ labels }) => labels.totalVariation.low,
    collapsed: 0.6,
    collapsing: 0.3,
    worse: 'more',
    byClass: true,
  },
];

/** Signs that say something of poor samples too: that they are all alike. */
const ALIKE = ['variety', 'duplicates'];

/** `collapsing` as well where coverage has fallen below this share of the best that it was. */
export const FALL = 0.6;

/**
 * Judges a diagnosis.
 *
 * @param before the earlier ones of the same training, in order: they tell a fall from a poor start
 */
export function judge(now: Findings, before: readonly Findings[] = []): Verdict {
  const unlike = qualityReasons(now);
  const lost = reasonsFor('collapsed', now);
  if (unlike.length > 0) {
    // What made digits once and now makes one thing that is none has collapsed; what never did has not learned.
    const hadLearned = before.some((earlier) => qualityReasons(earlier).length === 0);
    if (hadLearned && lost.length > 0) return verdict('collapsed', lost);
    const progress = progressOf(now, before);
    const alike = reasonsFor('collapsed', now, ALIKE);
    // One picture over and over, of which the classifier is not sure, though it lies among real ones.
    if (alike.length > 0 && now.features.precision >= QUALITY.precision) return verdict('collapsed', alike);
    return progress === undefined || alike.length > 0
      ? verdict('not learning', unlike)
      : verdict('healthy', [progress]);
  }
  if (lost.length > 0) return verdict('collapsed', lost);
  const losing = [...reasonsFor('collapsing', now), ...fall(now, before)];
  if (losing.length > 0) return verdict('collapsing', losing);
  const { labels, features } = now;
  return verdict('healthy', [`${labels.modes} modes`, `coverage ${shown(features.coverage)}`]);
}

function verdict(name: VerdictName, reasons: readonly string[]): Verdict {
  return { name, reasons: [...reasons] };
}

function qualityReasons({ features, labels, variety, images }: Findings): string[] {
  const spread = variety.mean ?? 0;
  const alike = images.similarity / images.realSimilarity;
  return [
    ...(features.precision < QUALITY.precision ? [`precision ${shown(features.precision)}`] : []),
    ...(labels.sure < QUALITY.sure ? [`sure of ${shown(labels.sure)}`] : []),
    ...(spread > QUALITY.variety ? [`variety ${shown(spread)}, which is noise`] : []),
    ...(alike < QUALITY.similarity ? [`similarity ${shown(images.similarity)}, which is noise`] : []),
  ];
}

/**
 * Numbers of different sample sizes cannot be compared: a distance shrinks with their number. Where the newest diagnosis
 * takes more samples than the looks before it, those speak for how training went.
 */
function course(now: Findings, before: readonly Findings[]): { last?: Findings; earlier: readonly Findings[] } {
  const all = before.at(-1)?.samples === now.samples ? [...before, now] : before;
  const last = all.at(-1);
  if (last === undefined) return { earlier: [] };
  return { last, earlier: all.slice(0, -1).filter(({ samples }) => samples === last.samples) };
}

/** What says that poor samples get better; undefined where nothing does. */
function progressOf(now: Findings, before: readonly Findings[]): string | undefined {
  const { last, earlier } = course(now, before);
  const previous = earlier.at(-1);
  if (last === undefined || previous === undefined) return undefined;
  const [from, to] = [previous.features.frechet, last.features.frechet];
  return to > LEARNING * from ? undefined : `learning: Fréchet distance from ${shown(from)} to ${shown(to)}`;
}

/** @param names of signs; all where absent */
function reasonsFor(
  degree: 'collapsed' | 'collapsing',
  findings: Findings,
  names: readonly string[] = SIGNS.map(({ name }) => name),
): string[] {
  const classesCount = findings.labels.sure >= CLASSES_COUNT;
  return SIGNS.filter(({ name }) => names.includes(name)).flatMap((sign) => {
    if (sign.byClass === true && !classesCount) return [];
    const value = sign.of(findings);
    if (value === null) return [];
    const isBeyond = sign.worse === 'less' ? value < sign[degree] : value > sign[degree];
    return isBeyond ? [`${sign.name} ${shown(value)}`] : [];
  });
}

function fall(now: Findings, before: readonly Findings[]): string[] {
  const { last, earlier } = course(now, before);
  if (last === undefined) return [];
  const { coverage } = last.features;
  const best = Math.max(0, ...earlier.map(({ features }) => features.coverage));
  return coverage >= FALL * best ? [] : [`coverage fell from ${shown(best)} to ${shown(coverage)}`];
}

function shown(value: number): string {
  return Number.isInteger(value) ? value.toString() : value.toFixed(2);
}
