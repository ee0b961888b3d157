/**
 * @file What measures the runs of a study: the classifier that comes with the project for its images.
 */
import type { Engine } from '../autograd/engine.js';
import type { ImageDataset } from '../data/dataset.js';
import type { MnistSplit } from '../data/published.js';
import type { Diagnoser } from '../metrics/diagnoser.js';
import type { Measurer } from '../study/measurement.js';
import { diagnoseCheckpoint } from '../training/checkpointDiagnosis.js';
import { readDiagnoses } from '../training/diagnosisLog.js';
import { runFiles } from '../training/runFolder.js';
import { bundledClassifier, readAbout } from '../training/trainedClassifier.js';
import { hashOf, openLooks } from './looking.js';

/** What a measurer works with. */
export interface MeasurerContext {
  readonly engine: Engine;
  /** The images that a run with a seed was trained on, or those held back; the built-in digits are others for each. */
  readonly imagesOf: (seed: string, split: MnistSplit) => Promise<ImageDataset>;
  /** Any of the study's. */
  readonly seed: string;
}

/** @returns undefined while there is no classifier for the images: the study is then reported without measurements */
export async function openMeasurer({ engine, imagesOf, seed }: MeasurerContext): Promise<Measurer | undefined> {
  const path = bundledClassifier((await imagesOf(seed, 'train')).name);
  if (path === undefined) return undefined;
  const about = readAbout(path);
  const accuracy = Number(about.get('testAccuracy') ?? NaN);
  const classifier = {
    name: `${about.get('dataset') ?? ''}, ${about.get('classifier') ?? ''}`,
    sha256: hashOf(path),
    accuracy: Number.isFinite(accuracy) ? accuracy : null,
  };
  // Runs on the same images come one after the other: the real side is worked out once for them.
  let last: { readonly images: ImageDataset; readonly samples: number; readonly diagnoser: Diagnoser } | undefined;
  const diagnoserFor = async (runSeed: string, samples: number): Promise<Diagnoser> => {
    const images = await imagesOf(runSeed, 'train');
    if (last?.images !== images || last.samples !== samples) {
      last?.diagnoser.dispose();
      const options = { samples, heldOut: await imagesOf(runSeed, 'test') };
      const diagnoser = await openLooks(engine, images, { classifier: path, sha256: classifier.sha256 }, options)();
      last = { images, samples, diagnoser };
    }
    return last.diagnoser;
  };
  return {
    classifier,
    measure: async ({ path: folder, run, checkpoint }, samples) => {
      const diagnoser = await diagnoserFor(run.seed, samples);
      return diagnoseCheckpoint(engine, diagnoser, checkpoint, readDiagnoses(runFiles(folder).diagnoses));
    },
  };
}
