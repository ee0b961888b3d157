/**
 * @file A classifier's training in a folder. Ends with weights that state their origin, and an evaluation on test images.
 */
import type { ImageDataset } from '../../data/dataset.js';
import { networkState, snapshot } from '../../data/weights/state.js';
import { renderChart } from '../../figures/chart.js';
import { confusionChart } from '../../figures/confusion.js';
import type { NewFolder } from '../../files/folders.js';
import { encodeCheckpoint } from '../checkpoint/checkpoints.js';
import { RunError } from '../run/runDescription.js';
import { RunFolder } from '../run/runFolder.js';
import type { SessionContext } from '../run/session.js';
import { TrainingRun } from '../run/trainingRun.js';
import { type PhaseProgress, Trainer, type TrainingResult } from '../trainer.js';
import { CLASSIFIER_FORMAT, type ClassifierArguments, type ClassifierDescription } from './classifierDescription.js';
import { type ClassifierEvaluation, evaluateClassifier } from './classifierEvaluation.js';
import { CLASSIFIER, classifierFiles, parseClassifierMetrics } from './classifierFolder.js';
import {
  checkSameTraining,
  classifierMetadata,
  classifierToArgv,
  confusionSubtitle,
  confusionTitle,
  describeEvaluation,
} from './classifierMetadata.js';
import { type ClassifierMetrics, ClassifierTraining } from './classifierTraining.js';

/** A dataset, and where it comes from. */
export interface ClassifierData {
  readonly dataset: ImageDataset;
  readonly kind: string;
  readonly folder?: string | undefined;
}

/** What a session trains with. */
export interface ClassifierContext extends SessionContext {
  readonly train: ClassifierData;
  readonly test: ClassifierData;
  /** Names of the labels. */
  readonly classes: readonly string[];
}

interface ClassifierRunTypes {
  readonly description: ClassifierDescription;
  readonly row: ClassifierMetrics;
  readonly samples: undefined;
  readonly evaluation: ClassifierEvaluation;
}

/** A classifier's training that this process works on. */
export class ClassifierRun extends TrainingRun<ClassifierRunTypes> {
  private evaluation: { readonly iteration: number; readonly value: ClassifierEvaluation } | undefined;

  private constructor(
    folder: RunFolder<ClassifierDescription>,
    description: ClassifierDescription,
    readonly training: ClassifierTraining,
    private readonly data: ClassifierContext,
  ) {
    const metrics = folder.log('metrics.jsonl', parseClassifierMetrics);
    super({
      folder,
      description,
      trainer: new Trainer(training),
      context: data,
      metrics,
      metadata: classifierMetadata(description),
    });
    const { engine, test } = data;
    this.evaluate = (_, progress) => {
      const parts = (done: number, total: number): void =>
        progress('evaluation', 'classifying test images', done, total);
      parts(0, test.dataset.count);
      return evaluateClassifier(engine, training.model, test.dataset, parts);
    };
  }

  /** Starts in a new folder. @throws Error if the images do not fit; RunError, FileError, LockedError */
  static create(place: NewFolder, args: ClassifierArguments, context: ClassifierContext): ClassifierRun {
    const { engine, train, test, classes } = context;
    const training = new ClassifierTraining(engine, train.dataset, args);
    const description: ClassifierDescription = {
      format: CLASSIFIER_FORMAT,
      arguments: args,
      dataset: describe(train),
      test: describe(test),
      classes: [...classes],
      parameters: training.model.parameterCount,
      iterations: training.iterations,
      sessions: [],
    };
    return new ClassifierRun(RunFolder.create(CLASSIFIER, place, description), description, training, context);
  }

  /**
   * Resumes from the newest usable checkpoint, or from the start if there is none yet.
   *
   * @param args settings that may change: checkpoint interval and number
   * @throws CheckpointError if there are checkpoints, but none is usable; RunError if the images differ
   */
  static resume(
    folder: RunFolder<ClassifierDescription>,
    context: ClassifierContext,
    args = folder.description.arguments,
  ): ClassifierRun {
    const { engine, train, test } = context;
    const { description } = folder;
    for (const [before, { dataset }] of [
      [description.dataset, train],
      [description.test, test],
    ] as const) {
      if (before.sha256 === dataset.sha256) continue;
      throw new RunError(
        `${folder.path} belongs to ${before.name} with SHA-256 ${before.sha256}; ` +
          `got other images (${dataset.name}) with ${dataset.sha256}`,
      );
    }
    const training = new ClassifierTraining(engine, train.dataset, args);
    // The folder of the images may have changed.
    const current = { ...description, arguments: args, dataset: describe(train), test: describe(test) };
    const run = new ClassifierRun(folder, current, training, context);
    run.restoreNewest((checkpoint) => checkSameTraining(checkpoint, current));
    return run;
  }

  /** Number of test images. */
  get testCount(): number {
    return this.data.test.dataset.count;
  }

  /** Results of the last evaluation in this session. */
  get lastEvaluation(): ClassifierEvaluation | undefined {
    return this.evaluation?.value;
  }

  override close(): void {
    super.close();
    this.training.dispose();
  }

  override writeSamples(): void {
    // A classifier has no samples.
  }

  override writeEvaluation(value: ClassifierEvaluation, iteration: number): void {
    this.evaluation = { iteration, value };
  }

  /** Writes weights, confusion matrix and evaluation. */
  protected override async finish({ outcome, iteration }: TrainingResult, progress: PhaseProgress): Promise<void> {
    if (outcome !== 'finished') return;
    const { data, description, folder, training } = this;
    const { dataset } = data.test;
    // A session that resumes after the last iteration has not evaluated yet.
    const evaluation = this.lastEvaluation ?? (await this.evaluate?.(iteration, progress));
    if (evaluation === undefined) return;
    const weights = await snapshot(data.engine.device, networkState(training.model));
    const metadata = {
      ...classifierMetadata(description),
      command: JSON.stringify(classifierToArgv(description)),
      test: dataset.name,
      testSha256: dataset.sha256,
      testAccuracy: evaluation.accuracy.toString(),
    };
    const files = classifierFiles('');
    folder.write(files.weights, encodeCheckpoint(iteration, weights, metadata));
    progress('pictures', 'drawing the confusion matrix', 0, 1);
    const chart = await renderChart(
      confusionChart({
        confusion: evaluation.confusion,
        classes: data.classes,
        title: confusionTitle(evaluation, dataset.name),
        subtitle: confusionSubtitle(description.arguments.classifier, description.dataset.name),
      }),
    );
    folder.write(files.confusion, chart.png);
    folder.write(files.evaluation, shortLists(describeEvaluation(evaluation, dataset, data.classes)));
  }
}

function describe({ dataset, kind, folder }: ClassifierData): ClassifierDescription['dataset'] {
  const { name, count, sha256 } = dataset;
  return { kind, name, count, sha256, ...(folder === undefined ? {} : { folder }) };
}

/** Indented JSON with each list of numbers on one line. */
function shortLists(content: object): string {
  const text = JSON.stringify(content, null, 2).replace(/\[[\s\d.,]+\]/g, (list) => {
    return `[${list.slice(1, -1).trim().replace(/\s+/g, ' ')}]`;
  });
  return `${text}\n`;
}
