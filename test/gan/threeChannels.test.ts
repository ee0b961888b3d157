/**
 * @file Training on images of three channels: both architectures, replayed and eager, gone on with bit for bit; and the
 * pictures that a run writes have each image's own colours.
 */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Engine } from '../../src/autograd/engine.js';
import { digitsDataset } from '../../src/data/digits/digits.js';
import { stackedMnist } from '../../src/data/stackedMnist.js';
import { decodePng } from '../../src/figures/png.js';
import { GanTraining, type GanTrainingOptions, type Samples } from '../../src/training/gan/ganTraining.js';
import { Trainer } from '../../src/training/trainer.js';
import { SAMPLE_COUNT } from '../../src/gan/samplePoints.js';
import { writeSamples } from '../../src/training/gan/ganPictures.js';
import type { Snapshot } from '../../src/data/weights/state.js';
import { openTestDevice } from '../support/device.js';
import { slow } from '../support/slow.js';

const device = await openTestDevice();
test.after(() => device.destroy());

const engine = new Engine(device);

const STACKED = stackedMnist(digitsDataset({ seed: 'three', count: 40 }), { seed: 'three', count: 90 });

const OPTIONS: GanTrainingOptions = {
  architecture: 'dcgan',
  zDim: 5,
  width: 0.125,
  batch: 4,
  iterations: 4,
  sampleEvery: 4,
  checkpointEvery: 2,
  seed: 'three',
};

interface Told {
  readonly samples: Samples;
  readonly checkpoints: Map<number, Snapshot>;
}

async function run(options: Partial<GanTrainingOptions> = {}, from?: Snapshot): Promise<Told> {
  const training = new GanTraining(engine, STACKED, { ...OPTIONS, ...options });
  const trainer = new Trainer(training);
  if (from !== undefined) trainer.restore(from, 'the test');
  const checkpoints = new Map<number, Snapshot>();
  let last: Samples | undefined;
  await trainer.run({
    samples: (samples) => {
      last = samples;
    },
    checkpoint: (iteration, state) => checkpoints.set(iteration, state),
  });
  training.dispose();
  if (last === undefined) throw new Error('there are no samples');
  return { samples: last, checkpoints };
}

for (const architecture of ['dcgan', 'article'] as const) {
  slow(
    `${architecture}: four iterations are two, and two from their checkpoint; eager gives the same bits`,
    async () => {
      const straight = await run({ architecture });
      assert.is(straight.samples.fixed.length, SAMPLE_COUNT * 28 * 28 * 3);
      const kernel = straight.checkpoints.get(4)?.get('generator/conv2/kernel');
      assert.is(kernel?.shape.includes(3), true, `the last layer makes three channels: ${kernel?.shape.join()}`);
      const resumed = await run({ architecture }, straight.checkpoints.get(2));
      assert.equal(resumed.samples, straight.samples);
      assert.equal(resumed.checkpoints.get(4), straight.checkpoints.get(4));
      const eager = await run({ architecture, eager: true });
      assert.equal(eager.checkpoints.get(4), straight.checkpoints.get(4));
    },
  );
}

slow('each pixel of a picture is red, green and blue as the generator made it', async () => {
  const { samples } = await run();
  const written = new Map<string, Uint8Array>();
  const folder = {
    write: (name: string, content: string | Uint8Array | object) => {
      if (content instanceof Uint8Array) written.set(/^images\/(\w+)-/.exec(name)?.[1] ?? name, content);
      return name;
    },
  };
  writeSamples(folder, STACKED, samples);
  // Images of 28 pixels, four times as large, with gaps of 2.
  for (const [kind, columns] of [
    ['fixed', 5],
    ['fresh', 5],
    ['walk', 11],
  ] as const) {
    const { width, rgba } = decodePng(written.get(kind) ?? new Uint8Array(0));
    const [right, wrong] = [[] as number[], [] as number[]];
    samples[kind].forEach((value, at) => {
      const [channel, x, y] = [at % 3, Math.floor(at / 3) % 28, Math.floor(at / 84) % 28];
      const image = Math.floor(at / 2352);
      const [left, top] = [(image % columns) * 114 + 4 * x, Math.floor(image / columns) * 114 + 4 * y];
      const expected = Math.round((value + 1) * 127.5);
      (rgba[4 * (top * width + left) + channel] === expected ? right : wrong).push(at);
    });
    assert.equal([right.length, wrong.length], [samples[kind].length, 0], kind);
    const colours = new Set(samples[kind].subarray(0, 3));
    assert.is(colours.size, 3, 'the channels of a pixel differ');
  }
});

test.run();
