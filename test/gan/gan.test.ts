/**
 * @file Tests the training step: seeds, updates that change one network only, the gradients of the losses, and that no buffer is
 * allocated on the hot path.
 */
import { createHash } from 'node:crypto';
import seedrandom from 'seedrandom';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Engine } from '../../src/autograd/engine.js';
import { gradients } from '../../src/autograd/grad.js';
import * as ops from '../../src/autograd/ops/index.js';
import type { Tensor } from '../../src/autograd/tensor.js';
import type { DeviceBuffer } from '../../src/gpu/memory/buffers.js';
import { type Architecture, type ArchitectureName, ARCHITECTURES } from '../../src/models/networks/architectures.js';
import { constant, normal } from '../../src/models/layers/initialisers.js';
import { dense, dropout, flatten, lambda, reshapeTo, Sequential } from '../../src/models/layers/index.js';
import type { Adam } from '../../src/models/optim/adam.js';
import { Gan, type GanOptions } from '../../src/gan/gan.js';
import { METRICS } from '../../src/gan/ganMetrics.js';
import type { ObjectiveOptions } from '../../src/gan/settings.js';
import * as reference from '../reference/ops.js';
import { download, openTestDevice } from '../support/device.js';
import { slow } from '../support/slow.js';

const device = await openTestDevice();
test.after(() => device.destroy());

const engine = new Engine(device);

const NAMES: readonly ArchitectureName[] = ['dcgan', 'article'];
const HISTORY = 16;

function makeGan(architecture: Architecture, seed: string, options: Partial<GanOptions> = {}): Gan {
  const sizes = { zDim: 5, width: 0.125, batch: 4, imageHeight: 28, imageWidth: 28, channels: 1 };
  const random = { seed: seedrandom(`${seed}/gpu`).int32() >>> 0, random: seedrandom(`${seed}/parameters`) };
  return new Gan(engine, { architecture, ...sizes, ...random, ringCapacity: HISTORY, ...options });
}

/** "Real" images: other ones at each iteration, the same in each run. */
function imagesOf(gan: Gan, iteration: number): Float32Array {
  const random = seedrandom(`images/${iteration}`);
  return Float32Array.from({ length: gan.realImages.size }, () => 2 * random() - 1);
}

/** The step as the engine takes it, a function that returns no tensor. */
function stepOf(gan: Gan): () => undefined {
  return () => {
    gan.step();
  };
}

type Stepper = (gan: Gan) => Promise<{ step: () => void; dispose: () => void }>;

const eagerly: Stepper = (gan) => {
  return Promise.resolve({ step: () => engine.scope(stepOf(gan)), dispose: () => undefined });
};

const replayed: Stepper = async (gan) => {
  const plan = await engine.record(stepOf(gan));
  return { step: () => plan.replay(), dispose: () => plan.dispose() };
};

async function train(gan: Gan, steps: number, by: Stepper): Promise<void> {
  const { step, dispose } = await by(gan);
  for (let iteration = 0; iteration < steps; iteration++) {
    gan.realImages.write(imagesOf(gan, iteration));
    step();
  }
  await device.synchronize();
  dispose();
}

async function wordOf(buffer: DeviceBuffer): Promise<number> {
  const [bytes] = await device.read(buffer);
  return new Uint32Array(bytes ?? new ArrayBuffer(4))[0] ?? NaN;
}

const updatesOf = ({ stepCounter }: Adam): Promise<number> => wordOf(stepCounter);

/** SHA-256 of these tensors' values. */
async function hashOf(tensors: readonly Tensor[]): Promise<string> {
  const bytes = await device.read(...tensors.map(({ buffer }) => buffer));
  const hash = createHash('sha256');
  tensors.forEach(({ size }, index) => hash.update(new Uint8Array(bytes[index] ?? new ArrayBuffer(0), 0, size * 4)));
  return hash.digest('hex');
}

/** Metrics of the iterations first … first + count − 1, counted from 0. */
async function metricsOf(gan: Gan, first: number, count: number): Promise<Float32Array[]> {
  const { ringCapacity } = gan.options;
  const values = await download(device, gan.scalarRing, ringCapacity * METRICS.length);
  return Array.from({ length: count }, (_, index) => {
    const row = ((first + index) % ringCapacity) * METRICS.length;
    return values.slice(row, row + METRICS.length);
  });
}

/** Hashes of all that a run of so many steps leaves behind. */
async function fingerprint(gan: Gan, steps: number): Promise<Record<string, string | number>> {
  const metrics = await metricsOf(gan, 0, steps);
  assert.ok(
    metrics.every((row) => row.every(Number.isFinite)),
    'finite metrics',
  );
  const { generator, discriminator, generatorOptimiser, discriminatorOptimiser } = gan;
  return {
    generator: await hashOf(generator.parameters),
    generatorState: await hashOf(generator.state),
    generatorMoments: await hashOf(generatorOptimiser.state),
    discriminator: await hashOf(discriminator.parameters),
    discriminatorState: await hashOf(discriminator.state),
    discriminatorMoments: await hashOf(discriminatorOptimiser.state),
    generatorUpdates: await updatesOf(generatorOptimiser),
    discriminatorUpdates: await updatesOf(discriminatorOptimiser),
    iteration: await wordOf(gan.iteration),
    metrics: JSON.stringify(metrics.map((row) => [...row])),
  };
}

async function runOf(
  architecture: Architecture,
  seed: string,
  by: Stepper,
  options: Partial<GanOptions> = {},
): Promise<Record<string, string | number>> {
  const gan = makeGan(architecture, seed, options);
  await train(gan, 4, by);
  const result = await fingerprint(gan, 4);
  gan.dispose();
  return result;
}

for (const name of NAMES) {
  slow(`${name}: the same seeds give the same bits, and other seeds others`, async () => {
    const architecture = ARCHITECTURES[name];
    const eager = await runOf(architecture, 'one', eagerly);
    assert.is(eager.iteration, 4);
    assert.equal(await runOf(architecture, 'one', replayed), eager, 'again, replayed');

    const other = await runOf(architecture, 'two', replayed);
    for (const part of ['generator', 'generatorMoments', 'discriminator', 'discriminatorMoments', 'metrics']) {
      assert.is.not(other[part], eager[part], `${part} of another seed`);
    }
    // The same initial parameters, but another z and other dropout masks.
    const noise = await runOf(architecture, 'one', replayed, { seed: 123 });
    assert.is.not(noise.generator, eager.generator, 'another seed on the GPU');
  });

  slow(`${name}: the first losses are near ln 2, and both networks move`, async () => {
    const gan = makeGan(ARCHITECTURES[name], 'first');
    const before = [await hashOf(gan.generator.parameters), await hashOf(gan.discriminator.parameters)];
    const states = [await hashOf(gan.generator.state), await hashOf(gan.discriminator.state)];
    await train(gan, 1, eagerly);
    const [row] = await metricsOf(gan, 0, 1);
    const [generatorLoss = NaN, discriminatorLoss = NaN, ...shares] = row ?? [];
    for (const loss of [generatorLoss, discriminatorLoss]) {
      assert.ok(Math.abs(loss - Math.LN2) < 0.2, `losses ${generatorLoss} and ${discriminatorLoss}`);
    }
    assert.ok(
      shares.every((share) => [0, 0.25, 0.5, 0.75, 1].includes(share)),
      `shares of a batch of 4 (or of 2): ${shares.join(', ')}`,
    );
    assert.is.not(await hashOf(gan.generator.parameters), before[0], 'generator');
    assert.is.not(await hashOf(gan.discriminator.parameters), before[1], 'discriminator');
    assert.is.not(await hashOf(gan.generator.state), states[0], 'running averages of the generator');
    if (gan.discriminator.state.length > 0) assert.is.not(await hashOf(gan.discriminator.state), states[1]);
    gan.dispose();
  });

  slow(`${name}: an update of one network keeps the other's parameters`, async () => {
    const architecture = ARCHITECTURES[name];
    const still = { learningRate: 0 };
    const run = async (changes: Partial<Architecture>): Promise<{ before: string[]; after: string[] }> => {
      const gan = makeGan({ ...architecture, ...changes }, 'alone');
      const hashes = (): Promise<string[]> =>
        Promise.all([hashOf(gan.generator.parameters), hashOf(gan.discriminator.parameters)]);
      const before = await hashes();
      await train(gan, 1, eagerly);
      const after = await hashes();
      gan.dispose();
      return { before, after };
    };
    const both = await run({});
    const stillGenerator = await run({ generatorAdam: still });
    const stillDiscriminator = await run({ discriminatorAdam: still });
    assert.is(stillGenerator.after[0], both.before[0], 'the discriminator’s update leaves the generator');
    assert.is(stillDiscriminator.after[1], both.before[1], 'the generator’s update leaves the discriminator');
    assert.is.not(stillDiscriminator.after[0], both.before[0], 'the generator moves by itself');
    // The generator's update comes last: whether there is one does not change the discriminator's.
    assert.is(stillGenerator.after[1], both.after[1]);
  });
}

test('splitBatch: an odd batch is refused', () => {
  assert.throws(() => makeGan(ARCHITECTURES.article, 'odd', { batch: 3 }), /takes an even batch, got 3/);
});

slow('metrics read in bulk are those of the iterations, in a ring', async () => {
  const eager = makeGan(ARCHITECTURES.dcgan, 'metrics');
  const { step } = await eagerly(eager);
  const rows: Float32Array[] = [];
  for (let iteration = 0; iteration < 5; iteration++) {
    eager.realImages.write(imagesOf(eager, iteration));
    step();
    rows.push(...(await metricsOf(eager, iteration, 1)));
  }
  assert.is(new Set(rows.map((row) => row.join())).size, 5, 'no two iterations are alike');
  eager.dispose();

  for (const [ringCapacity, first] of [
    [5, 0],
    [3, 2],
  ] as const) {
    const gan = makeGan(ARCHITECTURES.dcgan, 'metrics', { ringCapacity });
    await train(gan, 5, replayed);
    assert.equal(await metricsOf(gan, first, 5 - first), rows.slice(first), `a history of ${ringCapacity}`);
    gan.dispose();
  }
});

slow('the pool is flat and no buffer is created over 200 replayed steps', async () => {
  const gan = makeGan(ARCHITECTURES.dcgan, 'flat');
  const { step, dispose } = await replayed(gan);
  const images = imagesOf(gan, 0);
  const run = async (steps: number): Promise<void> => {
    for (let iteration = 0; iteration < steps; iteration++) {
      gan.realImages.write(images);
      step();
    }
    await device.read(gan.scalarRing);
  };
  await run(2);
  const { bytes, count } = device.pool;
  const { handle } = device;
  const create = handle.createBuffer.bind(handle);
  let created = 0;
  handle.createBuffer = (descriptor) => {
    created += 1;
    return create(descriptor);
  };
  try {
    handle.createBuffer({ size: 16, usage: GPUBufferUsage.STORAGE }).destroy();
    assert.is(created, 1, 'creations are counted');
    await run(100);
    await run(100);
  } finally {
    handle.createBuffer = create;
  }
  assert.is(created, 1);
  assert.equal([device.pool.bytes, device.pool.count], [bytes, count]);
  assert.is(await wordOf(gan.iteration), 202);
  dispose();
  gan.dispose();
});

slow('a recorded step updates each network in one dispatch, and counts without any', () => {
  for (const [name, updates] of [
    ['dcgan', 2],
    ['article', 3],
  ] as const) {
    const gan = makeGan(ARCHITECTURES[name], 'dispatches');
    const { commands } = device.trace(stepOf(gan));
    const count = (kernel: string): number => commands.filter((command) => command.kernel.name === kernel).length;
    assert.equal([count('adam'), count('increment'), count('recordScalars')], [updates, 0, 1], name);
    gan.dispose();
  }
});

test('a second GAN reuses the memory of a disposed one', async () => {
  const run = async (): Promise<number> => {
    const gan = makeGan(ARCHITECTURES.dcgan, 'dispose');
    await train(gan, 1, replayed);
    gan.dispose();
    return device.pool.bytes;
  };
  const bytes = await run();
  const again = await run();
  // Less where a parameter had memory that lay free, before it was moved in with the others.
  assert.ok(again <= bytes && bytes - again < 1024, `${bytes} bytes, then ${again}`);
});

for (const objective of [
  {},
  { pack: 2, minibatchStddev: true, augment: ['translation', 'cutout'], instanceNoise: 0.1 },
  { normaliseDiscriminator: 'spectral', normaliseGenerator: 'spectral' },
] as const satisfies readonly ObjectiveOptions[]) {
  test(`eager steps leave the pool unchanged: ${JSON.stringify(objective)}`, async () => {
    const gan = makeGan(ARCHITECTURES.dcgan, 'eager pool', { objective });
    await train(gan, 1, eagerly);
    const { bytes, count } = device.pool;
    await train(gan, 5, eagerly);
    assert.equal([device.pool.bytes, device.pool.count], [bytes, count]);
    gan.dispose();
  });
}

test('samples: inference, the same from the same z, within [−1, 1]; fresh z move on with the iteration', async () => {
  const gan = makeGan(ARCHITECTURES.dcgan, 'samples');
  const state = await hashOf(gan.generator.state);
  const z = gan.freshZ(3);
  const image = await gan.sample(z).data();
  assert.is(image.length, 3 * 28 * 28);
  assert.ok(image.every((value) => value >= -1 && value <= 1));
  assert.equal(await gan.sample(z).data(), image);
  assert.is(await hashOf(gan.generator.state), state, 'sampling moves no running average');
  const first = await z.data();
  assert.equal(await gan.freshZ(3).data(), first);
  await train(gan, 1, eagerly);
  assert.not.equal(await gan.freshZ(3).data(), first);
  gan.dispose();
});

slow('joint: one pass of both halves gives the losses, gradients and averages of a pass of each', async () => {
  // A discriminator that stands still is the same one in all three passes.
  const still: Architecture = { ...ARCHITECTURES.dcgan, discriminatorAdam: { learningRate: 0, beta1: 0.5 } };
  const [together, inTurn] = [makeGan(still, 'splitBatch'), makeGan(still, 'splitBatch')];
  together.realImages.write(imagesOf(together, 0));
  engine.scope(stepOf(together));
  const [metrics] = await metricsOf(together, 0, 1);

  const { generator, discriminator } = inTurn;
  const { batch, zDim, seed } = inTurn.options;
  const pass = { training: true, random: { seed, stream: 0, counter: inTurn.iteration } };
  const ones = engine.tensor(new Float32Array(batch).fill(1), [batch, 1]);
  const zeros = engine.tensor(new Float32Array(batch), [batch, 1]);
  inTurn.realImages.write(imagesOf(inTurn, 0));
  const z = ops.randomNormal(engine, [batch, zDim], { seed, stream: 1, counter: inTurn.iteration });
  const fakes = generator.forward(z, pass);
  const onReal = discriminator.forward(inTurn.realImages, pass);
  const onFake = discriminator.forward(fakes.detach(), pass);
  const loss = ops.add(ops.bceWithLogits(onReal, ones), ops.bceWithLogits(onFake, zeros));
  const expected = gradients(loss, discriminator.parameters);
  const onGenerator = discriminator.forward(fakes, pass);
  const generatorLoss = ops.bceWithLogits(onGenerator, ones);
  const ofGenerator = gradients(generatorLoss, generator.parameters);

  const valuesOf = async (tensor: Tensor): Promise<number[]> => [...(await tensor.data())];
  const share = async (logits: Tensor): Promise<number> =>
    (await valuesOf(logits)).filter((logit) => logit > 0).length / batch;
  const [sum = NaN] = await valuesOf(loss);
  const shares = [await share(onReal), 1 - (await share(onFake)), await share(onGenerator)];
  const all = [...(await valuesOf(generatorLoss)), sum / 2, ...shares];
  reference.assertClose(metrics ?? [], all, 1e-6, METRICS.join(', '));

  // Adam's first moment after one step is (1 − β₁) of the gradient, β₁ = 0.5.
  for (const [index, gradient] of [...ofGenerator, ...expected].entries()) {
    const moments = [together.generatorOptimiser, together.discriminatorOptimiser].flatMap(({ state }) =>
      state.slice(0, state.length / 2),
    );
    const actual = (await valuesOf(moments[index]!)).map((value) => value / 0.5);
    reference.assertClose(actual, await valuesOf(gradient), 1e-5, moments[index]?.name ?? '');
  }
  const averages = (gan: Gan): Tensor[] => [...gan.generator.state, ...gan.discriminator.state];
  for (const [index, tensor] of averages(together).entries()) {
    const wanted = averages(inTurn)[index]!;
    reference.assertClose(await valuesOf(tensor), await valuesOf(wanted), 1e-6, tensor.name ?? '');
  }
  together.dispose();
  inTurn.dispose();
});

test('joint: dropout masks real and generated images apart', async () => {
  const seen: Tensor[] = [];
  const dropping: Architecture = {
    ...ARCHITECTURES.dcgan,
    generator: (builder) =>
      new Sequential('generator', [
        dense(builder, 'generator/dense', 5, 64, { kernel: constant(0), activation: 'sigmoid' }),
        reshapeTo([8, 8, 1]),
      ]),
    discriminator: (builder) =>
      new Sequential('discriminator', [
        flatten(),
        dropout(0.5, 1),
        lambda((x) => {
          seen.push(x);
          return x;
        }),
        dense(builder, 'discriminator/dense', 64, 1, { kernel: normal(0.5) }),
      ]),
  };
  const gan = makeGan(dropping, 'dropout', { imageHeight: 8, imageWidth: 8 });
  gan.realImages.write(new Float32Array(gan.realImages.size).fill(0.5));
  gan.step();
  const both = [...((await seen[0]?.data()) ?? [])];
  const generator = [...((await seen[1]?.data()) ?? [])];
  const half = gan.realImages.size;
  const masks = [both.slice(0, half), both.slice(half), generator];
  for (const [index, mask] of masks.entries()) {
    assert.is(mask.length, half);
    assert.ok(mask.every((value) => value === 0 || value === 1));
    const next = masks[(index + 1) % 3]!;
    const alike = mask.filter((value, at) => value === next[at]).length;
    assert.ok(Math.abs(alike - half / 2) < 5 * Math.sqrt(half / 4), `${alike} of ${half} alike`);
  }
  gan.dispose();
});

test('the gradients of the joint schedule, the shares and the losses, on linear networks in float64', async () => {
  const [zDim, batch, side] = [3, 4, 2];
  const seen: Tensor[] = [];
  const linear: Architecture = {
    ...ARCHITECTURES.dcgan,
    generator: (builder) =>
      new Sequential('generator', [
        lambda((z) => {
          seen.push(z);
          return z;
        }),
        dense(builder, 'generator/dense', zDim, side * side, { kernel: normal(0.5) }),
        reshapeTo([side, side, 1]),
      ]),
    discriminator: (builder) =>
      new Sequential('discriminator', [
        flatten(),
        dense(builder, 'discriminator/dense', side * side, 1, { kernel: normal(0.5) }),
      ]),
  };
  const gan = makeGan(linear, 'linear', { zDim, batch, imageHeight: side, imageWidth: side });
  const valuesOf = (tensors: readonly Tensor[]): Promise<Float32Array[]> =>
    Promise.all(tensors.map((tensor) => tensor.data()));
  const start = await valuesOf([...gan.generator.parameters, ...gan.discriminator.parameters]);
  const [generatorKernel, generatorBias, kernel, bias] = start.map((values) => [...values]);
  if (!generatorKernel || !generatorBias || !kernel || !bias) throw new Error('two dense layers are expected');
  gan.realImages.write(imagesOf(gan, 0));
  // Outside of a scope, so that z is still there afterwards.
  gan.step();

  const real = [...imagesOf(gan, 0)];
  const z = [...((await seen[0]?.data()) ?? [])];
  const pixels = side * side;
  const row = (values: readonly number[], index: number, length: number): number[] =>
    values.slice(index * length, (index + 1) * length);
  const fakes = Array.from({ length: batch * pixels }, (_, at) => {
    const [n, pixel] = [Math.floor(at / pixels), at % pixels];
    const products = row(z, n, zDim).map((value, i) => value * generatorKernel[i * pixels + pixel]!);
    return products.reduce((sum, value) => sum + value, generatorBias[pixel]!);
  });
  const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));
  const logitsBy = (w: readonly number[], b: number, images: readonly number[]): number[] =>
    Array.from({ length: batch }, (_, n) => row(images, n, pixels).reduce((sum, x, i) => sum + x * w[i]!, b));
  const bce = (logits: readonly number[], label: number): number =>
    logits.reduce((sum, l) => sum + Math.log1p(Math.exp(l)) - label * l, 0) / batch;

  // The discriminator: ∂/∂logit of the mean cross-entropy is (σ(l) − label) / batch.
  const [onReal, onFake] = [logitsBy(kernel, bias[0]!, real), logitsBy(kernel, bias[0]!, fakes)];
  const errors = [...onReal.map((l) => (sigmoid(l) - 1) / batch), ...onFake.map((l) => sigmoid(l) / batch)];
  const both = [...real, ...fakes];
  const kernelGradient = kernel.map((_, i) => errors.reduce((sum, error, n) => sum + error * both[n * pixels + i]!, 0));
  const biasGradient = [errors.reduce((sum, error) => sum + error, 0)];

  // Adam's first moment after one step is (1 − β₁) of the gradient, β₁ = 0.5.
  const gradientOf = async (optimiser: Adam, index: number): Promise<number[]> =>
    [...((await optimiser.state[index]?.data()) ?? [])].map((value) => value / 0.5);
  const close = reference.assertClose;
  close(await gradientOf(gan.discriminatorOptimiser, 0), kernelGradient, 2e-6, 'discriminator/dense/kernel');
  // The sum cancels, so it is measured by its terms: each is at most 1 / batch.
  close([(await gradientOf(gan.discriminatorOptimiser, 1))[0]! + 1], [biasGradient[0]! + 1], 2e-6, 'bias');

  // The generator meets the discriminator as its update has left it.
  const [updatedKernel, updatedBias] = await valuesOf(gan.discriminator.parameters);
  if (!updatedKernel || !updatedBias) throw new Error('a kernel and a bias are expected');
  const onGenerator = logitsBy([...updatedKernel], updatedBias[0]!, fakes);
  const pull = onGenerator.map((l) => (sigmoid(l) - 1) / batch);
  const imageGradient = (n: number, pixel: number): number => pull[n]! * updatedKernel[pixel]!;
  const sumOver = (f: (n: number) => number): number =>
    Array.from({ length: batch }, (_, n) => f(n)).reduce((sum, value) => sum + value, 0);
  const generatorGradient = generatorKernel.map((_, at) => {
    const [i, pixel] = [Math.floor(at / pixels), at % pixels];
    return sumOver((n) => z[n * zDim + i]! * imageGradient(n, pixel));
  });
  const generatorBiasGradient = generatorBias.map((_, pixel) => sumOver((n) => imageGradient(n, pixel)));
  close(await gradientOf(gan.generatorOptimiser, 0), generatorGradient, 2e-6, 'generator/dense/kernel');
  close(await gradientOf(gan.generatorOptimiser, 1), generatorBiasGradient, 2e-6, 'generator/dense/bias');

  const share = (logits: readonly number[]): number => logits.filter((l) => l > 0).length / batch;
  const expected = [
    bce(onGenerator, 1),
    (bce(onReal, 1) + bce(onFake, 0)) / 2,
    share(onReal),
    1 - share(onFake),
    share(onGenerator),
  ];
  const [metrics] = await metricsOf(gan, 0, 1);
  close(metrics ?? [], expected, 1e-6, METRICS.join(', '));
  gan.dispose();
});

test.run();
