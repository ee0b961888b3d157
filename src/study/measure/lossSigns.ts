/**
 * @file What training itself says of how it goes, look by look, and whether one can judge by it: the rank correlation of
 * each sign with the Fréchet distance, which takes images and a classifier.
 */
import { z } from 'zod';
import type { Diagnosis } from '../../evaluation/diagnosis.js';
import { rankCorrelation } from '../../evaluation/dynamics/rankCorrelation.js';

const value = z.number().nullable();

/** Null where it was not recorded; the last two are a critic's alone. */
export const LossSigns = z.strictObject({
  generatorLoss: value.describe('mean over the last iterations before the look'),
  discriminatorLoss: value.describe('the same of the discriminator'),
  wasserstein: value.describe("the critic's estimate of the Wasserstein distance, from training images"),
  wassersteinHeldOut: value.describe('the same from held-out images'),
});

const correlation = z.number().min(-1).max(1).nullable();

export const LossCorrelations = z.strictObject({
  generatorLoss: correlation,
  discriminatorLoss: correlation,
  wasserstein: correlation,
  wassersteinHeldOut: correlation,
});

export type LossSigns = z.infer<typeof LossSigns>;
export type LossCorrelations = z.infer<typeof LossCorrelations>;
export type LossSign = keyof LossSigns;

/** What a look says of its training. */
export function lossSignsOf({ training }: Diagnosis): LossSigns {
  return {
    generatorLoss: training?.generatorLoss ?? null,
    discriminatorLoss: training?.discriminatorLoss ?? null,
    wasserstein: training?.wasserstein?.training ?? null,
    wassersteinHeldOut: training?.wasserstein?.heldOut ?? null,
  };
}

/** Spearman's rank correlations with the Fréchet distance over the looks of one run; see docs/metrics.md. */
export function lossCorrelationsOf(looks: readonly Diagnosis[]): LossCorrelations {
  const of = (sign: LossSign): number | null => {
    const pairs = looks.flatMap((look) => {
      const told = lossSignsOf(look)[sign];
      return told === null ? [] : [{ told, distance: look.features.frechet }];
    });
    return rankCorrelation(
      pairs.map(({ told }) => told),
      pairs.map(({ distance }) => distance),
    );
  };
  return {
    generatorLoss: of('generatorLoss'),
    discriminatorLoss: of('discriminatorLoss'),
    wasserstein: of('wasserstein'),
    wassersteinHeldOut: of('wassersteinHeldOut'),
  };
}
