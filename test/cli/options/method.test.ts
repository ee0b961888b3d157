/**
 * @file The methods that `compare` takes.
 */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { METHOD_SETTINGS, parseMethod, plainMethod } from '../../../src/cli/options/method.js';
import { OBJECTIVE_OPTIONS } from '../../../src/cli/options/objectiveFlags.js';
import { UsageError } from '../../../src/cli/options/usageError.js';

test('a method is a loss and flags of train without their dashes', () => {
  assert.equal(parseMethod('bce'), { loss: 'bce' });
  assert.equal(parseMethod(' wgan-gp  critic-steps=2 gp-weight=0.5'), {
    loss: 'wgan-gp',
    criticSteps: 2,
    gpWeight: 0.5,
  });
  const shown = { loss: 'bce', pack: 2, minibatchStddev: true, augment: ['translation', 'cutout'], instanceNoise: 0.1 };
  assert.equal(parseMethod('bce pack=2 minibatch-stddev augment=translation,cutout instance-noise=0.1'), shown);
});

test('what is no method is refused in a line that says why', () => {
  const refused = (method: string, why: RegExp): void => {
    assert.throws(
      () => parseMethod(method),
      (error: unknown) => {
        if (!(error instanceof UsageError) || error.message.includes('\n')) return false;
        const [, told = ''] = error.message.split(`the method “${method}” is none: `);
        return why.test(told);
      },
      method,
    );
  };
  refused('gan', /Allowed choices are bce/);
  refused('help', /Allowed choices are bce/);
  refused('', /Allowed choices are bce/);
  refused('bce help', /^“help” is no setting of a loss; compare --help names those$/);
  refused('bce depth=3', /^“depth” is no setting of a loss/);
  refused('bce iterations=3', /^“iterations” is no setting of a loss/);
  refused('bce clip 0.1', /^“0\.1” is no setting of a loss/);
  refused('bce loss=hinge', /^its loss is its first word$/);
  refused('wgan clip=0.1 clip=0.01', /^clip comes twice$/);
  refused('bce minibatch-stddev minibatch-stddev', /^minibatch-stddev comes twice$/);
  refused('wgan clip=x', /It takes a number above 0/);
  refused('wgan clip', /argument missing/);
});

test('each setting of what the networks learn can be one of a method', () => {
  const settings = OBJECTIVE_OPTIONS.filter((name) => name !== 'loss').map(withDashes);
  assert.equal(METHOD_SETTINGS.toSorted(), settings.toSorted());
});

test('blanks between the words of a method tell nothing', () => {
  assert.is(plainMethod(' wgan-gp \t critic-steps=2 '), 'wgan-gp critic-steps=2');
});

function withDashes(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

test.run();
