/**
 * @file The methods that `compare` takes.
 */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { parseMethod } from '../../src/cli/method.js';

test('a method is a loss and flags of train without their dashes', () => {
  assert.equal(parseMethod('bce'), { loss: 'bce' });
  assert.equal(parseMethod(' wgan-gp  critic-steps=2 gp-weight=0.5'), {
    loss: 'wgan-gp',
    criticSteps: 2,
    gpWeight: 0.5,
  });
  const shown = { loss: 'bce', pack: 2, minibatchStddev: true, augment: ['translation', 'cutout'], instanceNoise: 0.1 };
  assert.equal(parseMethod('bce pack=2 minibatch-stddev augment=translation,cutout instance-noise=0.1'), shown);
  assert.throws(() => parseMethod('gan'), /the method “gan” is none: .*Allowed choices are bce/);
  assert.throws(() => parseMethod('bce depth=3'), /the method “bce depth=3” is none: unknown option '--depth'/);
  assert.throws(() => parseMethod('wgan clip=x'), /the method “wgan clip=x” is none/);
});

test.run();
