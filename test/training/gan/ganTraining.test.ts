/**
 * @file Trainer and GanTraining on a few built-in digits: the callbacks, their order, and the outcomes. test/gan/replay.test.ts
 * compares replayed, eager and resumed trainings.
 */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Engine } from '../../../src/autograd/engine.js';
import { digitsDataset } from '../../../src/data/digits/digits.js';
import type { PlanMemory } from '../../../src/gpu/plan/plan.js';
import { METRICS, type Metrics } from '../../../src/gan/ganMetrics.js';
import { GanTraining, type GanTrainingOptions, type Samples } from '../../../src/training/gan/ganTraining.js';
import { SAMPLE_COUNT, WALK_STEPS } from '../../../src/gan/samplePoints.js';
import { Trainer, type TrainingCallbacks } from '../../../src/training/trainer.js';
import type { Snapshot } from '../../../src/data/weights/state.js';
import { openTestDevice } from '../../support/device.js';
import { slow } from '../../support/slow.js';

const device = await openTestDevice();
test.after(() => device.destroy());

const engine = new Engine(device);

const DIGITS = digitsDataset({ seed: 'training', count: 50 });

const OPTIONS: GanTrainingOptions = {
  architecture: 'dcgan',
  zDim: 5,
  width: 0.06,
  batch: 4,
  iterations: 11,
  sampleEvery: 4,
  checkpointEvery: 3,
  seed: 'loop',
};

interface Report {
  readonly order: string[];
  readonly rows: { iteration: number; row: Metrics }[];
  readonly samples: Samples[];
  readonly memory: (PlanMemory | undefined)[];
  readonly checkpoints: Map<number, Snapshot>;
}

function listener(): { report: Report; callbacks: TrainingCallbacks<Metrics, Samples> } {
  const report: Report = { order: [], rows: [], samples: [], memory: [], checkpoints: new Map() };
  const callbacks: TrainingCallbacks<Metrics, Samples> = {
    ready: (memory) => {
      report.order.push('ready');
      report.memory.push(memory);
    },
    metrics: (first, rows) => {
      report.order.push(`metrics to ${first + rows.length - 1}`);
      report.rows.push(...rows.map((row, index) => ({ iteration: first + index, row })));
    },
    samples: (samples) => {
      report.order.push(`samples at ${samples.iteration}`);
      report.samples.push(samples);
    },
    checkpoint: (iteration, state) => {
      report.order.push(`checkpoint at ${iteration}`);
      report.checkpoints.set(iteration, state);
    },
  };
  return { report, callbacks };
}

/** @param from the state to go on from, after this many iterations */
async function run(
  options: Partial<GanTrainingOptions> = {},
  from?: { readonly iteration: number; readonly state: Snapshot | undefined },
): Promise<Report> {
  const training = new GanTraining(engine, DIGITS, { ...OPTIONS, ...options });
  const trainer = new Trainer(training);
  if (from?.state !== undefined) trainer.restore(from.state, 'the test');
  assert.is(trainer.done, from?.iteration ?? 0);
  const { report, callbacks } = listener();
  assert.is((await trainer.run(callbacks)).outcome, 'finished');
  assert.is(trainer.done, options.iterations ?? OPTIONS.iterations);
  training.dispose();
  return report;
}

let first: Promise<Report> | undefined;

/** The run with {@link OPTIONS}, made once. */
function firstRun(): Promise<Report> {
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
    for (const share of [row.realAccuracy, row.fakeAccuracy, row.foolingRate]) {
      assert.ok(share >= 0 && share <= 1, `iteration ${iteration}: ${JSON.stringify(row)}`);
    }
  }
  assert.is(order[0], 'ready');
  assert.is(order.filter((event) => event === 'ready').length, 1);
  assert.ok(memory[0] !== undefined && memory[0].allocatedBytes > 0);
  assert.ok(memory[0].liveBytes <= memory[0].allocatedBytes && memory[0].allocatedBytes <= memory[0].unsharedBytes);
});

slow('samples come every sampleEvery iterations, checkpoints every checkpointEvery, both after the last', async () => {
  const { order } = await firstRun();
  // How many metrics are told at once is a matter of time.
  const metrics = (iteration: number): string => `metrics to ${iteration}`;
  const reported = order.filter((event) => !/^metrics to ([125]|7|10)$/.test(event));
  assert.equal(reported, [
    'ready',
    metrics(3),
    'checkpoint at 3',
    metrics(4),
    'samples at 4',
    metrics(6),
    'checkpoint at 6',
    metrics(8),
    'samples at 8',
    metrics(9),
    'checkpoint at 9',
    metrics(11),
    'samples at 11',
    'checkpoint at 11',
  ]);
});

slow('samples lie within [−1, 1], and change with the training', async () => {
  const { samples } = await firstRun();
  for (const { fixed, fresh, walk, iteration } of samples) {
    for (const [images, count] of [
      [fixed, SAMPLE_COUNT],
      [fresh, SAMPLE_COUNT],
      [walk, WALK_STEPS],
    ] as const) {
      assert.is(images.length, count * 28 * 28);
      assert.ok(
        images.every((value) => value >= -1 && value <= 1),
        `samples at ${iteration}`,
      );
    }
    assert.not.equal(fixed, fresh);
  }
  assert.not.equal(samples.at(0)?.fixed, samples.at(-1)?.fixed);
});

const distance = (a: Float32Array, b: Float32Array): number =>
  a.reduce((sum, value, at) => sum + Math.abs(value - b[at]!), 0) / a.length;

slow('the z of fixed samples and of the walk stay: their images change by the update alone', async () => {
  // The article's generator: the images of an untrained dcgan are all but zero, whatever the z.
  const { samples } = await run({ architecture: 'article', iterations: 2, sampleEvery: 1 });
  const [before, after] = samples;
  if (before === undefined || after === undefined) throw new Error('two samples are expected');
  const byZ = distance(before.fresh, after.fresh);
  for (const kind of ['fixed', 'walk'] as const) {
    const byUpdate = distance(before[kind], after[kind]);
    assert.ok(byUpdate > 0 && byUpdate < 0.3 * byZ, `${kind}: ${byUpdate} by the update, ${byZ} by other z as well`);
  }
  const step = (at: number): Float32Array => after.walk.subarray(at * 784, (at + 1) * 784);
  const whole = distance(step(0), step(WALK_STEPS - 1));
  for (let at = 1; at < WALK_STEPS; at++) {
    const stride = distance(step(at - 1), step(at));
    assert.ok(stride > 0 && stride < 0.3 * whole, `step ${at} of the walk: ${stride} of ${whole}`);
  }
});

slow('the interval of samples does not change the bits; another seed does, and an eager run has no plan', async () => {
  const { rows, samples, checkpoints } = await firstRun();
  const others = await run({ sampleEvery: 3 });
  assert.equal(others.rows, rows);
  assert.equal(others.samples.at(-1), samples.at(-1));
  assert.equal(others.checkpoints.get(11), checkpoints.get(11));
  const another = await run({ seed: 'another', iterations: 2, eager: true });
  assert.not.equal(another.rows, rows.slice(0, 2));
  assert.equal(another.memory, [undefined]);
});

slow('a state of another network is refused, and the training is where it was', async () => {
  const state = (await firstRun()).checkpoints.get(3);
  const wider = new GanTraining(engine, DIGITS, { ...OPTIONS, zDim: 6 });
  const trainer = new Trainer(wider);
  assert.throws(
    () => trainer.restore(state ?? new Map(), 'ckpt'),
    /^ckpt: tensor generator\/dense\/kernel is .*\[5, \d+\]/,
  );
  assert.is(trainer.done, 0);
  wider.dispose();
});

slow('a run that has nothing left to do ends at once', async () => {
  const report = await run({ iterations: 9 }, { iteration: 9, state: (await firstRun()).checkpoints.get(9) });
  assert.equal(report.order, ['ready']);
});

for (const event of ['metrics', 'samples', 'checkpoint'] as const) {
  slow(`a stop asked for while ${event} are told ends with a checkpoint, from where it goes on`, async () => {
    const training = new GanTraining(engine, DIGITS, OPTIONS);
    const trainer = new Trainer(training);
    const { report, callbacks } = listener();
    const stop = new AbortController();
    const stopping: TrainingCallbacks<Metrics, Samples> = {
      ...callbacks,
      [event]: (...args: [never, never]): void => {
        callbacks[event]?.(...args);
        stop.abort();
      },
    };
    assert.is((await trainer.run(stopping, { signal: stop.signal })).outcome, 'stopped');
    const at = { metrics: 1, samples: 4, checkpoint: 3 }[event];
    assert.is(trainer.done, at);
    assert.is(report.order.at(-1), `checkpoint at ${at}`);
    assert.is(report.order.filter((each) => each === `checkpoint at ${at}`).length, 1);

    assert.is((await trainer.run(callbacks)).outcome, 'finished');
    const { rows, checkpoints } = await firstRun();
    assert.equal(report.rows, rows);
    assert.equal(report.checkpoints.get(11), checkpoints.get(11));
    training.dispose();
  });
}

slow('a stop before the first iteration does none; one during the last comes too late', async () => {
  const training = new GanTraining(engine, DIGITS, { ...OPTIONS, iterations: 1 });
  const trainer = new Trainer(training);
  const { report, callbacks } = listener();
  assert.is((await trainer.run(callbacks, { signal: AbortSignal.abort() })).outcome, 'stopped');
  assert.is(trainer.done, 0);
  assert.equal(report.order, ['ready']);
  const stop = new AbortController();
  assert.is((await trainer.run({ metrics: () => stop.abort() }, { signal: stop.signal })).outcome, 'finished');
  training.dispose();
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
    let last = 0;
    const { outcome, iteration, reason } = await new Trainer(training).run({
      metrics: (start, rows) => {
        last = start + rows.length - 1;
      },
      samples: (samples) => {
        if (samples.iteration === 4) poisoned?.write(new Float32Array(poisoned.size).fill(NaN));
      },
    });
    assert.equal([outcome, iteration, reason], ['diverged', 5, 'the loss is not finite']);
    assert.is(last, 4, 'only finite rows are reported');
    training.dispose();
  });
}

slow('NaN that no loss shows stops the run before it becomes a checkpoint', async () => {
  const training = new GanTraining(engine, DIGITS, OPTIONS);
  const { report, callbacks } = listener();
  // While training, batch normalisation goes by the batch and not by its running averages.
  const poisoned = training.gan.discriminator.state.at(-1);
  const result = await new Trainer(training).run({
    ...callbacks,
    samples: () => poisoned?.write(new Float32Array(poisoned.size).fill(NaN)),
  });
  assert.equal(
    [result.outcome, result.iteration, result.reason],
    ['diverged', 6, 'discriminator/norm2/moving_variance is not finite'],
  );
  assert.equal([...report.checkpoints.keys()], [3]);
  assert.is(report.rows.length, 6);
  training.dispose();
});

slow('a run without an callbacks ends', async () => {
  const training = new GanTraining(engine, DIGITS, { ...OPTIONS, iterations: 1 });
  const { outcome, iteration } = await new Trainer(training).run();
  assert.equal([outcome, iteration], ['finished', 1]);
  training.dispose();
});

test.run();
