/**
 * @file What the compared generators make of the same z in the end: a row a method, a column a dimension of z.
 */
import { join } from 'node:path';
import { withCaption } from '../../figures/caption.js';
import { above, beside } from '../../figures/raster.js';
import { runFiles } from '../../training/runFolder.js';
import { type Figure, pictureFigure } from '../figures/figure.js';
import { gridOf, picturedIterations } from '../figures/strip.js';
import { studyPath } from './comparison.js';
import type { ComparedStudy } from './comparisonResults.js';

/** Pixels. */
const GAP = 12;
const LETTERS = 16;

/**
 * Draws what the first seed's runs have come to.
 *
 * @returns undefined where no run has pictures
 * @throws StudyError for a picture that is damaged; FileError
 */
export function samplesFigure(path: string, studies: readonly ComparedStudy[]): Figure | undefined {
  const rows = studies.flatMap(({ method, results: { settings, runs } }) => {
    const first = runs.filter(({ seed }) => seed === settings.seeds[0]);
    const panels = first.flatMap(({ folder, zDim, verdict, outcome }) => {
      const { images } = runFiles(join(studyPath(path, method), folder));
      const iteration = picturedIterations(images).at(-1);
      if (iteration === undefined) return [];
      return [withCaption(gridOf(images, iteration), `${method}\nz_dim ${zDim}: ${verdict ?? outcome}`, LETTERS)];
    });
    return panels.length === 0 ? [] : [beside(panels, GAP)];
  });
  if (rows.length === 0) return undefined;
  return pictureFigure(
    {
      name: 'samples',
      alt: `Images of the same z by ${studies.map(({ method }) => method).join(', ')}`,
      caption: 'What each method makes of the same z in the end, by its first seed.',
    },
    above(rows, GAP),
  );
}
