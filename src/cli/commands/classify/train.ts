/**
 * @file `classify train`: trains a classifier into a folder, or resumes a training from its newest checkpoint.
 */
import { type Command, createCommand, Option } from 'commander';
import { FolderLostError } from '../../../files/lock.js';
import { integers } from '../../../gan/bounds.js';
import { MAX_BATCH } from '../../../gan/settings.js';
import { OutOfMemoryError } from '../../../gpu/errors.js';
import { versions } from '../../../host/node/versions.js';
import { type ClassifierName, CLASSIFIERS } from '../../../models/networks/classifier.js';
import { type ClassifierArguments, CLASSIFIER_BOUNDS } from '../../../training/classifier/classifierDescription.js';
import { CLASSIFIER, classifierFiles } from '../../../training/classifier/classifierFolder.js';
import type { ClassifierContext, ClassifierRun } from '../../../training/classifier/classifierRun.js';
import { reopenOptions } from '../../../training/run/reopenImages.js';
import { checkUnused, RunFolder } from '../../../training/run/runFolder.js';
import { divergence, type TrainingOutcome } from '../../../training/trainer.js';
import { integer, integerOr, numberWithin } from '../../options/arguments.js';
import { chooseDataset, testImages, type DataKind, dataOption, type DataRequest } from '../../options/dataOptions.js';
import { defaultFolder } from '../../options/defaultFolder.js';
import { type DeviceFlags, openWanted, withDeviceFlags } from '../../options/deviceOptions.js';
import { UsageError } from '../../options/usageError.js';
import { Output } from '../../terminal/output.js';
import { duration } from '../../terminal/progress.js';
import { printResumed, resumeLine } from '../../terminal/resume.js';
import { StopSignals } from '../../terminal/stopSignals.js';
import { style } from '../../terminal/style.js';
import { sharedCallbacks } from '../../terminal/trainingCallbacks.js';
import { Smoothed, TrainingProgress } from '../../terminal/trainingProgress.js';
import { tuningOptions } from '../../terminal/tuningProgress.js';

interface ClassifyTrainFlags extends DeviceFlags {
  readonly arch: ClassifierName;
  readonly data: DataKind;
  readonly dataDir?: string;
  readonly epochs: number;
  readonly batch: number;
  readonly learningRate: number;
  readonly schedule: 'constant' | 'one-cycle';
  readonly shift: number;
  readonly turn: number;
  readonly checkpointEvery?: number;
  readonly keep?: number | 'all';
  readonly seed: string;
  readonly out?: string;
  readonly resume?: string;
  readonly tune?: boolean;
  readonly json?: boolean;
}

/** Flags that are fixed when a training is created. */
const FIXED = ['arch', 'data', 'epochs', 'batch', 'learningRate', 'schedule', 'shift', 'turn', 'seed', 'out'];

const TRAIN_HELP = `
Examples:
  node dist/cli classify train --data-dir path/to/mnist
  node dist/cli classify train --resume runs/20260101-120000-classifier-article

Ctrl-C stops at the next iteration with a checkpoint (exit code 130); a second one ends at once.
--resume takes only --checkpoint-every, --keep, --data-dir, the device's flags and --json.`;

/** The command with its flags. */
export function trainCommand(): Command {
  const command = withDeviceFlags(createCommand('train'))
    .description('train a classifier, and write it and its evaluation on test images into a folder')
    .addOption(
      new Option('--arch <name>', "the article's CNN, or Keras's mnist_cnn")
        .choices(Object.keys(CLASSIFIERS))
        .default('article'),
    )
    .addOption(dataOption())
    .option('--data-dir <folder>', 'folder of the four IDX files, gzipped or plain')
    .option('--epochs <times>', 'passes over the images', numberWithin(CLASSIFIER_BOUNDS.epochs), 6)
    .option('--batch <images>', 'images per batch', integer(1, MAX_BATCH), 128)
    .option(
      '--learning-rate <rate>',
      "Adam's learning rate, at the peak of the schedule",
      numberWithin(CLASSIFIER_BOUNDS.learningRate),
      0.002,
    )
    .addOption(
      new Option('--schedule <kind>', 'schedule of the learning rate: constant, or up and down once')
        .choices(['constant', 'one-cycle'])
        .default('one-cycle'),
    )
    .option(
      '--shift <pixels>',
      'maximum random shift of an image; 0 for none',
      numberWithin(CLASSIFIER_BOUNDS.shift),
      2,
    )
    .option(
      '--turn <degrees>',
      'maximum random rotation of an image; 0 for none',
      numberWithin(CLASSIFIER_BOUNDS.turn),
      10,
    )
    .option('--checkpoint-every <iterations>', 'checkpoint interval (default: an epoch)', integer(1))
    .option(
      '--keep <count>',
      'number of newest checkpoints to keep, or "all" (default: 3)',
      integerOr('all', integers(1)),
    )
    .option('--seed <text>', 'the same seed on the same device gives the same bits', '1')
    .option('--out <folder>', 'the folder (default: a new one in runs/)')
    .option('--resume <folder>', 'resume from the newest checkpoint; the bits are those of an uninterrupted training')
    .option(
      '--tune',
      'measure anew which kernels are fastest (default: only on an adapter without shipped measurements)',
    )
    .option('--no-tune', 'measure no kernels: use known ones')
    .option('--json', 'print the result as JSON on stdout, and the progress on stderr')
    .addHelpText('after', TRAIN_HELP);
  return command.action(async (flags: ClassifyTrainFlags) => {
    if (flags.resume === undefined) return startClassifier(flags);
    const fixed = FIXED.find((name) => command.getOptionValueSource(name) === 'cli');
    if (fixed === undefined) return resumeClassifier(flags, flags.resume);
    const flag = command.options.find((option) => option.attributeName() === fixed)?.long ?? fixed;
    throw new UsageError(`${flag} cannot be given with --resume: this setting is fixed when a training is created`);
  });
}

const KEEP = 3;

/** Weight of the past in the loss that is shown, by iteration. */
const LOSS_SMOOTHING = 0.95;

/** Begins a training. */
async function startClassifier(flags: ClassifyTrainFlags): Promise<void> {
  const { ClassifierRun } = await import('../../../training/classifier/classifierRun.js');
  const output = new Output(flags.json === true);
  if (flags.out !== undefined) checkUnused(CLASSIFIER, flags.out);
  const place = flags.out ?? defaultFolder('runs', `classifier-${flags.arch}`);
  const data = { kind: flags.data, folder: flags.dataDir, seed: flags.seed, say: output.say, output };
  await withRun(flags, output, data, (context) => {
    const { arch, epochs, batch, learningRate, schedule, shift, turn, keep = KEEP, seed } = flags;
    const args: ClassifierArguments = {
      classifier: arch,
      batch,
      epochs,
      learningRate,
      schedule,
      jitter: { shift, turn },
      checkpointEvery: flags.checkpointEvery ?? Math.ceil(context.train.dataset.count / batch),
      keep,
      seed,
    };
    return ClassifierRun.create(place, args, context);
  });
}

/** Resumes the training in a folder. */
async function resumeClassifier(flags: ClassifyTrainFlags, path: string): Promise<void> {
  const { ClassifierRun } = await import('../../../training/classifier/classifierRun.js');
  const output = new Output(flags.json === true);
  const folder = RunFolder.open(CLASSIFIER, path);
  const files = classifierFiles(path);
  const { description } = folder;
  const { arguments: before, dataset } = description;
  const args = {
    ...before,
    checkpointEvery: flags.checkpointEvery ?? before.checkpointEvery,
    keep: flags.keep ?? before.keep,
  };
  if (description.sessions.at(-1)?.outcome === 'finished') {
    folder.close();
    const { iterations } = description;
    output.result({ run: path, outcome: 'finished', iterations, classifier: files.weights }, () => [
      `${path} is finished: ${files.weights}`,
    ]);
    return;
  }
  const data = {
    ...reopenOptions(files.description, dataset, flags.dataDir),
    seed: before.seed,
    say: output.say,
    output,
  };
  try {
    await withRun(flags, output, data, (context) => {
      const run = ClassifierRun.resume(folder, context, args);
      printResumed(run, context, output);
      const { done } = run;
      output.say(done === 0 ? 'there is no checkpoint yet: starting from the beginning' : `from iteration ${done}`);
      return run;
    });
  } finally {
    folder.close();
  }
}

/** Opens images and device, makes the training and runs it, and says how it went. */
async function withRun(
  flags: ClassifyTrainFlags,
  output: Output,
  data: DataRequest,
  make: (context: ClassifierContext) => ClassifierRun,
): Promise<void> {
  const { Engine } = await import('../../../autograd/engine.js');
  const stop = StopSignals.ofTraining(output.say);
  try {
    const train = await chooseDataset(data);
    // What auto was decided to be once is not decided again, and what is odd about the files is told once.
    const test = await testImages({ ...data, kind: train.kind, say: () => undefined });
    output.phase('opening the device');
    const device = await openWanted(flags);
    try {
      output.phase('making the network');
      const run = make({
        engine: new Engine(device, tuningOptions(output, device.adapter, flags.tune)),
        train,
        test,
        classes: train.classes,
        versions: versions(),
        tuned: flags.tune !== false,
        command: process.argv.slice(2),
      });
      output.endPhases();
      try {
        const moved = flags.resume === undefined ? undefined : flags.dataDir;
        await runToEnd(run, output, stop, resumeLine('classify train', run.folder.path, moved));
      } finally {
        run.close();
      }
    } finally {
      device.destroy();
    }
  } finally {
    stop.release();
  }
}

/** Trains, with words for people on the way, and says how it went. */
async function runToEnd(run: ClassifierRun, output: Output, stop: StopSignals, resume: string): Promise<void> {
  const { training } = run;
  const first = run.done;
  const started = performance.now();
  introduce(run, output);
  const { iterations, iterationsPerEpoch, options } = training;
  const { batch, checkpointEvery = iterations } = options;
  const plan = { iterations, sampleEvery: iterationsPerEpoch, checkpointEvery, samples: 1 };
  const row = output.progress.row();
  const progress = new TrainingProgress(row, {
    done: first,
    plan,
    // A forward pass takes about a third of the time of an iteration.
    first: (iteration = 0) => ({ times: { evaluation: (iteration * run.testCount) / batch / 3 }, preparation: 0 }),
  });
  const smoothed = new Smoothed(LOSS_SMOOTHING);
  progress.before('compiling kernels');
  let result: Awaited<ReturnType<ClassifierRun['run']>>;
  try {
    result = await run.run(
      {
        ...sharedCallbacks({
          device: training.engine.device,
          output,
          stop,
          progress,
          isUnfinished: first < iterations,
        }),
        metrics: (from, rows) => {
          stop.nothingNew = false;
          const done = from + rows.length - 1;
          let loss = NaN;
          for (const row of rows) loss = smoothed.add(row.loss);
          const epoch = (done / iterationsPerEpoch).toFixed(1);
          progress.update(done, rows.length, `epoch ${epoch}  loss ${loss.toFixed(4)}`);
        },
        evaluation: ({ accuracy }) => {
          progress.tell(`${(100 * accuracy).toFixed(2)} % of the test images`);
          row.printLine();
        },
      },
      stop.signal,
    );
  } catch (error) {
    throw explained(error, run, resume);
  } finally {
    progress.stop();
  }
  const { outcome } = result;
  if (outcome === 'diverged') throw explained(new Error(`training diverged: ${divergence(result)}`), run, resume, true);
  summarise(run, outcome, { first, seconds: (performance.now() - started) / 1000, resume }, output);
  if (outcome === 'stopped') process.exitCode = stop.exitCode ?? 0;
}

function introduce({ folder, training }: ClassifierRun, { say }: Output): void {
  const { name, driver } = training.engine.device.adapter;
  const { classifier, epochs } = training.options;
  say(`device  ${name} (${driver})`);
  say(`data    ${training.dataset.name}, ${training.dataset.count} images`);
  say(`folder  ${folder.path}`);
  const numbers = training.model.parameterCount.toLocaleString('en');
  say(`model   ${classifier}: ${numbers} numbers, ${epochs} epochs of ${training.iterationsPerEpoch} iterations`);
}

function summarise(
  run: ClassifierRun,
  outcome: TrainingOutcome,
  { first, seconds, resume }: { first: number; seconds: number; resume: string },
  output: Output,
): void {
  const { folder, newestCheckpoint: checkpoint, lastEvaluation: evaluation, done } = run;
  const { weights, confusion, evaluation: numbers } = classifierFiles(folder.path);
  const finished = outcome === 'finished';
  const summary = { run: folder.path, outcome, iterations: done, seconds, checkpoint };
  const results = finished ? { classifier: weights, accuracy: evaluation?.accuracy } : {};
  output.result({ ...summary, ...results }, () => {
    if (!finished) return [];
    const share = evaluation === undefined ? '–' : `${(100 * evaluation.accuracy).toFixed(2)} %`;
    return [
      `${done - first} iterations in ${duration(seconds)}: ${style.bold(share)} of the test images`,
      `  ${weights}  the classifier`,
      `  ${numbers}  accuracy, of each class as well, and the confusion matrix`,
      `  ${confusion}  the same as a picture`,
    ];
  });
  if (!finished) {
    output.say(`stopped after iteration ${done}; resume with: ${resume}`, true);
  }
}

/** Adds to an error what is left of the training, and what to do. */
function explained(error: unknown, run: ClassifierRun, resume: string, isDiverged = false): unknown {
  // A lost folder cannot be resumed.
  if (!(error instanceof Error) || error instanceof FolderLostError) return error;
  const parts = [error.message.replace(/\.$/, '')];
  if (error instanceof OutOfMemoryError) parts.push('a smaller --batch takes less');
  if (run.newestCheckpoint !== undefined) parts.push(`the last checkpoint is ${run.newestCheckpoint}`);
  if (isDiverged) parts.push('a lower --learning-rate may train better');
  else if (!run.isEmpty) parts.push(`resume with: ${resume}`);
  return new Error(parts.join('; '), { cause: error });
}
