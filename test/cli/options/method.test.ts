/**
 * @file Tests the methods that `compare` takes.
 */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { METHOD_SETTINGS, parseMethod, plainMethod } from '../../../src/cli/options/method.js';
import { SETTING_NAMES } from '../../../src/gan/settings.js';
import { UsageError } from '../../../src/cli/options/usageError.js';

test('a method is a loss and flags of train without their dashes', () => {
  assert.equal(parseMethod('bce'), { loss: 'bce' });
  assert.equal(parseMethod(' wgan-gp  critic-steps=2 gp-weight=0.5'), {
    loss: 'wgan-gp',
    criticSteps: 2,
    penaltyWeight: 0.5,
  });
  const shown = { loss: 'bce', pack: 2, minibatchStddev: true, augment: ['translation', 'cutout'], instanceNoise: 0.1 };
  assert.equal(parseMethod('bce pack=2 minibatch-stddev augment=translation,cutout instance-noise=0.1'), shown);
});

test('invalid methods are refused with a reason in one line', () => {
  const refused = (method: string, why: RegExp): void => {
    assert.throws(
      () => parseMethod(method),
      (error: unknown) => {
        if (!(error instanceof UsageError) || error.message.includes('\n')) return false;
        const [, told = ''] = error.message.split(`invalid method “${method}”: `);
        return why.test(told);
      },
      method,
    );
  };
  refused('gan', /Allowed choices are bce/);
  refused('help', /Allowed choices are bce/);
  refused('', /Allowed choices are bce/);
  refused('bce help', /^unknown setting “help”; compare --help lists the settings$/);
  refused('bce depth=3', /^unknown setting “depth”/);
  refused('bce iterations=3', /^unknown setting “iterations”/);
  refused('bce clip 0.1', /^unknown setting “0\.1”/);
  refused('bce loss=hinge', /^its loss is its first word$/);
  refused('wgan clip=0.1 clip=0.01', /^clip is given twice$/);
  refused('bce minibatch-stddev minibatch-stddev', /^minibatch-stddev is given twice$/);
  refused('wgan clip=x', /It takes a number above 0/);
  refused('wgan clip', /argument missing/);
});

test('each setting of an objective can be part of a method', () => {
  assert.is(METHOD_SETTINGS.length, SETTING_NAMES.length - 1);
  assert.ok(METHOD_SETTINGS.includes('gp-weight'));
  assert.not.ok(METHOD_SETTINGS.includes('loss'));
});

test('additional blanks between the words of a method are ignored', () => {
  assert.is(plainMethod(' wgan-gp \t critic-steps=2 '), 'wgan-gp critic-steps=2');
});

test.run();
