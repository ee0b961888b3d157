/**
 * @file Draws the pictures of a GAN's run: grids of samples, and curves of metrics.
 */
import type { ImageDataset } from '../../data/dataset.js';
import { withCaption } from '../../figures/caption.js';
import { renderChart } from '../../figures/chart.js';
import { trainingCurves, type TrainingCurves } from '../../figures/curves.js';
import { encodePng, imageGrid } from '../../figures/png.js';
import { CLASS_COLUMNS, WALK_STEPS } from '../../gan/samplePoints.js';
import { columnsOf, type MetricsRow } from '../run/metricsLog.js';
import type { RunArguments, RunDescription } from '../run/runDescription.js';
import type { RunFolder } from '../run/runFolder.js';
import type { Samples } from './ganTraining.js';

/** Images from fixed z, from new z, and from the line between two z. */
export type PictureKind = 'fixed' | 'fresh' | 'walk';

/** Pixels of a picture for each pixel of an image. */
const SCALE = 4;

type Layout = Readonly<Record<PictureKind, { readonly columns: number; readonly title: string }>>;

const PICTURES: Layout = {
  fixed: { columns: 5, title: 'fixed z' },
  fresh: { columns: 5, title: 'fresh z' },
  walk: { columns: WALK_STEPS, title: 'walk between two fixed z' },
};

/** Layout for a conditional GAN: a row for each class. */
const BY_CLASS: Layout = {
  fixed: { columns: CLASS_COLUMNS, title: 'fixed z, a row for each label' },
  fresh: { columns: CLASS_COLUMNS, title: 'fresh z, a row for each label' },
  walk: { columns: WALK_STEPS, title: 'walk between two fixed z, a row for each label' },
};

const KINDS = ['fixed', 'fresh', 'walk'] as const;

/** Writes the grids of an iteration, each with a caption. @returns their paths @throws FileError, FolderLostError */
export function writeSamples(
  folder: Pick<RunFolder<RunDescription>, 'write'>,
  dataset: ImageDataset,
  samples: Samples,
  isConditional = false,
): Record<PictureKind, string> {
  const { height, width, channels } = dataset;
  const { iteration } = samples;
  const paths = { fixed: '', fresh: '', walk: '' };
  for (const kind of KINDS) {
    const { columns, title } = (isConditional ? BY_CLASS : PICTURES)[kind];
    const count = samples[kind].length / (height * width * channels);
    const grid = imageGrid(samples[kind], { height, width, channels, count, columns, scale: SCALE });
    const picture = withCaption(grid, `iteration ${iteration.toLocaleString('en')} · ${title}`);
    paths[kind] = folder.write(`images/${kind}-${iteration.toString().padStart(6, '0')}.png`, encodePng(picture));
  }
  return paths;
}

/** Draws `curves.png`. @throws FileError, FolderLostError */
export async function writeCurves(
  folder: Pick<RunFolder<RunDescription>, 'write'>,
  { architecture, objective, zDim }: RunArguments,
  history: readonly MetricsRow[],
): Promise<void> {
  const loss = objective === undefined ? '' : `${objective.loss}, `;
  const chart = await renderChart(trainingCurves(asColumns(history), `${architecture}, ${loss}z ${zDim}`));
  folder.write('curves.png', chart.png);
}

/** Arranges a run's metrics for its curves. */
export function asColumns(rows: readonly MetricsRow[]): TrainingCurves {
  const isCritic = rows.some(({ wasserstein }) => wasserstein !== undefined);
  return {
    iterations: rows.map(({ iteration }) => iteration),
    ...columnsOf(rows),
    ...(isCritic ? { wasserstein: rows.map(({ wasserstein = NaN }) => wasserstein) } : {}),
  };
}
