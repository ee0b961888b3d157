/**
 * @file A GAN that trains under spectral and layer normalisation: the recorded step against the eager one, and a
 * checkpoint against a run that was never stopped, to the bit; u is part of the state.
 */
import seedrandom from 'seedrandom';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Engine } from '../../src/autograd/engine.js';
import { type Architecture, ARCHITECTURES } from '../../src/models/networks/architectures.js';
import type { GanSize } from '../../src/models/networks/dcgan.js';
import { Gan } from '../../src/gan/gan.js';
import { firstNonFinite, restore, snapshot, type Snapshot } from '../../src/data/weights/state.js';
import { openTestDevice } from '../support/device.js';

const device = await openTestDevice();
test.after(() => device.destroy());

// One tile for all products: nothing is measured, and eager and recorded steps take the same kernels.
const engine = new Engine(device, { force: 'register-4x16' });

function withChoices(choices: Partial<GanSize>): Architecture {
  const { dcgan } = ARCHITECTURES;
  return {
    ...dcgan,
    generator: (builder, size) => dcgan.generator(builder, { ...size, ...choices }),
    discriminator: (builder, size) => dcgan.discriminator(builder, { ...size, ...choices }),
  };
}

function makeGan(choices: Partial<GanSize>): Gan {
  return new Gan(engine, {
    architecture: withChoices(choices),
    zDim: 3,
    width: 0.125,
    batch: 4,
    imageHeight: 28,
    imageWidth: 28,
    channels: 1,
    seed: 7,
    random: seedrandom('normalised'),
    historyCapacity: 8,
  });
}

function giveImages(gan: Gan, iteration: number): void {
  const random = seedrandom(`images/${iteration}`);
  gan.realImages.write(Float32Array.from({ length: gan.realImages.size }, () => 2 * random() - 1));
}

function step(gan: Gan): undefined {
  gan.step();
}

function trainEagerly(gan: Gan, first: number, last: number): void {
  for (let iteration = first; iteration <= last; iteration++) {
    giveImages(gan, iteration);
    engine.scope(() => step(gan));
  }
}

function assertSame(actual: Snapshot, expected: Snapshot): void {
  assert.equal([...actual.keys()], [...expected.keys()]);
  for (const [name, { values }] of expected) assert.equal(actual.get(name)?.values, values, name);
}

const CHOICES: Readonly<Record<string, Partial<GanSize>>> = {
  spectral: { normaliseDiscriminator: 'spectral', normaliseGenerator: 'spectral' },
  layer: { normaliseDiscriminator: 'layer', normaliseGenerator: 'layer', minibatchStddev: true },
};

for (const [name, choices] of Object.entries(CHOICES)) {
  test(`${name}: replayed steps have the bits of eager ones, and go on from a checkpoint as if never stopped`, async () => {
    const eager = makeGan(choices);
    const start = await snapshot(device, eager.state);
    trainEagerly(eager, 1, 2);
    const middle = await snapshot(device, eager.state);
    trainEagerly(eager, 3, 4);
    const end = await snapshot(device, eager.state);
    assert.is(firstNonFinite(end), undefined);

    const recorded = makeGan(choices);
    const plan = await engine.record(() => step(recorded));
    for (let iteration = 1; iteration <= 4; iteration++) {
      giveImages(recorded, iteration);
      plan.replay();
    }
    assertSame(await snapshot(device, recorded.state), end);
    plan.dispose();

    const resumed = makeGan(choices);
    restore(device, resumed.state, middle, 'the checkpoint');
    trainEagerly(resumed, 3, 4);
    assertSame(await snapshot(device, resumed.state), end);

    const vectors = [...start.keys()].filter((key) => key.endsWith('/singular_vector'));
    assert.is(vectors.length, name === 'spectral' ? 6 : 0);
    for (const key of vectors.filter((vector) => start.get(vector)?.shape[0] !== 1)) {
      assert.not.equal(middle.get(key)?.values, start.get(key)?.values, `${key} moves`);
    }
    for (const gan of [eager, recorded, resumed]) gan.dispose();
  });
}

test('the pool is flat under spectral normalisation', () => {
  const gan = makeGan(CHOICES.spectral ?? {});
  trainEagerly(gan, 1, 2);
  const { bytes, count } = device.pool;
  trainEagerly(gan, 3, 6);
  assert.equal([device.pool.bytes, device.pool.count], [bytes, count]);
  gan.dispose();
});

test.run();
