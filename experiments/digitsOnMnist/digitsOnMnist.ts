/**
 * @file Trains a classifier on the built-in digits alone, and evaluates it on MNIST and on built-in digits of another seed.
 */
import { writeFileSync } from 'node:fs';
import type { Engine } from '../../src/autograd/engine.js';
import { fillImages } from '../../src/data/batches.js';
import { createDataset, type ImageDataset, type StoredDataset } from '../../src/data/dataset.js';
import { digitsDataset } from '../../src/data/digits/digits.js';
import { encodePng, imageGrid } from '../../src/figures/png.js';
import { CLASSES, type ClassifierName } from '../../src/models/networks/classifier.js';
import {
  type ClassifierEvaluation,
  classify,
  compareLabels,
  evaluateClassifier,
} from '../../src/training/classifier/classifierEvaluation.js';
import { ClassifierTraining } from '../../src/training/classifier/classifierTraining.js';
import { Trainer } from '../../src/training/trainer.js';

/** Number of images that each kind is evaluated on: as many as MNIST has test images. */
const HELD_OUT = 10_000;
/** Misread images shown of each digit. */
const SHOWN = 30;

export interface DigitsOnMnistOptions {
  readonly mnist: StoredDataset;
  readonly classifier: ClassifierName;
  /** Number of built-in digits to train on. */
  readonly count: number;
  readonly epochs: number;
  readonly seed: string;
  /** Where the results are written, as JSON. */
  readonly json: string;
  /** Where a picture of the misread images is written. */
  readonly misread?: string | undefined;
  /** The command that repeats the experiment. */
  readonly command: string;
  /** Number of images that each kind is evaluated on; {@link HELD_OUT} by default. */
  readonly evaluated?: number;
  readonly print: (line: string) => void;
}

/** Runs the experiment and writes its files. */
export async function digitsOnMnist(engine: Engine, options: DigitsOnMnistOptions): Promise<void> {
  const { classifier, count, epochs, seed, print, evaluated = HELD_OUT } = options;
  const { adapter } = engine.device;
  const mnist = firstOf(options.mnist, evaluated);
  const digits = digitsDataset({ seed, count });
  const start = performance.now();
  const seconds = (): number => Math.round((performance.now() - start) / 1000);
  print(`Adapter: ${adapter.name} (${adapter.driver})`);

  const training = new ClassifierTraining(engine, digits, { classifier, batch: 128, epochs, seed });
  const { iterations } = training;
  let next = 0;
  await new Trainer(training).run({
    metrics: (first, rows) => {
      const at = first + rows.length - 1;
      if (at < next && at < iterations) return;
      next = at + iterations / 20;
      const mean = rows.reduce((sum, { loss }) => sum + loss, 0) / rows.length;
      print(`iteration ${at} of ${iterations}, loss ${mean.toFixed(4)}, ${seconds()} s`);
    },
  });
  const trainingSeconds = seconds();

  const heldOut = digitsDataset({ seed: `${seed}/held out`, count: evaluated });
  const classes = await classify(engine, training.model, mnist);
  const onMnist = compareLabels(mnist.labels, classes);
  const onDigits = await evaluateClassifier(engine, training.model, heldOut);
  printEvaluation('Built-in digits of another seed', onDigits, print);
  printEvaluation(`Real MNIST (${mnist.name})`, onMnist, print);
  if (options.misread !== undefined) writeMisread(options.misread, mnist, classes);

  const described = (dataset: ImageDataset, evaluation: ClassifierEvaluation): object => ({
    name: dataset.name,
    sha256: dataset.sha256,
    count: evaluation.count,
    accuracy: evaluation.accuracy,
    accuracyByDigit: byDigit(evaluation).map((share) => Number(share.toFixed(4))),
    confusion: evaluation.confusion,
  });
  writeResults(options.json, {
    command: options.command,
    seed,
    adapter: adapter.name,
    driver: adapter.driver,
    node: process.version,
    classifier,
    epochs,
    trainingSeconds,
    trainedOn: { name: digits.name, sha256: digits.sha256, count },
    mnist: described(mnist, onMnist),
    heldOutDigits: described(heldOut, onDigits),
  });
  training.dispose();
}

const percent = (share: number): string => `${(100 * share).toFixed(2)} %`;

function byDigit({ confusion }: ClassifierEvaluation): number[] {
  return confusion.map((row, label) => row[label]! / row.reduce((sum, count) => sum + count, 0));
}

function printEvaluation(name: string, evaluation: ClassifierEvaluation, print: (line: string) => void): void {
  print(`\n${name}: ${percent(evaluation.accuracy)} of ${evaluation.count} images`);
  print(`  is ↓ read as → ${evaluation.confusion.map((_, label) => String(label).padStart(5)).join('')}`);
  const right = byDigit(evaluation);
  evaluation.confusion.forEach((row, label) => {
    const counts = row.map((count) => (count === 0 ? '·' : String(count)).padStart(5)).join('');
    print(`  ${label}${counts.padStart(CLASSES * 5 + 14)}  ${percent(right[label]!)}`);
  });
}

function firstOf(dataset: StoredDataset, count: number): StoredDataset {
  const { height, width, channels, pixels, labels } = dataset;
  if (count >= dataset.count) return dataset;
  const parts = { pixels: pixels.slice(0, count * height * width * channels), labels: labels.slice(0, count) };
  return createDataset({ ...dataset, ...parts, name: `the first ${count} of ${dataset.name}`, count });
}

/** Draws one row of misread images for each digit. */
function writeMisread(path: string, dataset: ImageDataset, classes: Uint8Array): void {
  const size = dataset.height * dataset.width;
  const images = new Float32Array(CLASSES * SHOWN * size).fill(-1);
  for (let label = 0; label < CLASSES; label++) {
    const wrong = [...dataset.labels.keys()].filter((at) => dataset.labels[at] === label && classes[at] !== label);
    fillImages(dataset, wrong.slice(0, SHOWN), images.subarray(label * SHOWN * size));
  }
  const grid = { count: CLASSES * SHOWN, height: dataset.height, width: dataset.width, channels: 1 };
  writeFileSync(path, encodePng(imageGrid(images, { ...grid, columns: SHOWN, scale: 2 })));
}

/** Writes JSON with each list of numbers on one line, as Prettier formats it. */
function writeResults(path: string, results: object): void {
  const text = JSON.stringify(results, null, 2).replace(/\[[\s\d.,]+\]/g, (list) => {
    return `[${list.slice(1, -1).trim().replace(/\s+/g, ' ')}]`;
  });
  writeFileSync(path, `${text}\n`);
}
