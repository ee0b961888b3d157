/**
 * @file Tests that the pictures of a run on colour images have each image's own colours.
 */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Engine } from '../../src/autograd/engine.js';
import { digitsDataset } from '../../src/data/digits/digits.js';
import { stackedMnist } from '../../src/data/stackedMnist.js';
import { decodePng } from '../../src/figures/png.js';
import { GanTraining, type GanTrainingOptions } from '../../src/training/gan/ganTraining.js';
import { writeSamples } from '../../src/training/gan/ganPictures.js';
import { openTestDevice } from '../support/device.js';
import { slow } from '../support/slow.js';
import { trained } from './trained.js';

const device = await openTestDevice();
test.after(() => device.destroy());

const engine = new Engine(device);

const STACKED = stackedMnist(digitsDataset({ seed: 'three', count: 40 }), { seed: 'three', count: 90 });

const OPTIONS: GanTrainingOptions = {
  architecture: 'dcgan',
  zDim: 5,
  width: 0.125,
  batch: 4,
  iterations: 2,
  sampleEvery: 2,
  seed: 'three',
};

slow('each pixel of a picture is red, green and blue as the generator made it', async () => {
  const { samples: all } = await trained(new GanTraining(engine, STACKED, OPTIONS));
  const [samples] = all;
  if (samples === undefined) throw new Error('got no samples');
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
