/**
 * @file Makes the measurers of studies: by the project's classifier for their images.
 */
import type { Engine } from '../../autograd/engine.js';
import type { Evaluator } from '../../evaluation/evaluator.js';
import type { EvaluationProgress } from '../../evaluation/progress.js';
import { diagnoseCheckpoint } from '../../training/checkpoint/checkpointDiagnosis.js';
import {
  chooseClassifier,
  type ChosenClassifier,
  hashOf,
  openEvaluator,
} from '../../training/checkpoint/openEvaluator.js';
import { bundledClassifier, readMetadata } from '../../training/checkpoint/trainedClassifier.js';
import { readDiagnoses } from '../../training/run/diagnosisLog.js';
import { runFiles } from '../../training/run/runFiles.js';
import type { StudyImages } from '../plan/studyImages.js';
import type { Measurer } from './measurement.js';

interface EvaluatorRequest {
  readonly seed: string;
  readonly samples: number;
  readonly classifier: ChosenClassifier;
  readonly progress: EvaluationProgress | undefined;
}

/** Makes measurers for one study after another. Runs on the same images share one evaluator. */
export class Measurers {
  private last: { readonly sha256: string; readonly samples: number; readonly evaluator: Evaluator } | undefined;

  constructor(private readonly engine: Engine) {}

  /**
   * @param seed any of the study's
   * @returns undefined if the project has no classifier for the images
   */
  async of(images: StudyImages, seed: string): Promise<Measurer | undefined> {
    const dataset = await images.of(seed, 'train');
    const path = bundledClassifier(dataset.name);
    const chosen = chooseClassifier(dataset, undefined);
    if (path === undefined || chosen === undefined) return undefined;
    const metadata = readMetadata(path);
    const accuracy = Number(metadata.get('testAccuracy') ?? NaN);
    return {
      classifier: {
        name: `${metadata.get('dataset') ?? ''}, ${metadata.get('classifier') ?? ''}`,
        sha256: hashOf(path),
        accuracy: Number.isFinite(accuracy) ? accuracy : null,
      },
      measure: async ({ path: folder, run, checkpoint }, samples, progress) => {
        const request = { seed: run.seed, samples, classifier: chosen, progress };
        const evaluator = await this.evaluatorFor(images, request);
        return diagnoseCheckpoint(
          this.engine,
          evaluator,
          checkpoint,
          readDiagnoses(runFiles(folder).diagnoses),
          progress,
        );
      },
    };
  }

  private async evaluatorFor(
    images: StudyImages,
    { seed, samples, classifier, progress }: EvaluatorRequest,
  ): Promise<Evaluator> {
    const train = await images.of(seed, 'train');
    if (this.last?.sha256 !== train.sha256 || this.last.samples !== samples) {
      this.last?.evaluator.dispose();
      this.last = undefined;
      const options = { samples, heldOut: await images.of(seed, 'test') };
      const evaluator = await openEvaluator(this.engine, train, classifier, options)(progress);
      this.last = { sha256: train.sha256, samples, evaluator };
    }
    return this.last.evaluator;
  }
}
