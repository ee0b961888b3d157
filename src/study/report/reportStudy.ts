/**
 * @file Writes the report of a study: results, figures and page, from the files of its folder.
 */
import { existsSync } from 'node:fs';
import type { Checkpoint } from '../../training/checkpoint/checkpoints.js';
import { drawStudy, type DrawingProgress, type OpenGenerator } from '../figures/drawStudy.js';
import type { RunProblems } from '../measure/measurement.js';
import { reportPage } from './page.js';
import { collectResults, type Results } from '../measure/results.js';
import { StudyError } from '../plan/studyDescription.js';
import type { StudyFolder } from '../plan/studyFolder.js';

/**
 * Writes `results.json`, `figures/` and `report.html`, from the runs that exist.
 *
 * @param load makes the generator of a checkpoint
 * @param problems of measuring the runs; problems of drawing are added
 * @throws StudyError where there is no run yet, or a file of the study is damaged; FileError
 */
export async function reportStudy(
  folder: StudyFolder,
  load: (checkpoint: Checkpoint) => OpenGenerator,
  problems?: RunProblems,
  progress?: DrawingProgress,
): Promise<Results> {
  if (!folder.runs.some((run) => existsSync(folder.runPath(run)))) {
    throw new StudyError(`${folder.path} has no run to report of yet`);
  }
  const numbers = collectResults(folder, problems);
  folder.write(folder.files.results, numbers);
  const { figures, problems: undrawn } = await drawStudy(folder, numbers, load, progress);
  const runs = numbers.runs.map((run) => ({
    ...run,
    complaints: [...run.complaints, ...(undrawn.get(run.name) ?? [])],
  }));
  const results = { ...numbers, runs };
  if (undrawn.size > 0) folder.write(folder.files.results, results);
  folder.write(folder.files.report, reportPage(results, figures));
  return results;
}
