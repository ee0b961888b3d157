/**
 * @file What `compare` can be told, besides the methods. A flag that is not given is undefined: the preset's value stands
 * in for it, or that of a comparison which goes on.
 */
import type { StudyFlags } from './studyFlags.js';
import type { ObjectiveFlags } from './objectiveFlags.js';

export type CompareFlags = Omit<StudyFlags, keyof ObjectiveFlags>;
