/**
 * @file The report of a study: results, figures and page, from what its folder holds.
 */
import { existsSync } from 'node:fs';
import type { Checkpoint } from '../training/checkpoints.js';
import { drawStudy, type OpenGenerator } from './figures/drawStudy.js';
import { reportPage } from './report/page.js';
import { collectResults, type Results } from './results.js';
import { StudyError } from './studyDescription.js';
import type { StudyFolder } from './studyFolder.js';

/**
 * Writes `results.json`, `figures/` and `report.html`, from however many runs there are.
 *
 * @param load makes the generator of a checkpoint
 * @param tell is told the name of each figure
 * @throws StudyError where there is no run yet, or a file is damaged; CheckpointError, FileError
 */
export async function reportStudy(
  folder: StudyFolder,
  load: (checkpoint: Checkpoint) => OpenGenerator,
  tell?: (figure: string) => void,
): Promise<Results> {
  if (!folder.runs.some((run) => existsSync(folder.runPath(run)))) {
    throw new StudyError(`${folder.path} has no run to report of yet`);
  }
  const results = collectResults(folder);
  folder.write(folder.files.results, results);
  const figures = await drawStudy(folder, results, load, tell);
  folder.write(folder.files.report, reportPage(results, figures));
  return results;
}
