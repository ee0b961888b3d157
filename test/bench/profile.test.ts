/**
 * @file The profile of a step: its phases, its kernels by family, and the chart that shows both.
 */
import seedrandom from 'seedrandom';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { dispatchTimes } from '../../bench/step/dispatchTimes.js';
import { FAMILIES, familyOf } from '../../bench/step/families.js';
import { phasesOf } from '../../bench/step/phases.js';
import { profileLines } from '../../bench/step/profile.js';
import { profileChart } from '../../bench/step/profileChart.js';
import { Engine } from '../../src/autograd/engine.js';
import { renderChart } from '../../src/figures/chart.js';
import { ARCHITECTURES, type ArchitectureName } from '../../src/models/networks/architectures.js';
import { Gan } from '../../src/gan/gan.js';
import { openTestDevice } from '../support/device.js';

const device = await openTestDevice();
test.after(() => device.destroy());

const engine = new Engine(device);

const tinyGan = (name: ArchitectureName): Gan =>
  new Gan(engine, {
    architecture: ARCHITECTURES[name],
    ...{ zDim: 2, width: 1 / 16, batch: 2, imageHeight: 28, imageWidth: 28, channels: 1 },
    ...{ seed: 1, random: seedrandom('profile'), ringCapacity: 4 },
  });

const PHASES = {
  dcgan: ['G forward', 'D on both', 'update of D', 'D on fakes', 'update of G', 'rest'],
  article: [
    ...['D on real', 'update of D', 'G forward', 'D on fakes', 'update of D'],
    ...['G forward', 'D on fakes', 'update of G', 'rest'],
  ],
} as const;

for (const name of ['dcgan', 'article'] as const) {
  test(`${name}: the phases of a step, and the kernels that belong into each`, () => {
    const gan = tinyGan(name);
    const { commands } = device.trace(() => gan.step());
    const phases = phasesOf(gan);
    assert.equal(
      phases.map(({ label }) => label.join(' ')),
      PHASES[name],
    );
    assert.is(phases[0]?.first, 0);
    phases.forEach(({ label, first, backward }, index) => {
      const kernels = commands.slice(first, phases[index + 1]?.first).map(({ kernel }) => kernel);
      const families = new Set(kernels.map((kernel) => familyOf(kernel, backward)));
      const text = label.join(' ');
      assert.is(backward, text.startsWith('update'), text);
      assert.is(families.has('products, by weights'), backward, `${text}: gradients by weights`);
      assert.is(families.has('products, by input'), backward, `${text}: gradients by inputs`);
      if (text !== 'rest') assert.is(families.has('optimiser'), backward, `${text}: Adam`);
    });
    assert.is(device.trace(() => gan.step()).commands.length, commands.length, 'the GAN is as it was');
    gan.dispose();
  });
}

test('each dispatch is timed, and table and chart show them all', async () => {
  const gan = tinyGan('dcgan');
  const plan = await engine.record((): undefined => {
    gan.step();
  });
  const times = await dispatchTimes(device, plan);
  if (times === undefined) {
    assert.not(device.handle.features.has('timestamp-query'));
    console.log('SKIPPED: this device has no timestamp-query');
    return;
  }
  assert.is(times.length, plan.commands.length);
  assert.ok(times.every((milliseconds) => milliseconds >= 0));

  const names = new Set(plan.commands.map(({ kernel }) => kernel.name));
  const lines = profileLines(plan.commands, times, new Map());
  for (const kernel of names) assert.ok(lines.some((line) => line.endsWith(`  ${kernel}`)));

  const phases = phasesOf(gan);
  const dispatches = plan.commands.map(({ kernel }, index) => {
    const backward = phases.findLast(({ first }) => first <= index)?.backward ?? false;
    return { family: familyOf(kernel, backward), milliseconds: times[index]! };
  });
  const { svg } = await renderChart(profileChart(dispatches, phases, { about: ['tiny'], stepMs: 1 }));
  const bars = svg.match(/aria-roledescription="bar"/g) ?? [];
  const families = FAMILIES.filter(([family]) => dispatches.some((dispatch) => dispatch.family === family));
  assert.is(bars.length, dispatches.length + families.length, 'a bar a dispatch, and a share a family');
  for (const [family] of families) assert.ok(svg.includes(`>${family}</text>`), family);
  plan.dispose();
  gan.dispose();
});

test('a label that its phase is too narrow for is left out', async () => {
  const dispatches = [1, 999].map((milliseconds) => ({ family: 'losses' as const, milliseconds }));
  const phases = ['narrow', 'wide'].map((label, first) => ({ label: [label], first, backward: false }));
  const { svg } = await renderChart(profileChart(dispatches, phases, { about: [], stepMs: 1000 }));
  assert.match(svg, /wide/);
  assert.not.match(svg, /narrow/);
});

test.run();
