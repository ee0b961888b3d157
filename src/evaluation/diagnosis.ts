/**
 * @file A diagnosis: what the samples, the latent space and the training of a GAN say at one moment, as numbers. What
 * each means, and what it misses, is in docs/metrics.md; the JSON schema of a line of `diagnoses.jsonl` is
 * `schemas/diagnosis.schema.json`.
 */
import { z } from 'zod';
import { CLASSES } from '../models/networks/classifier.js';

const count = z.int().min(0);
const share = z.number().min(0).max(1);
const distance = z.number().min(0);

const Estimate = z.strictObject({
  value: z.number().describe('median-unbiased: half of the samples from such shares show more, half less'),
  low: z.number().describe('lower end of the 95 % interval'),
  high: z.number().describe('upper end of the 95 % interval'),
});

const LabelMetrics = z.strictObject({
  counts: z.array(count).length(CLASSES).describe('generated images of each class, unsure ones included'),
  modes: count.max(CLASSES).describe('classes that the generator makes, by images the classifier is sure of'),
  entropy: z.number().min(0).describe('of the shares of the classes, in nats: ln 10 = 2.303 where all are alike'),
  divergence: Estimate.describe('KL(generated ‖ real) of the shares, in nats'),
  totalVariation: Estimate.describe('half the sum of |generated − real| over the shares, 0 … 1'),
  confidence: share.describe('mean of the largest probability'),
  sure: share.describe('share of the images whose largest probability is 0.9 or more'),
});

const Variety = z.strictObject({
  perClass: z
    .array(z.number().min(0).nullable())
    .length(CLASSES)
    .describe("spread of a class's images over that of the real ones; null where there are too few"),
  mean: z.number().min(0).nullable().describe('over the classes that have one'),
});

const FeatureMetrics = z.strictObject({
  frechet: distance.describe("Fréchet distance of this classifier's features; no FID, whose features are Inception's"),
  kernel: z.number().describe("KID's estimator on this classifier's features; unbiased, so it may be below 0"),
  precision: share.describe('generated images within the real manifold'),
  recall: share.describe('real images within the generated manifold'),
  density: distance.describe('1 is expected where both are alike; may be above'),
  coverage: share.describe('real images with a generated one in their neighbourhood'),
});

const ImageMetrics = z.strictObject({
  duplicates: share.describe(
    'generated images with another closer than all but 1 % of the real ones of their class have',
  ),
  support: distance
    .nullable()
    .describe('different images that the generator seems to have, by the birthday test; null without any collision'),
  similarity: z.number().describe('mean MS-SSIM of pairs of generated images'),
  realSimilarity: z.number().describe('mean MS-SSIM of pairs of real images'),
  memorised: share
    .nullable()
    .describe(
      'generated images nearer to a training image than all but 1 % of the held-out ones of their class; null: not measured',
    ),
});

const LatentMetrics = z.strictObject({
  switched: share.nullable().describe('fixed z whose label changed since the last look; null at the first'),
  displacement: distance
    .nullable()
    .describe("mean distance of a fixed z's features since the last look, over that of two real images"),
  pathLength: distance.describe(
    "mean squared speed of the features on a walk between random z, 1 being two real images' distance a walk",
  ),
  effectiveDimension: distance.describe(
    "participation ratio of the Jacobian's squared singular values, 1 … zDim; 0 where z does nothing",
  ),
  singularValues: z.array(distance).describe('of the Jacobian, root mean square over points, descending'),
});

const WassersteinEstimate = z.strictObject({
  training: z.number().describe('from training images'),
  heldOut: z.number().nullable().describe('from held-out images; null where there are none'),
});

const TrainingMetrics = z.strictObject({
  discriminatorAccuracy: share.describe('mean over the last iterations, real and generated images alike'),
  gap: z.number().min(-1).max(1).describe('share of real images called real, less that of generated ones'),
  lossBalance: share.describe("size of the generator's loss over the sum of both sizes; ½ where they are equal"),
  generatorGradient: distance.describe("norm of the generator's gradient, root mean square by Adam's second moment"),
  discriminatorGradient: distance.describe('the same of the discriminator'),
  generatorLoss: z.number().optional().describe('mean over the last iterations; older looks do not tell it'),
  discriminatorLoss: z.number().optional().describe('the same of the discriminator'),
  wasserstein: WassersteinEstimate.optional().describe(
    "the critic's mean over real images less that over generated ones; absent where no critic is trained",
  ),
});

/** From best to worst; what each takes is in verdict.ts. */
export const VERDICTS = ['healthy', 'collapsing', 'collapsed', 'not learning', 'diverged'] as const;

export type VerdictName = (typeof VERDICTS)[number];

const Verdict = z.strictObject({
  name: z.enum(VERDICTS),
  reasons: z.array(z.string()).describe('the measurements that led to it, for people'),
});

export const Diagnosis = z
  .strictObject({
    iteration: count,
    samples: count.describe('generated images that were looked at'),
    real: count.describe('real images that they were compared with'),
    labels: LabelMetrics,
    variety: Variety,
    features: FeatureMetrics,
    images: ImageMetrics,
    latent: LatentMetrics.nullable().describe('null where there are images alone'),
    conditionalAccuracy: share
      .optional()
      .describe('images that show the class that was asked for; of conditional generators'),
    training: TrainingMetrics.nullable().describe('null where training is not at hand'),
    verdict: Verdict,
  })
  .describe('A look at a GAN: a line of diagnoses.jsonl in the folder of its run');

export type Diagnosis = z.infer<typeof Diagnosis>;
export type Estimate = z.infer<typeof Estimate>;
export type LabelMetrics = z.infer<typeof LabelMetrics>;
export type Variety = z.infer<typeof Variety>;
export type FeatureMetrics = z.infer<typeof FeatureMetrics>;
export type LatentMetrics = z.infer<typeof LatentMetrics>;
export type WassersteinEstimate = z.infer<typeof WassersteinEstimate>;
export type TrainingMetrics = z.infer<typeof TrainingMetrics>;
export type Verdict = z.infer<typeof Verdict>;
