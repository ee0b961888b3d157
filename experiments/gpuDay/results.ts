/**
 * @file Reads the files of results that the parts of a GPU day write, for its page.
 */
import { join } from 'node:path';
import { z } from 'zod';
import { Diagnosis } from '../../src/evaluation/diagnosis.js';
import { parseDescribed } from '../../src/files/describedJson.js';
import { MOST_BYTES, readTextIfThere } from '../../src/files/regularFiles.js';
import { Results as StudyResults } from '../../src/study/measure/results.js';
import { TestReport } from '../../test/support/report.js';

/** `node dist/cli doctor --json`. */
export const Doctor = z.object({
  project: z.string(),
  node: z.object({ version: z.string(), platform: z.string(), arch: z.string() }),
  dawn: z.string(),
  cpu: z.object({ cores: z.int(), model: z.string(), memoryBytes: z.number() }),
  adapter: z
    .object({
      name: z.string(),
      driver: z.string(),
      software: z.boolean(),
      features: z.record(z.string(), z.boolean()),
      subgroups: z.tuple([z.number(), z.number()]).optional(),
      limits: z.record(z.string(), z.number()),
    })
    .nullable(),
  mnist: z.string().nullable().default(null),
});

const Limits = z.object({
  date: z.string(),
  adapter: z.string(),
  driver: z.string(),
  software: z.boolean(),
  multiplyAdds: z.object({
    bestGigaflopsPerSecond: z.number(),
    loop: z.string(),
    loops: z.array(z.object({ accumulators: z.number(), unroll: z.number(), fused: z.boolean(), rate: z.number() })),
  }),
  copies: z.array(
    z.object({ bytes: z.number(), medianGigabytesPerSecond: z.number(), bestGigabytesPerSecond: z.number() }),
  ),
});

const TunedProduct = z.object({
  name: z.string(),
  operand: z.enum(['patches', 'weightGradient']),
  rows: z.number().describe('of the result, in all phases'),
  columns: z.number(),
  inner: z.number().describe('products that an element sums'),
  multiplyAdds: z.number(),
  likely: z.array(z.string()).describe('the tiles that ordinary tuning measures'),
  fixed: z.string().describe('the tile without measuring'),
  times: z.record(z.string(), z.number()).describe('least milliseconds by tile'),
});

const Tuning = z.object({ date: z.string(), adapter: z.string(), products: z.array(TunedProduct) });

const Bench = z.object({
  date: z.string(),
  rows: z.array(
    z.object({
      group: z.string(),
      name: z.string(),
      unit: z.string(),
      tile: z.string(),
      medianMs: z.number(),
      minMs: z.number(),
      rate: z.number(),
      ofLimit: z.number(),
    }),
  ),
});

const PyTorch = z.object({
  adapter: z.string(),
  torch: z.string(),
  cuda: z.string().nullable(),
  limit: z.object({ bestGigaflopsPerSecond: z.number() }),
  rows: z.array(
    z.object({ group: z.string(), name: z.string(), mode: z.string(), layout: z.string(), medianMs: z.number() }),
  ),
});

/** `node dist/cli diagnose --json` of a run. */
const RunDiagnosis = z.object({ dataset: z.string(), diagnosis: Diagnosis });

const Stacked = z.object({
  real: z.object({ modes: z.number(), divergence: z.number() }),
  runs: z.array(
    z.object({
      label: z.string(),
      iteration: z.int(),
      modes: z.number(),
      divergence: z.number(),
      sureModes: z.number(),
      seconds: z.number().nullable(),
    }),
  ),
});

export type Doctor = z.infer<typeof Doctor>;
export type Limits = z.infer<typeof Limits>;
export type TunedProduct = z.infer<typeof TunedProduct>;
export type BenchRow = z.infer<typeof Bench>['rows'][number];
export type PyTorchRow = z.infer<typeof PyTorch>['rows'][number];

/** Names of the files of results within the day's folder. */
export const FILES = {
  doctor: 'doctor.json',
  limits: 'limits.json',
  tests: 'tests.json',
  tuning: 'tuning.json',
  bench: 'bench.json',
  pytorchSteps: 'pytorch-steps.json',
  pytorchProducts: 'pytorch-products.json',
  pytorchCompiled: 'pytorch-compiled.json',
  study: 'study.json',
  recipe: 'recipe.json',
  stacked: 'stacked-mnist.json',
} as const;

/** @throws Error for a file of another kind */
function read<T>(path: string, schema: z.ZodType<T>): T | undefined {
  const text = readTextIfThere(path, MOST_BYTES.json);
  if (text === undefined) return undefined;
  const parsed = parseDescribed(schema, text, 'file of results');
  if ('problem' in parsed) throw new Error(`${path} ${parsed.problem}`, { cause: parsed.cause });
  return parsed.value;
}

/** All results that are there. */
export function readResults(folder: string) {
  const at = (name: keyof typeof FILES): string => join(folder, FILES[name]);
  const pytorch = (['pytorchSteps', 'pytorchProducts', 'pytorchCompiled'] as const).flatMap(
    (name) => read(at(name), PyTorch) ?? [],
  );
  return {
    doctor: read(at('doctor'), Doctor),
    limits: read(at('limits'), Limits),
    tests: read(at('tests'), TestReport),
    tuning: readTuning(at('tuning')),
    bench: read(at('bench'), Bench),
    pytorch,
    study: read(at('study'), StudyResults),
    recipe: read(at('recipe'), RunDiagnosis),
    stacked: read(at('stacked'), Stacked),
  };
}

/** @throws Error for a file of another kind */
export function readTuning(path: string): z.infer<typeof Tuning> | undefined {
  return read(path, Tuning);
}

/** The fastest tile of a product. */
export function bestTile({ times, fixed }: TunedProduct): string {
  return Object.entries(times).sort(([, a], [, b]) => a - b)[0]?.[0] ?? fixed;
}
