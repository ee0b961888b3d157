/**
 * @file The latent probe: what it reads is what the networks make, look after look, and steps are long enough for float32.
 */
import seedrandom from 'seedrandom';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Engine } from '../../../src/autograd/engine.js';
import { type LatentResult, LatentProbe } from '../../../src/evaluation/latent/latentProbe.js';
import { drawPathSteps, PATH_STEP, pathLength } from '../../../src/evaluation/latent/pathLength.js';
import { inferencePass, readImages } from '../../../src/evaluation/inputs/classifierOutput.js';
import { ZReader } from '../../../src/evaluation/latent/zReader.js';
import { CONDITION } from '../../../src/models/layers/conditioning.js';
import { ARCHITECTURES } from '../../../src/models/networks/architectures.js';
import { CLASSIFIERS } from '../../../src/models/networks/classifier.js';
import { assertClose } from '../../reference/compare.js';
import { openTestDevice } from '../../support/device.js';
import { seededNormal } from '../../support/random.js';
import { slow } from '../../support/slow.js';

const device = await openTestDevice();
test.after(() => device.destroy());

const engine = new Engine(device);
const [zDim, size] = [4, { zDim: 4, width: 0.125, channels: 1 }];
const generator = ARCHITECTURES.dcgan.generator({ engine, random: seedrandom('generator') }, size);
const classifier = CLASSIFIERS.article({ engine, random: seedrandom('classifier') });

/** Weights as drawn hardly move an image: these do. */
async function strengthen(factor: number): Promise<void> {
  for (const tensor of generator.parameters) {
    if (tensor.name?.endsWith('kernel') === true) tensor.write((await tensor.data()).map((value) => factor * value));
  }
}
await strengthen(8);

const options = { zDim, seed: 'probe', fixed: 20, columns: 8 };

slow('a reader reads what the classifier reads in the images of the generator', async () => {
  const z = Float32Array.from(seededNormal('z', 150 * zDim));
  const reader = await ZReader.prepare(engine, generator, classifier, zDim);
  const input = engine.tensor(z, [150, zDim]);
  const images = engine.scope(() => engine.noGrad(() => generator.forward(input, inferencePass(engine))));
  const expected = await readImages(engine, classifier, await images.data());
  const found = await reader.read(z);
  assertClose(found.features, expected.features, 1e-5, 'features');
  assert.equal(found.labels, expected.labels);
  assert.is(found.count, 150);
  reader.dispose();
});

slow('looks: settled where nothing changed, not where weights did; the same bits for the same weights', async () => {
  const probe = await LatentProbe.prepare(engine, generator, classifier, options);
  const first = await probe.measure(1);
  assert.equal([first.metrics.switched, first.metrics.displacement], [null, null]);
  assert.is(first.metrics.singularValues.length, zDim);
  assert.ok(first.metrics.effectiveDimension >= 1 && first.metrics.effectiveDimension <= zDim);
  assert.ok(first.metrics.pathLength > 0);
  const { bytes } = device.pool;
  const second = await probe.measure(1, first.output);
  assert.equal(second.metrics, { ...first.metrics, switched: 0, displacement: 0 });
  assert.is(device.pool.bytes, bytes, 'a look leaves nothing behind');
  await strengthen(1.3);
  const third = await probe.measure(1, second.output);
  assert.ok((third.metrics.displacement ?? 0) > 0);
  assert.ok(third.metrics.singularValues[0] !== first.metrics.singularValues[0]);
  probe.dispose();
});

slow('a conditional generator is looked at with classes behind z, over z alone', async () => {
  const conditional = ARCHITECTURES.dcgan.generator(
    { engine, random: seedrandom('conditional') },
    { ...size, zDim: zDim + CONDITION },
  );
  for (const tensor of conditional.parameters) {
    if (tensor.name?.endsWith('kernel') === true) tensor.write((await tensor.data()).map((value) => 8 * value));
  }
  const look = async (shares: readonly number[]): Promise<LatentResult> => {
    const probe = await LatentProbe.prepare(engine, conditional, classifier, {
      ...options,
      classSampling: { shares, seed: 'asked' },
    });
    const found = await probe.measure(1);
    const again = await probe.measure(1, found.output);
    assert.equal(again.metrics, { ...found.metrics, switched: 0, displacement: 0 });
    probe.dispose();
    return found;
  };
  const ones = new Array<number>(CONDITION).fill(1);
  const all = await look(ones);
  assert.is(all.metrics.singularValues.length, zDim);
  // A step is between images of one class: were its ends of two, it would be a thousand times as long.
  const one = await look(ones.map((_, at) => Number(at === 3)));
  assert.ok(
    all.metrics.pathLength < 10 * one.metrics.pathLength,
    `${all.metrics.pathLength}, ${one.metrics.pathLength}`,
  );
  assert.not.equal(all.output.features, one.output.features);
  conditional.dispose();
});

slow('a step is longer than the noise of float32 and shorter than what it measures', async () => {
  const reader = await ZReader.prepare(engine, generator, classifier, zDim);
  const at = async (step: number): Promise<number> => {
    const { from, to } = drawPathSteps(120, zDim, 'noise', step);
    return pathLength(await reader.read(from), await reader.read(to), 1, step);
  };
  const [chosen, half, double] = [await at(PATH_STEP), await at(PATH_STEP / 2), await at(2 * PATH_STEP)];
  for (const other of [half, double]) assert.ok(Math.abs(other / chosen - 1) < 0.02, `${other} beside ${chosen}`);
  reader.dispose();
});

slow('a generator that diverged is told, whatever the classifier makes of NaN', async () => {
  const broken = ARCHITECTURES.dcgan.generator({ engine, random: () => NaN }, size);
  const probe = await LatentProbe.prepare(engine, broken, classifier, options);
  const message = await probe.measure(1).then(
    () => 'nothing was refused',
    (error: unknown) => String(error),
  );
  assert.match(message, /ZReader: the images of z 0 … are not finite: the generator diverged/);
  probe.dispose();
  broken.dispose();
});

test('refuses what it cannot use, saying what', async () => {
  const message = (promise: Promise<unknown>): Promise<string> => {
    return promise.then(
      () => 'nothing was refused',
      (error: unknown) => String(error),
    );
  };
  const prepared = (changes: object, network = generator): Promise<unknown> => {
    return LatentProbe.prepare(engine, network, classifier, { ...options, ...changes });
  };
  assert.match(await message(prepared({ fixed: 0 })), /LatentProbe: fixed is a count, not 0/);
  const colours = ARCHITECTURES.dcgan.generator({ engine, random: () => 0 }, { ...size, channels: 3 });
  assert.match(
    await message(prepared({}, colours)),
    /ZReader: the generator makes \[128, 28, 28, 3\]; it takes \[128, 28, 28, 1\]/,
  );
  colours.dispose();
});

test.run();
