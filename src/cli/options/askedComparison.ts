/**
 * @file What a comparison is asked to be: a new one, settled before anything is written, or the one in a folder again.
 */
import { isDeepStrictEqual } from 'node:util';
import { isSegment, SEGMENT_RULE } from '../../files/pathSegments.js';
import { type ComparisonDescription, folderName, sharingFolder } from '../../study/comparison/comparison.js';
import { COMPARED_Z_DIMS } from '../../study/comparison/presets.js';
import { StudyError } from '../../study/plan/studyDescription.js';
import { instant } from '../../training/run/instants.js';
import { LOSS_NAMES } from '../../gan/losses.js';
import { confirmWork } from '../terminal/announcement.js';
import type { CompareFlags } from './compareFlags.js';
import { parseMethod, plainMethod } from './method.js';
import type { Output } from '../terminal/output.js';
import { chooseImages } from '../session/studyImages.js';
import { checkAsked, newSettings } from './studySettings.js';
import { UsageError } from './usageError.js';

/**
 * A new comparison.
 *
 * @returns undefined where the user does not want to begin
 * @throws UsageError for what makes no sense; StudyError, MnistError for what is not to be had
 */
export async function askComparison(
  path: string,
  methods: readonly string[],
  flags: CompareFlags,
  output: Output,
): Promise<ComparisonDescription | undefined> {
  if (flags.onlyReport === true) throw new StudyError(`${path} holds no comparison to draw the report of`);
  const chosen = methods.length === 0 ? [...LOSS_NAMES] : methods.map(plainMethod);
  const studies = chosen.map((method) => newSettings({ ...flags, ...parseMethod(method) }, COMPARED_Z_DIMS));
  checkFolders(chosen);
  const settings = newSettings(flags, COMPARED_Z_DIMS);
  if (!(await confirmWork(studies, flags.yes, output))) return undefined;
  return {
    format: 'zdim-gan-lab/comparison/1',
    created: instant(),
    methods: chosen,
    settings,
    dataset: await chooseImages(flags, settings, output),
  };
}

/** Each method has a folder of its own. */
function checkFolders(methods: readonly string[]): void {
  for (const method of methods) {
    if (isSegment(folderName(method))) continue;
    throw new UsageError(`the method “${method}” has no name for its folder, which takes ${SEGMENT_RULE}`);
  }
  const [one, other] = sharingFolder(methods) ?? [];
  if (one === undefined || other === undefined) return;
  if (one === other) throw new UsageError(`the method “${one}” comes twice`);
  throw new UsageError(
    `the methods “${one}” and “${other}” would share the folder ${folderName(one)}: write a number of one otherwise`,
  );
}

/** @throws StudyError, UsageError where the comparison in a folder is another than is asked for */
export function checkSame(
  path: string,
  begun: ComparisonDescription,
  methods: readonly string[],
  flags: CompareFlags,
): void {
  if (methods.length > 0 && !isDeepStrictEqual(methods.map(plainMethod), begun.methods.map(plainMethod))) {
    const compared = begun.methods.join(', ');
    throw new StudyError(`${path} compares ${compared}: without methods it goes on, and --out names another`);
  }
  checkAsked(path, 'comparison', begun, flags);
}
