/**
 * @file All figures of a study, written into `figures/`, and in the order of the report.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { trainingCurves } from '../../figures/curves.js';
import { CheckpointFolder, type Checkpoint } from '../../training/checkpoints.js';
import { readMetrics } from '../../training/metricsLog.js';
import { runFiles } from '../../training/runFolder.js';
import { asColumns } from '../../training/runPictures.js';
import type { Results, RunResult } from '../results.js';
import type { StudyFolder } from '../studyFolder.js';
import { dimensionsFigure } from './dimensionCharts.js';
import { chartFigure, type Figure } from './figure.js';
import { histogramFigure } from './histogram.js';
import { type ImageSource, mapFigure, walkFigure } from './latentMap.js';
import { stripFigure } from './strip.js';
import { trainingFigure } from './trainingChart.js';

/** The figures of one dimension; those that are a list have one of each run that has come so far. */
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

/** A generator in use. */
export interface OpenGenerator extends ImageSource {
  dispose(): void;
}

/**
 * Draws what there is to draw of a study, and writes it.
 *
 * @param load makes the generator of a checkpoint
 * @param tell is told the name of each figure
 * @throws StudyError, CheckpointError, FileError
 */
export async function drawStudy(
  folder: StudyFolder,
  results: Results,
  load: (checkpoint: Checkpoint) => OpenGenerator,
  tell: (name: string) => void = () => undefined,
): Promise<StudyFigures> {
  const written = new Set<string>();
  const write = (figure: Figure): Figure => {
    for (const [ending, content] of [['png', figure.png] as const, ['svg', figure.svg] as const]) {
      if (content === undefined) continue;
      const name = `${figure.name}.${ending}`;
      folder.write(join(folder.files.figures, name), content);
      written.add(name);
    }
    tell(figure.name);
    return figure;
  };
  const overall = [await dimensionsFigure(results), await trainingFigure(results)].flatMap((figure) => {
    return figure === undefined ? [] : [write(figure)];
  });
  const dimensions: DimensionFigures[] = [];
  for (const zDim of results.settings.zDims) {
    const runs = results.runs.filter((run) => run.zDim === zDim);
    const histogram = await histogramFigure(results, zDim);
    if (histogram !== undefined) write(histogram);
    const ofRuns: RunFigures[] = [];
    for (const run of runs) ofRuns.push(await drawRun(folder, run, load, write));
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
  folder.keepFigures(written);
  return { overall, dimensions };
}

interface RunFigures {
  readonly strip: Figure | undefined;
  readonly curves: Figure | undefined;
  readonly walk: Figure | undefined;
  readonly map: Figure | undefined;
}

async function drawRun(
  folder: StudyFolder,
  run: RunResult,
  load: (checkpoint: Checkpoint) => OpenGenerator,
  write: (figure: Figure) => Figure,
): Promise<RunFigures> {
  const path = join(folder.path, run.folder);
  const written = (figure: Figure | undefined): Figure | undefined => figure && write(figure);
  const strip = written(stripFigure(path, run));
  const curves = written(await curvesFigure(path, run));
  const { checkpoint } = existsSync(path)
    ? new CheckpointFolder(runFiles(path).checkpoints).newest()
    : { checkpoint: undefined };
  if (checkpoint === undefined) return { strip, curves, walk: undefined, map: undefined };
  const generator = load(checkpoint);
  try {
    const walk = write(await walkFigure(generator, run));
    return { strip, curves, walk, map: write(await mapFigure(generator, run)) };
  } finally {
    generator.dispose();
  }
}

async function curvesFigure(path: string, { name, zDim, seed }: RunResult): Promise<Figure | undefined> {
  const history = readMetrics(runFiles(path).metrics);
  if (history.length === 0) return undefined;
  const told = `z_dim ${zDim}, seed ${seed}`;
  return chartFigure(
    {
      name: `curves-${name}`,
      alt: `Losses of generator and discriminator, and the discriminator's accuracy, over the iterations, ${told}`,
      caption: `${told}: losses, and what the discriminator calls real.`,
    },
    trainingCurves(asColumns(history), told),
  );
}
