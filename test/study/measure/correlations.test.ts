/**
 * @file Tests the rank correlations of losses with the Fréchet distance, and the figure that shows them.
 */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Diagnosis, MetricValues } from '../../../src/evaluation/diagnosis.js';
import { lossFigure } from '../../../src/study/figures/lossChart.js';
import { correlationsOf } from '../../../src/study/measure/correlations.js';
import type { Results, RunResult } from '../../../src/study/measure/results.js';
import { diagnosisOf } from '../diagnoses.js';
import { SETTINGS, STUDY } from '../fabricated.js';

type Losses = Partial<Pick<MetricValues, 'generatorLoss' | 'discriminatorLoss' | 'wasserstein' | 'wassersteinHeldOut'>>;

/** An evaluation for each of the distances, with its losses. */
function evaluationsAt(distances: readonly number[], losses: (index: number) => Losses): Diagnosis[] {
  return distances.map((frechet, index) => diagnosisOf({ iteration: index + 1, frechet, ...losses(index) }));
}

function correlated(evaluations: readonly Diagnosis[]) {
  return correlationsOf(evaluations.map(({ metrics }) => metrics));
}

function runOf(zDim: number, seed: string, evaluations: readonly Diagnosis[]): RunResult {
  return {
    name: `z${zDim}-seed${seed}`,
    folder: `runs/z${zDim}-seed${seed}`,
    zDim,
    seed,
    outcome: 'finished',
    complaints: [],
    iterations: evaluations.length,
    seconds: null,
    iterationsPerSecond: null,
    parameters: null,
    verdict: null,
    metrics: null,
    diagnosis: null,
    evaluations: evaluations.map(({ iteration, verdict, metrics }) => ({ iteration, verdict: verdict.name, metrics })),
    correlations: correlated(evaluations),
  };
}

function resultsOf(runs: readonly RunResult[]): Results {
  const zDims = [...new Set(runs.map(({ zDim }) => zDim))];
  const seeds = [...new Set(runs.map(({ seed }) => seed))];
  return {
    format: 'zdim-gan-lab/results/3',
    command: [],
    settings: { ...SETTINGS, zDims, seeds, iterations: 8 },
    dataset: STUDY.dataset,
    classifier: null,
    adapters: [],
    versions: {},
    differences: [],
    dimensions: [],
    runs: [...runs],
  };
}

const FALLING = [90, 60, 40, 30, 20, 10];

/** A critic whose estimate from training images falls with the distance, and that from held-out ones rises. */
const critic = (index: number): Losses => ({ wasserstein: 9 - index, wassersteinHeldOut: index });

test('each loss is correlated with the distance over the evaluations that have both', () => {
  assert.equal(correlated(evaluationsAt(FALLING, critic)), {
    generatorLoss: null,
    discriminatorLoss: null,
    wasserstein: 1,
    wassersteinHeldOut: -1,
  });
  const losses = correlated(
    evaluationsAt(FALLING, (index) => ({ generatorLoss: index ** 2, discriminatorLoss: -index })),
  );
  assert.equal(losses, { generatorLoss: -1, discriminatorLoss: 1, wasserstein: null, wassersteinHeldOut: null });

  // The first two evaluations have no estimate.
  const later = evaluationsAt(FALLING, (index) => (index < 2 ? {} : { wasserstein: 9 - index }));
  assert.equal([correlated(later).wasserstein, correlated(later).wassersteinHeldOut], [1, null]);
  assert.is(correlated(later.slice(0, 5)).wasserstein, null, 'three evaluations that have both');
});

test('a critic’s estimates are drawn above the distance, with the mean and range of their correlations', async () => {
  const turned = evaluationsAt([10, 60, 40, 30, 20, 90], critic);
  const runs = [
    runOf(5, '1', evaluationsAt(FALLING, critic)),
    runOf(5, '2', turned),
    runOf(2, '1', evaluationsAt(FALLING, critic)),
  ];
  const figure = await lossFigure(resultsOf(runs));
  assert.is(figure?.name, 'wasserstein');
  const svg = figure?.svg ?? '';
  for (const text of ['z_dim 5', 'z_dim 2', 'Fréchet distance', 'training images', 'held-out images']) {
    assert.ok(svg.includes(`>${text}<`), text);
  }
  const second = correlated(turned).wasserstein ?? NaN;
  const ends = `${second.toFixed(2)} … 1.00`.replaceAll('-', '−');
  const mean = ((1 + second) / 2).toFixed(2);
  assert.ok(svg.includes(`>training images: ${mean} (${ends})<`), `${mean} (${ends})`);
  assert.ok(svg.includes('>training images: 1.00<') && svg.includes('>held-out images: −1.00<'));
  assert.match(figure?.alt ?? '', /z_dim 2: .*training images: 1\.00, held-out images: −1\.00/);
});

test('other losses are drawn themselves; fewer than 4 evaluations have no correlation; without losses there is no figure', async () => {
  const told = (index: number): Losses => ({ generatorLoss: index, discriminatorLoss: 2 });
  const figure = await lossFigure(resultsOf([runOf(5, '1', evaluationsAt(FALLING, told))]));
  assert.is(figure?.name, 'loss-against-distance');
  for (const text of ["generator's loss: −1.00", "discriminator's loss: –"]) {
    assert.ok(figure?.svg?.includes(`>${text}<`), text);
  }
  const few = await lossFigure(resultsOf([runOf(5, '1', evaluationsAt([3, 2, 1], critic))]));
  assert.ok(few?.svg?.includes('>no rank correlation: fewer than 4 evaluations<'));
  assert.match(few?.alt ?? '', /z_dim 5: no rank correlation: fewer than 4 evaluations$/);

  const older = evaluationsAt(FALLING, () => ({ generatorLoss: null, discriminatorLoss: null }));
  assert.is(await lossFigure(resultsOf([runOf(5, '1', older)])), undefined);
});

test.run();
