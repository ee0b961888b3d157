/**
 * @file What a GAN's two networks are to learn, and by which settings: what was asked for, with the defaults of the loss
 * and of the architecture in the places left open, or a reason why it makes no sense.
 */
import type { Architecture } from '../models/networks/architectures.js';
import type { Normalisation } from '../models/layers/normalisation.js';
import type { AdamSettings } from '../models/optim/optimisers.js';
import { type Augmentation, inOrder } from './augmentations.js';
import { above0, type Bounds, integers, outOfBounds, takes } from './bounds.js';
import { batchRefusals, inputRefusals } from './inputRefusals.js';
import { MAX_CRITIC_STEPS, MAX_NOISE_ITERATIONS, MAX_PACK, MAX_RATE, MAX_UNROLL, MAX_WEIGHT } from './limits.js';
import { LOSS_NAMES, LOSSES, type Loss, type LossName } from './losses.js';

/** What can be asked for. What is absent is the loss's own, or else the architecture's. */
export interface ObjectiveOptions {
  /** `bce` where absent. */
  readonly loss?: LossName | undefined;
  /** λ of `wgan-gp`, γ of `r1`. */
  readonly penaltyWeight?: number | undefined;
  /** Updates of the discriminator an iteration, each on images of its own. */
  readonly criticSteps?: number | undefined;
  /** The largest absolute value of a weight of the critic under `wgan`, where spectral normalisation does not bound it. */
  readonly clip?: number | undefined;
  /** What a real image's label is below 1. */
  readonly labelSmoothing?: number | undefined;
  readonly generatorRate?: number | undefined;
  readonly discriminatorRate?: number | undefined;
  readonly normaliseDiscriminator?: Normalisation | undefined;
  readonly normaliseGenerator?: Normalisation | undefined;
  /** Images that the discriminator judges together. */
  readonly pack?: number | undefined;
  /** The discriminator sees how much the images of a batch vary. */
  readonly minibatchStddev?: boolean | undefined;
  /** How images are changed at random before the discriminator sees them. */
  readonly augment?: readonly Augmentation[] | undefined;
  /** Standard deviation of the noise on the images that the discriminator sees. */
  readonly instanceNoise?: number | undefined;
  /** Iterations over which that noise falls to nothing; it stays where absent. */
  readonly noiseIterations?: number | undefined;
  /** Images are drawn by the generator's weights averaged over the iterations; this share of them stays at each. */
  readonly averageDecay?: number | undefined;
  /** Updates of the discriminator that the generator's gradient passes through; none where absent. */
  readonly unroll?: number | undefined;
  /** Both networks are told the class of an image; false where absent. */
  readonly conditional?: boolean | undefined;
}

/** The flag of `train` and `study` that asks for each. */
export const OBJECTIVE_FLAGS = {
  loss: '--loss',
  penaltyWeight: '--gp-weight',
  criticSteps: '--critic-steps',
  clip: '--clip',
  labelSmoothing: '--label-smoothing',
  generatorRate: '--lr-generator',
  discriminatorRate: '--lr-discriminator',
  normaliseDiscriminator: '--normalise',
  normaliseGenerator: '--normalise-generator',
  pack: '--pack',
  minibatchStddev: '--minibatch-stddev',
  augment: '--augment',
  instanceNoise: '--instance-noise',
  noiseIterations: '--noise-iterations',
  averageDecay: '--ema',
  unroll: '--unroll',
  conditional: '--conditional',
} as const satisfies Readonly<Record<keyof ObjectiveOptions, string>>;

/** The numbers that each setting takes. */
export const OBJECTIVE_BOUNDS = {
  penaltyWeight: above0(MAX_WEIGHT),
  criticSteps: integers(1, MAX_CRITIC_STEPS),
  clip: above0(MAX_WEIGHT),
  labelSmoothing: { least: 0, most: 0.5, isBelowMost: true },
  generatorRate: above0(MAX_RATE),
  discriminatorRate: above0(MAX_RATE),
  pack: integers(1, MAX_PACK),
  instanceNoise: above0(MAX_WEIGHT),
  noiseIterations: integers(1, MAX_NOISE_ITERATIONS),
  averageDecay: { least: 0, most: 1, isAboveLeast: true, isBelowMost: true },
  unroll: integers(0, MAX_UNROLL),
} as const satisfies Partial<Readonly<Record<keyof ObjectiveOptions, Bounds>>>;

/** In the place of a number of iterations: the noise does not fall. */
export const NOISE_STAYS = 'none';

/** The words of a command that ask for an objective. */
export function objectiveToArgv(objective: ObjectiveOptions = {}): string[] {
  const words = flaggedSettings(objective).flatMap(([flag, value]) => (value === '' ? [flag] : [flag, value]));
  const stays = objective.instanceNoise !== undefined && objective.noiseIterations === undefined;
  // Without a word the command lets the noise fall over the run's iterations.
  return stays ? [...words, OBJECTIVE_FLAGS.noiseIterations, NOISE_STAYS] : words;
}

/** Each setting that is given, by its flag, as the flag takes it: nothing where the flag alone says it. */
export function flaggedSettings(objective: ObjectiveOptions): (readonly [flag: string, value: string])[] {
  const given = new Map<string, ObjectiveOptions[keyof ObjectiveOptions]>(Object.entries(objective));
  return Object.entries(OBJECTIVE_FLAGS).flatMap(([name, flag]) => {
    const value = given.get(name);
    if (value === undefined || value === false || value.toString() === '') return [];
    return [[flag, value === true ? '' : value.toString()] as const];
  });
}

/** All that a training step goes by. */
export interface Objective {
  readonly name: LossName;
  readonly loss: Loss;
  readonly schedule: Architecture['schedule'];
  /** Absent without a penalty. */
  readonly penaltyWeight: number | undefined;
  readonly criticSteps: number;
  /** Absent where weights are not clipped. */
  readonly clip: number | undefined;
  readonly labelSmoothing: number;
  readonly generatorAdam: AdamSettings;
  readonly discriminatorAdam: AdamSettings;
  readonly normaliseDiscriminator: Normalisation;
  readonly normaliseGenerator: Normalisation;
  /** 1 where each image is judged by itself. */
  readonly pack: number;
  readonly minibatchStddev: boolean;
  readonly augment: readonly Augmentation[];
  /** Absent without noise. */
  readonly instanceNoise: number | undefined;
  readonly noiseIterations: number | undefined;
  /** Absent where images are drawn by the generator as it is. */
  readonly averageDecay: number | undefined;
  /** 0 where the generator learns from the discriminator as it is. */
  readonly unroll: number;
  readonly conditional: boolean;
}

/** Settings that make no sense together; the message names the flag, and the reason. */
export class ObjectiveError extends Error {
  override readonly name = 'ObjectiveError';
}

/** Losses that fit a condition, for messages. */
function lossesWith(fits: (loss: Loss) => boolean): string {
  return LOSS_NAMES.filter((name) => fits(LOSSES[name])).join(', ');
}

/**
 * @param batch images a batch, where they are known already
 * @throws ObjectiveError where the settings do not go with each other, with the architecture or with the batch
 */
export function objectiveOf(architecture: Architecture, asked: ObjectiveOptions, batch?: number): Objective {
  const objective = withDefaults(architecture, asked);
  const refused = [
    ...numberRefusals(asked),
    ...lossRefusals(objective),
    ...unrollRefusals(objective),
    ...networkRefusals(objective, architecture),
    ...inputRefusals(objective),
    ...(batch === undefined ? [] : batchRefusals(objective, batch)),
  ];
  if (refused[0] !== undefined) throw new ObjectiveError(refused[0]);
  return objective;
}

/** With the defaults of the loss and the architecture in the places left open, whether or not that makes sense. */
function withDefaults(architecture: Architecture, asked: ObjectiveOptions): Objective {
  const { loss: name = 'bce', labelSmoothing = 0, generatorRate, discriminatorRate } = asked;
  const loss = LOSSES[name];
  const [own] = architecture.discriminatorNormalisations;
  const normaliseDiscriminator = asked.normaliseDiscriminator ?? (loss.penalty === undefined ? own : 'none');
  return {
    name,
    loss,
    schedule: loss.isJoint === true ? 'joint' : architecture.schedule,
    penaltyWeight: asked.penaltyWeight ?? loss.penaltyWeight,
    criticSteps: asked.criticSteps ?? loss.criticSteps ?? 1,
    clip: asked.clip ?? (normaliseDiscriminator === 'spectral' ? undefined : loss.clip),
    labelSmoothing,
    generatorAdam: withRate({ ...architecture.generatorAdam, ...loss.adam }, generatorRate),
    discriminatorAdam: withRate({ ...architecture.discriminatorAdam, ...loss.adam }, discriminatorRate),
    normaliseDiscriminator,
    normaliseGenerator: asked.normaliseGenerator ?? 'batch',
    pack: asked.pack ?? 1,
    minibatchStddev: asked.minibatchStddev ?? false,
    augment: inOrder(asked.augment ?? []),
    instanceNoise: asked.instanceNoise,
    noiseIterations: asked.noiseIterations,
    averageDecay: asked.averageDecay,
    unroll: asked.unroll ?? 0,
    conditional: asked.conditional ?? false,
  };
}

/** Every setting as it is with the defaults of the loss and the architecture: undefined where there is nothing to set. */
export type ObjectiveSettings = { readonly [Name in keyof ObjectiveOptions]-?: ObjectiveOptions[Name] };

/** All settings of an objective, those included that were left open. */
export function objectiveSettings(architecture: Architecture, asked: ObjectiveOptions): ObjectiveSettings {
  const { name, loss, schedule, generatorAdam, discriminatorAdam, ...settings } = withDefaults(architecture, asked);
  const [generatorRate, discriminatorRate] = [generatorAdam, discriminatorAdam].map((adam) => adam.learningRate);
  return { loss: name, ...settings, generatorRate, discriminatorRate };
}

/**
 * What run.json tells of an objective: the loss, and each setting that differs from that loss's default, or from that of bce,
 * with the same architecture. So a run goes on with its loss's penalty weight, critic steps and clip, whatever becomes of the
 * defaults. Adam's settings are told only as rates that were asked for: otherwise they are the loss's or the architecture's of
 * the program that goes on. Undefined for bce by the architecture's own settings.
 *
 * What it returns stands for the same objective: `objectiveOf` makes the same of it.
 *
 * @throws ObjectiveError as {@link objectiveOf}
 */
export function describedObjective(
  architecture: Architecture,
  asked: ObjectiveOptions,
): (ObjectiveOptions & { readonly loss: LossName }) | undefined {
  const { name } = objectiveOf(architecture, asked);
  const settings = objectiveSettings(architecture, asked);
  const defaults = [{ loss: name }, {}].map((usual) => objectiveSettings(architecture, usual));
  const isTold = (setting: keyof ObjectiveSettings): boolean => {
    const value = settings[setting];
    return value !== undefined && defaults.some((usual) => !isSameSetting(usual[setting], value));
  };
  const { penaltyWeight, criticSteps, clip, labelSmoothing, normaliseDiscriminator, conditional } = settings;
  const { normaliseGenerator, pack, minibatchStddev, unroll, augment, instanceNoise, noiseIterations } = settings;
  const { generatorRate, discriminatorRate, averageDecay } = asked;
  const others = {
    ...(isTold('penaltyWeight') ? { penaltyWeight } : {}),
    ...(isTold('criticSteps') ? { criticSteps } : {}),
    ...(isTold('clip') ? { clip } : {}),
    ...(isTold('labelSmoothing') ? { labelSmoothing } : {}),
    ...(generatorRate === undefined ? {} : { generatorRate }),
    ...(discriminatorRate === undefined ? {} : { discriminatorRate }),
    ...(isTold('normaliseDiscriminator') ? { normaliseDiscriminator } : {}),
    ...(isTold('normaliseGenerator') ? { normaliseGenerator } : {}),
    ...(isTold('pack') ? { pack } : {}),
    ...(isTold('minibatchStddev') ? { minibatchStddev } : {}),
    ...(isTold('augment') ? { augment } : {}),
    ...(isTold('instanceNoise') ? { instanceNoise } : {}),
    ...(isTold('noiseIterations') ? { noiseIterations } : {}),
    ...(averageDecay === undefined ? {} : { averageDecay }),
    ...(isTold('unroll') ? { unroll } : {}),
    ...(isTold('conditional') ? { conditional } : {}),
  };
  return name === 'bce' && Object.keys(others).length === 0 ? undefined : { loss: name, ...others };
}

/** Whether two values of a setting mean the same; lists are in the order of `inOrder`. */
export function isSameSetting(one: ObjectiveOptions[keyof ObjectiveOptions], other: typeof one): boolean {
  return one === other || (typeof one === 'object' && typeof other === 'object' && one.join() === other.join());
}

function withRate(settings: AdamSettings, learningRate: number | undefined): AdamSettings {
  return learningRate === undefined ? settings : { ...settings, learningRate };
}

function* numberRefusals(asked: ObjectiveOptions): Generator<string> {
  const values = new Map<string, ObjectiveOptions[keyof ObjectiveOptions]>(Object.entries(asked));
  const flags = new Map<string, string>(Object.entries(OBJECTIVE_FLAGS));
  for (const [name, bounds] of Object.entries<Bounds>(OBJECTIVE_BOUNDS)) {
    const value = values.get(name);
    if (value === undefined) continue;
    const flag = `${flags.get(name) ?? name} ${value.toString()}`;
    const wanted = typeof value === 'number' ? outOfBounds(value, bounds) : takes(bounds);
    if (wanted !== undefined) yield `${flag}: it takes ${wanted}`;
  }
}

function* lossRefusals(objective: Objective): Generator<string> {
  const { name, loss, penaltyWeight, clip, labelSmoothing, normaliseDiscriminator: normalise } = objective;
  if (penaltyWeight !== undefined && loss.penalty === undefined) {
    const having = lossesWith(({ penalty }) => penalty !== undefined);
    yield `--gp-weight ${penaltyWeight}: --loss ${name} has no gradient penalty to weigh; ${having} have one`;
  }
  if (clip !== undefined && loss.clip === undefined) {
    const bounded =
      loss.isCritic === true ? 'its penalty bounds the critic already' : 'its discriminator needs no bound';
    yield (
      `--clip ${clip}: weights are clipped under --loss ${lossesWith((each) => each.clip !== undefined)} alone; ` +
      `${name} does not need it, as ${bounded}`
    );
  } else if (clip !== undefined && normalise === 'spectral') {
    yield (
      `--clip ${clip}: --normalise spectral bounds the critic already (Miyato et al. 2018), and divides each kernel by ` +
      'its largest singular value, so that the size to which it was clipped is lost'
    );
  }
  if (labelSmoothing > 0 && loss.isProbability !== true) {
    const having = lossesWith(({ isProbability }) => isProbability === true);
    yield `--label-smoothing ${labelSmoothing}: the labels of --loss ${name} are no probabilities; those of ${having} are`;
  }
}

function* unrollRefusals({ name, loss, schedule, clip, unroll }: Objective): Generator<string> {
  if (unroll === 0) return;
  const flag = `--unroll ${unroll}`;
  if (loss.penalty !== undefined) {
    yield (
      `${flag}: the updates of --loss ${name} descend a gradient penalty, and passing through them takes the third ` +
      `derivatives of it; ${lossesWith((each) => each.penalty === undefined && each.clip === undefined)} can be unrolled`
    );
  } else if (clip !== undefined) {
    yield `${flag}: each update under --loss ${name} ends in clipping, and no gradient passes a weight that was clipped; --normalise spectral does without`;
  }
  if (schedule === 'halves') {
    yield (
      `${flag}: under --loss ${name} this architecture's discriminator takes half a batch of real and half of generated ` +
      'images in turn, as its article does, while an unrolled update is one by both; --arch dcgan trains so'
    );
  }
}

function* networkRefusals(objective: Objective, architecture: Architecture): Generator<string> {
  const { name, loss, schedule, criticSteps, normaliseDiscriminator: normalise } = objective;
  if (criticSteps > 1 && schedule === 'halves') {
    yield (
      `--critic-steps ${criticSteps}: under --loss ${name} this architecture's discriminator takes half a batch of real ` +
      `and half of generated images in turn, as its article does; ${lossesWith(({ isJoint }) => isJoint === true)} train jointly`
    );
  }
  if (normalise === 'batch' && loss.penalty !== undefined) {
    yield (
      `--normalise batch: --loss ${name} penalises the gradient of each image by itself, and under batch normalisation ` +
      "an image's logit depends on the whole batch (Gulrajani et al. 2017, section 4); it takes --normalise none"
    );
  }
  const possible = architecture.discriminatorNormalisations;
  if (!possible.includes(normalise)) {
    yield `--normalise ${normalise}: this architecture's discriminator takes ${possible.join(', ')}`;
  }
}
