/**
 * @file Describes the conditions of a comparison in one line: numbers of other conditions are not comparable.
 */
import { measurementText } from '../measure/measurementText.js';
import type { ComparisonResults } from './comparisonResults.js';

/** `mnist/train, dcgan at width 0.5, 800 iterations, seeds 1, 2 and 3, measured by 10,000 samples`. */
export function conditionsOf({ settings, dataset }: Pick<ComparisonResults, 'settings' | 'dataset'>): string {
  const { architecture, width, iterations, seeds } = settings;
  const told = seeds.length === 1 ? `seed ${seeds.join()}` : `seeds ${inWords(seeds)}`;
  return (
    `${dataset.name}, ${architecture} at width ${width}, ${iterations.toLocaleString('en')} iterations, ${told}, ` +
    measurementText(settings)
  );
}

function inWords(words: readonly string[]): string {
  return [words.slice(0, -1).join(', '), ...words.slice(-1)].join(' and ');
}
