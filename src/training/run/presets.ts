/**
 * @file The presets of `train`, `study` and `compare`: sizes that go together.
 */
import type { ArchitectureName } from '../../models/networks/architectures.js';

/** Sizes of a run, and the number of runs of each dimension in `study` and `compare`. */
export interface PresetSizes {
  readonly architecture: ArchitectureName;
  readonly width: number;
  readonly batch: number;
  readonly iterations: number;
  readonly sampleEvery: number;
  readonly seeds: number;
}

/** The default comes first. A flag overrides the value of the preset. */
export const PRESETS = {
  /** The published channel counts. */
  standard: { architecture: 'dcgan', width: 1, batch: 32, iterations: 3000, sampleEvery: 500, seeds: 3 },
  /** Recognisable digits within about two minutes on a 2-core software device. */
  quick: { architecture: 'dcgan', width: 0.5, batch: 32, iterations: 2000, sampleEvery: 250, seeds: 2 },
  /** The protocol of triwave33's DCGAN article (2018). */
  article: { architecture: 'article', width: 1, batch: 32, iterations: 99_000, sampleEvery: 1000, seeds: 1 },
} as const satisfies Record<string, PresetSizes>;

export type PresetName = keyof typeof PRESETS;

export const DEFAULT_PRESET: PresetName = 'standard';

export const PRESET_NAMES: readonly string[] = Object.keys(PRESETS);

/** Finds the preset that a file names; undefined for an unknown name. */
export function findPreset(name: string): PresetSizes | undefined {
  return Object.entries<PresetSizes>(PRESETS).find(([known]) => known === name)?.[1];
}

/** A default by preset, in words: `1, quick: 0.5`. */
export function describePresets(valueOf: (preset: PresetSizes) => unknown): string {
  const usual = String(valueOf(PRESETS[DEFAULT_PRESET]));
  const values = Object.entries<PresetSizes>(PRESETS).map(([name, preset]) => [name, String(valueOf(preset))] as const);
  return [usual, ...values.flatMap(([name, value]) => (value === usual ? [] : [`${name}: ${value}`]))].join(', ');
}
