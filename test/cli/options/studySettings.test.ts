/**
 * @file Tests the settings that flags give to a new study or comparison, and which flags a resumed one accepts.
 */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { compareCommand } from '../../../src/cli/commands/compare.js';
import { studyCommand } from '../../../src/cli/commands/study.js';
import { checkAsked, newSettings } from '../../../src/cli/options/studyOptions.js';
import { trainCommand } from '../../../src/cli/commands/train.js';
import { COMPARED_Z_DIMS } from '../../../src/study/comparison/presets.js';
import { Z_DIMS } from '../../../src/study/plan/studyPlan.js';
import { PRESETS } from '../../../src/training/run/presets.js';
import { STUDY } from '../../study/fabricated.js';

const { dataset } = STUDY;
const FLAGS = { jobs: 1, tune: false };

test('the flags that created a comparison or a study resume it, the preset included', () => {
  for (const preset of ['quick', 'standard', 'article'] as const) {
    const flags = { ...FLAGS, preset, iterations: 100 };
    checkAsked('c', 'comparison', { settings: newSettings(flags, COMPARED_Z_DIMS), dataset }, flags);
    checkAsked('s', 'study', { settings: newSettings(flags, Z_DIMS), dataset }, flags);
  }
});

test('another preset is refused by the first size that it has otherwise', () => {
  const settings = newSettings({ ...FLAGS, preset: 'quick' }, COMPARED_Z_DIMS);
  assert.throws(
    () => checkAsked('c', 'comparison', { settings, dataset }, { ...FLAGS, preset: 'standard' }),
    /^c is a comparison with --seeds 2, not 3: without --seeds it resumes/,
  );
});

test('a preset means the same in train, study and compare, and each takes the same one by default', () => {
  const commands = [trainCommand(), studyCommand(), compareCommand()];
  const options = commands.map(({ options: all }) => all.find(({ long }) => long === '--preset'));
  for (const option of options) {
    assert.equal(option?.argChoices, ['standard', 'quick', 'article']);
    assert.match(option?.description ?? '', /\(default: standard\)/);
  }
  for (const flag of ['--iterations', '--width', '--batch', '--sample-every', '--arch']) {
    const told = commands.map(({ options: all }) => all.find(({ long }) => long === flag)?.description ?? '');
    const values = told.map((text) => /\((default: .*)\)/.exec(text)?.[1]);
    assert.is(new Set(values).size, 1, `${flag}: ${values.join(' | ')}`);
  }
  for (const preset of ['standard', 'quick', 'article'] as const) {
    const { seeds, ...sizes } = PRESETS[preset];
    for (const zDims of [Z_DIMS, COMPARED_Z_DIMS]) {
      const settings = newSettings({ ...FLAGS, preset }, zDims);
      assert.is(settings.seeds.length, seeds);
      for (const [name, value] of Object.entries(sizes)) {
        assert.is(new Map<string, unknown>(Object.entries(settings)).get(name), value, `${preset}: ${name}`);
      }
    }
  }
  assert.equal(newSettings(FLAGS, Z_DIMS), newSettings({ ...FLAGS, preset: 'standard' }, Z_DIMS));
});

test('a preset stored by an older version resumes with the stored numbers', () => {
  const old = { ...newSettings({ ...FLAGS, preset: 'quick' }, COMPARED_Z_DIMS), iterations: 800, sampleEvery: 200 };
  const settings = { ...old, seeds: ['1'] };
  for (const flags of [FLAGS, { ...FLAGS, preset: 'quick' as const }]) {
    checkAsked('c', 'comparison', { settings, dataset }, flags);
  }
  assert.throws(
    () => checkAsked('c', 'comparison', { settings, dataset }, { ...FLAGS, preset: 'quick', iterations: 2000 }),
    /^c is a comparison with --iterations 800, not 2000/,
  );
  // An unknown preset resumes as well.
  checkAsked('c', 'comparison', { settings: { ...settings, preset: 'tiny' }, dataset }, FLAGS);
});

test.run();
