/**
 * @file Numbers as flags take them: decimal digits, within bounds, in float32 too.
 */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { between, integer, integerOr, positive } from '../../../src/cli/options/arguments.js';
import { classifyCommand } from '../../../src/cli/commands/classify/classify.js';
import { addPoint, parsePoint } from '../../../src/cli/options/generatorFlags.js';
import { parseMethod } from '../../../src/cli/options/method.js';
import { studyCommand } from '../../../src/cli/commands/study.js';
import { trainCommand } from '../../../src/cli/commands/train.js';
import { integers } from '../../../src/gan/bounds.js';
import { ClassifierDescription } from '../../../src/training/classifier/classifierDescription.js';
import { MAX_RATE } from '../../../src/gan/settings.js';
import { RunDescription } from '../../../src/training/run/runDescription.js';
import { StudySettings } from '../../../src/study/plan/studyDescription.js';
import { STUDY } from '../../study/fabricated.js';

/** What is no decimal number, or none in float32. */
const NO_NUMBERS = [
  '',
  ' ',
  'Infinity',
  '-Infinity',
  'NaN',
  '0x10',
  '0b1',
  '1_000',
  '1e',
  'e5',
  '1,5',
  '1 2',
  '.',
  '--1',
];

const PARSERS = {
  positive: positive(1e300),
  between: between(-1e300, 1e300),
  integer: integer(0),
  'integer or all': integerOr('all', integers(0)),
  point: (text: string) => parsePoint(text)[0],
} as const;

test('what is no decimal number is refused by every parser', () => {
  for (const [name, parse] of Object.entries(PARSERS)) {
    for (const text of NO_NUMBERS) {
      // A point is several numbers between commas or blanks.
      if (name === 'point' && /[ ,]\d/.test(text)) continue;
      assert.throws(() => parse(text), /It takes (a|an|numbers)/, `${name} of ${JSON.stringify(text)}`);
    }
  }
});

test('what is infinite in float32 is refused, and what is 0 there where above 0 is taken', () => {
  for (const text of ['1e39', '3.4028236e38', '1e400', '-1e39', `1${'0'.repeat(40)}`]) {
    for (const parse of [PARSERS.positive, PARSERS.between, PARSERS.point, addPoint]) {
      assert.throws(() => parse(text, undefined), /It takes/, text);
    }
  }
  assert.throws(() => PARSERS.positive('1e-50'), /It takes a number above 0, .* in float32, where this is 0\./);
  assert.throws(() => PARSERS.positive('1e-39'), /in float32, where this is 0\./);
  assert.equal(parsePoint('3.4028234e38,-1e-50, .5 -2.'), [3.4028234e38, -1e-50, 0.5, -2]);
});

test('decimal numbers are taken as they are written', () => {
  for (const [text, value] of [
    ['1', 1],
    [' 0.5 ', 0.5],
    ['+.5', 0.5],
    ['5.', 5],
    ['1e-7', 1e-7],
    ['1E+3', 1000],
    ['0.30000000000000004', 0.1 + 0.2],
  ] as const) {
    assert.is(PARSERS.positive(text), value, text);
  }
  assert.is(Object.is(PARSERS.between('-0'), 0), true);
  assert.is(Object.is(PARSERS.integer('-0'), 0), true);
  assert.is(PARSERS.integer('9007199254740991'), Number.MAX_SAFE_INTEGER);
  for (const text of ['9007199254740992', '1e3', '+1', '1.0', '-1'])
    assert.throws(() => PARSERS.integer(text), /integer/);
  assert.is(PARSERS['integer or all']('all'), 'all');
});

test('every float flag refuses what float32 does not hold', () => {
  const floats = {
    train: [
      'width',
      'gp-weight',
      'clip',
      'label-smoothing',
      'lr-generator',
      'lr-discriminator',
      'instance-noise',
      'ema',
    ],
    classify: ['epochs', 'learning-rate', 'shift', 'turn'],
  };
  const classifier = classifyCommand().commands.find((command) => command.name() === 'train');
  assert.ok(classifier);
  for (const [commands, names] of [
    [[trainCommand(), studyCommand()], floats.train],
    [[classifier], floats.classify],
  ] as const) {
    for (const command of commands) {
      for (const name of names) {
        const option = command.options.find(({ long }) => long === `--${name}`);
        assert.type(option?.parseArg, 'function', name);
        for (const text of ['1e39', '1e-50', 'Infinity', '0x1', '']) {
          assert.throws(() => option?.parseArg?.(text, undefined), /It takes a number/, `--${name}=${text}`);
        }
      }
    }
  }
  for (const name of floats.train.slice(1)) {
    assert.throws(() => parseMethod(`bce ${name}=1e39`), /It takes a number/, name);
  }
});

const ARGUMENTS = {
  architecture: 'dcgan',
  ...{ zDim: 2, width: 1, batch: 32, iterations: 100, sampleEvery: 10, checkpointEvery: 10, keep: 3 },
  ...{ seed: '1', preset: 'quick' },
} as const;

/** A number as JSON has it, which may be beyond any double. */
const fromJson = (text: string): unknown => JSON.parse(text);

test('files take the counts that the flags take', () => {
  const run = RunDescription.shape.arguments;
  const diagnosis = (samples: unknown) => ({ samples, classifier: 'bundled', sha256: '0'.repeat(64) });
  for (const text of ['1', '99', '10001', '1e999', '100.5', '9007199254740992']) {
    const samples = fromJson(text);
    assert.not.ok(run.safeParse({ ...ARGUMENTS, diagnosis: diagnosis(samples) }).success, `diagnosis.samples ${text}`);
    assert.not.ok(StudySettings.safeParse({ ...STUDY.settings, samples }).success, `samples ${text}`);
  }
  for (const samples of [100, 10_000]) {
    assert.ok(run.safeParse({ ...ARGUMENTS, diagnosis: diagnosis(samples) }).success);
    assert.ok(StudySettings.safeParse({ ...STUDY.settings, samples }).success);
  }
  for (const name of ['iterations', 'sampleEvery', 'checkpointEvery', 'keep', 'batch', 'zDim'] as const) {
    for (const text of ['0', '1e999', '1.5', '9007199254740992']) {
      assert.not.ok(run.safeParse({ ...ARGUMENTS, [name]: fromJson(text) }).success, `${name} ${text}`);
    }
  }
  for (const text of ['1e39', '1e-50', '0', '9']) {
    assert.not.ok(run.safeParse({ ...ARGUMENTS, width: fromJson(text) }).success, `width ${text}`);
  }
  const seeds = Array.from({ length: 101 }, (_, index) => index.toString());
  assert.not.ok(StudySettings.safeParse({ ...STUDY.settings, seeds }).success);
});

test('a classifier’s file takes the numbers that its flags take', () => {
  const { epochs, learningRate, jitter } = ClassifierDescription.shape.arguments.shape;
  for (const [schema, values] of [
    [epochs, [0, 1e-50, 1001, Infinity]],
    [learningRate, [0, 1e-50, MAX_RATE * 2, 1e39]],
    [jitter.shape.shift, [-1, 15, 1e6]],
    [jitter.shape.turn, [-1, 181, NaN]],
  ] as const) {
    for (const value of values) assert.not.ok(schema.safeParse(value).success, `${value}`);
    assert.ok(schema.safeParse(0.5).success);
  }
});

test.run();
