/**
 * @file `run.json`: what a run is, on what it runs, and how its sessions went. Its JSON schema is
 * `schemas/run.schema.json`, made from this file by `npm run schemas`.
 */
import { z } from 'zod';
import { parseDescribed } from '../../files/describedJson.js';
import { LEAST_SAMPLES, MOST_SAMPLES } from '../../evaluation/limits.js';
import { ARCHITECTURES, type ArchitectureName } from '../../models/networks/architectures.js';
import { above0, integers, numberSchema } from '../../gan/bounds.js';
import { Instant } from './instants.js';
import { MAX_BATCH, MAX_WIDTH, MAX_Z_DIM } from '../../gan/settings.js';
import { StoredObjective } from '../../gan/objective.js';

const ARCHITECTURE_NAMES = Object.keys(ARCHITECTURES).filter((name): name is ArchitectureName => {
  return name in ARCHITECTURES;
});

const HASH = /^[0-9a-f]{64}$/;

const count = z.int().min(1);

/** A path that is read, never written; what no system takes for one is refused here. */
const PathText = z
  .string()
  .min(1)
  .max(4096)
  .refine((path) => !path.includes('\0'), 'no path: it holds a NUL');

const Objective = StoredObjective.describe("absent for bce by the architecture's own settings");

const Arguments = z.strictObject({
  architecture: z.enum(ARCHITECTURE_NAMES).describe('networks, optimisers and schedule'),
  objective: Objective.optional(),
  zDim: z.int().min(1).max(MAX_Z_DIM).describe('dimension of the latent variable'),
  width: numberSchema(above0(MAX_WIDTH)).describe('factor on all channel counts; 1 is the published size'),
  batch: count.max(MAX_BATCH).describe('images a batch'),
  iterations: count.describe('updates of the generator that the run is to make'),
  sampleEvery: count.describe('iterations between pictures'),
  checkpointEvery: count.describe('iterations between checkpoints'),
  keep: z.union([count, z.literal('all')]).describe('checkpoints that are kept, the newest'),
  seed: z.string().describe('the same seed on the same device gives the same bits'),
  preset: z.string().describe('where the sizes come from that no flag gave'),
  diagnosis: z
    .strictObject({
      samples: numberSchema(integers(LEAST_SAMPLES, MOST_SAMPLES)).describe('generated images of a look'),
      classifier: PathText.describe('the path of one, or bundled: the one that comes with the project'),
      sha256: z.string().regex(HASH).describe("of the classifier's file"),
    })
    .optional()
    .describe('how the run is looked at, with each set of pictures; absent where it is not'),
});

export const DatasetDescription = z.strictObject({
  kind: z.string().describe('as --data takes it'),
  name: z.string().describe('such as mnist/train'),
  count: count.describe('images'),
  sha256: z
    .string()
    .regex(HASH)
    .describe('of the pixels followed by the labels; of stacked images, of the hash of those and of which are stacked'),
  folder: PathText.optional().describe('where its files were read'),
});

export const SessionDescription = z.strictObject({
  started: Instant,
  ended: Instant.optional().describe('absent while it runs, and where it was killed'),
  outcome: z.enum(['running', 'finished', 'stopped', 'failed']),
  error: z.string().optional().describe('what a failed session said'),
  from: z.int().min(0).describe('iterations done before it'),
  to: z.int().min(0).optional().describe('iterations done after it'),
  iterationsPerSecond: z.number().positive().optional().describe('without the first ones, which compile kernels'),
  adapter: z.strictObject({ name: z.string(), driver: z.string() }),
  versions: z.record(z.string(), z.string()).describe('of this project, Dawn and Node'),
  tuned: z.boolean().describe('whether kernels were chosen by measuring'),
  eager: z.boolean().describe('whether it ran kernel by kernel instead of replaying a recording'),
  kernels: z.record(z.string(), z.string()).describe('the tile that each product of the step runs by'),
});

export const RunDescription = z
  .strictObject({
    format: z.literal('zdim-gan-lab/run/1'),
    arguments: Arguments,
    dataset: DatasetDescription,
    parameters: z
      .strictObject({ generator: count, discriminator: count })
      .describe('numbers in each network, the batch-norm statistics counted'),
    sessions: z.array(SessionDescription).describe('the processes that worked on the run, in order'),
  })
  .describe('A run of zdim-gan-lab: run.json in its folder');

export type RunDescription = z.infer<typeof RunDescription>;
/** What was asked for. */
export type RunArguments = RunDescription['arguments'];
/** A process's work on a run. */
export type RunSession = RunDescription['sessions'][number];

/** A line of `metrics.jsonl`. */
export const MetricsLine = z
  .strictObject({
    iteration: count.describe('counted from 1'),
    generatorLoss: z.number(),
    discriminatorLoss: z.number().describe('mean over real and generated images, without a gradient penalty'),
    realAccuracy: z.number().min(0).max(1).describe('share of the real images'),
    fakeAccuracy: z.number().min(0).max(1).describe("share of the generated images of the discriminator's update"),
    foolingRate: z.number().min(0).max(1).describe("share of the generated images of the generator's update"),
    wasserstein: z
      .number()
      .optional()
      .describe(
        "a critic's estimate of the distance: its mean over real less that over generated images; wgan, wgan-gp",
      ),
    gradientPenalty: z.number().min(0).optional().describe('before its weight; wgan-gp, r1'),
  })
  .describe('An iteration of a run: a line of metrics.jsonl in its folder');

/** run.json is not what it should be; the message names the file and the first thing that is wrong. */
export class RunError extends Error {
  override readonly name = 'RunError';
  /** Whether there is no run.json at all. */
  readonly missing: boolean;

  constructor(message: string, options: ErrorOptions & { readonly missing?: boolean } = {}) {
    super(message, options);
    this.missing = options.missing ?? false;
  }
}

/** @throws RunError where the text is no run.json of this version */
export function parseRun(text: string, path: string): RunDescription {
  const result = parseDescribed(RunDescription, text, 'run of this program');
  if ('value' in result) return result.value;
  throw new RunError(`${path} ${result.problem}`, { cause: result.cause });
}
