/**
 * @file A generator out of a checkpoint: the images of the GAN that it comes from, in whatever portions; and checkpoints
 * that tell what they do not hold.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Engine } from '../../../src/autograd/engine.js';
import { digitsDataset } from '../../../src/data/digits/digits.js';
import type { ArchitectureName } from '../../../src/models/networks/architectures.js';
import {
  type Checkpoint,
  CheckpointError,
  CheckpointFolder,
  readCheckpoint,
} from '../../../src/training/checkpoint/checkpoints.js';
import { GanTraining } from '../../../src/training/gan/ganTraining.js';
import { Trainer } from '../../../src/training/trainer.js';
import { drawZ } from '../../../src/gan/latent.js';
import { findCheckpoint, TrainedGenerator } from '../../../src/training/checkpoint/trainedGenerator.js';
import { openTestDevice } from '../../support/device.js';
import { slow } from '../../support/slow.js';

const device = await openTestDevice();
const root = mkdtempSync(join(tmpdir(), 'trained-'));
test.after(() => {
  device.destroy();
  rmSync(root, { recursive: true });
});

const engine = new Engine(device);

const METADATA = { zDim: '5', width: '0.125', imageHeight: '28', imageWidth: '28', channels: '1' };

/** A GAN after two iterations, and the checkpoint of it, by way of the disk. */
async function trained(architecture: ArchitectureName): Promise<{ training: GanTraining; checkpoint: Checkpoint }> {
  const sizes = { zDim: 5, width: 0.125, batch: 4, iterations: 2, sampleEvery: 9 };
  const digits = digitsDataset({ seed: 'trained', count: 20 });
  const training = new GanTraining(engine, digits, { architecture, ...sizes, seed: 'trained' });
  const trainer = new Trainer(training);
  await trainer.run();
  const folder = new CheckpointFolder(join(root, architecture, 'checkpoints'));
  const path = folder.write(2, await trainer.snapshot(), { architecture, ...METADATA });
  return { training, checkpoint: readCheckpoint(path) };
}

let dcgan: Promise<Checkpoint> | undefined;

function dcganCheckpoint(): Promise<Checkpoint> {
  dcgan ??= trained('dcgan').then(({ training, checkpoint }) => {
    training.dispose();
    return checkpoint;
  });
  return dcgan;
}

/** A checkpoint that tells something else of its network. */
function telling(
  { metadata, ...checkpoint }: Checkpoint,
  changes: Readonly<Record<string, string | undefined>>,
): Checkpoint {
  const changed = Object.entries({ ...Object.fromEntries(metadata), ...changes });
  return {
    ...checkpoint,
    metadata: new Map(changed.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]]))),
  };
}

for (const architecture of ['dcgan', 'article'] as const) {
  slow(`${architecture}: the images are those of the GAN, bit for bit, however many at once`, async () => {
    const { training, checkpoint } = await trained(architecture);
    const generator = TrainedGenerator.load(engine, checkpoint);
    assert.is(generator.zDim, 5);
    assert.equal(generator.image, { height: 28, width: 28, channels: 1 });

    const z = drawZ(130, 5, 'trained');
    const images = await generator.images(z);
    assert.is(images.length, 130 * 784);
    assert.ok(images.every((value) => value >= -1 && value <= 1));

    const input = engine.tensor(z, [130, 5]);
    const output = engine.scope(() => training.gan.sample(input));
    assert.equal(images, await output.data(), 'all at once, by the GAN');
    for (let index = 0; index < 130; index += 1) {
      const alone = await generator.images(z.subarray(index * 5, (index + 1) * 5));
      assert.equal(alone, images.subarray(index * 784, (index + 1) * 784), `image ${index} by itself`);
    }
    assert.not.equal(images.subarray(0, 784), images.subarray(784, 1568), 'another z is another image');
    generator.dispose();
    training.dispose();
  });
}

slow('no z, no images; and images again and again take no more memory', async () => {
  const generator = TrainedGenerator.load(engine, await dcganCheckpoint());
  assert.is((await generator.images(new Float32Array(0))).length, 0);
  const z = drawZ(3, 5, 'memory');
  await generator.images(z);
  const { bytes } = device.pool;
  for (let time = 0; time < 5; time++) await generator.images(z);
  assert.is(device.pool.bytes, bytes);
  generator.dispose();
});

for (const [what, changes, message] of [
  ['a z of a thousand million', { zDim: '1e9' }, /: zDim is an integer from 1 to 512, not "1e9"$/],
  ['a z of 0', { zDim: '0' }, /: zDim is an integer from 1 to 512, not "0"$/],
  ['a z of 1.5', { zDim: '1.5' }, /: zDim is an integer from 1 to 512, not "1.5"$/],
  ['no z', { zDim: undefined }, /: zDim is an integer from 1 to 512, not ""$/],
  ['a width of NaN', { width: 'NaN' }, /: width is above 0, up to 8, not "NaN"$/],
  ['a negative width', { width: '-1' }, /: width is above 0, up to 8, not "-1"$/],
  ['an infinite width', { width: 'Infinity' }, /: width is above 0, up to 8, not "Infinity"$/],
  ['an architecture that there is not', { architecture: 'vae' }, /: there is no architecture "vae"$/],
  ['an architecture of every object', { architecture: 'constructor' }, /: there is no architecture "constructor"$/],
  ['no architecture', { architecture: undefined }, /: there is no architecture ""$/],
  ['small images', { imageHeight: '14' }, /: imageHeight is 28, not "14"$/],
  ['large images', { imageWidth: '100000' }, /: imageWidth is 28, not "100000"$/],
  ['many channels', { channels: '4096' }, /: channels is an integer from 1 to 3, not "4096"$/],
  ['control characters', { width: '\u001b[2J' }, /not "\\u001b\[2J"$/],
  [
    'another z than it holds',
    { zDim: '4' },
    /: tensor generator\/dense\/kernel is float32 \[5, 784\], and .* \[4, 784\]$/,
  ],
  ['colours that it does not hold', { channels: '3' }, /: tensor generator\/conv2\/\w+ is float32/],
  ['the other architecture', { architecture: 'article' }, /: tensor generator\/\w+\/\w+ (is missing|is float32)/],
  [
    'a normalisation that there is none of',
    { normaliseGenerator: 'group' },
    /normaliseGenerator is one of .*not .*group/,
  ],
  ['a normalisation of other weights', { normaliseGenerator: 'spectral' }, /generator\/.*\/(bias|singular_vector)/],
  ['far more than it holds', { architecture: 'article', zDim: '512', width: '8' }, /holds too few numbers for article/],
] as const) {
  slow(`a checkpoint that tells of ${what} is refused, at no cost`, async () => {
    const checkpoint = telling(await dcganCheckpoint(), changes);
    const before = device.pool.bytes;
    assert.throws(
      () => TrainedGenerator.load(engine, checkpoint),
      (error: unknown) => {
        if (!(error instanceof CheckpointError)) throw error;
        assert.match(error.message, message);
        return error.message.startsWith(checkpoint.path) && error.message.length < checkpoint.path.length + 200;
      },
    );
    assert.ok(device.pool.bytes - before < 2 ** 23, `${device.pool.bytes - before} bytes were taken`);
  });
}

slow('a message does not repeat megabytes of a file', async () => {
  const checkpoint = telling(await dcganCheckpoint(), { zDim: 'x'.repeat(1e6), architecture: 'y'.repeat(1e6) });
  for (const each of [checkpoint, telling(checkpoint, { architecture: 'dcgan' })]) {
    assert.throws(
      () => TrainedGenerator.load(engine, each),
      (error: unknown) => error instanceof CheckpointError && error.message.length < checkpoint.path.length + 200,
    );
  }
});

slow('tensors of the discriminator and of the optimisers are not asked for', async () => {
  const checkpoint = await dcganCheckpoint();
  const own = [...checkpoint.tensors].filter(([name]) => name.startsWith('generator/') && !name.includes('adam'));
  const z = drawZ(2, 5, 'own');
  const [all, few] = [checkpoint, { ...checkpoint, tensors: new Map(own) }].map((each) => {
    return TrainedGenerator.load(engine, each);
  });
  assert.equal(await few?.images(z), await all?.images(z));
  assert.throws(
    () => TrainedGenerator.load(engine, { ...checkpoint, tensors: new Map(own.slice(1)) }),
    (error: unknown) => error instanceof CheckpointError && error.message.includes(`tensor ${own[0]?.[0]} is missing`),
  );
  for (const generator of [all, few]) generator?.dispose();
});

test('a checkpoint is found by its file, or by its run’s folder and perhaps the iteration', () => {
  const run = join(root, 'run');
  const folder = new CheckpointFolder(join(run, 'checkpoints'));
  const paths = [2, 4].map((iteration) => folder.write(iteration, new Map(), { zDim: iteration.toString() }));
  for (const [args, iteration] of [
    [[run], 4],
    [[run, 2], 2],
    [[paths[0]!], 2],
  ] as const) {
    const { checkpoint, skipped } = findCheckpoint(args[0], args[1]);
    assert.is(checkpoint.iteration, iteration);
    assert.is(checkpoint.metadata.get('zDim'), iteration.toString());
    assert.equal(skipped, []);
  }
  writeFileSync(paths[1]!, 'damaged');
  assert.is(findCheckpoint(run).checkpoint.iteration, 2);
  assert.match(findCheckpoint(run).skipped[0]?.message ?? '', paths[1]!);
  assert.throws(() => findCheckpoint(run, 4), /000004\.safetensors/);
  assert.throws(() => findCheckpoint(paths[1]!), /000004\.safetensors/);
  assert.throws(() => findCheckpoint(run, 3), /run has no checkpoint of iteration 3; it has 4, 2$/);
});

test('where there is none, the message says where it was looked for', () => {
  const empty = join(root, 'empty');
  mkdirSync(empty);
  assert.throws(
    () => findCheckpoint(join(root, 'none')),
    /none does not exist: a run's folder or a checkpoint is expected$/,
  );
  assert.throws(() => findCheckpoint(empty), /^there is no checkpoint in .*empty.checkpoints$/);
  assert.throws(() => findCheckpoint(empty, 2), /has no checkpoint of iteration 2; it has none$/);
});

test.run();
