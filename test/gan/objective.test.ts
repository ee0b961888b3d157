/**
 * @file Tests the objective of a GAN: the defaults of losses and architectures, what run.json stores, and what is refused.
 */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ARCHITECTURES, type ArchitectureName } from '../../src/models/networks/architectures.js';
import { LOSS_NAMES, LOSSES } from '../../src/gan/losses.js';
import type { ObjectiveOptions } from '../../src/gan/settings.js';
import {
  describedObjective,
  type Objective,
  ObjectiveError,
  objectiveOf,
  objectiveToArgv,
} from '../../src/gan/objective.js';
import { RunDescription } from '../../src/training/run/runDescription.js';

const { dcgan, article } = ARCHITECTURES;

test('the default is bce with the architecture’s settings, and run.json stores nothing', () => {
  for (const architecture of [dcgan, article]) {
    const { generatorAdam, discriminatorAdam, discriminatorNormalisations, schedule } = architecture;
    const expected: Partial<Objective> = {
      lossName: 'bce',
      loss: LOSSES.bce,
      schedule,
      penaltyWeight: undefined,
      criticSteps: 1,
      clip: undefined,
      labelSmoothing: 0,
      generatorAdam,
      discriminatorAdam,
      normaliseDiscriminator: discriminatorNormalisations[0],
      normaliseGenerator: 'batch',
      hidden: architecture === dcgan ? 0 : 256,
      pack: 1,
      minibatchStddev: false,
      augment: [],
      instanceNoise: undefined,
      noiseIterations: undefined,
      averageDecay: undefined,
      unroll: 0,
      conditional: false,
    };
    const objective = new Map<string, unknown>(Object.entries(objectiveOf(architecture, {})));
    for (const [name, value] of Object.entries(expected)) assert.equal(objective.get(name), value, name);
    for (const asked of [
      {},
      { loss: 'bce' },
      { criticSteps: 1, labelSmoothing: 0, unroll: 0 },
      { conditional: false },
    ] as const) {
      assert.is(describedObjective(architecture, asked), undefined);
    }
  }
  const usual = {
    normaliseDiscriminator: 'batch',
    normaliseGenerator: 'batch',
    pack: 1,
    minibatchStddev: false,
  } as const;
  assert.is(describedObjective(dcgan, usual), undefined);
});

test('requested settings replace the defaults of each loss', () => {
  const gulrajani = objectiveOf(dcgan, { loss: 'wgan-gp' });
  assert.equal([gulrajani.penaltyWeight, gulrajani.criticSteps, gulrajani.clip], [10, 5, undefined]);
  assert.equal(gulrajani.generatorAdam, { learningRate: 1e-4, beta1: 0, beta2: 0.9 });
  assert.equal(gulrajani.discriminatorAdam, gulrajani.generatorAdam);
  assert.is(gulrajani.normaliseDiscriminator, 'none');

  const arjovsky = objectiveOf(article, { loss: 'wgan' });
  assert.equal([arjovsky.clip, arjovsky.criticSteps, arjovsky.schedule], [0.01, 5, 'joint']);
  assert.equal(arjovsky.generatorAdam, { learningRate: 5e-5, beta1: 0, beta2: 0.99, epsilon: 1e-7 });
  assert.is(objectiveOf(dcgan, { loss: 'wgan' }).normaliseDiscriminator, 'batch');

  // Spectral normalisation bounds the critic in clipping's place, and what is not clipped can be unrolled.
  for (const architecture of [dcgan, article]) {
    const miyato = { loss: 'wgan', normaliseDiscriminator: 'spectral', unroll: 2 } as const;
    assert.is(objectiveOf(architecture, miyato).clip, undefined);
  }
  for (const normaliseDiscriminator of ['batch', 'layer', 'none'] as const) {
    assert.is(objectiveOf(dcgan, { loss: 'wgan', normaliseDiscriminator }).clip, 0.01);
  }

  const mescheder = objectiveOf(dcgan, { loss: 'r1', penaltyWeight: 3, generatorRate: 5e-4, discriminatorRate: 1e-4 });
  assert.equal([mescheder.penaltyWeight, mescheder.criticSteps], [3, 1]);
  assert.equal(mescheder.generatorAdam, { learningRate: 5e-4, beta1: 0.5 });
  assert.equal(mescheder.discriminatorAdam, { learningRate: 1e-4, beta1: 0.5 });

  for (const loss of ['bce-saturating', 'lsgan', 'hinge'] as const) {
    const own = objectiveOf(article, { loss });
    assert.equal([own.schedule, own.criticSteps, own.generatorAdam], ['splitBatch', 1, article.generatorAdam], loss);
  }
});

test('run.json stores requested settings and the numbers of the loss, and reads them back', () => {
  for (const [asked, told] of [
    [{ loss: 'lsgan' }, { loss: 'lsgan' }],
    [{ loss: 'wgan' }, { loss: 'wgan', criticSteps: 5, clip: 0.01 }],
    [
      { loss: 'wgan', normaliseDiscriminator: 'spectral' },
      { loss: 'wgan', criticSteps: 5, normaliseDiscriminator: 'spectral' },
    ],
    [{ loss: 'wgan-gp' }, { loss: 'wgan-gp', penaltyWeight: 10, criticSteps: 5, normaliseDiscriminator: 'none' }],
    [
      { criticSteps: 2, labelSmoothing: 0.1 },
      { loss: 'bce', criticSteps: 2, labelSmoothing: 0.1 },
    ],
    [{ unroll: 5 }, { loss: 'bce', unroll: 5 }],
    [{ averageDecay: 0.99 }, { loss: 'bce', averageDecay: 0.99 }],
    [{ conditional: true }, { loss: 'bce', conditional: true }],
    [{ generatorRate: 1e-4 }, { loss: 'bce', generatorRate: 1e-4 }],
    [
      { pack: 2, minibatchStddev: true, normaliseGenerator: 'none' },
      { loss: 'bce', pack: 2, minibatchStddev: true, normaliseGenerator: 'none' },
    ],
    [{ augment: ['cutout', 'translation'] }, { loss: 'bce', augment: ['translation', 'cutout'] }],
    [{ augment: [] }, undefined],
    [{ instanceNoise: 0.1 }, { loss: 'bce', instanceNoise: 0.1 }],
    [
      { instanceNoise: 0.1, noiseIterations: 100 },
      { loss: 'bce', instanceNoise: 0.1, noiseIterations: 100 },
    ],
  ] as const) {
    const described = describedObjective(dcgan, asked);
    assert.equal(described, told);
    assert.equal(objectiveOf(dcgan, described ?? {}), objectiveOf(dcgan, asked));
    assert.equal(RunDescription.shape.arguments.shape.objective.parse(described), told);
  }
});

test('arguments of a command: a toggle has no value, and a setting that is off is left out', () => {
  const words = ['--loss', 'bce', '--pack', '2', '--minibatch-stddev'];
  assert.equal(objectiveToArgv({ loss: 'bce', pack: 2, minibatchStddev: true }), words);
  assert.equal(objectiveToArgv({ minibatchStddev: false, augment: [] }), []);
  assert.equal(objectiveToArgv({ augment: ['translation', 'cutout'] }), ['--augment', 'translation,cutout']);
  assert.equal(objectiveToArgv({ loss: 'hinge', conditional: true }), ['--loss', 'hinge', '--conditional']);
  assert.equal(objectiveToArgv({ conditional: false, averageDecay: 0.9 }), ['--ema', '0.9']);
});

test('every loss trains with every architecture by its defaults', () => {
  for (const loss of LOSS_NAMES) {
    for (const architecture of [dcgan, article]) objectiveOf(architecture, { loss });
  }
});

const REFUSED: readonly (readonly [ArchitectureName, ObjectiveOptions, RegExp])[] = [
  ['dcgan', { penaltyWeight: 10 }, /^--gp-weight 10: --loss bce has no gradient penalty; taken by wgan-gp, r1$/],
  ['dcgan', { loss: 'wgan', penaltyWeight: 1 }, /^--gp-weight 1: --loss wgan has no gradient penalty/],
  ['dcgan', { clip: 0.01 }, /^--clip 0\.01: --loss bce needs no bound on its weights; taken by wgan$/],
  ['dcgan', { loss: 'wgan-gp', clip: 1 }, /^--clip 1: --loss wgan-gp needs no bound on its weights; taken by wgan$/],
  [
    'dcgan',
    { loss: 'hinge', labelSmoothing: 0.1 },
    /^--label-smoothing 0\.1: .*not probabilities; taken by bce, bce-saturating, r1$/,
  ],
  [
    'article',
    { criticSteps: 2 },
    /^--critic-steps 2: .* half a batch .* --arch dcgan and by --loss wgan, wgan-gp, r1$/,
  ],
  ['article', { loss: 'hinge', criticSteps: 5 }, /^--critic-steps 5: under --loss hinge/],
  [
    'dcgan',
    { loss: 'wgan-gp', normaliseDiscriminator: 'batch' },
    /^--normalise batch: .*whole batch.* --normalise none$/,
  ],
  ['dcgan', { loss: 'r1', normaliseDiscriminator: 'batch' }, /^--normalise batch: --loss r1 penalises/],
  ['dcgan', { loss: 'r1', penaltyWeight: 0 }, /^--gp-weight 0: it takes a number above 0$/],
  ['dcgan', { loss: 'wgan', clip: NaN }, /^--clip NaN: it takes a number above 0$/],
  ['dcgan', { criticSteps: 1.5 }, /^--critic-steps 1\.5: it takes an integer of at least 1$/],
  ['dcgan', { labelSmoothing: 0.5 }, /^--label-smoothing 0\.5: it takes a number from 0 to below 0\.5/],
  ['dcgan', { averageDecay: 1 }, /^--ema 1: it takes a number above 0 and below 1$/],
  ['dcgan', { unroll: 1.5 }, /^--unroll 1\.5: it takes an integer of at least 0$/],
  ['dcgan', { unroll: -1 }, /^--unroll -1: it takes an integer of at least 0$/],
  [
    'dcgan',
    { loss: 'wgan-gp', unroll: 5 },
    /^--unroll 5: .*third derivatives; taken by bce, bce-saturating, lsgan, hinge, wgan$/,
  ],
  ['article', { loss: 'r1', unroll: 1 }, /^--unroll 1: --loss r1 descends a gradient penalty/],
  [
    'dcgan',
    { loss: 'wgan', unroll: 5 },
    /^--unroll 5: each update under --loss wgan ends in clipping.* use --normalise spectral$/,
  ],
  [
    'dcgan',
    { loss: 'wgan', clip: 0.01, normaliseDiscriminator: 'spectral' },
    /^--clip 0\.01: --normalise spectral already bounds the critic \(Miyato et al\. 2018\); it divides each kernel/,
  ],
  [
    'article',
    { unroll: 5 },
    /^--unroll 5: under --loss bce .* half a batch .* taken by --arch dcgan and by --loss wgan$/,
  ],
  ['dcgan', { generatorRate: -1 }, /^--lr-generator -1: it takes a number above 0$/],
  ['dcgan', { pack: 5 }, /^--pack 5: it takes an integer from 1 to 4$/],
  ['dcgan', { pack: 1.5 }, /^--pack 1\.5: it takes an integer/],
  ['dcgan', { instanceNoise: 0 }, /^--instance-noise 0: it takes a number above 0$/],
  ['dcgan', { instanceNoise: 0.1, noiseIterations: 0 }, /^--noise-iterations 0: it takes an integer of at least 1$/],
  ['dcgan', { noiseIterations: 9 }, /^--noise-iterations 9: without --instance-noise there is no noise$/],
];

for (const [architecture, asked, message] of REFUSED) {
  test(`${architecture} with ${JSON.stringify(asked)} is refused with a reason`, () => {
    assert.throws(
      () => objectiveOf(ARCHITECTURES[architecture], asked),
      (error: unknown) => error instanceof ObjectiveError && message.test(error.message),
    );
  });
}

for (const [architecture, asked, batch, message] of [
  [
    'dcgan',
    { pack: 3 },
    32,
    /^--pack 3: the discriminator sees a batch of 32 images, which is not a whole number of packs$/,
  ],
  [
    'article',
    { pack: 4 },
    20,
    /^--pack 4: .* sees 10 images at a time, half a batch of 20, which is not a whole number/,
  ],
  [
    'dcgan',
    { minibatchStddev: true },
    1,
    /^--minibatch-stddev: .* a batch of 1 images, and a single image does not vary$/,
  ],
  ['article', { minibatchStddev: true, pack: 2 }, 4, /^--minibatch-stddev: .* a single pack of 2 does not vary$/],
] as const) {
  test(`${architecture} with ${JSON.stringify(asked)} and a batch of ${batch} is refused with a reason`, () => {
    objectiveOf(ARCHITECTURES[architecture], asked);
    assert.throws(
      () => objectiveOf(ARCHITECTURES[architecture], asked, batch),
      (error: unknown) => error instanceof ObjectiveError && message.test(error.message),
    );
  });
}

test('a batch of whole packs is accepted, also under splitBatch', () => {
  objectiveOf(dcgan, { pack: 4, minibatchStddev: true }, 32);
  objectiveOf(dcgan, { pack: 4, loss: 'wgan-gp' }, 4);
  objectiveOf(article, { pack: 4, minibatchStddev: true }, 16);
  for (const loss of ['wgan-gp', 'r1'] as const) objectiveOf(dcgan, { loss, minibatchStddev: true }, 2);
});

test.run();
