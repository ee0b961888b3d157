/**
 * @file Tests the averaged generator: its formula, that training is unchanged, and that it draws the pictures, from a checkpoint
 * as well.
 */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Engine } from '../../src/autograd/engine.js';
import { digitsDataset } from '../../src/data/digits/digits.js';
import { GanTraining, type GanTrainingOptions } from '../../src/training/gan/ganTraining.js';
import { Trainer } from '../../src/training/trainer.js';
import { AVERAGE, type Snapshot } from '../../src/data/weights/state.js';
import { TrainedGenerator } from '../../src/training/checkpoint/trainedGenerator.js';
import * as reference from '../reference/ops.js';
import { openTestDevice } from '../support/device.js';
import { seededNormal } from '../support/random.js';
import { slow } from '../support/slow.js';
import { trained, type Told } from './trained.js';

const device = await openTestDevice();
test.after(() => device.destroy());

const engine = new Engine(device);

const DIGITS = digitsDataset({ seed: 'average', count: 30 });

const DECAY = 0.75;

const OPTIONS: GanTrainingOptions = {
  architecture: 'dcgan',
  objective: { averageDecay: DECAY },
  zDim: 3,
  width: 0.0625,
  batch: 4,
  iterations: 4,
  sampleEvery: 4,
  checkpointEvery: 1,
  seed: 'average',
};

function run(options: Partial<GanTrainingOptions>): Promise<Told> {
  return trained(new GanTraining(engine, DIGITS, { ...OPTIONS, ...options }));
}

/** The averages of a state, by the names of what they are averages of. */
const averagesOf = (state: Snapshot | undefined): (readonly [string, Float32Array])[] => {
  return [...(state ?? [])].flatMap(([name, { values }]) => {
    return name.startsWith(AVERAGE) ? [[name.slice(AVERAGE.length), Float32Array.from(values)] as const] : [];
  });
};

const withoutAverages = (state: Snapshot | undefined): unknown[] => {
  return [...(state ?? [])].filter(([name]) => !name.startsWith(AVERAGE));
};

slow('the average starts as the generator and follows it by the formula, batch-norm statistics included', async () => {
  const { start, checkpoints } = await run({});
  const first = averagesOf(start);
  // Three kernels and a bias; γ and β of two norms, and the mean and variance of each.
  assert.is(first.length, 12);
  for (const [name, values] of first) assert.equal(values, start.get(name)?.values, name);
  let wanted = new Map<string, ArrayLike<number>>(first);
  for (let iteration = 1; iteration <= 4; iteration++) {
    const state = checkpoints.get(iteration);
    wanted = new Map(
      [...wanted].map(([name, mean]) => [name, reference.averaged(mean, state?.get(name)?.values ?? [], DECAY)]),
    );
    for (const [name, values] of averagesOf(state)) {
      reference.assertClose(values, wanted.get(name) ?? [], 1e-6, `${name} at ${iteration}`);
    }
  }
});

for (const architecture of ['dcgan', 'article'] as const) {
  slow(`${architecture}: training has the same bits as without it; pictures differ`, async () => {
    const plain = await run({ architecture, objective: undefined });
    const averaged = await run({ architecture });
    assert.equal(averaged.rows, plain.rows);
    assert.equal(withoutAverages(averaged.checkpoints.get(4)), withoutAverages(plain.checkpoints.get(4)));
    assert.is(averagesOf(plain.checkpoints.get(4)).length, 0);
    assert.not.equal(averaged.samples[0]?.fixed, plain.samples[0]?.fixed);
  });
}

slow('a generator from a checkpoint uses the averaged weights', async () => {
  const { checkpoints } = await run({});
  const tensors: Snapshot = checkpoints.get(4) ?? new Map<string, never>();
  const numbers = { zDim: 3, width: 0.0625, imageHeight: 28, imageWidth: 28, channels: 1 };
  const texts = Object.entries(numbers).map(([name, value]) => [name, value.toString()] as const);
  const metadata = new Map([['architecture', 'dcgan'], ...texts]);
  const z = Float32Array.from(seededNormal('z', 6));
  const draw = async (of: Snapshot): Promise<Float32Array> => {
    const generator = TrainedGenerator.load(engine, { path: 'x', iteration: 4, metadata, tensors: of });
    const images = await generator.images(z);
    generator.dispose();
    return images;
  };
  const training = new GanTraining(engine, DIGITS, OPTIONS);
  new Trainer(training).restore(tensors, 'the test');
  const wanted = await training.gan.sample(engine.tensor(z, [2, 3])).data();
  training.dispose();
  assert.equal(await draw(tensors), wanted);
  const trained = new Map([...tensors].filter(([name]) => !name.startsWith(AVERAGE)));
  assert.not.equal(await draw(trained), wanted);
});

slow('a recorded step averages in two dispatches: parameters, and batch-norm statistics', () => {
  const training = new GanTraining(engine, DIGITS, OPTIONS);
  const { commands } = device.trace(() => {
    training.gan.step();
    return undefined;
  });
  assert.is(commands.filter(({ kernel }) => kernel.name === 'average').length, 2);
  training.dispose();
});

test.run();
