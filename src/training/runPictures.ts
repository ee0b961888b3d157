/**
 * @file The pictures that a run writes: its images in grids, and its metrics as curves.
 */
import type { ImageDataset } from '../data/dataset.js';
import { withCaption } from '../figures/caption.js';
import { renderChart } from '../figures/chart.js';
import { trainingCurves, type TrainingCurves } from '../figures/curves.js';
import { encodePng, imageGrid } from '../figures/png.js';
import { SAMPLE_COUNT, WALK_STEPS, type Samples } from './ganTraining.js';
import { columnsOf, type MetricsRow } from './metricsLog.js';
import type { RunArguments } from './runDescription.js';
import type { RunFolder } from './runFolder.js';

/** Images from z that stay the same, from new z, and from the line between two z. */
export type PictureKind = 'fixed' | 'fresh' | 'walk';

/** Pixels of a picture for each pixel of an image. */
const SCALE = 4;

const PICTURES: Readonly<Record<PictureKind, { count: number; columns: number; title: string }>> = {
  fixed: { count: SAMPLE_COUNT, columns: 5, title: 'fixed z' },
  fresh: { count: SAMPLE_COUNT, columns: 5, title: 'fresh z' },
  walk: { count: WALK_STEPS, columns: WALK_STEPS, title: 'walk between two fixed z' },
};

const KINDS = ['fixed', 'fresh', 'walk'] as const;

/** Writes the grids of an iteration, each with a line that tells which. @returns their paths */
export function writeSamples(folder: RunFolder, dataset: ImageDataset, samples: Samples): Record<PictureKind, string> {
  const { height, width, channels } = dataset;
  const { iteration } = samples;
  const paths = { fixed: '', fresh: '', walk: '' };
  for (const kind of KINDS) {
    const { count, columns, title } = PICTURES[kind];
    const grid = imageGrid(samples[kind], { height, width, channels, count, columns, scale: SCALE });
    const picture = withCaption(grid, `iteration ${iteration.toLocaleString('en')} · ${title}`);
    paths[kind] = folder.writeImage(kind, iteration, encodePng(picture));
  }
  return paths;
}

/** Draws `curves.png`. @throws FileError */
export async function writeCurves(
  folder: RunFolder,
  { architecture, objective, zDim }: RunArguments,
  history: readonly MetricsRow[],
): Promise<void> {
  const loss = objective === undefined ? '' : `${objective.loss}, `;
  const chart = await renderChart(trainingCurves(asColumns(history), `${architecture}, ${loss}z ${zDim}`));
  folder.writeCurves(chart.png);
}

/** A run's metrics as its curves are drawn from. */
export function asColumns(rows: readonly MetricsRow[]): TrainingCurves {
  const isCritic = rows.some(({ wasserstein }) => wasserstein !== undefined);
  return {
    iterations: rows.map(({ iteration }) => iteration),
    ...columnsOf(rows),
    ...(isCritic ? { wasserstein: rows.map(({ wasserstein = NaN }) => wasserstein) } : {}),
  };
}
