/**
 * @file Measures how much the built-in digits resemble real ones: a classifier trained on them alone reads MNIST.
 *
 *     node --import tsx experiments/digitsOnMnist/index.ts --data-dir path/to/mnist
 *
 * takes minutes and writes docs/digits-on-mnist.json. Not part of `npm run bench`. Flags:
 *
 *     --classifier keras      Keras's mnist_cnn in place of the article's CNN
 *     --count N --epochs N    number of training images, and of passes over them; 60,000 and 3
 *     --seed TEXT             seed of the digits and of the training; 1
 *     --split train           reads MNIST's training images: use it while the digits are being changed, so that the test
 *                             images stay unseen
 *     --misread PATH          writes a picture of MNIST's misread images, sorted by their digit
 *     --json PATH             where the results are written
 */
import { Engine } from '../../src/autograd/engine.js';
import { loadMnist } from '../../src/datasets/mnist.js';
import { openDevice } from '../../src/host/node/device.js';
import { tuningFile } from '../../src/host/node/tuningFile.js';
import { CLASSIFIERS, type ClassifierName } from '../../src/models/networks/classifier.js';
import { misuse, parseFlags } from '../../bench/support/flags.js';
import { digitsOnMnist } from './digitsOnMnist.js';

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

const { 'data-dir': folder, classifier, split, json, misread, seed } = values;
if (folder === undefined) misuse('--data-dir path/to/mnist names the folder of the four MNIST files');
if (!isClassifier(classifier)) misuse(`--classifier ${classifier}: it takes ${Object.keys(CLASSIFIERS).join(' or ')}`);
if (split !== 'test' && split !== 'train') misuse(`--split ${split}: it takes test or train`);

const mnist = await loadMnist(folder, split);
const device = await openDevice();
const words = process.argv.slice(2).join(' ').replace(folder, 'path/to/mnist');
await digitsOnMnist(new Engine(device, { store: tuningFile() }), {
  mnist,
  classifier,
  count: Number(values.count),
  epochs: Number(values.epochs),
  seed,
  json,
  misread,
  command: `node --import tsx experiments/digitsOnMnist/index.ts ${words}`,
  print: (line) => console.log(line),
});
device.destroy();

function isClassifier(name: string): name is ClassifierName {
  return name in CLASSIFIERS;
}
