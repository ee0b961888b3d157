/**
 * @file What flags ask for of a study or comparison that goes on.
 */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { checkAsked, COMPARISON_DEFAULTS, newSettings, STUDY_DEFAULTS } from '../../src/cli/studySettings.js';
import { STUDY } from '../study/fabricated.js';

const { dataset } = STUDY;
const FLAGS = { jobs: 1, tune: false };

test('the flags that began a comparison or a study go on with it, the preset among them', () => {
  for (const preset of ['quick', 'standard'] as const) {
    const flags = { ...FLAGS, preset, iterations: 100 };
    const compared = { settings: newSettings(flags, COMPARISON_DEFAULTS), dataset };
    checkAsked('c', 'comparison', compared, flags, COMPARISON_DEFAULTS);
    checkAsked('s', 'study', { settings: newSettings(flags, STUDY_DEFAULTS), dataset }, flags, STUDY_DEFAULTS);
  }
});

test('another preset is refused by the first size that it has otherwise', () => {
  const settings = newSettings(FLAGS, COMPARISON_DEFAULTS);
  assert.throws(
    () => checkAsked('c', 'comparison', { settings, dataset }, { ...FLAGS, preset: 'standard' }, COMPARISON_DEFAULTS),
    /^c is a comparison with --seeds 1, not 3: without --seeds it goes on/,
  );
});

test.run();
