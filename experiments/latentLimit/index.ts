/**
 * @file Measures how much of MNIST a z of few dimensions can represent. An autoencoder has the layers of `--arch dcgan`: the
 * discriminator as encoder, the generator as decoder. Its loss of information is due to the dimension and the network, not
 * to adversarial training, so it separates mode collapse from the limit of z_dim.
 *
 *     node --import tsx experiments/latentLimit/index.ts --data-dir path/to/mnist
 *
 * Writes docs/latent-limit.json and docs/images/latent-limit.png, a row of 15 images for each z_dim. Flags:
 *
 *     --z 50,2,1          dimensions of z
 *     --iterations N      training steps of 64 images; default 2,000
 *     --width F           width of both networks; default 0.5
 */
import { writeFileSync } from 'node:fs';
import seedrandom from 'seedrandom';
import { Engine } from '../../src/autograd/engine.js';
import { gradients } from '../../src/autograd/grad.js';
import * as ops from '../../src/autograd/ops/index.js';
import type { Tensor } from '../../src/autograd/tensor.js';
import { Batches, fillImages } from '../../src/data/batches.js';
import type { ImageDataset } from '../../src/data/dataset.js';
import { loadMnist } from '../../src/datasets/mnist.js';
import { encodePng, imageGrid } from '../../src/figures/png.js';
import { openDevice } from '../../src/host/node/device.js';
import { tuningFile } from '../../src/host/node/tuningFile.js';
import { Evaluator } from '../../src/evaluation/evaluator.js';
import type { Diagnosis } from '../../src/evaluation/diagnosis.js';
import { dcganGenerator, scaled } from '../../src/models/networks/dcgan.js';
import { conv2d, dense, flatten, type Pass, Sequential } from '../../src/models/layers/index.js';
import { normal } from '../../src/models/layers/initialisers.js';
import { normalised } from '../../src/models/layers/normalisation.js';
import { Adam } from '../../src/models/optim/adam.js';
import { bundledClassifier, loadClassifier } from '../../src/training/checkpoint/trainedClassifier.js';
import { misuse, parseFlags } from '../../bench/support/flags.js';

const OUT = { numbers: 'docs/latent-limit.json', picture: 'docs/images/latent-limit.png' } as const;

const [BATCH, SIDE, SHOWN, CHUNK] = [64, 28, 15, 500];
const PIXELS = SIDE * SIDE;

/** Samples of an evaluation: during training, and of a finished run in a study. */
const SAMPLE_COUNTS = [1000, 10_000] as const;

const { values } = parseFlags(import.meta.url, {
  options: {
    'data-dir': { type: 'string' },
    z: { type: 'string', default: '50,2,1' },
    iterations: { type: 'string', default: '2000' },
    width: { type: 'string', default: '0.5' },
  },
});
const folder = values['data-dir'];
if (folder === undefined) misuse('--data-dir is required: the folder of the four MNIST files');
const [iterations, width] = [Number(values.iterations), Number(values.width)];

/** Encoder and decoder, trained to reconstruct images by least squares. */
class Autoencoder {
  private readonly encoder: Sequential;
  private readonly decoder: Sequential;
  private readonly parameters: readonly Tensor[];
  private readonly optimiser: Adam;
  private readonly images: Tensor;

  constructor(
    private readonly engine: Engine,
    zDim: number,
  ) {
    const builder = { engine, random: seedrandom(`latent limit/${zDim}`) };
    const [shallow, deep] = [scaled(64, width), scaled(128, width)];
    const convolution = { size: 4, stride: 2, padding: 'same', kernel: normal(0.02) } as const;
    const norm = { momentum: 0.9, epsilon: 1e-5, activation: { leakyRelu: 0.2 }, channels: deep } as const;
    // The discriminator of dcgan, with z in place of the logit.
    this.encoder = new Sequential('encoder', [
      conv2d(builder, 'encoder/conv1', 1, shallow, { ...convolution, activation: { leakyRelu: 0.2 } }),
      ...normalised(builder, 'batch', 'encoder/norm2', norm, (options) => [
        conv2d(builder, 'encoder/conv2', shallow, deep, { ...convolution, ...options }),
      ]),
      flatten(),
      dense(builder, 'encoder/dense', 7 * 7 * deep, zDim, { kernel: normal(0.02) }),
    ]);
    this.decoder = dcganGenerator(builder, { zDim, width, channels: 1 });
    this.parameters = [...this.encoder.parameters, ...this.decoder.parameters];
    this.optimiser = new Adam(engine, this.parameters, { learningRate: 1e-3 });
    this.images = engine.tensor(new Float32Array(BATCH * PIXELS), [BATCH, SIDE, SIDE, 1], { name: 'images' });
  }

  async train(dataset: ImageDataset): Promise<void> {
    const { engine, optimiser, encoder, decoder } = this;
    const plan = await engine.record((): undefined => {
      const drawn = decoder.forward(encoder.forward(this.images, this.pass(true)), this.pass(true));
      const loss = ops.mean(ops.square(ops.sub(drawn, this.images)));
      optimiser.step(gradients(loss, this.parameters));
    });
    const batches = new Batches(dataset.count, BATCH, 'latent limit');
    const images = new Float32Array(BATCH * PIXELS);
    for (let iteration = 0; iteration < iterations; iteration++) {
      fillImages(dataset, batches.batchAt(iteration), images);
      this.images.write(images);
      plan.replay();
      // Waits regularly, so that the queue of batches does not grow.
      if (iteration % 20 === 19) await engine.device.read(optimiser.stepCounter);
    }
    plan.dispose();
  }

  /** Reconstructs random images of the dataset, [count, 28, 28, 1] in [−1, 1]. The selection is reproducible. */
  async samples(dataset: ImageDataset, count: number): Promise<Float32Array> {
    const { engine, encoder, decoder } = this;
    const indices = new Batches(dataset.count, count, 'latent limit/samples').batchAt(0);
    const drawn = new Float32Array(count * PIXELS);
    const images = new Float32Array(CHUNK * PIXELS);
    for (let first = 0; first < count; first += CHUNK) {
      fillImages(dataset, indices.subarray(first, first + CHUNK), images);
      const given = engine.tensor(images, [CHUNK, SIDE, SIDE, 1]);
      const again = engine.noGrad(() =>
        engine.scope(() => decoder.forward(encoder.forward(given, this.pass(false)), this.pass(false))),
      );
      drawn.set(await again.data(), first * PIXELS);
      given.free();
      again.free();
    }
    return drawn;
  }

  dispose(): void {
    for (const part of [this.encoder, this.decoder, this.optimiser]) part.dispose();
    this.images.free();
  }

  private pass(training: boolean): Pass {
    return { training, random: { seed: 0, stream: 0, counter: this.optimiser.stepCounter } };
  }
}

function rowOf(zDim: number, { samples, verdict, metrics }: Diagnosis) {
  const { modes, sure, frechet, precision, recall, coverage, duplicates, support, variety } = metrics;
  const selected = { modes, sure, frechet, precision, recall, coverage, duplicates, support, variety };
  return { zDim, samples, verdict: verdict.name, reasons: verdict.reasons, ...selected };
}

const device = await openDevice();
const engine = new Engine(device, { store: tuningFile() });
const dataset = await loadMnist(folder, 'train');
const evaluators = [];
for (const samples of SAMPLE_COUNTS) {
  const { model } = loadClassifier(engine, bundledClassifier(dataset.name) ?? '');
  evaluators.push(await Evaluator.create(engine, model, dataset, { samples }));
}

const rows = [];
const pictured: Float32Array[] = [];
for (const zDim of values.z.split(',').map(Number)) {
  const autoencoder = new Autoencoder(engine, zDim);
  await autoencoder.train(dataset);
  const images = await autoencoder.samples(dataset, Math.max(...SAMPLE_COUNTS));
  autoencoder.dispose();
  pictured.push(images.slice(0, SHOWN * PIXELS));
  for (const evaluator of evaluators) {
    const row = rowOf(zDim, await evaluator.evaluateImages(images.slice(0, evaluator.samples * PIXELS)));
    rows.push(row);
    console.log(JSON.stringify(row));
  }
}

const conditions = { adapter: device.adapter.name, dataset: dataset.name, iterations, batch: BATCH, width };
writeFileSync(OUT.numbers, `${JSON.stringify({ ...conditions, rows }, undefined, 2)}\n`);
const pixels = Float32Array.from(pictured.flatMap((images) => [...images]));
const grid = { count: SHOWN * pictured.length, height: SIDE, width: SIDE, channels: 1, columns: SHOWN, scale: 2 };
writeFileSync(OUT.picture, encodePng(imageGrid(pixels, grid)));
device.destroy();
