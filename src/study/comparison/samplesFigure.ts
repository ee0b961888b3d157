/**
 * @file What the compared generators make of the same z in the end: a row a method, a column a dimension of z.
 */
import { FileError } from '../../files/errors.js';
import { joinSegment } from '../../files/pathSegments.js';
import { withCaption } from '../../figures/caption.js';
import type { RasterImage } from '../../figures/png.js';
import { above, beside } from '../../figures/raster.js';
import { runFiles } from '../../training/run/runFiles.js';
import { type Figure, pictureFigure } from '../figures/figure.js';
import { gridOf, picturedIterations } from '../figures/strip.js';
import { StudyError } from '../plan/studyDescription.js';
import { studyFiles } from '../plan/studyFolder.js';
import { studyPath } from './comparison.js';
import type { ComparedStudy } from './comparisonResults.js';

/** Pixels. */
const GAP = 12;
const LETTERS = 16;

/**
 * Draws what the first seed's runs have come to.
 *
 * @returns undefined where no run has pictures
 */
export function samplesFigure(path: string, studies: readonly ComparedStudy[]): Figure | undefined {
  const rows = studies.flatMap(({ method, results: { settings, runs } }) => {
    const first = runs.filter(({ seed }) => seed === settings.seeds[0]);
    const panels = first.flatMap(({ name, zDim, verdict, outcome }) => {
      const { images } = runFiles(joinSegment(studyFiles(studyPath(path, method)).runs, name));
      const grid = lastGrid(images);
      if (grid === undefined) return [];
      return [withCaption(grid, `${method}\nz_dim ${zDim}: ${verdict ?? outcome}`, LETTERS)];
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

/** Of a run's last picture; a damaged one is left out: its study complains of it. */
function lastGrid(images: string): RasterImage | undefined {
  const iteration = picturedIterations(images).at(-1);
  try {
    return iteration === undefined ? undefined : gridOf(images, iteration);
  } catch (error) {
    if (error instanceof StudyError || error instanceof FileError) return undefined;
    throw error;
  }
}
