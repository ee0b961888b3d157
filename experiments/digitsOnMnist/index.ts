/**
 * @file How much the built-in digits have of real ones: a classifier that was trained on them alone reads MNIST.
 *
 *     node --import tsx experiments/digitsOnMnist/index.ts --data-dir path/to/mnist
 *
 * takes minutes and writes docs/digits-on-mnist.json. No part of `npm run bench`. Flags:
 *
 *     --classifier keras      Keras's mnist_cnn instead of the article's CNN
 *     --count N --epochs N    images to train on, and times that each is seen; 60,000 and 3
 *     --seed TEXT             of the digits and of the training; 1
 *     --split train           reads MNIST's training images: look at those while the digits are being changed, so that
 *                             the test images stay unseen
 *     --misread PATH          a picture of MNIST's images that were misread, sorted by what they are
 *     --json PATH             where the results go
 */
import { writeFileSync } from 'node:fs';
import { Engine } from '../../src/autograd/engine.js';
import { fillImages } from '../../src/data/batches.js';
import { createDataset, type ImageDataset, type StoredDataset } from '../../src/data/dataset.js';
import { digitsDataset } from '../../src/data/digits/digits.js';
import { loadMnist } from '../../src/datasets/mnist.js';
import type { MnistSplit } from '../../src/datasets/published.js';
import { encodePng, imageGrid } from '../../src/figures/png.js';
import { openDevice } from '../../src/host/node/device.js';
import { tuningFile } from '../../src/host/node/tuningFile.js';
import { CLASSES, CLASSIFIERS, type ClassifierName } from '../../src/models/networks/classifier.js';
import {
  type ClassifierEvaluation,
  classify,
  compareLabels,
  evaluateClassifier,
} from '../../src/training/classifier/classifierEvaluation.js';
import { ClassifierTraining } from '../../src/training/classifier/classifierTraining.js';
import { Trainer } from '../../src/training/trainer.js';
import { parseFlags } from '../../bench/support/flags.js';

/** As many of each kind as MNIST has test images. */
const HELD_OUT = 10_000;
/** Misread images shown of each digit. */
const SHOWN = 30;

const { values } = parseFlags(import.meta.url, {
  options: {
    classifier: { type: 'string', default: 'article' },
    count: { type: 'string', default: '60000' },
    'data-dir': { type: 'string' },
    epochs: { type: 'string', default: '3' },
    json: { type: 'string', default: 'docs/digits-on-mnist.json' },
    misread: { type: 'string' },
    seed: { type: 'string', default: '1' },
    split: { type: 'string', default: 'test' },
  },
});

const percent = (share: number): string => `${(100 * share).toFixed(2)} %`;

function byDigit({ confusion }: ClassifierEvaluation): number[] {
  return confusion.map((row, label) => row[label]! / row.reduce((sum, count) => sum + count, 0));
}

function printEvaluation(name: string, evaluation: ClassifierEvaluation): void {
  console.log(`\n${name}: ${percent(evaluation.accuracy)} of ${evaluation.count} images`);
  console.log(`  is ↓ read as → ${evaluation.confusion.map((_, label) => String(label).padStart(5)).join('')}`);
  const right = byDigit(evaluation);
  evaluation.confusion.forEach((row, label) => {
    const counts = row.map((count) => (count === 0 ? '·' : String(count)).padStart(5)).join('');
    console.log(`  ${label}${counts.padStart(CLASSES * 5 + 14)}  ${percent(right[label]!)}`);
  });
}

function firstOf(dataset: StoredDataset, count: number): StoredDataset {
  const { height, width, channels, pixels, labels } = dataset;
  if (count >= dataset.count) return dataset;
  const parts = { pixels: pixels.slice(0, count * height * width * channels), labels: labels.slice(0, count) };
  return createDataset({ ...dataset, ...parts, name: `the first ${count} of ${dataset.name}`, count });
}

/** A line of misread images for each digit. */
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

/** Lists of numbers take one line each, as Prettier has them. */
function writeResults(path: string, results: object): void {
  const text = JSON.stringify(results, null, 2).replace(/\[[\s\d.,]+\]/g, (list) => {
    return `[${list.slice(1, -1).trim().replace(/\s+/g, ' ')}]`;
  });
  writeFileSync(path, `${text}\n`);
}

async function run(folder: string, classifier: ClassifierName, split: MnistSplit): Promise<void> {
  const { seed } = values;
  const [count, epochs] = [Number(values.count), Number(values.epochs)];
  const mnist = firstOf(await loadMnist(folder, split), HELD_OUT);
  const digits = digitsDataset({ seed, count });
  const device = await openDevice();
  const engine = new Engine(device, { store: tuningFile() });
  const start = performance.now();
  const seconds = (): number => Math.round((performance.now() - start) / 1000);
  console.log(`Adapter: ${device.adapter.name} (${device.adapter.driver})`);

  const training = new ClassifierTraining(engine, digits, { classifier, batch: 128, epochs, seed });
  const { iterations } = training;
  let next = 0;
  await new Trainer(training).run({
    metrics: (first, rows) => {
      const at = first + rows.length - 1;
      if (at < next && at < iterations) return;
      next = at + iterations / 20;
      const mean = rows.reduce((sum, { loss }) => sum + loss, 0) / rows.length;
      console.log(`iteration ${at} of ${iterations}, loss ${mean.toFixed(4)}, ${seconds()} s`);
    },
  });
  const trainingSeconds = seconds();

  const heldOut = digitsDataset({ seed: `${seed}/held out`, count: HELD_OUT });
  const classes = await classify(engine, training.model, mnist);
  const onMnist = compareLabels(mnist.labels, classes);
  const onDigits = await evaluateClassifier(engine, training.model, heldOut);
  printEvaluation('Built-in digits of another seed', onDigits);
  printEvaluation(`Real MNIST (${mnist.name})`, onMnist);
  if (values.misread !== undefined) writeMisread(values.misread, mnist, classes);

  const described = (dataset: ImageDataset, evaluation: ClassifierEvaluation): object => ({
    name: dataset.name,
    sha256: dataset.sha256,
    count: evaluation.count,
    accuracy: evaluation.accuracy,
    accuracyByDigit: byDigit(evaluation).map((share) => Number(share.toFixed(4))),
    confusion: evaluation.confusion,
  });
  writeResults(values.json, {
    command: `node --import tsx experiments/digitsOnMnist/index.ts ${process.argv.slice(2).join(' ')}`.replace(
      folder,
      'path/to/mnist',
    ),
    seed,
    adapter: device.adapter.name,
    driver: device.adapter.driver,
    node: process.version,
    classifier,
    epochs,
    trainingSeconds,
    trainedOn: { name: digits.name, sha256: digits.sha256, count },
    mnist: described(mnist, onMnist),
    heldOutDigits: described(heldOut, onDigits),
  });
  training.dispose();
  device.destroy();
}

const { 'data-dir': folder, classifier, split } = values;
const isClassifier = (name: string): name is ClassifierName => name in CLASSIFIERS;
if (folder === undefined || !isClassifier(classifier) || (split !== 'test' && split !== 'train')) {
  console.error(
    'Usage: node --import tsx experiments/digitsOnMnist/index.ts --data-dir path/to/mnist; flags are told in the file.',
  );
  process.exitCode = 2;
} else {
  await run(folder, classifier, split);
}
