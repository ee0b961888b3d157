/**
 * @file The flags of what a GAN's networks learn, which `train` and `study` share, and what becomes of them.
 */
import { type Command, InvalidArgumentError, Option } from 'commander';
import { ARCHITECTURES, type ArchitectureName } from '../../models/networks/architectures.js';
import { NORMALISATIONS, type Normalisation } from '../../models/layers/normalisation.js';
import { type Augmentation, AUGMENTATIONS } from '../../gan/augmentations.js';
import { MAX_NOISE_ITERATIONS, MAX_PACK } from '../../gan/limits.js';
import { LOSS_NAMES, type LossName } from '../../gan/losses.js';
import {
  describedObjective,
  NOISE_STAYS,
  type Objective,
  OBJECTIVE_BOUNDS,
  ObjectiveError,
  objectiveOf,
  type ObjectiveOptions,
} from '../../gan/objective.js';
import { integerOr, numberWithin } from './arguments.js';
import { UsageError } from './usageError.js';

export interface ObjectiveFlags {
  readonly loss?: LossName;
  readonly gpWeight?: number;
  readonly criticSteps?: number;
  readonly clip?: number;
  readonly labelSmoothing?: number;
  readonly lrGenerator?: number;
  readonly lrDiscriminator?: number;
  readonly normalise?: Normalisation;
  readonly normaliseGenerator?: Normalisation;
  readonly pack?: number;
  readonly minibatchStddev?: boolean;
  readonly augment?: readonly Augmentation[];
  readonly instanceNoise?: number;
  readonly noiseIterations?: number | typeof NOISE_STAYS;
  readonly ema?: number;
  readonly unroll?: number;
  readonly conditional?: boolean;
}

/** Their names among the options of a command. */
export const OBJECTIVE_OPTIONS = [
  'loss',
  'gpWeight',
  'criticSteps',
  'clip',
  'labelSmoothing',
  'lrGenerator',
  'lrDiscriminator',
  'normalise',
  'normaliseGenerator',
  'pack',
  'minibatchStddev',
  'augment',
  'instanceNoise',
  'noiseIterations',
  'ema',
  'unroll',
  'conditional',
] as const satisfies readonly (keyof ObjectiveFlags)[];

/** Adds the flags. */
export function withObjectiveFlags(command: Command): Command {
  return command
    .addOption(
      new Option('--loss <name>', 'what both networks learn, see docs/losses.md (default: bce)').choices(LOSS_NAMES),
    )
    .option(
      '--gp-weight <weight>',
      'of the gradient penalty: λ of wgan-gp (default: 10, Gulrajani 2017), γ of r1 (default: 10, Mescheder 2018)',
      numberWithin(OBJECTIVE_BOUNDS.penaltyWeight),
    )
    .option(
      '--critic-steps <count>',
      'updates of the discriminator an iteration, each on images of its own ' +
        '(default: 1; wgan and wgan-gp: 5, Arjovsky 2017 and Gulrajani 2017)',
      numberWithin(OBJECTIVE_BOUNDS.criticSteps),
    )
    .option(
      '--clip <limit>',
      "the largest absolute value of a critic's weight under wgan " +
        '(default: 0.01, Arjovsky 2017; none under --normalise spectral, which bounds it already)',
      numberWithin(OBJECTIVE_BOUNDS.clip),
    )
    .option(
      '--label-smoothing <amount>',
      'what the label of a real image is below 1, for bce, bce-saturating and r1 (default: 0; Salimans 2016: 0.1)',
      numberWithin(OBJECTIVE_BOUNDS.labelSmoothing),
    )
    .option(
      '--lr-generator <rate>',
      "the generator's learning rate (default: the architecture's; wgan: 5e-5, wgan-gp: 1e-4)",
      numberWithin(OBJECTIVE_BOUNDS.generatorRate),
    )
    .option(
      '--lr-discriminator <rate>',
      "the discriminator's, of a time scale of its own (Heusel 2017; default: the architecture's; wgan: 5e-5, wgan-gp: 1e-4)",
      numberWithin(OBJECTIVE_BOUNDS.discriminatorRate),
    )
    .addOption(
      new Option(
        '--normalise <how>',
        "the discriminator's layers (default: batch for dcgan, none under a gradient penalty and for article)",
      ).choices(NORMALISATIONS),
    )
    .addOption(
      new Option('--normalise-generator <how>', "the generator's layers (default: batch)").choices(NORMALISATIONS),
    )
    .option(
      '--pack <images>',
      `images that the discriminator judges together, 1 to ${MAX_PACK} (PacGAN, Lin 2018; default: 1)`,
      numberWithin(OBJECTIVE_BOUNDS.pack),
    )
    .option('--minibatch-stddev', 'show the discriminator how much the images of a batch vary (Karras 2018)')
    .option(
      '--augment <ways>',
      `change all images at random before the discriminator sees them: ${AUGMENTATIONS.join(', ')}, or several between ` +
        'commas (DiffAugment, Zhao 2020)',
      augmentations,
    )
    .option(
      '--instance-noise <deviation>',
      'Gaussian noise on all images that the discriminator sees (Sønderby 2017, Arjovsky and Bottou 2017), falling to none',
      numberWithin(OBJECTIVE_BOUNDS.instanceNoise),
    )
    .option(
      '--noise-iterations <count>',
      `iterations over which that noise falls, linearly, or "${NOISE_STAYS}" (default: the run's)`,
      integerOr(NOISE_STAYS, OBJECTIVE_BOUNDS.noiseIterations),
    )
    .option(
      '--ema <decay>',
      "draw images by the generator's weights averaged over the iterations, of which this share stays at each " +
        '(default: by the weights as they are; Karras 2018: 0.999)',
      numberWithin(OBJECTIVE_BOUNDS.averageDecay),
    )
    .option(
      '--unroll <count>',
      'updates of the discriminator that the generator looks ahead by, its gradient passing through all of them ' +
        '(default: 0; Metz 2017: 5)',
      numberWithin(OBJECTIVE_BOUNDS.unroll),
    )
    .option('--conditional', 'tell both networks the digit of an image, and draw pictures by digit (Mirza 2014)');
}

function augmentations(text: string): readonly Augmentation[] {
  const words = text.split(',').map((word) => word.trim());
  const ways = AUGMENTATIONS.filter((way) => words.includes(way));
  if (ways.length === words.length) return ways;
  throw new InvalidArgumentError(`It takes ${AUGMENTATIONS.join(', ')}, or several between commas, each once.`);
}

/** What the flags ask for; undefined where none is given. */
export function askedObjective(flags: ObjectiveFlags): ObjectiveOptions | undefined {
  const asked: ObjectiveOptions = {
    loss: flags.loss,
    penaltyWeight: flags.gpWeight,
    criticSteps: flags.criticSteps,
    clip: flags.clip,
    labelSmoothing: flags.labelSmoothing,
    generatorRate: flags.lrGenerator,
    discriminatorRate: flags.lrDiscriminator,
    normaliseDiscriminator: flags.normalise,
    normaliseGenerator: flags.normaliseGenerator,
    pack: flags.pack,
    minibatchStddev: flags.minibatchStddev,
    augment: flags.augment,
    instanceNoise: flags.instanceNoise,
    noiseIterations: flags.noiseIterations === NOISE_STAYS ? undefined : flags.noiseIterations,
    averageDecay: flags.ema,
    unroll: flags.unroll,
    conditional: flags.conditional,
  };
  return Object.values(asked).every((value) => value === undefined) ? undefined : asked;
}

/** What run.json is to tell, and the schedule by which it trains. @throws UsageError for flags that make no sense together */
export function chooseObjective(
  architecture: ArchitectureName,
  flags: ObjectiveFlags,
  { batch, iterations }: { readonly batch: number; readonly iterations: number },
): { objective: ReturnType<typeof describedObjective>; schedule: Objective['schedule'] } {
  const given = askedObjective(flags) ?? {};
  // Told in run.json: a run that goes on to more iterations than it was begun with is the same up to there.
  const falls = given.instanceNoise !== undefined && flags.noiseIterations !== NOISE_STAYS;
  const noiseIterations = given.noiseIterations ?? (falls ? Math.min(iterations, MAX_NOISE_ITERATIONS) : undefined);
  const asked = { ...given, noiseIterations };
  const made = ARCHITECTURES[architecture];
  if (flags.noiseIterations === NOISE_STAYS && given.instanceNoise === undefined) {
    throw new UsageError(`--noise-iterations ${NOISE_STAYS}: there is no noise that stays without --instance-noise`);
  }
  try {
    const { schedule } = objectiveOf(made, asked, batch);
    return { objective: describedObjective(made, asked), schedule };
  } catch (error) {
    if (error instanceof ObjectiveError) throw new UsageError(error.message, { cause: error });
    throw error;
  }
}

/** An objective in a line, for people. */
export function tellObjective(objective: ObjectiveOptions): string {
  const { loss = 'bce', penaltyWeight, criticSteps, clip, labelSmoothing, normaliseDiscriminator } = objective;
  const { generatorRate, discriminatorRate, normaliseGenerator, pack, minibatchStddev, averageDecay } = objective;
  const { augment, instanceNoise, noiseIterations, unroll, conditional } = objective;
  const settings = {
    'penalty weight': penaltyWeight,
    'critic steps': criticSteps,
    clip,
    'label smoothing': labelSmoothing,
    'learning rate of the generator': generatorRate,
    'of the discriminator': discriminatorRate,
    normalise: normaliseDiscriminator,
    'normalise the generator': normaliseGenerator,
    pack,
    'minibatch stddev': minibatchStddev,
    augment: augment?.join(' and '),
    'instance noise': instanceNoise,
    'noise iterations': noiseIterations,
    ema: averageDecay,
    unroll,
    conditional,
  };
  const told = Object.entries(settings).flatMap(([name, value]) => {
    if (value === undefined || value === false) return [];
    return [value === true ? name : `${name} ${value}`];
  });
  return [loss, ...told].join(', ');
}
