/**
 * @file What `compare` can be told, besides the methods. A flag that is not given is undefined: the preset's value stands
 * in for it, or that of a comparison which goes on.
 */
import type { ComparisonPreset } from '../study/comparison/presets.js';
import type { StudyFlags } from './studyFlags.js';
import type { ObjectiveFlags } from './objectiveFlags.js';

export interface CompareFlags extends Omit<StudyFlags, keyof ObjectiveFlags | 'preset'> {
  readonly preset?: ComparisonPreset;
}
