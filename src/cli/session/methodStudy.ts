/**
 * @file The study of a method within a comparison: the comparison's sizes and images, and the method's own objective.
 */
import { type ComparisonDescription, studyPath } from '../../study/comparison/comparison.js';
import type { StudySettings } from '../../study/plan/studyDescription.js';
import { readStudy, StudyFolder } from '../../study/plan/studyFolder.js';
import { checkSettings } from '../../study/plan/studyPlan.js';
import { parseMethod } from '../options/method.js';
import { requestedObjective, chooseObjective } from '../options/objectiveFlags.js';
import type { StudyImages } from './studyImages.js';
import { beginStudy, type OpenStudy } from './studySession.js';

export interface MethodStudy extends OpenStudy {
  readonly method: string;
}

/** The settings of a method's study: the comparison's, and its own objective. @throws UsageError */
export function methodSettings(method: string, settings: ComparisonDescription['settings']): StudySettings {
  const { objective } = chooseObjective(settings.architecture, parseMethod(method), settings);
  return { ...settings, ...(objective === undefined ? {} : { objective }) };
}

/** Begins a method's study, or opens it. @throws StudyError, LockedError, UsageError, FileError */
export function openMethod(
  comparisonPath: string,
  method: string,
  { settings }: ComparisonDescription,
  images: StudyImages,
): MethodStudy {
  const path = studyPath(comparisonPath, method);
  const flags = parseMethod(method);
  const begun = readStudy(path);
  if (begun === undefined) {
    return { method, ...beginStudy(path, methodSettings(method, settings), images) };
  }
  checkSettings(path, begun.settings, { ...settings, objective: requestedObjective(flags) });
  return { method, folder: StudyFolder.open(path), images, isNew: false };
}
