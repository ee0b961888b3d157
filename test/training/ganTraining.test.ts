/**
 * @file The training loop, end to end on a few built-in digits: what the observer is told, and how a run ends.
 */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Engine } from '../../src/autograd/engine.js';
import { digitsDataset } from '../../src/data/digits/digits.js';
import type { PlanMemory } from '../../src/gpu/plan.js';
import { METRICS, type Metrics } from '../../src/training/gan.js';
import {
  GanTraining,
  type GanTrainingOptions,
  SAMPLE_COUNT,
  type Samples,
  type TrainingObserver,
} from '../../src/training/ganTraining.js';
import { openTestDevice } from '../support/device.js';
import { slow } from '../support/slow.js';

const device = await openTestDevice();
test.after(() => device.destroy());

const engine = new Engine(device);

const DIGITS = digitsDataset({ seed: 'training', count: 50 });

const OPTIONS: GanTrainingOptions = {
  architecture: 'dcgan',
  zDim: 5,
  width: 0.125,
  batch: 4,
  iterations: 11,
  sampleEvery: 4,
  seed: 'loop',
};

interface Told {
  readonly order: string[];
  readonly rows: { iteration: number; row: Metrics }[];
  readonly samples: Samples[];
  readonly memory: (PlanMemory | undefined)[];
}

function listener(): { told: Told; observer: TrainingObserver } {
  const told: Told = { order: [], rows: [], samples: [], memory: [] };
  const observer: TrainingObserver = {
    ready: (memory) => {
      told.order.push('ready');
      told.memory.push(memory);
    },
    metrics: (first, rows) => {
      told.order.push(`metrics to ${first + rows.length - 1}`);
      told.rows.push(...rows.map((row, index) => ({ iteration: first + index, row })));
    },
    samples: (samples) => {
      told.order.push(`samples at ${samples.iteration}`);
      told.samples.push(samples);
    },
  };
  return { told, observer };
}

async function run(options: Partial<GanTrainingOptions> = {}): Promise<Told> {
  const training = new GanTraining(engine, DIGITS, { ...OPTIONS, ...options });
  assert.is(training.done, 0);
  const { told, observer } = listener();
  await training.run(observer);
  assert.is(training.done, options.iterations ?? OPTIONS.iterations);
  training.dispose();
  return told;
}

let first: Promise<Told> | undefined;

/** The run with {@link OPTIONS}, made once. */
function firstRun(): Promise<Told> {
  first ??= run();
  return first;
}

slow('iterations are told from 1 without gaps, with finite metrics', async () => {
  const { rows, order, memory } = await firstRun();
  assert.equal(
    rows.map(({ iteration }) => iteration),
    Array.from({ length: 11 }, (_, index) => index + 1),
  );
  for (const { iteration, row } of rows) {
    assert.equal(Object.keys(row), [...METRICS]);
    assert.ok(Object.values(row).every(Number.isFinite), `iteration ${iteration}: ${JSON.stringify(row)}`);
    for (const share of [row.realCalledReal, row.fakeCalledFake, row.fakeCalledReal]) {
      assert.ok(share >= 0 && share <= 1, `iteration ${iteration}: ${JSON.stringify(row)}`);
    }
  }
  assert.is(order[0], 'ready');
  assert.is(order.filter((event) => event === 'ready').length, 1);
  assert.ok(memory[0] !== undefined && memory[0].allocatedBytes > 0);
  assert.ok(memory[0].liveBytes <= memory[0].allocatedBytes && memory[0].allocatedBytes <= memory[0].unsharedBytes);
});

slow('samples come every sampleEvery iterations and after the last, behind their metrics', async () => {
  const { samples, order } = await firstRun();
  assert.equal(
    samples.map(({ iteration }) => iteration),
    [4, 8, 11],
  );
  for (const { iteration } of samples) {
    const at = order.indexOf(`samples at ${iteration}`);
    assert.is(order[at - 1], `metrics to ${iteration}`);
  }
});

slow('samples lie within [−1, 1], and change with the training', async () => {
  const { samples } = await firstRun();
  for (const { fixed, fresh, iteration } of samples) {
    for (const images of [fixed, fresh]) {
      assert.is(images.length, SAMPLE_COUNT * 28 * 28);
      assert.ok(
        images.every((value) => value >= -1 && value <= 1),
        `samples at ${iteration}`,
      );
    }
    assert.not.equal(fixed, fresh);
  }
  assert.not.equal(samples.at(0)?.fixed, samples.at(-1)?.fixed);
});

slow('the fixed z stay: from one iteration to the next their images change by the update alone', async () => {
  // The article's generator: the images of an untrained dcgan are all but zero, whatever the z.
  const { samples } = await run({ architecture: 'article', iterations: 2, sampleEvery: 1 });
  const [before, after] = samples;
  if (before === undefined || after === undefined) throw new Error('two samples are expected');
  const distance = (a: Float32Array, b: Float32Array): number =>
    a.reduce((sum, value, at) => sum + Math.abs(value - b[at]!), 0) / a.length;
  const [byUpdate, byZ] = [distance(before.fixed, after.fixed), distance(before.fresh, after.fresh)];
  assert.ok(byUpdate > 0 && byUpdate < 0.3 * byZ, `${byUpdate} by the update, ${byZ} by the update and other z`);
});

slow('the same seed gives the same bits, replayed or eager, in whatever chunks they are read', async () => {
  const { rows, samples } = await firstRun();
  const eager = await run({ eager: true, sampleEvery: 3 });
  assert.equal(eager.rows, rows);
  assert.equal(eager.memory, [undefined]);
  assert.equal(eager.samples.at(-1)?.fixed, samples.at(-1)?.fixed);
  assert.equal(eager.samples.at(-1)?.fresh, samples.at(-1)?.fresh);
  const other = await run({ seed: 'another', iterations: 2 });
  assert.not.equal(other.rows, rows.slice(0, 2));
});

slow('the article’s architecture trains as well', async () => {
  const { rows, samples } = await run({ architecture: 'article', iterations: 2 });
  assert.equal(
    rows.map(({ iteration }) => iteration),
    [1, 2],
  );
  assert.equal(
    samples.map(({ iteration }) => iteration),
    [2],
  );
});

slow('more iterations than the history holds are all told', async () => {
  const { rows } = await run({ iterations: 300, sampleEvery: 1000, width: 0.03, batch: 2 });
  assert.equal(
    rows.map(({ iteration }) => iteration),
    Array.from({ length: 300 }, (_, index) => index + 1),
  );
  assert.is(new Set(rows.map(({ row }) => row.generatorLoss)).size, 300, 'no row is told twice');
});

for (const network of ['discriminator', 'generator'] as const) {
  slow(`NaN in the ${network} stops the run with an error that names the iteration`, async () => {
    const training = new GanTraining(engine, DIGITS, { ...OPTIONS, iterations: 30, sampleEvery: 2 });
    // The last parameter is the bias of the output: nothing behind it can swallow the NaN.
    const poisoned = training.gan[network].parameters.at(-1);
    let told = 0;
    let message = '';
    try {
      await training.run({
        metrics: (start, rows) => {
          told = start + rows.length - 1;
        },
        samples: ({ iteration }) => {
          if (iteration === 4) poisoned?.write(new Float32Array(poisoned.size).fill(NaN));
        },
      });
    } catch (error) {
      message = error instanceof Error ? error.message : String(error);
    }
    assert.match(message, /loss is not a finite number at iteration 5\b/);
    assert.is(told, 4, 'the finite rows were told first, and they alone');
    training.dispose();
  });
}

slow('a run without an observer ends', async () => {
  const training = new GanTraining(engine, DIGITS, { ...OPTIONS, iterations: 1 });
  await training.run();
  assert.is(training.done, 1);
  training.dispose();
});

test.run();
