/**
 * @file Flags of other GAN programs get the name that they have here.
 */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { trainCommand } from '../../../src/cli/commands/train.js';
import { hintFor } from '../../../src/cli/options/unknownFlags.js';
import { zdim } from '../run.js';

const TRAIN = trainCommand().options.flatMap(({ long }) => long ?? []);

test('each flag is answered by one that the command takes', () => {
  const answers = {
    '--z': ['--z-dim', '--zdim', '--latent-dim', '--latent_dim', '--nz', '--z-dim=2'],
    '--batch': ['--batch-size', '--batch_size', '--batchSize', '--batch_size=64'],
    '--iterations': ['--epochs', '--n_epochs', '--niter', '--steps', '--n-epochs'],
    '--lr-generator or --lr-discriminator': ['--lr', '--learning-rate'],
    '--critic-steps': ['--n-critic', '--n_critic'],
    '--normalise': ['--spectral-norm'],
    '--adapter': ['--gpu', '--cuda', '--device'],
    '--software': ['--cpu'],
    '--data': ['--dataset'],
    '--data-dir': ['--dataroot', '--data_dir'],
    '--out': ['--output-dir', '--outdir', '--save-dir', '--outf'],
    '--gp-weight': ['--lambda-gp'],
    '--clip': ['--clip-value'],
    '--arch or --classifier': ['--model'],
    '--resume or --classifier': ['--checkpoint'],
    '--seed': ['--seeds', '--manualSeed'],
  };
  for (const [answer, flags] of Object.entries(answers)) {
    for (const flag of flags)
      assert.ok(hintFor(flag, TRAIN)?.includes(`Did you mean ${answer}?`), `${flag}: ${hintFor(flag, TRAIN) ?? ''}`);
  }
});

test('where nothing stands for a flag, the answer says what is instead', () => {
  for (const flag of ['--beta1', '--b1', '--workers', '--num-workers', '--img-size']) {
    assert.match(hintFor(flag, TRAIN) ?? '', /^\([A-Z].*\.\)$/, flag);
    assert.not.match(hintFor(flag, TRAIN) ?? '', /Did you mean/, flag);
  }
  assert.match(hintFor('--epochs', TRAIN) ?? '', /epochs × images \/ batch/);
  assert.is(
    hintFor('--epochs', ['--json']),
    '(A GAN’s training is counted in iterations: epochs × images / batch, which is 1,875 an epoch for 60,000 images at batch 32.)',
  );
  assert.is(hintFor('--lr', ['--learning-rate']), '(Did you mean --learning-rate?)');
  assert.is(hintFor('--nz', ['--json']), undefined);
  assert.is(hintFor('--quux', TRAIN), undefined);
});

test('a comparison takes settings of the networks in its methods', async () => {
  const settings = ['critic-steps', 'lr-generator', 'normalise'];
  const hint = (flag: string): string => hintFor(flag, ['--z'], settings) ?? '';
  assert.match(hint('--n-critic'), /^\(A method takes critic-steps after its loss/);
  assert.match(hint('--critic-steps'), /takes critic-steps /);
  assert.match(hint('--lr=0.1'), /takes lr-generator /);
  assert.match(hint('--spectral-norm'), /takes normalise /);
  assert.is(hint('--z-dim'), '(Did you mean --z?)');
  assert.match((await zdim(['compare', 'wgan', '--n_critic', '2'])).stderr, /A method takes critic-steps/);
});

test('the command line answers so, in one line, with code 2', async () => {
  const { code, stderr } = await zdim(['train', '--z-dim', '2']);
  assert.equal([code, stderr], [2, "error: unknown option '--z-dim' (Did you mean --z?)\n"]);
});

test.run();
