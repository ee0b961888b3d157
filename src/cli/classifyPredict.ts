/**
 * @file `classify predict`: what a classifier takes pictures for.
 */
import { readFileSync } from 'node:fs';
import Table from 'cli-table3';
import { Engine } from '../autograd/engine.js';
import { type Digit, toDigit } from '../figures/digit.js';
import { decodePng } from '../figures/png.js';
import { onFile } from '../files/errors.js';
import { printable } from '../files/shown.js';
import { IMAGE_SIZE } from '../metrics/images.js';
import { readImages } from '../metrics/reading.js';
import { CLASSES } from '../models/classifier.js';
import { bundledClassifier, classNames, loadClassifier } from '../training/trainedClassifier.js';
import { findClassifier } from './classifyEval.js';
import type { ClassifyPredictFlags } from './classifyFlags.js';
import { openWanted } from './device.js';
import { Output } from './output.js';

/** Classes that a picture's line tells. */
const TOLD = 3;

/** Of a decoder's message, which may quote the file. */
const PROBLEM_CHARACTERS = 120;

/** Reads the pictures, all of them before anything is opened, and says what each is taken for. */
export async function predict(paths: readonly string[], flags: ClassifyPredictFlags): Promise<void> {
  const output = new Output(flags.json === true);
  const digits = paths.map((path) => readDigit(path, flags.invert));
  const file = flags.classifier === undefined ? bundledClassifier('mnist') : findClassifier(flags.classifier);
  if (file === undefined) throw new Error('the project comes without a classifier for MNIST; --classifier names one');
  const device = await openWanted(flags);
  try {
    const engine = new Engine(device);
    const { model, about } = loadClassifier(engine, file);
    const images = new Float32Array(digits.length * IMAGE_SIZE);
    digits.forEach(({ values }, index) => images.set(values, index * IMAGE_SIZE));
    const { labels, probabilities } = await readImages(engine, model, images);
    model.dispose();
    const names = classNames(about);
    const results = digits.map(({ inverted, resized }, index) => ({
      image: paths[index] ?? '',
      class: names[labels[index]!] ?? '',
      label: labels[index]!,
      probabilities: [...probabilities.subarray(index * CLASSES, (index + 1) * CLASSES)],
      inverted,
      resized,
    }));
    output.result({ classifier: file, images: results }, () => [table(results, names), `by ${file}`]);
  } finally {
    device.destroy();
  }
}

/** The first bytes of every PNG. */
const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

/** @throws Error naming a file that is no PNG, or whose size cannot be used; FileError for one that cannot be read */
function readDigit(path: string, invert: boolean | undefined): Digit {
  const bytes = onFile('read', path, () => readFileSync(path));
  if (!bytes.subarray(0, SIGNATURE.length).equals(SIGNATURE)) throw new Error(`${path} is no PNG`);
  try {
    return toDigit(decodePng(bytes), invert);
  } catch (cause) {
    const problem = (cause instanceof Error ? cause.message : String(cause)).replace(/^\w+: /, '');
    throw new Error(`${path} cannot be used: ${printable(problem, PROBLEM_CHARACTERS)}`, { cause });
  }
}

interface Prediction {
  readonly image: string;
  readonly class: string;
  readonly probabilities: readonly number[];
  readonly inverted: boolean;
  readonly resized: boolean;
}

function table(predictions: readonly Prediction[], names: readonly string[]): string {
  const rows = new Table({
    head: ['image', 'class', 'probabilities', 'was'],
    style: { head: [], border: [] },
  });
  for (const { image, class: name, probabilities, inverted, resized } of predictions) {
    const best = probabilities
      .map((probability, label) => ({ probability, label }))
      .sort((a, b) => b.probability - a.probability)
      .slice(0, TOLD);
    const shares = best.map(
      ({ probability, label }) => `${names[label] ?? label}: ${(100 * probability).toFixed(1)} %`,
    );
    const done = [...(resized ? ['resized'] : []), ...(inverted ? ['inverted'] : [])];
    rows.push([image, name, shares.join('  '), done.join(', ') || 'taken as it is']);
  }
  return rows.toString();
}
