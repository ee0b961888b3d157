/**
 * @file Defines the results of the recipes, and summarises those of several seeds.
 */
import { z } from 'zod';

/** Metrics in the table, in its order. */
const METRICS = {
  frechet: z.number(),
  coverage: z.number(),
  precision: z.number(),
  recall: z.number(),
  sure: z.number(),
} as const;

/** One training, evaluated after its last iteration. */
const Row = z.strictObject({
  recipe: z.string(),
  dataset: z.string(),
  zDim: z.int(),
  seed: z.string(),
  iterations: z.int(),
  /** Generated images, and real ones that they are compared with. */
  samples: z.int(),
  ...METRICS,
});

/** Content of a file of results. */
export const Results = z.strictObject({
  commands: z.array(z.string()),
  device: z.string(),
  rows: z.array(Row),
});

export type Results = z.infer<typeof Results>;
export type Row = z.infer<typeof Row>;

export const COMPARED = z.object(METRICS).keyof().options;

/** The mean of several seeds. */
export interface Summary {
  readonly mean: number;
  /** Half of the 95 % interval of the mean, by Student's t; undefined for one seed. */
  readonly half: number | undefined;
}

/** Quantiles 0.975 of Student's t for 1, 2, … degrees of freedom. */
const T = [12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262] as const;

/** @param values one for each seed, at most ten */
export function summarise(values: readonly number[]): Summary {
  const { length } = values;
  const mean = values.reduce((sum, value) => sum + value, 0) / length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (length - 1);
  const t = T[length - 2];
  return { mean, half: t === undefined ? undefined : t * Math.sqrt(variance / length) };
}

/** Rows by the text that a function gives them, in the order of their first occurrence. */
export function grouped(rows: readonly Row[], by: (row: Row) => string): ReadonlyMap<string, readonly Row[]> {
  const groups = new Map<string, Row[]>();
  for (const row of rows) groups.set(by(row), [...(groups.get(by(row)) ?? []), row]);
  return groups;
}
