/**
 * @file What a comparison does where nothing else is asked for.
 */
import type { PresetSizes } from '../studyPlan.js';

/** Sizes that go together, as `study` has them, with fewer runs: there are many methods. */
export const COMPARISON_PRESETS = {
  /** Collapse shows within the first hundreds of iterations. */
  quick: { architecture: 'dcgan', width: 0.5, batch: 32, iterations: 800, sampleEvery: 200, seeds: 1 },
  standard: { architecture: 'dcgan', width: 1, batch: 32, iterations: 3000, sampleEvery: 500, seeds: 3 },
} as const satisfies Record<string, PresetSizes>;

export type ComparisonPreset = keyof typeof COMPARISON_PRESETS;

/** Those at which the article's GAN has collapsed. */
export const COMPARED_Z_DIMS = [50, 2, 1] as const;
