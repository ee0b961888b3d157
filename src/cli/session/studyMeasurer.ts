/**
 * @file What measures the runs of studies: the classifier that comes with the project for their images.
 */
import type { Engine } from '../../autograd/engine.js';
import type { ImageDataset } from '../../data/dataset.js';
import type { MnistSplit } from '../../datasets/published.js';
import type { Evaluator } from '../../evaluation/evaluator.js';
import type { EvaluationProgress } from '../../evaluation/progress.js';
import type { Measurer } from '../../study/measure/measurement.js';
import { diagnoseCheckpoint } from '../../training/checkpoint/checkpointDiagnosis.js';
import { readDiagnoses } from '../../training/run/diagnosisLog.js';
import { runFiles } from '../../training/run/runFolder.js';
import { bundledClassifier, readAbout } from '../../training/checkpoint/trainedClassifier.js';
import { hashOf, openLooks } from '../options/evaluationOptions.js';

/** The images of a study. */
export interface MeasuredImages {
  /** Those that a run with a seed was trained on, or those held back; the built-in digits are others for each. */
  of(seed: string, split: MnistSplit): Promise<ImageDataset>;
}

/** Makes measurers for one study after another. Runs on the same images share what the real side gives. */
export class Measurers {
  private last: { readonly sha256: string; readonly samples: number; readonly evaluator: Evaluator } | undefined;

  constructor(private readonly engine: Engine) {}

  /**
   * @param seed any of the study's
   * @returns undefined while there is no classifier for the images: the study is then reported without measurements
   */
  async of(images: MeasuredImages, seed: string): Promise<Measurer | undefined> {
    const path = bundledClassifier((await images.of(seed, 'train')).name);
    if (path === undefined) return undefined;
    const about = readAbout(path);
    const accuracy = Number(about.get('testAccuracy') ?? NaN);
    const classifier = {
      name: `${about.get('dataset') ?? ''}, ${about.get('classifier') ?? ''}`,
      sha256: hashOf(path),
      accuracy: Number.isFinite(accuracy) ? accuracy : null,
    };
    return {
      classifier,
      measure: async ({ path: folder, run, checkpoint }, samples, progress) => {
        const looking = { classifier: path, sha256: classifier.sha256 };
        const evaluator = await this.diagnoserFor(images, run.seed, { samples, progress }, looking);
        const looks = readDiagnoses(runFiles(folder).diagnoses);
        return diagnoseCheckpoint(this.engine, evaluator, checkpoint, looks, progress);
      },
    };
  }

  private async diagnoserFor(
    images: MeasuredImages,
    seed: string,
    { samples, progress }: { readonly samples: number; readonly progress: EvaluationProgress | undefined },
    looking: { readonly classifier: string; readonly sha256: string },
  ): Promise<Evaluator> {
    const train = await images.of(seed, 'train');
    if (this.last?.sha256 !== train.sha256 || this.last.samples !== samples) {
      this.last?.evaluator.dispose();
      this.last = undefined;
      const options = { samples, heldOut: await images.of(seed, 'test') };
      const evaluator = await openLooks(this.engine, train, looking, options)(progress);
      this.last = { sha256: train.sha256, samples, evaluator };
    }
    return this.last.evaluator;
  }
}
