/**
 * @file Defines a diagnosis: the metrics of a GAN at one moment, and the verdict on them. docs/metrics.md says what each metric
 * means and misses; the JSON schema of a line of `diagnoses.jsonl` is `schemas/diagnosis.schema.json`.
 */
import { z } from 'zod';
import { CLASSES } from '../models/networks/classifier.js';
import { describedMetric } from './metricText.js';
import { byMetric, METRICS, type MetricName } from './registry.js';

const count = z.int().min(0);

/** From best to worst; verdict.ts has the rule. */
export const VERDICTS = ['healthy', 'collapsing', 'collapsed', 'not learning', 'diverged'] as const;

/** Name of a verdict. */
export type VerdictName = (typeof VERDICTS)[number];

const Verdict = z.strictObject({
  name: z.enum(VERDICTS),
  reasons: z.array(z.string()).describe('the measurements that led to it, for people'),
});

function valueSchema(name: MetricName) {
  const [least, most] = METRICS[name].range ?? [];
  const number = least === undefined ? z.number() : z.number().min(least);
  const bounded = most === undefined ? number : number.max(most);
  // Absent in records of a version that did not measure it.
  return bounded.nullable().default(null).describe(describedMetric(name));
}

/** A number for each metric; null if it was not measured. */
export const MetricValues = z.strictObject(byMetric(valueSchema));

const Interval = z.strictObject({
  low: z.number().describe('lower end of the 95 % interval'),
  high: z.number().describe('upper end of the 95 % interval'),
});

/** All metrics of one evaluation, and the verdict. */
export const Diagnosis = z
  .strictObject({
    iteration: count,
    samples: count.describe('number of generated images'),
    real: count.describe('number of real images that they are compared with'),
    metrics: MetricValues.describe('by name; null if not measured'),
    intervals: z.record(z.string(), Interval).describe('of the metrics that are estimates, by name'),
    classes: z.strictObject({
      counts: z.array(count).length(CLASSES).describe('generated images of each class, unsure ones included'),
      variety: z
        .array(z.number().min(0).nullable())
        .length(CLASSES)
        .describe("spread of a class's images over that of the real ones; null if there are too few"),
    }),
    similarity: z
      .strictObject({ generated: z.number(), real: z.number() })
      .describe('mean MS-SSIM of pairs of generated and of real images'),
    singularValues: z
      .array(z.number().min(0))
      .nullable()
      .describe('of the Jacobian, root mean square over points, descending; null when only images are evaluated'),
    verdict: Verdict,
  })
  .describe('An evaluation of a GAN: a line of diagnoses.jsonl in the folder of its run');

/** All metrics of one evaluation, and the verdict. */
export type Diagnosis = z.infer<typeof Diagnosis>;
export type MetricValues = z.infer<typeof MetricValues>;
/** A verdict, and the signs that led to it. */
export type Verdict = z.infer<typeof Verdict>;
