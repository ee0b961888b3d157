/**
 * @file Ten thousand replayed steps, in the training loop itself: batches are written, metrics are read back, and after
 * the beginning nothing more is held, neither on the GPU nor by the host.
 *
 * @expensive replays ten thousand steps
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { fitLine } from '../../experiments/growth/fit.js';
import { Engine } from '../../src/autograd/engine.js';
import { digitsDataset } from '../../src/data/digits/digits.js';
import { GanTraining } from '../../src/training/gan/ganTraining.js';
import { Trainer } from '../../src/training/trainer.js';
import { openTestDevice } from '../support/device.js';
import { slow } from '../support/slow.js';

const device = await openTestDevice();
test.after(() => device.destroy());

const STEPS = 10_000;
/** By then all is allocated and compiled that ever will be. */
const SETTLED = 1_000;
const WATCH_EVERY = 250;

const MEBI = 2 ** 20;

/**
 * What the slopes over the last 9,000 steps may come to in 10,000. Heap and external memory are taken after a collection:
 * half a MiB is 52 bytes a step. A forgotten row of metrics is 87 of them, anything that WebGPU or a read-back hands out is
 * more, and a forgotten batch would be 60 MiB; V8's own code and feedback were seen to add 0.05 MiB. The resident
 * set is what the allocators of driver and V8 have not given back: it swings by 20 MiB without a trend, and slopes of
 * −8 and 8 MiB were seen. 32 MiB are 3.3 KiB a step, so that a forgotten command buffer shows.
 */
const MOST_GROWTH = { heap: 0.5 * MEBI, external: 0.5 * MEBI, resident: 32 * MEBI } as const;

/** What creates objects on the device, but for command encoders: each submission has one of its own. */
const CREATIONS = [
  'createBuffer',
  'createTexture',
  'createBindGroup',
  'createBindGroupLayout',
  'createComputePipeline',
  'createComputePipelineAsync',
  'createPipelineLayout',
  'createQuerySet',
  'createSampler',
  'createShaderModule',
] as const;

interface Watched {
  readonly step: number;
  readonly heap: number;
  readonly external: number;
  readonly resident: number;
  readonly gpu: number;
  readonly buffers: number;
  readonly pipelines: number;
  readonly created: number;
}

/** V8 puts its collector into contexts that are made after the flag is set, so that the runner need not set it. */
function garbageCollector(): () => void {
  setFlagsFromString('--expose-gc');
  const collect: unknown = runInNewContext('gc');
  if (typeof collect !== 'function') throw new Error('V8 hands out no collector');
  return () => void Reflect.apply(collect, undefined, []);
}

/** Counts what is created on the device from now on. */
function countCreations(): () => number {
  let created = 0;
  const { handle } = device;
  for (const name of CREATIONS) {
    const original: unknown = Reflect.get(handle, name);
    if (typeof original !== 'function') throw new Error(`the device has no ${name}`);
    const counted = (...args: unknown[]): unknown => {
      created += 1;
      return Reflect.apply(original, handle, args);
    };
    Reflect.set(handle, name, counted);
  }
  return () => created;
}

slow('ten thousand steps hold no more than a hundred did', async () => {
  const collect = garbageCollector();
  const created = countCreations();
  device.handle.createBuffer({ size: 16, usage: GPUBufferUsage.STORAGE }).destroy();
  assert.is(created(), 1, 'creations are counted');
  const training = new GanTraining(new Engine(device), digitsDataset({ seed: 'long', count: 64 }), {
    ...{ architecture: 'dcgan', zDim: 2, width: 1 / 64, batch: 2, seed: 'long' },
    ...{ iterations: STEPS, sampleEvery: STEPS },
  });
  const watched: Watched[] = [];
  let told = 0;
  await new Trainer(training).run({
    metrics: (first, rows) => {
      told += rows.length;
      const step = first + rows.length - 1;
      const last = watched.at(-1)?.step ?? 0;
      if (step < STEPS && step - last < (last === 0 ? 100 : WATCH_EVERY)) return;
      // What the first finds dead, and is finalised, is gone by the second.
      collect();
      collect();
      const { heapUsed, external, rss } = process.memoryUsage();
      watched.push({
        ...{ step, heap: heapUsed, external, resident: rss },
        ...{ gpu: device.pool.bytes + device.uniforms.bytes, buffers: device.pool.count },
        ...{ pipelines: device.pipelines.count, created: created() },
      });
    },
  });
  training.dispose();

  const [early] = watched;
  const late = watched.at(-1);
  if (early === undefined || late === undefined) throw new Error('nothing was watched');
  assert.is(told, STEPS, 'metrics of every step');
  assert.ok(early.step < SETTLED && late.step === STEPS, `watched from ${early.step} to ${late.step}`);
  for (const quantity of ['gpu', 'buffers', 'pipelines', 'created'] as const) {
    for (const each of watched) assert.is(each[quantity], early[quantity], `${quantity} at step ${each.step}`);
  }
  const settled = watched.filter(({ step }) => step >= SETTLED);
  assert.ok(settled.length >= 9, `${settled.length} points`);
  for (const quantity of ['heap', 'external', 'resident'] as const) {
    const { slope, slopeError } = fitLine(
      settled.map(({ step }) => step),
      settled.map((each) => each[quantity]),
    );
    const [growth, error] = [slope, slopeError].map((each) => ((STEPS * each) / MEBI).toFixed(3));
    const found = `${quantity}: ${growth} ± ${error} MiB in ${STEPS} steps`;
    console.log(found);
    assert.ok(STEPS * slope <= MOST_GROWTH[quantity], found);
  }
});

test.run();
