/**
 * @file Says in words how the runs of a study are measured.
 */
import { METRICS } from '../../evaluation/registry.js';
import type { StudySettings } from '../plan/studyDescription.js';

/** `measured by 10,000 samples`, and by which checkpoint if that is not the newest. */
export function measurementText({
  samples,
  checkpoint,
  keepBest,
}: Pick<StudySettings, 'samples' | 'checkpoint' | 'keepBest'>): string {
  const text = `measured by ${samples.toLocaleString('en')} samples`;
  if (checkpoint === 'newest' || keepBest === 'none') return text;
  return `${text} of the checkpoint with the best ${METRICS[keepBest].title}`;
}
