/**
 * @file Whether one can judge from the loss alone: the rank correlations of a run, and the figure that shows them.
 */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Diagnosis, TrainingMetrics } from '../../../src/evaluation/diagnosis.js';
import { lossSignFigure } from '../../../src/study/figures/lossSignChart.js';
import { lossCorrelationsOf, lossSignsOf } from '../../../src/study/measure/lossSigns.js';
import type { Results, RunResult } from '../../../src/study/measure/results.js';
import { byMetric, SUMMARY_METRICS } from '../../../src/study/measure/summaryMetrics.js';
import { diagnosisOf } from '../diagnoses.js';
import { SETTINGS, STUDY } from '../fabricated.js';

/** A look at each of the distances, with what training says at each. */
function looksAt(distances: readonly number[], told: (index: number) => Partial<TrainingMetrics>): Diagnosis[] {
  return distances.map((frechet, index) => {
    const look = diagnosisOf({ iteration: index + 1, frechet });
    return { ...look, training: look.training && { ...look.training, ...told(index) } };
  });
}

function runOf(zDim: number, seed: string, looks: readonly Diagnosis[]): RunResult {
  return {
    name: `z${zDim}-seed${seed}`,
    folder: `runs/z${zDim}-seed${seed}`,
    zDim,
    seed,
    outcome: 'finished',
    complaints: [],
    iterations: looks.length,
    seconds: null,
    iterationsPerSecond: null,
    parameters: null,
    verdict: null,
    metrics: null,
    diagnosis: null,
    looks: looks.map((look) => ({
      iteration: look.iteration,
      verdict: look.verdict.name,
      metrics: byMetric((name) => SUMMARY_METRICS[name].of(look)),
      signs: lossSignsOf(look),
    })),
    correlations: lossCorrelationsOf(looks),
  };
}

function resultsOf(runs: readonly RunResult[]): Results {
  const zDims = [...new Set(runs.map(({ zDim }) => zDim))];
  const seeds = [...new Set(runs.map(({ seed }) => seed))];
  return {
    format: 'zdim-gan-lab/results/1',
    command: '',
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

/** A critic whose estimate on training images falls with the distance, and that on held-out ones against it. */
const critic = (index: number): Partial<TrainingMetrics> => ({ wasserstein: { training: 9 - index, heldOut: index } });

test('each sign is correlated with the distance over the looks that tell both', () => {
  assert.equal(lossCorrelationsOf(looksAt(FALLING, critic)), {
    generatorLoss: null,
    discriminatorLoss: null,
    wasserstein: 1,
    wassersteinHeldOut: -1,
  });
  const losses = lossCorrelationsOf(
    looksAt(FALLING, (index) => ({ generatorLoss: index ** 2, discriminatorLoss: -index })),
  );
  assert.equal(losses, { generatorLoss: -1, discriminatorLoss: 1, wasserstein: null, wassersteinHeldOut: null });

  // The first two looks are of before there was an estimate.
  const later = looksAt(FALLING, (index) => (index < 2 ? {} : { wasserstein: { training: 9 - index, heldOut: null } }));
  assert.equal([lossCorrelationsOf(later).wasserstein, lossCorrelationsOf(later).wassersteinHeldOut], [1, null]);
  assert.is(lossCorrelationsOf(later.slice(0, 5)).wasserstein, null, 'three looks that tell both');
  assert.equal(lossSignsOf({ ...diagnosisOf(), training: null }), {
    generatorLoss: null,
    discriminatorLoss: null,
    wasserstein: null,
    wassersteinHeldOut: null,
  });
});

test('a critic’s estimates stand above the distance, with their correlations, mean and ends of the seeds', async () => {
  const turned = looksAt([10, 60, 40, 30, 20, 90], critic);
  const runs = [
    runOf(5, '1', looksAt(FALLING, critic)),
    runOf(5, '2', turned),
    runOf(2, '1', looksAt(FALLING, critic)),
  ];
  const figure = await lossSignFigure(resultsOf(runs));
  assert.is(figure?.name, 'wasserstein');
  const svg = figure?.svg ?? '';
  for (const text of ['z_dim 5', 'z_dim 2', 'Fréchet distance', 'training images', 'held-out images']) {
    assert.ok(svg.includes(`>${text}<`), text);
  }
  const second = lossCorrelationsOf(turned).wasserstein ?? NaN;
  const ends = `${second.toFixed(2)} … 1.00`.replaceAll('-', '−');
  const mean = ((1 + second) / 2).toFixed(2);
  assert.ok(svg.includes(`>training images: ${mean} (${ends})<`), `${mean} (${ends})`);
  assert.ok(svg.includes('>training images: 1.00<') && svg.includes('>held-out images: −1.00<'));
  assert.match(figure?.alt ?? '', /z_dim 2: .*training images: 1\.00, held-out images: −1\.00/);
});

test('of other losses there are the losses; fewer than 4 looks say so; looks that tell neither draw nothing', async () => {
  const told = (index: number): Partial<TrainingMetrics> => ({ generatorLoss: index, discriminatorLoss: 2 });
  const figure = await lossSignFigure(resultsOf([runOf(5, '1', looksAt(FALLING, told))]));
  assert.is(figure?.name, 'loss-against-distance');
  for (const text of ["generator's loss: −1.00", "discriminator's loss: –"]) {
    assert.ok(figure?.svg?.includes(`>${text}<`), text);
  }
  const few = await lossSignFigure(resultsOf([runOf(5, '1', looksAt([3, 2, 1], critic))]));
  assert.ok(few?.svg?.includes('>no rank correlation: fewer than 4 looks<'));
  assert.match(few?.alt ?? '', /z_dim 5: no rank correlation: fewer than 4 looks$/);

  const older = looksAt(FALLING, () => ({ generatorLoss: undefined, discriminatorLoss: undefined }));
  assert.is(await lossSignFigure(resultsOf([runOf(5, '1', older)])), undefined);
  const look = { ...runOf(5, '1', older).looks[0]!, signs: undefined };
  assert.is(await lossSignFigure(resultsOf([{ ...runOf(5, '1', older), looks: [look] }])), undefined);
});

test.run();
