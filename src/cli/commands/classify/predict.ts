/**
 * @file `classify predict`: classifies pictures of digits.
 */
import { type Command, createCommand } from 'commander';
import { printable } from '../../../data/printable.js';
import { IMAGE_SIZE } from '../../../evaluation/inputs/images.js';
import { type Digit, toDigit } from '../../../figures/digit.js';
import { decodePng } from '../../../figures/png.js';
import { PNG_SIGNATURE } from '../../../figures/pngChunks.js';
import { MOST_BYTES, readRegularFile } from '../../../files/regularFiles.js';
import { CLASSES } from '../../../models/networks/classifier.js';
import { type DeviceFlags, openWanted, withDeviceFlags } from '../../options/deviceOptions.js';
import { Output } from '../../terminal/output.js';
import { TextTable } from '../../terminal/table.js';

interface ClassifyPredictFlags extends DeviceFlags {
  readonly classifier?: string;
  /** Whether to swap dark and light; as the border tells where absent. */
  readonly invert?: boolean;
  readonly json?: boolean;
}

/** The command with its flags. */
export function predictCommand(): Command {
  return withDeviceFlags(createCommand('predict'))
    .description('classify pictures of digits')
    .argument('<images...>', 'PNGs of one digit each')
    .option('--classifier <path>', "a classifier or its folder (default: the project's own for MNIST)")
    .option('--invert', 'swap dark and light (default: if the border of a picture is light)')
    .option('--no-invert', 'do not swap dark and light')
    .option('--json', 'print the result as JSON on stdout')
    .addHelpText(
      'after',
      '\nExample:\n  node dist/cli classify predict seven.png four.png' +
        '\n\nPictures are converted to grey, on white where they are transparent, and scaled to 28 pixels on the longer side. Frame' +
        '\nthe digit as MNIST does, with a margin of 4 pixels of 28.',
    )
    .action((paths: string[], flags: ClassifyPredictFlags) => predict(paths, flags));
}

/** Classes in a picture's row. */
const SHOWN = 3;

/** Maximum length of a printed path. */
const PATH_CHARACTERS = 4096;

/** Maximum length of a decoder's message, which may quote the file. */
const PROBLEM_CHARACTERS = 120;

/**
 * Reads all pictures before the device opens, and classifies them. Reports pictures without ink, which get no class.
 */
async function predict(paths: readonly string[], flags: ClassifyPredictFlags): Promise<void> {
  const output = new Output(flags.json === true);
  const digits = paths.map((path, index) => {
    output.phase('reading pictures', index, paths.length);
    return { path, digit: readDigit(path, flags.invert) };
  });
  const inked = digits.filter(({ digit }) => digit.hasInk);
  const empty = digits.filter(({ digit }) => !digit.hasInk).map(({ path }) => noInk(path));
  if (inked.length === 0 && flags.json !== true) throw new Error(empty.join('; '));
  const { file, skipped } = await chosenClassifier(flags.classifier);
  for (const { message } of skipped) output.say(`skipped: ${message}`, true);
  const { labels, probabilities, names } = await classify(
    file,
    inked.map(({ digit }) => digit),
    flags,
    output,
  );
  const results = digits.map(({ path, digit }): Prediction => {
    const { inverted, resized } = digit;
    const index = inked.findIndex((each) => each.digit === digit);
    if (index < 0) {
      return { image: path, class: null, label: null, probabilities: null, inverted, resized, problem: noInk(path) };
    }
    const label = labels[index]!;
    const shares = [...probabilities.subarray(index * CLASSES, (index + 1) * CLASSES)];
    return { image: path, class: names[label] ?? '', label, probabilities: shares, inverted, resized };
  });
  output.complain(empty);
  output.result({ classifier: file, images: results }, () => [...table(results, names), `by ${file}`]);
}

function noInk(path: string): string {
  return `no ink found in ${printable(path, PATH_CHARACTERS)}`;
}

async function chosenClassifier(named: string | undefined) {
  const { bundledClassifier, findClassifier } = await import('../../../training/checkpoint/trainedClassifier.js');
  if (named !== undefined) return findClassifier(named);
  const file = bundledClassifier('mnist');
  if (file === undefined) throw new Error('the project has no classifier for MNIST; --classifier names one');
  return { file, skipped: [] };
}

/** Classifies digits. Without digits, only reads the names of the classes. */
async function classify(file: string, digits: readonly Digit[], flags: ClassifyPredictFlags, output: Output) {
  const { classNames, loadClassifier, readMetadata } =
    await import('../../../training/checkpoint/trainedClassifier.js');
  if (digits.length === 0) {
    return { labels: new Uint8Array(0), probabilities: new Float32Array(0), names: classNames(readMetadata(file)) };
  }
  const { Engine } = await import('../../../autograd/engine.js');
  const { readImages } = await import('../../../evaluation/inputs/classifierOutput.js');
  output.phase('opening the device');
  const device = await openWanted(flags);
  try {
    const engine = new Engine(device);
    const { model, metadata } = loadClassifier(engine, file);
    const images = new Float32Array(digits.length * IMAGE_SIZE);
    digits.forEach(({ values }, index) => images.set(values, index * IMAGE_SIZE));
    const { labels, probabilities } = await readImages(engine, model, images, (done, total) => {
      output.phase('classifying pictures', done, total);
    });
    model.dispose();
    return { labels, probabilities, names: classNames(metadata) };
  } finally {
    device.destroy();
  }
}

/** @throws Error for a file that is not a PNG or has an unsupported size; FileError */
function readDigit(path: string, invert: boolean | undefined): Digit {
  const bytes = readRegularFile(path, MOST_BYTES.picture);
  if (!PNG_SIGNATURE.every((byte, at) => bytes[at] === byte)) throw new Error(`${path} is not a PNG`);
  try {
    return toDigit(decodePng(bytes), invert);
  } catch (cause) {
    const problem = (cause instanceof Error ? cause.message : String(cause)).replace(/^\w+: /, '');
    throw new Error(`${path} cannot be used: ${printable(problem, PROBLEM_CHARACTERS)}`, { cause });
  }
}

interface Prediction {
  readonly image: string;
  /** Null if the picture has no ink. */
  readonly class: string | null;
  readonly label: number | null;
  readonly probabilities: readonly number[] | null;
  readonly inverted: boolean;
  readonly resized: boolean;
  readonly problem?: string;
}

function table(predictions: readonly Prediction[], names: readonly string[]): string[] {
  const rows = new TextTable(
    [
      ['image', 'left'],
      ['class', 'left'],
      ['probabilities', 'left'],
      ['changes', 'left'],
    ],
    true,
  );
  for (const { image, class: name, probabilities, inverted, resized } of predictions) {
    const best = (probabilities ?? [])
      .map((probability, label) => ({ probability, label }))
      .sort((a, b) => b.probability - a.probability)
      .slice(0, SHOWN);
    const shares = best.map(
      ({ probability, label }) => `${names[label] ?? label}: ${(100 * probability).toFixed(1)} %`,
    );
    const done = [...(resized ? ['resized'] : []), ...(inverted ? ['inverted'] : [])];
    rows.push([image, name ?? '–', shares.join('  ') || 'no ink found', done.join(', ') || 'none']);
  }
  return rows.lines;
}
