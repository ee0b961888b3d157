/**
 * @file Lists all settings of an objective, one row each. Flags, files, validation messages, the methods of `compare`, the
 * summary of a run and the table in docs/losses.md are derived from the rows: a new setting is a row here and what
 * computes with it.
 */
import { z } from 'zod';
import { ARCHITECTURES } from '../models/networks/architectures.js';
import { NORMALISATIONS } from '../models/layers/normalisation.js';
import { above0, integers } from './bounds.js';
import { AUGMENTATIONS } from './augmentations.js';
import { LOSS_NAMES, LOSSES, type LossName } from './losses.js';
import { choice, list, number, optionalSetting, type Setting, setting, settingsOf, toggle } from './settingRow.js';

/** The largest dimension of z. */
export const MAX_Z_DIM = 512;

/** The largest factor on the channel counts. */
export const MAX_WIDTH = 8;

/** The most images a batch. */
export const MAX_BATCH = 4096;

/** The largest learning rate. */
export const MAX_RATE = 1;

/** The largest weight, bound on weights, or deviation of noise. */
const MAX_WEIGHT = 1e6;

/** The most images in a pack that Lin et al. 2018 try. */
const MAX_PACK = 4;

/** The most units of the discriminator's dense layer, before `--width` scales them. */
const MAX_HIDDEN = 8192;

/** All unrolled updates are in memory at once. */
const MAX_UNROLL = 50;

/** The counter on the GPU has 32 bits. */
export const MAX_NOISE_ITERATIONS = 2 ** 32 - 1;

/** The loss if none is requested. */
export const DEFAULT_LOSS = 'bce' as const satisfies LossName;

/** What both networks learn, and by which settings. */
const TABLE = {
  loss: setting(choice(LOSS_NAMES), {
    flag: '--loss <name>',
    label: 'loss',
    help: 'loss of both networks, see docs/losses.md',
    default: () => DEFAULT_LOSS,
  }),
  /** λ of `wgan-gp`, γ of `r1`. */
  penaltyWeight: optionalSetting(number(above0(MAX_WEIGHT)), {
    flag: '--gp-weight <weight>',
    label: 'penalty weight',
    help: 'weight of the gradient penalty: λ of wgan-gp (Gulrajani 2017), γ of r1 (Mescheder 2018)',
    default: ({ loss }) => loss.penaltyWeight,
    losses: { takes: ({ penalty }) => penalty !== undefined, lack: 'has no gradient penalty' },
  }),
  criticSteps: setting(number(integers(1, 100)), {
    flag: '--critic-steps <count>',
    label: 'critic steps',
    help: 'updates of the discriminator an iteration, each on its own images (Arjovsky 2017)',
    default: ({ loss }) => loss.criticSteps ?? 1,
    neutral: 1,
    needsJoint: true,
  }),
  /** The largest absolute value of a weight of the critic. */
  clip: optionalSetting(number(above0(MAX_WEIGHT)), {
    flag: '--clip <limit>',
    label: 'clip',
    help: "largest absolute value of the critic's weights (Arjovsky 2017); off under --normalise spectral, which bounds the critic",
    default: ({ loss, isSpectral }) => (isSpectral ? undefined : loss.clip),
    losses: { takes: ({ clip }) => clip !== undefined, lack: 'needs no bound on its weights' },
    refuse: (_, { isSpectral }) => {
      if (!isSpectral) return undefined;
      return (
        '--normalise spectral already bounds the critic (Miyato et al. 2018); it divides each kernel by its largest ' +
        'singular value, which undoes the clipping'
      );
    },
  }),
  labelSmoothing: setting(number({ least: 0, most: 0.5, isBelowMost: true }), {
    flag: '--label-smoothing <amount>',
    label: 'label smoothing',
    help: 'amount by which the label of a real image is below 1 (Salimans 2016: 0.1)',
    default: () => 0,
    neutral: 0,
    losses: { takes: ({ isProbability }) => isProbability === true, lack: 'has labels that are not probabilities' },
  }),
  generatorRate: setting(number(above0(MAX_RATE)), {
    flag: '--lr-generator <rate>',
    label: 'learning rate of the generator',
    help: 'learning rate of the generator',
    default: ({ loss, architecture }) => (loss.adam ?? architecture.generatorAdam).learningRate,
    isStoredOnlyIfRequested: true,
  }),
  discriminatorRate: setting(number(above0(MAX_RATE)), {
    flag: '--lr-discriminator <rate>',
    label: 'learning rate of the discriminator',
    help: 'learning rate of the discriminator (two time scales: Heusel 2017)',
    default: ({ loss, architecture }) => (loss.adam ?? architecture.discriminatorAdam).learningRate,
    isStoredOnlyIfRequested: true,
  }),
  normaliseDiscriminator: setting(choice(NORMALISATIONS), {
    flag: '--normalise <kind>',
    label: 'normalise',
    help: "normalisation of the discriminator's layers",
    default: ({ loss, architecture }) => {
      return loss.penalty === undefined ? architecture.discriminatorNormalisations[0] : 'none';
    },
    refuse: (kind, { lossName, loss, architecture }) => {
      if (kind === 'batch' && loss.penalty !== undefined) {
        return (
          `--loss ${lossName} penalises the gradient of each image by itself, and under batch normalisation an image's ` +
          'logit depends on the whole batch (Gulrajani et al. 2017, section 4); use --normalise none'
        );
      }
      const possible = architecture.discriminatorNormalisations;
      return possible.includes(kind) ? undefined : `this architecture's discriminator takes ${possible.join(', ')}`;
    },
  }),
  normaliseGenerator: setting(choice(NORMALISATIONS), {
    flag: '--normalise-generator <kind>',
    label: 'normalise the generator',
    help: "normalisation of the generator's layers",
    default: () => 'batch' as const,
  }),
  /** 0: no such layer. */
  hidden: setting(number(integers(0, MAX_HIDDEN)), {
    flag: '--hidden <units>',
    label: 'hidden units',
    help: "units of the dense layer before the discriminator's logit, scaled by --width; 0: the convolutions' features give the logit",
    default: ({ architecture }) => architecture.hidden,
  }),
  /** 1: the discriminator sees each image by itself. */
  pack: setting(number(integers(1, MAX_PACK)), {
    flag: '--pack <images>',
    label: 'pack',
    help: `images that the discriminator sees together, 1 to ${MAX_PACK} (PacGAN, Lin 2018)`,
    default: () => 1,
  }),
  minibatchStddev: setting(toggle(), {
    flag: '--minibatch-stddev',
    label: 'minibatch stddev',
    help: 'show the discriminator how much the images of a batch vary (Karras 2018)',
    default: () => false,
  }),
  augment: setting(list(AUGMENTATIONS), {
    flag: '--augment <kinds>',
    label: 'augment',
    help: `random changes of all images that the discriminator sees, separated by commas: ${AUGMENTATIONS.join(', ')} (DiffAugment, Zhao 2020)`,
    default: () => [],
  }),
  /** At iteration 0. */
  instanceNoise: optionalSetting(number(above0(MAX_WEIGHT)), {
    flag: '--instance-noise <deviation>',
    label: 'instance noise',
    help: 'standard deviation of Gaussian noise on all images that the discriminator sees (Sønderby 2017, Arjovsky and Bottou 2017)',
    default: () => undefined,
  }),
  /** Absent: the noise stays. */
  noiseIterations: optionalSetting(number(integers(1, MAX_NOISE_ITERATIONS)), {
    flag: '--noise-iterations <count>',
    label: 'noise iterations',
    help: 'iterations in which that noise falls to 0, linearly',
    default: () => undefined,
    defaultText: "the run's iterations; none: the noise stays",
    needs: { name: 'instanceNoise', because: 'without --instance-noise there is no noise' },
    noneWord: 'none',
  }),
  averageDecay: optionalSetting(number({ least: 0, most: 1, isAboveLeast: true, isBelowMost: true }), {
    flag: '--ema <decay>',
    label: 'ema',
    help: "draw images by the moving average of the generator's weights, with this decay (Karras 2018: 0.999)",
    default: () => undefined,
  }),
  unroll: setting(number(integers(0, MAX_UNROLL)), {
    flag: '--unroll <count>',
    label: 'unroll',
    help: "future updates of the discriminator that the generator's gradient passes through (Metz 2017: 5)",
    default: () => 0,
    neutral: 0,
    losses: {
      takes: ({ penalty }) => penalty === undefined,
      lack: 'descends a gradient penalty, and unrolling that needs its third derivatives',
    },
    needsJoint: true,
    refuse: (_, { lossName, loss, isSpectral }) => {
      if (loss.clip === undefined || isSpectral) return undefined;
      return (
        `each update under --loss ${lossName} ends in clipping, and no gradient passes a clipped weight; use ` +
        '--normalise spectral'
      );
    },
  }),
  conditional: setting(toggle(), {
    flag: '--conditional',
    label: 'conditional',
    help: 'give both networks the digit of an image, and draw pictures by digit (Mirza 2014)',
    default: () => false,
  }),
} as const;

/** All settings with their values: defaults are filled in. */
export const ObjectiveSettings = z.strictObject(TABLE);
export type ObjectiveSettings = Readonly<z.infer<typeof ObjectiveSettings>>;

/** The settings that are requested; for the others the defaults of the loss and the architecture hold. */
export const ObjectiveOptions = ObjectiveSettings.partial();
export type ObjectiveOptions = Readonly<z.infer<typeof ObjectiveOptions>>;

export type SettingName = keyof ObjectiveSettings;

export const SETTING_NAMES: readonly SettingName[] = ObjectiveSettings.keyof().options;

/** The rows of the table. */
export const SETTINGS: readonly Setting<SettingName>[] = settingsOf(SETTING_NAMES, TABLE);

/** The losses that take a setting. */
export function lossesTaking({ losses }: Pick<Setting, 'losses'>): LossName[] {
  return LOSS_NAMES.filter((name) => losses?.takes(LOSSES[name]) ?? true);
}

/** A value as a flag takes it; empty for a toggle that is on. */
export function settingText(value: unknown): string {
  if (value === true) return '';
  return Array.isArray(value) ? value.join(',') : String(value);
}

/** The default by loss and architecture, in words: `1; wgan, wgan-gp: 5`. The first loss is the default one. */
export function describeDefault(row: Setting): string {
  if (row.defaultText !== undefined) return row.defaultText;
  const groups = new Map<string, LossName[]>();
  for (const lossName of lossesTaking(row)) {
    const text = defaultUnder(lossName, row);
    groups.set(text, [...(groups.get(text) ?? []), lossName]);
  }
  return [...groups].map(([text, names], index) => (index === 0 ? text : `${names.join(', ')}: ${text}`)).join('; ');
}

function defaultUnder(lossName: LossName, row: Setting): string {
  const words = Object.entries(ARCHITECTURES).map(([name, architecture]) => {
    const value = row.default({ lossName, loss: LOSSES[lossName], architecture, isSpectral: false });
    return { name, word: defaultWord(value) };
  });
  const [first] = words;
  if (first !== undefined && words.every(({ word }) => word === first.word)) return first.word;
  return words.map(({ name, word }) => `${name} ${word}`).join(', ');
}

function defaultWord(value: unknown): string {
  if (value === undefined || (Array.isArray(value) && value.length === 0)) return 'none';
  return typeof value === 'boolean' ? (value ? 'on' : 'off') : settingText(value);
}

/** Help with the losses that take the setting, and its default. */
export function describeSetting(row: Setting): string {
  const only = row.losses === undefined ? [] : [`for ${lossesTaking(row).join(', ')}`];
  return `${row.help} (${[...only, `default: ${describeDefault(row)}`].join('; ')})`;
}
