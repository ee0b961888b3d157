/**
 * @file Lists the differences between a study and the article whose experiment it repeats, one sentence each.
 */
import { objectiveToArgv } from '../../gan/objective.js';
import { PRESETS } from '../../training/run/presets.js';
import type { StudyDataset, StudySettings } from '../plan/studyDescription.js';
import { SAMPLES, Z_DIMS } from '../plan/studyPlan.js';

/** The article and its code. The URLs have no scheme, since a report links to nothing outside of itself. */
export const ARTICLE = 'qiita.com/triwave33/items/a5b3007d31d28bc445c2, code in github.com/triwave33/GAN, dcgan.py';

const number = (value: number): string => value.toLocaleString('en');

/**
 * Compares a study with the protocol of triwave33's DCGAN article.
 *
 * @returns sentences; none for `--preset article` on MNIST
 */
export function differencesFromArticle(
  settings: StudySettings,
  dataset: Pick<StudyDataset, 'kind' | 'name'>,
): readonly string[] {
  const { article } = PRESETS;
  const { architecture, objective, width, batch, iterations, sampleEvery, samples, seeds, zDims, checkpoint } =
    settings;
  const missing = Z_DIMS.filter((zDim) => !zDims.includes(zDim));
  const more = zDims.filter((zDim) => !Z_DIMS.some((known) => known === zDim));
  const sentenceIf = (is: boolean, sentence: string): string[] => (is ? [sentence] : []);
  return [
    ...sentenceIf(
      iterations !== article.iterations,
      `Each run makes ${number(iterations)} iterations; the article's make ${number(article.iterations)}, ` +
        `${times(article.iterations / iterations)} as many. This study does not show what happens later.`,
    ),
    ...sentenceIf(
      architecture !== article.architecture,
      `The networks are this project's “${architecture}” with its own optimisers; the article upsamples and convolves, ` +
        'has no batch normalisation in its discriminator, and updates that in two halves of a batch.',
    ),
    ...sentenceIf(
      objective !== undefined,
      `The networks learn by ${objectiveToArgv(objective).join(' ')}; the article's by binary cross-entropy alone.`,
    ),
    ...sentenceIf(
      width !== article.width,
      `All channel counts are multiplied by ${width}; the article's networks have their published width.`,
    ),
    ...sentenceIf(batch !== article.batch, `A batch has ${batch} images; the article's has ${article.batch}.`),
    ...sentenceIf(
      sampleEvery !== article.sampleEvery,
      `Pictures are drawn every ${number(sampleEvery)} iterations; the article draws them every ${number(article.sampleEvery)}.`,
    ),
    ...sentenceIf(
      seeds.length > article.seeds,
      `Each dimension is trained ${times(seeds.length)} from ${seeds.length} seeds; the article shows one run of each.`,
    ),
    ...sentenceIf(missing.length > 0, `The article also trains at z_dim ${missing.join(', ')}.`),
    ...sentenceIf(more.length > 0, `z_dim ${more.join(', ')} is not among the article's.`),
    ...sentenceIf(
      samples !== SAMPLES,
      `Digits are counted over ${number(samples)} samples; the article counts them over ${number(SAMPLES)}.`,
    ),
    ...sentenceIf(
      checkpoint === 'best',
      'Each run is measured by its best checkpoint; the article measures the last iteration.',
    ),
    ...sentenceIf(dataset.kind !== 'mnist', `The images are ${dataset.name}; the article's are MNIST's.`),
  ];
}

function times(factor: number): string {
  const rounded = factor >= 10 ? Math.round(factor) : Math.round(10 * factor) / 10;
  if (rounded === 1) return 'once';
  return rounded === 2 ? 'twice' : `${number(rounded)} times`;
}
