/**
 * @file Conditional training: classes reach both networks, from the labels of the real images and from the GPU's own
 * draws; a replay is the eager step, and a resumed run ends as an uninterrupted one, bit for bit.
 */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Engine } from '../../src/autograd/engine.js';
import { createDataset, type ImageDataset } from '../../src/data/dataset.js';
import { digitsDataset } from '../../src/data/digits/digits.js';
import { conditionedRows, CONDITION, oneHot, planesBehind } from '../../src/models/layers/conditioning.js';
import { classCounts, Conditioning } from '../../src/gan/conditioning.js';
import { GanTraining, type GanTrainingOptions, type Samples } from '../../src/training/gan/ganTraining.js';
import { Trainer } from '../../src/training/trainer.js';
import { LOSSES } from '../../src/gan/losses.js';
import { CLASS_COLUMNS, forEachClass, rowsByClass, SAMPLE_COUNT, WALK_STEPS } from '../../src/gan/samplePoints.js';
import type { Snapshot } from '../../src/data/weights/state.js';
import { TrainedGenerator } from '../../src/training/checkpoint/trainedGenerator.js';
import { download, openTestDevice } from '../support/device.js';
import { seededNormal } from '../support/random.js';
import { slow } from '../support/slow.js';
import { trained, type Told } from './trained.js';

const device = await openTestDevice();
test.after(() => device.destroy());

const engine = new Engine(device);

const DIGITS = digitsDataset({ seed: 'conditional', count: 40 });

const OPTIONS: GanTrainingOptions = {
  architecture: 'dcgan',
  objective: { conditional: true },
  zDim: 3,
  width: 0.0625,
  batch: 4,
  iterations: 4,
  sampleEvery: 4,
  checkpointEvery: 2,
  seed: 'conditional',
};

function run(options: Partial<GanTrainingOptions>, dataset: ImageDataset = DIGITS): Promise<Told> {
  return trained(new GanTraining(engine, dataset, { ...OPTIONS, ...options }));
}

/** The same images under other labels. */
const relabelled = createDataset({ ...DIGITS, name: 'relabelled', labels: DIGITS.labels.map((label) => 9 - label) });

for (const architecture of ['dcgan', 'article'] as const) {
  slow(`${architecture}: other labels of the same images give another training`, async () => {
    const [given, others] = [
      await run({ architecture, iterations: 2 }),
      await run({ architecture, iterations: 2 }, relabelled),
    ];
    assert.not.equal(others.rows, given.rows);
  });
}

slow('both networks learn from the classes: the kernels’ weights for them change', async () => {
  const training = new GanTraining(engine, DIGITS, OPTIONS);
  const trainer = new Trainer(training);
  const before = await trainer.snapshot();
  await trainer.run();
  const after = await trainer.snapshot();
  training.dispose();
  const [z, image] = ['generator/dense/kernel', 'discriminator/conv1/kernel'];
  assert.equal([before.get(z)?.shape[0], before.get(image)?.shape[2]], [3 + CONDITION, 1 + planesBehind(1)]);
  for (const [name, columns, first, all] of [
    [z, before.get(z)!.shape[1]!, 3, 3 + CONDITION],
    [image, before.get(image)!.shape[3]!, 1, 1 + planesBehind(1)],
  ] as const) {
    const rows = before.get(name)!.values.length / columns;
    const moved = Array.from({ length: rows }, (_, row) => row).filter((row) => {
      const at = (state: Snapshot): string =>
        state
          .get(name)!
          .values.slice(row * columns, (row + 1) * columns)
          .join();
      return row % all >= first && at(before) !== at(after);
    });
    assert.ok(
      moved.every((row) => row % all < first + CONDITION),
      `${name}: an empty plane has no gradient`,
    );
    assert.ok(moved.length >= CONDITION / 2, `${name}: ${moved.length} rows of classes moved`);
  }
});

slow(
  'pictures have a row for each class: fixed z and walks the same in each, and those of the checkpoint',
  async () => {
    const { samples, checkpoints } = await run({});
    const [{ fixed, fresh, walk }] = samples as [Samples];
    assert.equal(
      [fixed, fresh, walk].map((images) => images.length / 784),
      [CONDITION * CLASS_COLUMNS, CONDITION * CLASS_COLUMNS, CONDITION * WALK_STEPS],
    );
    const numbers = { zDim: 3, width: 0.0625, imageHeight: 28, imageWidth: 28, channels: 1 };
    const texts = Object.entries(numbers).map(([name, value]) => [name, value.toString()] as const);
    const metadata = new Map([['architecture', 'dcgan'], ['conditional', 'true'], ...texts]);
    const checkpoint = { path: 'x', iteration: 4, metadata, tensors: checkpoints.get(4) ?? new Map<string, never>() };
    const generator = TrainedGenerator.load(engine, checkpoint);
    assert.ok(generator.isConditional);

    const training = new GanTraining(engine, DIGITS, OPTIONS);
    new Trainer(training).restore(checkpoint.tensors, 'the test');
    const z = Float32Array.from(seededNormal('z', 2 * 3));
    const wanted = await training.gan.sample(engine.tensor(conditionedRows(z, 3, [7, 2]), [2, 3 + CONDITION])).data();
    training.dispose();
    assert.equal(await generator.images(z, [7, 2]), wanted);
    assert.not.equal(await generator.images(z, [7, 3]), wanted);
    // One z at every class: images differ by the class alone.
    const one = await generator.images(forEachClass(z.subarray(0, 3)), rowsByClass(1));
    const images = new Set(Array.from({ length: CONDITION }, (_, row) => one.slice(row * 784, (row + 1) * 784).join()));
    assert.is(images.size, CONDITION);

    const message = (work: Promise<unknown>): Promise<string> => work.then(() => 'nothing was refused', String);
    assert.match(await message(generator.images(z)), /is conditional, and takes classes/);
    assert.match(await message(generator.images(z, [1])), /conditionedRows: got 6 numbers for 1 classes/);
    assert.match(await message(generator.images(z, [1, 10])), /oneHot: got class 10/);
    generator.dispose();
    const odd = { ...checkpoint, metadata: new Map([...metadata, ['conditional', 'perhaps']]) };
    assert.throws(() => TrainedGenerator.load(engine, odd), /x: conditional is true or false, not "perhaps"/);
    const plain = { ...checkpoint, metadata: new Map([...metadata, ['conditional', 'false']]) };
    assert.throws(() => TrainedGenerator.load(engine, plain), /tensor generator\/dense\/kernel is float32 \[13, /);
  },
);

slow('without the flag there is no class, and pictures are unchanged', async () => {
  const { samples, checkpoints } = await run({ objective: undefined });
  assert.equal(
    [samples[0]?.fixed, samples[0]?.fresh, samples[0]?.walk].map((images) => (images?.length ?? 0) / 784),
    [SAMPLE_COUNT, SAMPLE_COUNT, WALK_STEPS],
  );
  assert.equal(checkpoints.get(4)?.get('generator/dense/kernel')?.shape[0], 3);
});

test('requested classes follow the shares; under wgan-gp they are those of the real images', async () => {
  const counter = device.allocatePersistent(4, 'counter');
  device.write(counter, new Uint32Array([5]));
  const source = { seed: 1, stream: 20, counter };
  const labels = [1, 2, 3, 4, 5, 6];
  for (const [name, isPaired] of [
    ['bce', false],
    ['r1', false],
    ['wgan-gp', true],
  ] as const) {
    const shares = [0, 0, 0, 0, 0, 0, 0, 0, 1, 1];
    const conditioning = new Conditioning(engine, 6, LOSSES[name], shares);
    conditioning.write(labels);
    const asked = await download(device, conditioning.ofUpdate(2, 4, source).buffer, 2 * CONDITION);
    if (isPaired) assert.equal(asked, oneHot([5, 6]));
    else {
      const drawn = await download(device, conditioning.drawn(2, source).buffer, 2 * CONDITION);
      assert.equal(asked, drawn);
      for (const row of [0, 1]) assert.ok(drawn.subarray(row * CONDITION, (row + 1) * CONDITION).indexOf(1) >= 8);
    }
    assert.throws(() => conditioning.write([1, 2]), /real classes \[6, 10\]: got 20 values/);
    conditioning.dispose();
  }
  device.free(counter);
});

test('each update of an iteration requests its own classes', () => {
  const objective = { conditional: true, loss: 'wgan', criticSteps: 3 } as const;
  const training = new GanTraining(engine, DIGITS, { ...OPTIONS, objective });
  const { commands } = device.trace(() => {
    training.gan.step();
    return undefined;
  });
  const drawn = commands
    .filter(({ kernel }) => kernel.name === 'randomOneHot')
    .map(({ params }) => JSON.stringify(params));
  assert.equal([drawn.length, new Set(drawn).size], [3, 3]);
  training.dispose();
});

test('data without ten classes is refused', () => {
  assert.equal(classCounts({ ...DIGITS, labels: Uint8Array.of(1, 1, 9) }), [0, 2, 0, 0, 0, 0, 0, 0, 0, 1]);
  const odd = { ...DIGITS, name: 'letters', labels: DIGITS.labels.map((label) => label + 1) };
  assert.throws(
    () => new GanTraining(engine, odd, OPTIONS),
    /^--conditional: letters has an image of label 10; it takes labels from 0 to 9$/,
  );
});

test.run();
