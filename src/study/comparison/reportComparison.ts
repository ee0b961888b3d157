/**
 * @file The report of a comparison: results, table, figures and page, from what its studies found.
 */
import { type Content, replaceAtomically } from '../../files/atomic.js';
import { makeFolderWithin } from '../../files/folders.js';
import type { Guard } from '../../files/lock.js';
import { joinSegment } from '../../files/pathSegments.js';
import { comparisonFiles } from './comparison.js';
import { comparisonFigure } from './comparisonFigure.js';
import { comparisonPage } from './comparisonPage.js';
import { collectComparison, type ComparedOn, type ComparedStudy, type ComparisonResults } from './comparisonResults.js';
import { markdownTable } from './markdownTable.js';
import { samplesFigure } from './samplesFigure.js';

/**
 * Writes `results.json`, `table.md`, `figures/` and `report.html`.
 *
 * @param command arguments of the command that repeats the comparison
 * @param guard says whether the folder is still this process's
 * @throws RangeError without a study; StudyError for a study on other images; FileError, FolderLostError
 */
export async function reportComparison(
  path: string,
  description: ComparedOn,
  studies: readonly ComparedStudy[],
  command: string[],
  guard: Guard = () => undefined,
): Promise<ComparisonResults> {
  const files = comparisonFiles(path);
  const write = (file: string, content: Content): void => {
    guard();
    replaceAtomically(file, content);
  };
  const results = collectComparison(description, studies, command);
  write(files.results, `${JSON.stringify(results, null, 2)}\n`);
  write(files.table, markdownTable(results));
  const drawn = [await comparisonFigure(results), samplesFigure(path, studies)];
  const figures = drawn.filter((figure) => figure !== undefined);
  guard();
  makeFolderWithin(files.figures);
  for (const { name, png, svg } of figures) {
    write(joinSegment(files.figures, `${name}.png`), png);
    if (svg !== undefined) write(joinSegment(files.figures, `${name}.svg`), svg);
  }
  write(files.report, comparisonPage(results, figures));
  return results;
}
