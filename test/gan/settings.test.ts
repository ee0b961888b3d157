/**
 * @file Tests that options, files, arguments and methods stand for the same objective, for all losses and architectures.
 */
import { readFileSync } from 'node:fs';
import { createCommand } from 'commander';
import fc from 'fast-check';
import { format } from 'prettier';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { withRunSettingsTable, withSettingsTable } from '../../scripts/lib/settingsDocs.js';
import { parseMethod } from '../../src/cli/options/method.js';
import { chooseObjective, type ObjectiveFlags, withObjectiveFlags } from '../../src/cli/options/objectiveFlags.js';
import { checkAsked, newSettings } from '../../src/cli/options/studyOptions.js';
import { ARCHITECTURES, type ArchitectureName } from '../../src/models/networks/architectures.js';
import { ComparisonDescription } from '../../src/study/comparison/comparison.js';
import { StudyDescription } from '../../src/study/plan/studyDescription.js';
import { checkArguments, runArguments, studyToArgv, trainArguments, Z_DIMS } from '../../src/study/plan/studyPlan.js';
import { LOSS_NAMES, LOSSES } from '../../src/gan/losses.js';
import { type Values, valueProblem } from '../../src/gan/settingRow.js';
import { type ObjectiveOptions, SETTINGS } from '../../src/gan/settings.js';
import {
  describedObjective,
  ObjectiveError,
  objectiveOf,
  objectiveSettings,
  objectiveToArgv,
} from '../../src/gan/objective.js';
import { RunDescription } from '../../src/training/run/runDescription.js';
import { STUDY } from '../study/fabricated.js';

const NAMES = ['dcgan', 'article'] as const satisfies readonly ArchitectureName[];
const SIZES = { batch: 32, iterations: 3000 };
const TINY = 2 ** -126;

/** Values of each setting: bounds, what is off, and numbers that are long as text. */
const VALUES = new Map<string, readonly unknown[]>(SETTINGS.map(({ name, values }) => [name, examples(values)]));

function examples(values: Values): readonly unknown[] {
  switch (values.kind) {
    case 'toggle':
      return [false, true];
    case 'text':
      return [];
    case 'choice':
      return values.names;
    case 'list':
      return [[], values.names.slice(0, 1), values.names, values.names.toReversed()];
    case 'number': {
      const { least, most } = values.bounds;
      const numbers = [least, 1, 2, 5, most, TINY, 1e-7, 1e-4, 0.1, 0.1 + 0.2, 0.4999999, 0.9999999];
      return [...new Set(numbers)].filter((value) => valueProblem(values, value) === undefined);
    }
  }
}

/** The objective of arguments. */
function ofWords(architecture: ArchitectureName, words: readonly string[]): ObjectiveOptions {
  const command = withObjectiveFlags(createCommand('test')).exitOverride();
  const flags = command.parse([...words], { from: 'user' }).opts<ObjectiveFlags>();
  return chooseObjective(architecture, flags, SIZES).objective ?? {};
}

/** @returns whether the settings are valid */
function assertSame(name: ArchitectureName, asked: ObjectiveOptions): boolean {
  const architecture = ARCHITECTURES[name];
  let described: ObjectiveOptions | undefined;
  try {
    described = describedObjective(architecture, asked);
  } catch (error) {
    assert.instance(error, ObjectiveError);
    return false;
  }
  const what = `${name} ${JSON.stringify(asked)} as ${JSON.stringify(described)}`;
  const wanted = objectiveOf(architecture, asked);
  const stored: unknown = JSON.parse(JSON.stringify({ objective: described }));
  const { objective } = RunDescription.shape.arguments.pick({ objective: true }).parse(stored);
  assert.equal(objectiveOf(architecture, objective ?? {}), wanted, what);
  assert.equal(describedObjective(architecture, objective ?? {}), described, what);
  const words = objectiveToArgv(described);
  assert.equal(objectiveOf(architecture, ofWords(name, words)), wanted, `${what}: ${words.join(' ')}`);
  const [, loss = 'bce', ...others] = words;
  const parts = others.map((word) => (word.startsWith('--') ? ` ${word.slice(2)}` : `=${word}`));
  const method = `${loss}${parts.join('')}`;
  const { objective: compared } = chooseObjective(name, parseMethod(method), SIZES);
  assert.equal(objectiveOf(architecture, compared ?? {}), wanted, `${what}: ${method}`);
  return true;
}

for (const name of NAMES) {
  for (const loss of LOSS_NAMES) {
    test(`${name}, ${loss}: files and arguments stand for the requested settings`, () => {
      let together = 0;
      for (const [setting, values] of VALUES) {
        for (const value of values) {
          const noise = setting === 'noiseIterations' ? { instanceNoise: 0.5 } : {};
          if (assertSame(name, { loss, ...noise, [setting]: value })) together += 1;
          // The critic is bounded with and without clipping.
          assertSame(name, { loss, normaliseDiscriminator: 'spectral', ...noise, [setting]: value });
        }
      }
      assert.ok(together > 40, `${together} settings go with ${loss}`);
    });
  }
}

test('any valid settings are the same after a file and after arguments', () => {
  const optional = [...VALUES].map(([setting, values]) => {
    return [setting, fc.option(fc.constantFrom(...values), { nil: undefined, freq: 3 })] as const;
  });
  let together = 0;
  fc.assert(
    fc.property(fc.constantFrom(...NAMES), fc.record(Object.fromEntries(optional)), (name, asked) => {
      if (assertSame(name, asked)) together += 1;
    }),
    { seed: 1, numRuns: 1500 },
  );
  assert.ok(together > 50, `${together} of 1500`);
});

test('critic steps of 1 are stored if the default of the loss is 5', () => {
  for (const loss of ['wgan', 'wgan-gp'] as const) {
    for (const name of NAMES) {
      assert.is(describedObjective(ARCHITECTURES[name], { loss, criticSteps: 1 })?.criticSteps, 1);
      // Runs without a stored number were trained with 5.
      assert.is(objectiveOf(ARCHITECTURES[name], { loss }).criticSteps, 5);
    }
  }
});

test('studies, comparisons and the commands printed for them keep every setting', () => {
  for (const architecture of NAMES) {
    for (const loss of LOSS_NAMES) {
      const flags = {
        ...{ jobs: 1, tune: false },
        architecture,
        loss,
        ...(LOSSES[loss].isJoint === true ? { criticSteps: 1 } : {}),
      };
      const settings = newSettings(flags, Z_DIMS);
      const stored = StudyDescription.parse(JSON.parse(JSON.stringify({ ...STUDY, settings })));
      assert.equal(stored.settings, settings);
      // The same flags resume it, defaults included.
      const defaults = { criticSteps: settings.objective?.criticSteps ?? 1, pack: 1, unroll: 0, labelSmoothing: 0 };
      checkAsked('s', 'study', stored, { ...flags, ...defaults, normaliseGenerator: 'batch' });
      const run = { name: 'z2-seed1', zDim: 2, seed: '1' };
      const own = runArguments(stored.settings, run);
      const wanted = objectiveOf(ARCHITECTURES[architecture], own.objective ?? {});
      for (const words of [
        trainArguments(stored.settings, run, { kind: 'digits' }, 'out').join(' '),
        studyToArgv(stored.settings, { kind: 'digits' }).join(' '),
      ]) {
        const objective = words.match(/--(?:loss|critic-steps|gp-weight|clip|normalise) \S+/g) ?? [];
        const found = ofWords(
          architecture,
          objective.flatMap((word) => word.split(' ')),
        );
        assert.equal(objectiveOf(ARCHITECTURES[architecture], found), wanted, words);
      }
      // The same objective with more of its defaults stored.
      const all = objectiveSettings(ARCHITECTURES[architecture], own.objective ?? {});
      const { generatorRate, clip } = all;
      checkArguments(
        'runs/x',
        { ...own, objective: { ...own.objective, loss, generatorRate, ...(clip && { clip }) } },
        own,
      );
    }
  }
  const methods = ['wgan critic-steps=1', 'bce instance-noise=0.1 noise-iterations=none', 'bce lr-generator=1e-7'];
  const { objective, ...settings } = STUDY.settings;
  assert.is(objective, undefined);
  const comparison = { ...STUDY, format: 'zdim-gan-lab/comparison/1', methods, settings };
  assert.equal(ComparisonDescription.parse(JSON.parse(JSON.stringify(comparison))).methods, methods);
  assert.is(chooseObjective('dcgan', parseMethod('wgan critic-steps=1'), SIZES).objective?.criticSteps, 1);
});

test('constant noise differs from noise that falls over the run', () => {
  assert.equal(objectiveToArgv({ instanceNoise: 0.1 }), ['--instance-noise', '0.1', '--noise-iterations', 'none']);
  assert.is(ofWords('dcgan', ['--instance-noise', '0.1']).noiseIterations, SIZES.iterations);
  assert.is(ofWords('dcgan', ['--instance-noise', '0.1', '--noise-iterations', 'none']).noiseIterations, undefined);
  assert.throws(() => ofWords('dcgan', ['--noise-iterations', 'none']), /without --instance-noise there is no noise/);
});

for (const [page, withCurrentTable] of [
  ['docs/losses.md', withSettingsTable],
  ['docs/command-line.md', withRunSettingsTable],
] as const) {
  test(`${page} has the current table of settings`, async () => {
    const text = readFileSync(new URL(`../../${page}`, import.meta.url), 'utf8');
    assert.is(text, await format(withCurrentTable(text), { parser: 'markdown' }), 'npm run schemas writes it');
  });
}

/** Numbers that no setting takes, or only some. */
const OUTSIDE = [Infinity, -Infinity, NaN, 1e39, 1e-50, -1e-50, 1e-40, -1, 2 ** 53, 1e300, 0.9999999999, 0.49999999999];

test('the library, the files and the flags take the same numbers', () => {
  for (const { name, values, flagName, losses, needs } of SETTINGS) {
    if (values.kind !== 'number') continue;
    const { least, most } = values.bounds;
    const loss = LOSS_NAMES.find((each) => losses?.takes(LOSSES[each]) ?? true) ?? 'bce';
    for (const value of [...OUTSIDE, least, most, least - 1, most + 1, most * 2, least + 0.25, 0]) {
      const requested = { loss, ...(needs && { [needs.name]: 1 }), [name]: value };
      const isRefused = (body: () => unknown, what: RegExp): boolean => {
        try {
          body();
          return false;
        } catch (error) {
          assert.match(String(error), what);
          return true;
        }
      };
      const library = isRefused(
        () => objectiveOf(ARCHITECTURES.dcgan, requested),
        new RegExp(`${flagName} .*: it takes`),
      );
      const parsed = RunDescription.shape.arguments.shape.objective.safeParse(requested);
      assert.is(!parsed.success, library, `${name} ${value} in a file`);
      const command = withObjectiveFlags(createCommand('test'))
        .exitOverride()
        .configureOutput({ writeErr: () => undefined });
      const words = [`${flagName}=${value}`];
      const refused = isRefused(() => command.parse(words, { from: 'user' }), /It takes|argument/);
      assert.is(refused, library, words.join(' '));
    }
  }
});

test.run();
