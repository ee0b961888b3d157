/**
 * @file Measures a whole evaluation of a generator, as in `diagnose` and `study`: generates and classifies 10,000 images,
 * computes all metrics, including memorising and the latent space, and the verdict.
 */
import seedrandom from 'seedrandom';
import { digitsDataset } from '../../src/data/digits/digits.js';
import { Evaluator } from '../../src/evaluation/evaluator.js';
import { Diagnosis } from '../../src/evaluation/diagnosis.js';
import { MOST_SAMPLES } from '../../src/evaluation/limits.js';
import { ARCHITECTURES } from '../../src/models/networks/architectures.js';
import { bundledClassifier, loadClassifier } from '../../src/training/checkpoint/trainedClassifier.js';
import type { Bench, Row } from '../support/bench.js';
import { clocked, measure, seconds } from '../support/measure.js';

/** How many images a look takes. */
export interface LookSizes {
  readonly samples: number;
  /** What the generator would have learned from. */
  readonly training: number;
  readonly heldOut: number;
}

/** What the project promises on two cores and no GPU, in seconds. */
const MOST_SECONDS = 60;

/** A generator of half the published width; weights that were never trained take as long as others. */
const Z_DIM = 100;
const WIDTH = 0.5;

/**
 * Times it. The first look, which compiles and tunes, is told apart from the second.
 *
 * @param multiplyAdds of the products that are known to be in it
 */
export async function wholeLook(bench: Bench, sizes: LookSizes, multiplyAdds: number): Promise<Row> {
  const { engine, print } = bench;
  const { samples, training } = sizes;
  const dataset = digitsDataset({ seed: 'look', count: training });
  const heldOut = digitsDataset({ seed: 'look', count: sizes.heldOut, first: training });
  const classifier = loadClassifier(engine, bundledClassifier(dataset.name) ?? '').model;
  const generator = ARCHITECTURES.dcgan.generator(
    { engine, random: seedrandom('look') },
    { zDim: Z_DIM, width: WIDTH, channels: 1 },
  );

  const prepared = await clocked(() => Evaluator.create(engine, classifier, dataset, { samples, heldOut }));
  const evaluator = prepared.result;
  const subject = await evaluator.subject(generator, Z_DIM);
  const look = async (): Promise<void> => {
    const { diagnosis } = await evaluator.evaluate(subject, { iteration: 1, before: [], training: null });
    const { metrics, singularValues } = Diagnosis.parse(diagnosis);
    if (metrics.memorised === null || singularValues === null) throw new Error('a whole look: a metric was left out');
  };
  const first = await clocked(look);
  let cpuMs = NaN;
  const run = async (): Promise<number> => {
    const again = await clocked(look);
    cpuMs = again.cpuMs;
    return again.ms;
  };
  const row = await measure({ amount: 2 * multiplyAdds, run }, bench.limit, {
    ...bench.effort,
    leastRuns: 1,
    leastMs: 0,
  });
  const drawn = await clocked(() => subject.images());
  subject.dispose();
  generator.dispose();
  evaluator.dispose();

  if (samples === MOST_SAMPLES) {
    const kept = row.medianMs > MOST_SECONDS * 1000 ? 'more than' : 'within';
    print(`  ${seconds(row.medianMs)}, ${kept} the ${MOST_SECONDS} s that are promised for two cores without a GPU`);
  }
  print(
    `  ${seconds(cpuMs)} of this process's CPU time; ${seconds(drawn.ms)} to draw the images; the first look ` +
      `${seconds(first.ms)}; real side, tuning and compilation: ${seconds(prepared.ms)}, once`,
  );
  const extra = { prepareMs: prepared.ms, firstMs: first.ms, drawMs: drawn.ms, cpuMs, zDim: Z_DIM, width: WIDTH };
  return { ...row, tile: '', extra: { ...extra, ...sizes } };
}
