/**
 * @file `comparison.json`: which methods are compared, and on what. Each method has a study of its own within the folder.
 * Its JSON schema is `schemas/comparison.schema.json`, made from this file by `npm run schemas`.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { isSegment, joinSegment, SEGMENT_RULE } from '../../files/pathSegments.js';
import { Instant } from '../../training/run/instants.js';
import { type FolderKind, readIfPresent } from '../../training/run/runFolder.js';
import { StudyDataset, StudyError, StudySettings } from '../plan/studyDescription.js';
import { presetToArgv, settingsToArgv } from '../plan/studyPlan.js';
import { readStudy, STUDY } from '../plan/studyFolder.js';

const COMPARISON_FORMAT = 'zdim-gan-lab/comparison/1';

export const ComparisonDescription = z
  .strictObject({
    format: z.literal(COMPARISON_FORMAT),
    created: Instant,
    methods: z
      .array(
        z
          .string()
          .refine((method) => isSegment(folderName(method)), `no method: its folder's name takes ${SEGMENT_RULE}`),
      )
      .min(1)
      .refine((methods) => sharingFolder(methods) === undefined, 'a method, or the folder of one, comes twice')
      .describe('a loss and further settings each, such as “wgan-gp critic-steps=2”'),
    settings: StudySettings.omit({ objective: true }).describe('of all studies alike'),
    dataset: StudyDataset.describe('of all studies alike'),
  })
  .describe('A comparison of methods by zdim-gan-lab: comparison.json in its folder');

export type ComparisonDescription = z.infer<typeof ComparisonDescription>;

/** The folder of a comparison. Studies may lie in it before. */
export const COMPARISON: FolderKind<ComparisonDescription> = {
  name: 'comparison',
  file: 'comparison.json',
  format: COMPARISON_FORMAT,
  schema: ComparisonDescription,
  error: StudyError,
  folders: ['figures'],
  mayHoldOthers: true,
};

/** Paths of a comparison's files. */
export function comparisonFiles(path: string) {
  return {
    comparison: join(path, COMPARISON.file),
    studies: join(path, 'studies'),
    results: join(path, 'results.json'),
    report: join(path, 'report.html'),
    table: join(path, 'table.md'),
    figures: join(path, 'figures'),
  };
}

/** A method's folder within `studies/`: `wgan-gp-critic-steps-2`. */
export function folderName(method: string): string {
  return method.replaceAll(/[^a-z0-9.]+/gi, '-');
}

/** Two methods that would share a folder, here or where letters are not told from capitals. */
export function sharingFolder(methods: readonly string[]): readonly [string, string] | undefined {
  const known = new Map<string, string>();
  for (const method of methods) {
    const folder = folderName(method).toLowerCase();
    const other = known.get(folder);
    if (other !== undefined) return [other, method];
    known.set(folder, method);
  }
  return undefined;
}

/** The study of a method. */
export function studyPath(path: string, method: string): string {
  return joinSegment(comparisonFiles(path).studies, folderName(method));
}

/**
 * Reads `comparison.json`; undefined if the folder has none.
 *
 * @throws StudyError if it is damaged or older, or the folder holds a study; FileError
 */
export function readComparison(path: string): ComparisonDescription | undefined {
  const comparison = readIfPresent(COMPARISON, path);
  if (comparison === undefined && existsSync(join(path, STUDY.file))) {
    throw new StudyError(`${path} holds a study, not a comparison; name another folder with --out`);
  }
  return comparison;
}

/** Methods on other images are not to be compared. @throws StudyError naming both */
export function checkDataset(method: string, found: StudyDataset, wanted: StudyDataset): void {
  if (found.sha256 === wanted.sha256) return;
  const [own, common] = [found, wanted].map(({ name, sha256 }) => `${name} (SHA-256 ${sha256})`);
  throw new StudyError(
    `the study of ${method} is on ${own}, the comparison on ${common}; studies/${folderName(method)} moved away is trained anew`,
  );
}

/** Whatever does not belong together shows before hours go by. @throws StudyError, FileError */
export function checkStudies(path: string, { methods, dataset }: ComparisonDescription): void {
  for (const method of methods) {
    const study = readStudy(studyPath(path, method));
    if (study !== undefined) checkDataset(method, study.dataset, dataset);
  }
}

/** The arguments of `compare` that repeat a comparison, without the folder of its images. */
export function comparisonToArgv({
  methods,
  settings,
  dataset,
}: Pick<ComparisonDescription, 'methods' | 'settings' | 'dataset'>): string[] {
  return ['compare', ...methods, ...settingsToArgv(settings), ...presetToArgv(settings), '--data', dataset.kind];
}
