/**
 * @file `classify` as commander knows it: its three commands, their flags and their help.
 */
import { type Command, createCommand, Option } from 'commander';
import { CLASSIFIERS } from '../../../models/networks/classifier.js';
import { integers } from '../../../gan/bounds.js';
import { CLASSIFIER_BOUNDS } from '../../../training/classifier/classifierDescription.js';
import { MAX_BATCH } from '../../../gan/limits.js';
import { integer, integerOr, numberWithin } from '../../options/arguments.js';
import type { ClassifyEvalFlags, ClassifyPredictFlags, ClassifyTrainFlags } from '../../options/classifyFlags.js';
import { dataOption } from '../../options/dataOptions.js';
import { withDeviceFlags } from '../../options/deviceOptions.js';
import { UsageError } from '../../options/usageError.js';

/** Flags that make a training what it is: `--resume` goes on with what was chosen. */
const FIXED = ['arch', 'data', 'epochs', 'batch', 'learningRate', 'schedule', 'shift', 'turn', 'seed', 'out'];

const TRAIN_HELP = `
Examples:
  node dist/cli classify train --data-dir path/to/mnist
  node dist/cli classify train --resume runs/20260101-120000-classifier-article

Ctrl-C stops at the next iteration with a checkpoint (exit code 130); a second one ends at once.
With --resume, only --checkpoint-every, --keep, --data-dir, the device's flags and --json may be given.`;

/** The command with its commands. */
export function classifyCommand(): Command {
  return createCommand('classify')
    .description('train a classifier of digits, judge one, or ask one what pictures show')
    .addCommand(trainCommand())
    .addCommand(evalCommand())
    .addCommand(predictCommand())
    .addHelpText('after', '\nExample:\n  node dist/cli classify eval --data-dir path/to/mnist');
}

function trainCommand(): Command {
  const command = withDeviceFlags(createCommand('train'))
    .description('train a classifier, and write it and how it does on test images into a folder')
    .addOption(
      new Option('--arch <name>', "the article's CNN, or Keras's mnist_cnn")
        .choices(Object.keys(CLASSIFIERS))
        .default('article'),
    )
    .addOption(dataOption())
    .option('--data-dir <folder>', 'folder of the four IDX files, gzipped or plain')
    .option('--epochs <times>', 'times that each image is seen', numberWithin(CLASSIFIER_BOUNDS.epochs), 6)
    .option('--batch <images>', 'images a batch', integer(1, MAX_BATCH), 128)
    .option(
      '--learning-rate <rate>',
      "Adam's, at the schedule's peak",
      numberWithin(CLASSIFIER_BOUNDS.learningRate),
      0.002,
    )
    .addOption(
      new Option('--schedule <kind>', 'of the learning rate: the same always, or up and down again')
        .choices(['constant', 'one-cycle'])
        .default('one-cycle'),
    )
    .option(
      '--shift <pixels>',
      'images are moved by up to this, anew each time; 0 to leave them',
      numberWithin(CLASSIFIER_BOUNDS.shift),
      2,
    )
    .option(
      '--turn <degrees>',
      'images are turned by up to this, anew each time; 0 to leave them',
      numberWithin(CLASSIFIER_BOUNDS.turn),
      10,
    )
    .option('--checkpoint-every <iterations>', 'checkpoints are written this often (default: every epoch)', integer(1))
    .option('--keep <count>', 'checkpoints to keep, the newest, or "all" (default: 3)', integerOr('all', integers(1)))
    .option('--seed <text>', 'the same seed on the same device gives the same bits', '1')
    .option('--out <folder>', 'the folder (default: one in runs/ named after the time)')
    .option('--resume <folder>', 'go on from the newest checkpoint, with the same bits as if never stopped')
    .option('--no-tune', 'take fixed kernels instead of measuring which are fastest')
    .option('--json', 'tell the result as JSON on stdout, and the progress on stderr')
    .addHelpText('after', TRAIN_HELP);
  return command.action(async (flags: ClassifyTrainFlags) => {
    const { resumeClassifier, startClassifier } = await import('./train.js');
    if (flags.resume === undefined) return startClassifier(flags);
    const fixed = FIXED.find((name) => command.getOptionValueSource(name) === 'cli');
    if (fixed === undefined) return resumeClassifier(flags, flags.resume);
    const flag = command.options.find((option) => option.attributeName() === fixed)?.long ?? fixed;
    throw new UsageError(`${flag} cannot be given with --resume: the training goes on as it was begun`);
  });
}

function evalCommand(): Command {
  return withDeviceFlags(createCommand('eval'))
    .description('judge a classifier by images that it was not trained on')
    .argument('[classifier]', "a classifier, or its folder (default: the project's own for the images)")
    .addOption(dataOption())
    .option('--data-dir <folder>', 'folder of the four IDX files, gzipped or plain')
    .option('--seed <text>', 'of the built-in digits', '1')
    .option('--out <file>', 'the confusion matrix as a picture, a PNG')
    .option('--json', 'tell the result as JSON on stdout')
    .addHelpText(
      'after',
      '\nExamples:\n  node dist/cli classify eval --data-dir path/to/mnist --out confusion.png' +
        '\n  node dist/cli classify eval runs/my-classifier --json' +
        '\n\nAuto takes the images of the kind that a classifier which is named was trained on.',
    )
    .action(async (path: string | undefined, flags: ClassifyEvalFlags) => {
      const { evaluateClassifier } = await import('./eval.js');
      await evaluateClassifier(path, flags);
    });
}

function predictCommand(): Command {
  return withDeviceFlags(createCommand('predict'))
    .description('say what digit each picture shows')
    .argument('<images...>', 'PNGs of one digit each')
    .option('--classifier <path>', "a classifier, or its folder (default: the project's own for MNIST)")
    .option('--invert', 'swap dark and light (default: where the border of a picture is light)')
    .option('--no-invert', 'leave dark and light as they are')
    .option('--json', 'tell the result as JSON on stdout')
    .addHelpText(
      'after',
      '\nExample:\n  node dist/cli classify predict seven.png four.png' +
        '\n\nPictures are made grey, on white where they are transparent. One that is not 28 × 28 is scaled to 28 on its' +
        '\nlonger side, in the middle of its background; frame the digit as MNIST does, with 4 pixels of 28 free around it.',
    )
    .action(async (paths: string[], flags: ClassifyPredictFlags) => {
      const { predict } = await import('./predict.js');
      await predict(paths, flags);
    });
}
