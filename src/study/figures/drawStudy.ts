/**
 * @file Draws all figures of a study and writes them into `figures/`.
 */
import { FileError } from '../../files/errors.js';
import { joinSegment } from '../../files/pathSegments.js';
import { trainingCurves } from '../../figures/curves.js';
import { CheckpointError, type Checkpoint } from '../../training/checkpoint/checkpoints.js';
import { readMetrics } from '../../training/run/metricsLog.js';
import { runFiles } from '../../training/run/runFiles.js';
import { asColumns } from '../../training/gan/ganPictures.js';
import { findCheckpoint, newestCheckpoint } from '../../training/checkpoint/trainedGenerator.js';
import type { RunProblems } from '../measure/measurement.js';
import type { Results, RunResult } from '../measure/results.js';
import { StudyError } from '../plan/studyDescription.js';
import type { StudyFolder } from '../plan/studyFolder.js';
import { dimensionsFigure } from './dimensionCharts.js';
import { chartFigure, type Figure } from './figure.js';
import { histogramFigure } from './histogram.js';
import { type ImageSource, mapFigure, walkFigure } from './latentMap.js';
import { lossFigure } from './lossChart.js';
import { spectrumFigure } from './spectrumChart.js';
import { stripFigure } from './strip.js';
import { signsFigure, trainingFigure } from './trainingChart.js';

/** Figures of one dimension. Lists have one entry for each run that has the figure. */
export interface DimensionFigures {
  readonly zDim: number;
  readonly strips: readonly Figure[];
  readonly walks: readonly Figure[];
  readonly maps: readonly Figure[];
  readonly histogram: Figure | undefined;
  readonly curves: readonly Figure[];
}

export interface StudyFigures {
  /** Over all dimensions. */
  readonly overall: readonly Figure[];
  readonly dimensions: readonly DimensionFigures[];
}

/** Called before each figure with its description and the number of finished figures. */
export type DrawingProgress = (figure: string, done: number, total: number) => void;

/** A generator in use. */
export interface OpenGenerator extends ImageSource {
  dispose(): void;
}

/**
 * Draws all available figures of a study, and writes them.
 *
 * @param load makes the generator of a checkpoint
 * @returns the figures, and the problems of runs that lack some
 * @throws FileError
 */
export async function drawStudy(
  folder: StudyFolder,
  results: Results,
  load: (checkpoint: Checkpoint) => OpenGenerator,
  progress?: DrawingProgress,
): Promise<{ figures: StudyFigures; problems: RunProblems }> {
  const written = new Set<string>();
  const problems = new Map<string, string[]>();
  const write = (figure: Figure): Figure => {
    for (const [ending, content] of [['png', figure.png] as const, ['svg', figure.svg] as const]) {
      if (content === undefined) continue;
      const name = `${figure.name}.${ending}`;
      folder.write(joinSegment(folder.files.figures, name), content);
      written.add(name);
    }
    return figure;
  };
  const overall: Figure[] = [];
  const overAll = [dimensionsFigure, trainingFigure, signsFigure, lossFigure, spectrumFigure];
  const total = overAll.length + results.settings.zDims.length + FIGURES_OF_RUN * results.runs.length;
  let done = 0;
  const begin: BeginFigure = async (figure) => {
    progress?.(figure, done++, total);
    await nextTurn();
  };
  for (const draw of overAll) {
    await begin('all dimensions');
    const figure = await draw(results);
    if (figure !== undefined) overall.push(write(figure));
  }
  const dimensions: DimensionFigures[] = [];
  for (const zDim of results.settings.zDims) {
    const runs = results.runs.filter((run) => run.zDim === zDim);
    await begin(`digits at z ${zDim}`);
    const histogram = await histogramFigure(results, zDim);
    if (histogram !== undefined) write(histogram);
    const ofRuns: RunFigures[] = [];
    for (const run of runs) {
      const before = done;
      const { figures, complaints } = await drawRun(folder, run, load, { write, begin });
      // A run without a checkpoint has fewer.
      done = before + FIGURES_OF_RUN;
      ofRuns.push(figures);
      if (complaints.length > 0) problems.set(run.name, complaints);
    }
    const all = (name: keyof RunFigures): Figure[] => ofRuns.flatMap((figures) => figures[name] ?? []);
    dimensions.push({
      zDim,
      strips: all('strip'),
      walks: all('walk'),
      maps: all('map'),
      histogram,
      curves: all('curves'),
    });
  }
  progress?.('done', total, total);
  folder.keepFigures(written);
  return { figures: { overall, dimensions }, problems };
}

/** Strip, curves, walk and map. */
const FIGURES_OF_RUN = 4;

/** Reports the next figure, and lets other work of the process proceed before it is drawn. */
type BeginFigure = (figure: string) => Promise<void>;

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

interface RunFigures {
  readonly strip: Figure | undefined;
  readonly curves: Figure | undefined;
  readonly walk: Figure | undefined;
  readonly map: Figure | undefined;
}

/** Draws the undamaged parts of a run, and lists problems of the others. */
async function drawRun(
  folder: StudyFolder,
  run: RunResult,
  load: (checkpoint: Checkpoint) => OpenGenerator,
  { write, begin }: { readonly write: (figure: Figure) => Figure; readonly begin: BeginFigure },
): Promise<{ figures: RunFigures; complaints: string[] }> {
  const path = folder.runPath(run);
  const complaints: string[] = [];
  const attempt = async <T>(what: string, body: () => T | Promise<T>): Promise<T | undefined> => {
    try {
      return await body();
    } catch (error) {
      if (!(error instanceof CheckpointError || error instanceof StudyError || error instanceof FileError)) throw error;
      complaints.push(`${what}: ${error.message}`);
      return undefined;
    }
  };
  // Outside of the attempt: a failed write is not a problem of the run.
  const written = (figure: Figure | undefined): Figure | undefined => figure && write(figure);
  await begin(`strip of ${run.name}`);
  const strip = written(await attempt('no strip', () => stripFigure(path, run)));
  await begin(`curves of ${run.name}`);
  const curves = written(await attempt('no curves', () => curvesFigure(path, run)));
  await begin(`walk of ${run.name}`);
  const latent = await attempt('no walk and map', async () => {
    const isBest = folder.description.settings.checkpoint === 'best' && run.outcome === 'finished';
    const { checkpoint, skipped } = isBest ? findCheckpoint(path, 'best') : newestCheckpoint(path);
    if (checkpoint === undefined) return undefined;
    const isOlder = !isBest && run.outcome === 'finished' && checkpoint.iteration !== run.iterations;
    if (isOlder || skipped.length > 0) {
      const why = skipped.map(({ message }) => `: ${message}`).join('');
      complaints.push(`walk and map are of iteration ${checkpoint.iteration}, the newest that can be used${why}`);
    }
    const generator = load(checkpoint);
    try {
      const drawn = { ...run, iteration: checkpoint.iteration };
      const walk = await walkFigure(generator, drawn);
      await begin(`latent map of ${run.name}`);
      return { walk, map: await mapFigure(generator, drawn) };
    } finally {
      generator.dispose();
    }
  });
  return { figures: { strip, curves, walk: written(latent?.walk), map: written(latent?.map) }, complaints };
}

async function curvesFigure(path: string, { name, zDim, seed }: RunResult): Promise<Figure | undefined> {
  const history = readMetrics(runFiles(path).metrics);
  if (history.length === 0) return undefined;
  const title = `z_dim ${zDim}, seed ${seed}`;
  const columns = asColumns(history);
  const [alt, caption] =
    columns.wasserstein === undefined
      ? ["the discriminator's accuracy", 'what the discriminator calls real']
      : [
          "the critic's estimate of the Wasserstein distance",
          "the critic's estimate of the Wasserstein distance on each batch",
        ];
  return chartFigure(
    {
      name: `curves-${name}`,
      alt: `Losses of generator and discriminator, and ${alt}, over the iterations, ${title}`,
      caption: `${title}: losses, and ${caption}.`,
    },
    trainingCurves(columns, title),
  );
}
