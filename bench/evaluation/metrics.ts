/**
 * @file Measures the metrics that compare sets of vectors, on 10,000 generated samples, and a whole evaluation. The real side
 * is prepared before, as it is once per training; the time for this is printed below.
 */
import type { Engine } from '../../src/autograd/engine.js';
import { noise } from '../../src/kernels/gemm/noise.js';
import { findDuplicates, prepareDuplicates } from '../../src/evaluation/copies/duplicates.js';
import { frechetDistance, moments } from '../../src/evaluation/features/frechet.js';
import { kernelDistance, prepareKernelDistance } from '../../src/evaluation/features/kernelDistance.js';
import { findMemorised, prepareMemorising } from '../../src/evaluation/copies/memorising.js';
import { neighbourMetrics, prepareNeighbours } from '../../src/evaluation/features/neighbours.js';
import { rowsOf } from '../../src/evaluation/features/points.js';
import { IMAGE_SIZE } from '../../src/evaluation/inputs/images.js';
import type { LabelledImages } from '../../src/evaluation/thresholds.js';
import { CLASSES, FEATURES } from '../../src/models/networks/classifier.js';
import type { Bench, Case, Group, Row } from '../support/bench.js';
import { clocked, measure, seconds } from '../support/measure.js';
import { wholeLook } from './wholeEvaluation.js';

interface Sizes {
  readonly samples: number;
  readonly training: number;
  readonly looked: number;
}

const FULL: Sizes = { samples: 10_000, training: 60_000, looked: 1000 };
const SMALL: Sizes = { samples: 1500, training: 3000, looked: 300 };

/** Seconds a run are enough to be told from what the device does beside; more than two would only take longer. */
const RUNS = 2;

function points(count: number, size: number, seed: number): LabelledImages {
  const labels = Uint8Array.from({ length: count }, (_, row) => row % CLASSES);
  return { count, size, values: noise(count * size, seed), labels };
}

/** A metric: its real side, and what it then does with generated samples. */
interface Metric {
  readonly name: string;
  readonly prepare: (engine: Engine, sizes: Sizes) => Promise<() => Promise<number>>;
  /** Multiply-adds of the products. */
  readonly multiplyAdds: (sizes: Sizes) => number;
  /** Whether the result is that of noise against other noise. */
  readonly accepts: (result: number) => boolean;
}

const METRICS: readonly Metric[] = [
  {
    name: 'Fréchet distance',
    prepare: async (engine, { samples }) => {
      const [real, generated] = [points(samples, FEATURES, 1), points(samples, FEATURES, 2)];
      const ofReal = await moments(engine, real);
      return async () => frechetDistance(ofReal, await moments(engine, generated));
    },
    multiplyAdds: ({ samples }) => samples * FEATURES ** 2,
    accepts: (distance) => distance > 0 && distance < 2,
  },
  {
    name: 'kernel distance',
    prepare: async (engine, { samples }) => {
      const prepared = await prepareKernelDistance(engine, points(samples, FEATURES, 1));
      const generated = points(samples, FEATURES, 2);
      return () => kernelDistance(engine, prepared, generated);
    },
    multiplyAdds: ({ samples }) => 2 * samples ** 2 * FEATURES,
    accepts: (distance) => Math.abs(distance) < 0.01,
  },
  {
    name: 'precision to coverage',
    prepare: async (engine, { samples }) => {
      const prepared = await prepareNeighbours(engine, points(samples, FEATURES, 1));
      const generated = points(samples, FEATURES, 2);
      return async () => (await neighbourMetrics(engine, prepared, generated)).coverage;
    },
    multiplyAdds: ({ samples }) => 3 * samples ** 2 * FEATURES,
    accepts: (coverage) => Math.abs(coverage - 0.97) < 0.02,
  },
  {
    name: 'duplicates',
    prepare: async (engine, { samples }) => {
      const prepared = await prepareDuplicates(engine, points(samples, IMAGE_SIZE, 1));
      const generated = points(samples, IMAGE_SIZE, 2);
      return async () => (await findDuplicates(engine, prepared, generated)).duplicates;
    },
    multiplyAdds: ({ samples }) => samples ** 2 * IMAGE_SIZE,
    accepts: (share) => share < 0.05,
  },
  {
    name: 'memorised, 1,000 of 60,000',
    prepare: async (engine, { training, looked }) => {
      const trained = rowsOf(points(training, IMAGE_SIZE, 1));
      const prepared = await prepareMemorising(engine, trained, points(looked, IMAGE_SIZE, 2));
      const generated = points(looked, IMAGE_SIZE, 3);
      return async () => (await findMemorised(engine, prepared, generated)).memorised;
    },
    multiplyAdds: ({ training, looked }) => training * looked * IMAGE_SIZE,
    accepts: (share) => share < 0.1,
  },
];

async function run(bench: Bench, metric: Metric): Promise<Row> {
  const { name, prepare, multiplyAdds, accepts } = metric;
  const sizes = sizesOf(bench);
  const { result: body, ms: prepareMs } = await clocked(() => prepare(bench.engine, sizes));
  const check = async (): Promise<void> => {
    const result = await body();
    if (!accepts(result)) throw new Error(`${name}: got ${result} of noise against noise`);
  };
  await check();
  const work = { amount: 2 * multiplyAdds(sizes), run: async () => (await clocked(check)).ms };
  const row = await measure(work, bench.limit, { ...bench.effort, leastRuns: RUNS, leastMs: 0 });
  // On a software device what it would take alone, times the cores, however busy they are.
  const { cpuMs } = await clocked(check);
  bench.print(
    `  ${seconds(cpuMs)} of this process's CPU time; real side, tuning and compilation: ${seconds(prepareMs)}, once`,
  );
  return { ...row, tile: '', extra: { prepareMs, cpuMs, ...sizes } };
}

function sizesOf({ options }: Bench): Sizes {
  return options.quick ? SMALL : FULL;
}

/** All of these in one look, and what else belongs to it. */
const WHOLE: Case = {
  name: 'a whole look',
  run: (bench) => {
    const sizes = sizesOf(bench);
    const { samples, training, looked } = sizes;
    const multiplyAdds = METRICS.reduce((sum, metric) => sum + metric.multiplyAdds(sizes), 0);
    return wholeLook(bench, { samples, training, heldOut: 10 * looked }, multiplyAdds);
  },
};

export const metricsGroup: Group = {
  name: 'metrics',
  unit: 'GFLOP/s',
  cases: [...METRICS.map((metric): Case => ({ name: metric.name, run: (bench) => run(bench, metric) })), WHOLE],
  note: `${FULL.samples.toLocaleString('en')} × ${FULL.samples.toLocaleString('en')} but where said otherwise; ${FEATURES} features or ${IMAGE_SIZE} pixels. The whole look's rate counts these products alone.`,
};
