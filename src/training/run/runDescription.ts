/**
 * @file Describes `run.json`: the settings of a run, its dataset and its sessions. `npm run schemas` writes its JSON schema
 * to `schemas/run.schema.json`.
 */
import { z } from 'zod';
import { LEAST_SAMPLES, MOST_SAMPLES } from '../../evaluation/limits.js';
import { integers, numberSchema } from '../../gan/bounds.js';
import { StoredObjective } from '../../gan/objective.js';
import { Instant } from './instants.js';
import { RunSettings } from './runSettings.js';

const HASH = /^[0-9a-f]{64}$/;

const count = z.int().min(1);

/** A path that is read, never written. */
const PathText = z
  .string()
  .min(1)
  .max(4096)
  .refine((path) => !path.includes('\0'), 'a path without NUL characters is expected');

const Objective = StoredObjective.describe("absent for bce by the architecture's own settings");

const Arguments = z.strictObject({
  ...RunSettings.shape,
  // Absent in files of earlier versions.
  keepBest: RunSettings.shape.keepBest.default('none'),
  objective: Objective.optional(),
  diagnosis: z
    .strictObject({
      samples: numberSchema(integers(LEAST_SAMPLES, MOST_SAMPLES)).describe('generated images of an evaluation'),
      classifier: PathText.describe('a path, or bundled: the classifier that comes with the project'),
      sha256: z.string().regex(HASH).describe("of the classifier's file"),
    })
    .optional()
    .describe('how the run is evaluated, with each set of pictures; absent if it is not'),
});

export const DatasetDescription = z.strictObject({
  kind: z.string().describe('value of --data'),
  name: z.string().describe('such as mnist/train'),
  count: count.describe('images'),
  sha256: z
    .string()
    .regex(HASH)
    .describe('of the pixels followed by the labels; of stacked images: of that hash and of the choice of images'),
  folder: PathText.optional().describe('folder of its files'),
});

export const SessionDescription = z.strictObject({
  started: Instant,
  ended: Instant.optional().describe('absent while the session runs, and if its process was killed'),
  outcome: z
    .enum(['running', 'finished', 'stopped', 'diverged', 'failed'])
    .describe('diverged: a loss, a weight or a moment is not finite; failed: an error ended the session'),
  reason: z.string().optional().describe('of a diverged or failed session: which number is not finite, or the error'),
  from: z.int().min(0).describe('completed iterations at the start'),
  to: z
    .int()
    .min(0)
    .optional()
    .describe('completed iterations at the end; of a diverged session the first iteration that is not finite'),
  iterationsPerSecond: z.number().positive().optional().describe('without the first iterations, which compile kernels'),
  adapter: z.strictObject({ name: z.string(), driver: z.string() }),
  versions: z.record(z.string(), z.string()).describe('of this project, Dawn and Node'),
  command: z.array(z.string()).optional().describe('arguments of the command that started the session'),
  tuned: z.boolean().describe('whether kernels were chosen by measuring'),
  eager: z.boolean().describe('whether steps ran kernel by kernel instead of replaying a recording'),
  kernels: z.record(z.string(), z.string()).describe('the tile of each product of the step'),
});

/** Rises when older run.json files cannot be read any more. */
export const RUN_FORMAT = 'zdim-gan-lab/run/2';

/** The content of run.json. */
export const RunDescription = z
  .strictObject({
    format: z.literal(RUN_FORMAT),
    arguments: Arguments,
    dataset: DatasetDescription,
    parameters: z
      .strictObject({ generator: count, discriminator: count })
      .describe('numbers in each network, including batch-norm statistics'),
    sessions: z.array(SessionDescription).describe('processes that trained the run, in order'),
  })
  .describe('A run of zdim-gan-lab: run.json in its folder');

/** The content of run.json. */
export type RunDescription = z.infer<typeof RunDescription>;
/** The settings of a run. */
export type RunArguments = RunDescription['arguments'];
/** One process's training of a run. */
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

/** A folder or its description is not usable; the message names it and the first problem. */
export class RunError extends Error {
  override readonly name = 'RunError';
  /** Whether the description is missing. */
  readonly missing: boolean;

  constructor(message: string, options: ErrorOptions & { readonly missing?: boolean } = {}) {
    super(message, options);
    this.missing = options.missing ?? false;
  }
}
