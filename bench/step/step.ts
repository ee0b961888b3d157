/**
 * @file Measures the whole training step of a GAN, as `train` replays it: speed, the host's share, memory.
 */
import seedrandom from 'seedrandom';
import type { Engine } from '../../src/autograd/engine.js';
import { Batches, fillImages } from '../../src/data/batches.js';
import { digitsDataset } from '../../src/data/digits/digits.js';
import type { Device } from '../../src/gpu/device.js';
import { formatBytes } from '../../src/gpu/errors.js';
import { ARCHITECTURES, type ArchitectureName } from '../../src/models/networks/architectures.js';
import { Gan } from '../../src/gan/gan.js';
import { METRICS } from '../../src/gan/ganMetrics.js';
import type { ObjectiveOptions } from '../../src/gan/settings.js';
import { benchEngine, openBenchDevice, type Bench, type Case, type Group, type Row } from '../support/bench.js';
import { describeTimes, hostTimes } from './hostTime.js';
import { operationsOf, productsOf } from '../support/products.js';
import { profileStep } from './profileStep.js';
import { leastBytes } from './stepMemory.js';
import { measure, median, timed } from '../support/measure.js';

export const BATCH = 32;
export const Z_DIM = 100;

/** Memory and the host's time are watched between these iterations; by the first, everything has been allocated that ever will be. */
const WATCHED = { first: 10, last: 60 };
const WATCHED_QUICKLY = { first: 4, last: 10 };

/** For the host's time alone; see hostTime.ts. */
const NARROW = 1 / 16;

/** What the project promises. */
const MOST_HOST_MS = 0.5;
const MOST_OF_LEAST = 2;

export function makeGan(engine: Engine, name: ArchitectureName, width = 1, objective?: ObjectiveOptions): Gan {
  return new Gan(engine, {
    architecture: ARCHITECTURES[name],
    objective,
    zDim: Z_DIM,
    width,
    batch: BATCH,
    imageHeight: 28,
    imageWidth: 28,
    channels: 1,
    seed: 1,
    random: seedrandom('bench'),
    ringCapacity: 256,
  });
}

export function stepOf(gan: Gan): () => undefined {
  return () => {
    gan.step();
  };
}

function stepCase(name: ArchitectureName): Case {
  const title = `${name}, batch ${BATCH}, z ${Z_DIM}`;
  return { name: title, run: (bench) => run(title, name, bench) };
}

async function run(title: string, name: ArchitectureName, bench: Bench): Promise<Row> {
  if (bench.options.tune) {
    // On a device of its own: what tuning allocates is no part of the step's memory.
    const scratch = await openBenchDevice(bench.options);
    const gan = makeGan(benchEngine(scratch, bench.options), name);
    await gan.engine.prepare(stepOf(gan));
    scratch.destroy();
  }
  const device = await openBenchDevice(bench.options);
  try {
    return await runOn(device, title, name, bench);
  } finally {
    device.destroy();
  }
}

async function runOn(device: Device, title: string, name: ArchitectureName, bench: Bench): Promise<Row> {
  const { effort, limit, options, print } = bench;
  const engine = benchEngine(device, options);
  const gan = makeGan(engine, name);
  const plan = await engine.record(stepOf(gan));
  const problems = productsOf(engine, gan);
  const operations = operationsOf(problems);

  const dataset = digitsDataset({ seed: 'bench', count: 256 });
  const batches = new Batches(dataset.count, gan.realImages.shape[0] ?? BATCH, 'bench');
  const images = new Float32Array(gan.realImages.size);
  let iteration = 0;
  const fill = (): void => fillImages(dataset, batches.batchAt(iteration++), images);
  const submit = (): void => {
    gan.realImages.write(images);
    plan.replay();
  };

  const watched = options.quick ? WATCHED_QUICKLY : WATCHED;
  const busy: number[] = [];
  const held: number[] = [];
  for (let step = 1; step <= watched.last; step++) {
    fill();
    const start = performance.now();
    submit();
    const hostTime = performance.now() - start;
    await device.synchronize();
    if (step < watched.first) continue; // V8 has yet to compile, the driver too.
    busy.push(hostTime);
    held.push(device.pool.bytes + device.uniforms.bytes);
  }

  const steps = Math.max(1, Math.ceil(effort.sampleMs / (await timed(device, submit))));
  const replay = (): void => {
    for (let step = 0; step < steps; step++) {
      fill();
      submit();
    }
  };
  const measured = await measure(
    { amount: operations, run: async () => (await timed(device, replay)) / steps },
    limit,
    effort,
  );
  await checkLosses(device, gan, title);
  const peak = device.pool.peakBytes;
  const idle = await hostTimes(makeGan(engine, name, NARROW));

  const hostMs = median(idle);
  const least = leastBytes(gan, name);
  const flat = held.every((bytes) => bytes === held[0]);
  const verdict = (met: boolean): string => (met ? 'ok' : 'MISSED');
  print(`  ${title}:`);
  print(
    `    ${(1000 / measured.medianMs).toFixed(2)} iterations/s, ${plan.commands.length} dispatches, ` +
      `${(operations / 1e9).toFixed(2)} GFLOP in ${problems.length} products`,
  );
  print(
    `    JavaScript per step: ${describeTimes(idle)}, of ${MOST_HOST_MS} allowed: ${verdict(hostMs < MOST_HOST_MS)} ` +
      `(while the device computes at full width: ${describeTimes(busy)})`,
  );
  print(
    `    peak memory: ${formatBytes(peak)}, ${(peak / least).toFixed(2)} of the lower bound of ${formatBytes(least)}, ` +
      `${MOST_OF_LEAST} allowed: ${verdict(peak <= MOST_OF_LEAST * least)}`,
  );
  print(`    memory flat from iteration ${watched.first} to ${watched.last}: ${verdict(flat)}`);
  if (options.profile) {
    const about = [`${title}, width 1`, device.adapter.name];
    const lines = await profileStep(gan, plan, problems, {
      name: `profile-${name}`,
      folder: options.pictures,
      about,
      stepMs: measured.medianMs,
    });
    for (const line of lines) print(`  ${line}`);
  }
  return {
    ...measured,
    tile: '',
    extra: {
      iterationsPerSecond: 1000 / measured.medianMs,
      dispatches: plan.commands.length,
      gigaflopPerStep: operations / 1e9,
      hostMs,
      hostMinMs: Math.min(...idle),
      hostBusyMs: median(busy),
      peakBytes: peak,
      leastBytes: least,
      ofLeast: peak / least,
      planBytes: plan.memory.allocatedBytes,
      planLiveBytes: plan.memory.liveBytes,
      flat,
    },
  };
}

/** A step that computes nonsense may be fast. */
async function checkLosses(device: Device, gan: Gan, title: string): Promise<void> {
  const [bytes] = await device.read(gan.scalarRing);
  const [generatorLoss = NaN, discriminatorLoss = NaN] = new Float32Array(bytes ?? new ArrayBuffer(0));
  const later = new Float32Array(bytes ?? new ArrayBuffer(0)).subarray(METRICS.length, 2 * METRICS.length);
  if (![generatorLoss, discriminatorLoss, ...later].every(Number.isFinite) || generatorLoss === 0) {
    throw new Error(`step ${title}: the losses are ${generatorLoss} and ${discriminatorLoss}`);
  }
}

export const stepGroup: Group = {
  name: 'step',
  unit: 'GFLOP/s',
  cases: [stepCase('dcgan'), stepCase('article')],
  note: 'Only products are counted as operations; normalisation, activations, losses and Adam take time as well.',
};
