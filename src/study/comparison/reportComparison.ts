/**
 * @file The report of a comparison: results, table, figures and page, from what its studies found.
 */
import { join } from 'node:path';
import { writeAtomically } from '../../files/atomic.js';
import { makeFolder } from '../../files/folders.js';
import { comparisonFiles } from './comparison.js';
import { comparisonFigure } from './comparisonFigure.js';
import { comparisonPage } from './comparisonPage.js';
import { collectComparison, type ComparedOn, type ComparedStudy, type ComparisonResults } from './comparisonResults.js';
import { markdownTable } from './markdownTable.js';
import { samplesFigure } from './samplesFigure.js';

/**
 * Writes `results.json`, `table.md`, `figures/` and `report.html`.
 *
 * @param command makes the same comparison
 * @throws RangeError without a study; StudyError for a study on other images; FileError
 */
export async function reportComparison(
  path: string,
  description: ComparedOn,
  studies: readonly ComparedStudy[],
  command: string,
): Promise<ComparisonResults> {
  const files = comparisonFiles(path);
  const results = collectComparison(description, studies, command);
  writeAtomically(files.results, `${JSON.stringify(results, null, 2)}\n`);
  writeAtomically(files.table, markdownTable(results));
  const drawn = [await comparisonFigure(results), samplesFigure(path, studies)];
  const figures = drawn.filter((figure) => figure !== undefined);
  makeFolder(files.figures);
  for (const { name, png, svg } of figures) {
    writeAtomically(join(files.figures, `${name}.png`), png);
    if (svg !== undefined) writeAtomically(join(files.figures, `${name}.svg`), svg);
  }
  writeAtomically(files.report, comparisonPage(results, figures));
  return results;
}
