/**
 * @file What a study trains, how its runs are told so, and what is refused.
 */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { differencesFromArticle } from '../../../src/study/report/differences.js';
import {
  checkArguments,
  checkSettings,
  checkTrainable,
  planRuns,
  runArguments,
  SAMPLES,
  seedNames,
  studyToArgv,
  trainArguments,
  Z_DIMS,
} from '../../../src/study/plan/studyPlan.js';
import { StudySettings } from '../../../src/study/plan/studyDescription.js';
import { PRESETS } from '../../../src/training/run/presets.js';
import { SETTINGS } from '../fabricated.js';

const settingsOf = (name: keyof typeof PRESETS): StudySettings => {
  const { seeds, ...sizes } = PRESETS[name];
  return {
    preset: name,
    keepBest: 'none',
    checkpoint: 'newest',
    zDims: [...Z_DIMS],
    samples: SAMPLES,
    ...sizes,
    seeds: seedNames(seeds),
  };
};

test('all dimensions are trained with one seed before the next', () => {
  assert.equal(
    planRuns({ zDims: [100, 2], seeds: seedNames(2) }).map(({ name }) => name),
    ['z100-seed1', 'z2-seed1', 'z100-seed2', 'z2-seed2'],
  );
});

test('each preset is a study', () => {
  for (const name of ['quick', 'standard', 'article'] as const)
    assert.ok(StudySettings.safeParse(settingsOf(name)).success);
});

test("the article's preset is its protocol to the letter, and differs from it on other images alone", () => {
  assert.equal(settingsOf('article'), {
    preset: 'article',
    keepBest: 'none',
    checkpoint: 'newest',
    zDims: [100, 50, 10, 2, 1],
    samples: 10_000,
    architecture: 'article',
    width: 1,
    batch: 32,
    iterations: 99_000,
    sampleEvery: 1000,
    seeds: ['1'],
  });
  assert.equal(differencesFromArticle(settingsOf('article'), { kind: 'mnist', name: 'mnist/train' }), []);
  assert.equal(differencesFromArticle(settingsOf('article'), { kind: 'digits', name: 'digits' }), [
    "The images are digits; the article's are MNIST's.",
  ]);
});

test('quick tells each thing that it cuts', () => {
  const all = differencesFromArticle(
    { ...settingsOf('quick'), zDims: [100, 2, 3] },
    { kind: 'mnist', name: 'mnist/train' },
  );
  for (const sentence of [
    /2,000 iterations; the article's make 99,000, 50 times as many\./,
    /“dcgan”/,
    /multiplied by 0\.5/,
    /every 250 iterations; the article draws them every 1,000/,
    /trained twice from 2 seeds/,
    /also trains at z_dim 50, 10, 1\./,
    /z_dim 3 is not among/,
  ]) {
    assert.is(all.filter((told) => sentence.test(told)).length, 1, sentence.source);
  }
});

test('a run is told all that it is to be', () => {
  const run = { name: 'z2-seed1', zDim: 2, seed: '1' };
  const words = trainArguments(SETTINGS, run, { kind: 'mnist', folder: '/data/mnist' }, 'out/runs/z2-seed1').join(' ');
  assert.is(
    words,
    'train --z 2 --arch dcgan --width 0.125 --batch 4 --iterations 4 --sample-every 2 --checkpoint-every 2 --keep 2 ' +
      '--seed 1 --data mnist --data-dir /data/mnist --out out/runs/z2-seed1',
  );
  assert.not.match(trainArguments(SETTINGS, run, { kind: 'digits' }, 'out').join(' '), /--data-dir/);
});

test('a run of other settings than the study gives it is refused by name', () => {
  const wanted = runArguments(SETTINGS, { name: 'z2-seed1', zDim: 2, seed: '1' });
  checkArguments('runs/x', { ...wanted, keep: 'all', checkpointEvery: 1 }, wanted);
  assert.throws(
    () => checkArguments('runs/x', { ...wanted, iterations: 5 }, wanted),
    /^runs\/x is a run of other settings: its iterations is 5, the study's is 4; move it away/,
  );
});

test('a study by another loss than bce tells its runs so, and knows them by it', () => {
  const objective = { loss: 'wgan-gp', penaltyWeight: 5, criticSteps: 2, normaliseDiscriminator: 'none' } as const;
  const settings = { ...SETTINGS, objective };
  const run = { name: 'z2-seed1', zDim: 2, seed: '1' };
  const flags = '--loss wgan-gp --gp-weight 5 --critic-steps 2 --normalise none';
  assert.match(trainArguments(settings, run, { kind: 'digits' }, 'out').join(' '), flags);
  assert.match(studyToArgv(settings, { kind: 'digits' }).join(' '), flags);
  assert.ok(differencesFromArticle(settings, { kind: 'mnist', name: 'm' }).some((told) => told.includes(flags)));
  assert.equal(StudySettings.parse(settings), settings);

  const wanted = runArguments(settings, run);
  assert.equal(wanted.objective, objective);
  // Whatever the order of its fields.
  const { loss, ...others } = objective;
  checkArguments('runs/x', { ...wanted, objective: { ...others, loss } }, wanted);
  const plain = runArguments(SETTINGS, run);
  assert.throws(
    () => checkArguments('runs/x', plain, wanted),
    /its objective is --loss bce, the study's is --loss wgan/,
  );
  checkArguments('runs/x', { ...plain, objective: { loss: 'bce' } }, plain);

  checkSettings('s', settings, { objective: { loss: 'wgan-gp', criticSteps: 2 } });
  checkSettings('s', SETTINGS, { objective: { loss: 'bce' } });
  const varied = { ...SETTINGS, objective: { loss: 'bce', minibatchStddev: true } } as const;
  checkSettings('s', varied, { objective: { minibatchStddev: true } });
  assert.match(studyToArgv(varied, { kind: 'digits' }).join(' '), /--loss bce --minibatch-stddev --preset/);
  for (const [begun, asked, message] of [
    [settings, { loss: 'bce' }, /^s is a study with --loss wgan-gp, not bce: without --loss it resumes/],
    [SETTINGS, { criticSteps: 3 }, /^s is a study without --critic-steps, not with 3: without --critic-steps it/],
    [SETTINGS, { minibatchStddev: true }, /^s is a study without --minibatch-stddev, not with it: without --mini/],
  ] as const) {
    assert.throws(() => checkSettings('s', begun, { objective: asked }), message);
  }
});

test('a study by the best checkpoints tells its runs to keep them, and refuses to measure what is not kept', () => {
  const settings = { ...SETTINGS, keepBest: 'coverage', checkpoint: 'best' } as const;
  const run = { name: 'z2-seed1', zDim: 2, seed: '1' };
  assert.match(trainArguments(settings, run, { kind: 'digits' }, 'out').join(' '), /--keep-best coverage/);
  assert.match(studyToArgv(settings, { kind: 'digits' }).join(' '), /--keep-best coverage .*--checkpoint best/);
  assert.not.match(studyToArgv(SETTINGS, { kind: 'digits' }).join(' '), /best/);
  checkTrainable(settings);
  assert.throws(() => checkTrainable({ ...settings, keepBest: 'none' }), /^--checkpoint best: without --keep-best/);
  // Studies of earlier versions.
  const { keepBest, checkpoint, ...earlier } = SETTINGS;
  assert.equal(StudySettings.parse(earlier), SETTINGS);
  assert.equal([keepBest, checkpoint], ['none', 'newest']);
});

test('a study resumes with its own settings only', () => {
  checkSettings('s', SETTINGS, {});
  checkSettings('s', SETTINGS, { ...SETTINGS, preset: 'other' });
  for (const [asked, message] of [
    [{ zDims: [5] }, /^s is a study with --z 5,2, not 5: without --z it resumes, --out names another folder$/],
    [{ seeds: ['1'] }, /--seeds 2, not 1:/],
    [{ iterations: 5 }, /--iterations 4, not 5:/],
    [{ architecture: 'article' }, /--arch dcgan, not article:/],
    [{ samples: 1 }, /--samples 10000, not 1:/],
    [{ checkpoint: 'best' }, /--checkpoint newest, not best:/],
  ] as const) {
    assert.throws(() => checkSettings('s', SETTINGS, asked as Partial<StudySettings>), message);
  }
});

test('the arguments of a study name the settings that differ from the preset', () => {
  assert.equal(
    studyToArgv(settingsOf('quick'), { kind: 'mnist' }),
    'study --z 100,50,10,2,1 --preset quick --data mnist'.split(' '),
  );
  assert.equal(
    studyToArgv({ ...settingsOf('quick'), iterations: 50, seeds: seedNames(3) }, { kind: 'digits' }),
    'study --z 100,50,10,2,1 --seeds 3 --iterations 50 --preset quick --data digits'.split(' '),
  );
});

test.run();
