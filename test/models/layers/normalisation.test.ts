/**
 * @file The networks under each choice of normalisation, with the deviation of the batch and with packs of images.
 */
import { Matrix, SingularValueDecomposition } from 'ml-matrix';
import seedrandom from 'seedrandom';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Engine } from '../../../src/autograd/engine.js';
import { grad, gradients } from '../../../src/autograd/grad.js';
import * as ops from '../../../src/autograd/ops/index.js';
import type { Tensor } from '../../../src/autograd/tensor.js';
import { type ArchitectureName, ARCHITECTURES } from '../../../src/models/networks/architectures.js';
import { packImages } from '../../../src/models/layers/minibatch.js';
import type { GanSize } from '../../../src/models/networks/dcgan.js';
import type { Pass, Sequential } from '../../../src/models/layers/index.js';
import { NORMALISATIONS } from '../../../src/models/layers/normalisation.js';
import { networkState } from '../../../src/data/weights/state.js';
import * as reference from '../../reference/ops.js';
import { asMatrix } from '../../reference/spectral-norm.js';
import { openTestDevice } from '../../support/device.js';
import { seededArray } from '../../support/random.js';

const device = await openTestDevice();
test.after(() => device.destroy());

// One tile for all products: nothing is measured, and the bits do not depend on the machine.
const engine = new Engine(device, { force: 'register-4x16' });
const counter = device.allocatePersistent(4, 'iteration');
device.write(counter, new Uint32Array([3]));

const TRAINING: Pass = { training: true, random: { seed: 1, stream: 100, counter } };
const INFERENCE: Pass = { ...TRAINING, training: false };
const SIZE: GanSize = { zDim: 3, width: 0.125, channels: 1 };
const NAMES: readonly ArchitectureName[] = ['dcgan', 'article'];

const discriminatorOf = (name: ArchitectureName, choices: Partial<GanSize>): Sequential => {
  return ARCHITECTURES[name].discriminator({ engine, random: seedrandom('weights') }, { ...SIZE, ...choices });
};

const imagesOf = (seed: string, count: number, channels = 1): Tensor => {
  const { data, shape } = seededArray(seed, [count, 28, 28, channels]);
  return engine.tensor(data, shape, { requiresGrad: true });
};

const namesOf = ({ parameters, state }: Sequential) => [...parameters, ...state].map(({ name }) => name);

async function assertLearns(network: Sequential, loss: () => Tensor, what: string): Promise<void> {
  const found = engine.scope(() => gradients(loss(), network.parameters));
  for (const [index, gradient] of found.entries()) {
    const values = await gradient.data();
    const name = `${what}: the gradient by ${network.parameters[index]?.name ?? ''}`;
    assert.ok(values.every(Number.isFinite), `${name} is finite`);
    assert.ok(
      values.some((value) => value !== 0),
      `${name} is not 0`,
    );
    gradient.free();
  }
}

/** Not a sum, which a normalisation may leave constant. */
const readout = (y: Tensor): Tensor => ops.sum(ops.square(ops.addScalar(y, 0.3)));

for (const name of NAMES) {
  for (const kind of NORMALISATIONS) {
    test(`${name}: both networks learn under ${kind} normalisation, with and without the deviation and packs`, async () => {
      const generator = ARCHITECTURES[name].generator(
        { engine, random: seedrandom('weights') },
        { ...SIZE, normaliseGenerator: kind },
      );
      const z = engine.tensor(seededArray('z', [4, 3]).data, [4, 3]);
      assert.equal(engine.scope(() => generator.forward(z, INFERENCE)).shape, [4, 28, 28, 1]);
      await assertLearns(generator, () => readout(generator.forward(z, TRAINING)), 'generator');
      generator.dispose();
      for (const choices of [{}, { minibatchStddev: true }, { pack: 2 }, { minibatchStddev: true, pack: 3 }]) {
        const discriminator = discriminatorOf(name, { ...choices, normaliseDiscriminator: kind });
        const images = imagesOf('images', 12);
        const logits = engine.scope(() => discriminator.forward(images, { ...TRAINING, groups: 2 }));
        assert.equal(logits.shape, [12 / (choices.pack ?? 1), 1]);
        const what = JSON.stringify(choices);
        await assertLearns(discriminator, () => readout(discriminator.forward(images, TRAINING)), what);
        const own = namesOf(discriminator);
        assert.is(new Set(own).size, own.length);
        assert.ok(own.every((text) => text?.startsWith('discriminator/')));
        discriminator.dispose();
      }
    });
  }
}

test('the default networks hold what they held: names, in their order', () => {
  assert.equal(namesOf(discriminatorOf('dcgan', {})), [
    ...['discriminator/conv1/kernel', 'discriminator/conv1/bias', 'discriminator/conv2/kernel'],
    ...['discriminator/norm2/gamma', 'discriminator/norm2/beta'],
    ...['discriminator/dense/kernel', 'discriminator/dense/bias'],
    ...['discriminator/norm2/moving_mean', 'discriminator/norm2/moving_variance'],
  ]);
  assert.equal(namesOf(discriminatorOf('dcgan', { normaliseDiscriminator: 'batch', pack: 1 })), [
    ...namesOf(discriminatorOf('dcgan', {})),
  ]);
});

for (const name of NAMES) {
  test(`${name}: two groups in a pass are two batches`, async () => {
    const kinds = NORMALISATIONS.filter((kind) => kind !== 'spectral');
    for (const normaliseDiscriminator of kinds) {
      const choices = { normaliseDiscriminator, minibatchStddev: true, pack: 2 };
      // Dropout differs by place, so the article's is left out of the comparison by inference, where there are no groups.
      const pass = name === 'dcgan' ? TRAINING : INFERENCE;
      const [together, inTurn] = [discriminatorOf(name, choices), discriminatorOf(name, choices)];
      const parts = [imagesOf('real', 4), imagesOf('fake', 4)] as const;
      const both = await together.forward(ops.concat(...parts), { ...pass, groups: 2 }).data();
      const alone: Float32Array[] = [];
      for (const part of parts) alone.push(await inTurn.forward(part, pass).data());
      // The products' tiles may sum in another order where the batch is another.
      reference.assertClose(both, [...alone[0]!, ...alone[1]!], 1e-5, normaliseDiscriminator);
    }
  });
}

const kernelsOf = (network: Sequential): Tensor[] => {
  return network.parameters.filter((parameter) => parameter.name?.endsWith('/kernel'));
};

const kernelName = (vector: Tensor): string => vector.name?.replace('/singular_vector', '/kernel') ?? '';

test('spectral: a vector for each kernel, in the state, of length 1 and the same from the same seed', async () => {
  const network = discriminatorOf('dcgan', { normaliseDiscriminator: 'spectral' });
  const kernels = kernelsOf(network);
  assert.equal(
    network.state.map(kernelName),
    kernels.map(({ name }) => name),
  );
  const again = discriminatorOf('dcgan', { normaliseDiscriminator: 'spectral' });
  for (const [index, vector] of network.state.entries()) {
    const values = await vector.data();
    assert.ok(Math.abs(Math.hypot(...values) - 1) < 1e-6);
    assert.equal(values, await again.state[index]?.data());
    assert.ok(networkState(network).has(vector.name ?? ''), 'a checkpoint holds it');
  }
});

test('spectral: u moves once a pass in training, and not in inference', async () => {
  const network = discriminatorOf('dcgan', { normaliseDiscriminator: 'spectral' });
  const images = imagesOf('images', 2);
  const vectors = () => Promise.all(network.state.map((vector) => vector.data()));
  const before = await vectors();
  engine.scope(() => network.forward(images, INFERENCE));
  assert.equal(await vectors(), before);
  const byHand = kernelsOf(network).map((kernel, index) => {
    return ops.powerIteration(kernel, network.state[index]!, { moves: false }).u;
  });
  engine.scope(() => network.forward(images, TRAINING));
  for (const [index, u] of byHand.entries()) assert.equal(await network.state[index]!.data(), await u.data());
});

test('spectral: after many passes σ is the largest singular value of each kernel, and W / σ has 1', async () => {
  const generator = ARCHITECTURES.dcgan.generator(
    { engine, random: seedrandom('weights') },
    { ...SIZE, normaliseGenerator: 'spectral' },
  );
  const z = engine.tensor(seededArray('z', [2, 3]).data, [2, 3]);
  const discriminator = discriminatorOf('dcgan', { normaliseDiscriminator: 'spectral' });
  const images = imagesOf('images', 2);
  const plan = await engine.record(() => [generator.forward(z, TRAINING), discriminator.forward(images, TRAINING)]);
  for (let pass = 0; pass < 300; pass++) plan.replay();
  for (const network of [generator, discriminator]) {
    for (const [index, kernel] of kernelsOf(network).entries()) {
      // HWIO and [inputs, units]: the last axis; a transposed convolution's is [KH, KW, units, inputs].
      const axis = network === generator && kernel.shape.length === 4 ? 2 : kernel.shape.length - 1;
      const u = network.state[index]!;
      assert.equal(u.shape, [kernel.shape[axis]]);
      const vectors = { ...ops.powerIteration(kernel, u, { axis, moves: false }), axis };
      const [sigma] = await ops.spectralNorm(kernel, vectors).data();
      const largest = largestSingularValue(kernel.shape, await kernel.data(), axis);
      assert.ok(Math.abs(sigma! / largest - 1) < 1e-4, `${kernel.name ?? ''}: ${sigma!}, not ${largest}`);
      const normalised = await ops.spectralNormalise(kernel, vectors).data();
      const left = largestSingularValue(kernel.shape, normalised, axis);
      assert.ok(Math.abs(left - 1) < 1e-4, `${kernel.name ?? ''}: ${left} after the normalisation`);
    }
  }
  plan.dispose();
});

function largestSingularValue(shape: readonly number[], values: ArrayLike<number>, axis: number): number {
  const { data, shape: sides } = asMatrix(reference.array64(shape, values), axis);
  const [rows = 0, columns = 0] = sides;
  const matrix = new Matrix(
    Array.from({ length: rows }, (_, at) => [...data.subarray(at * columns, (at + 1) * columns)]),
  );
  return new SingularValueDecomposition(matrix, { autoTranspose: true }).diagonal[0]!;
}

test('a gradient penalty through every choice has finite gradients by all kernels, recorded as well', async () => {
  for (const normaliseDiscriminator of ['layer', 'spectral', 'none'] as const) {
    const choices = { normaliseDiscriminator, minibatchStddev: true, pack: 2 };
    const [eager, recorded] = [discriminatorOf('dcgan', choices), discriminatorOf('dcgan', choices)];
    const images = imagesOf('images', 4);
    const step = (network: Sequential) => (): Tensor[] => {
      const critic = (x: Tensor): Tensor => ops.sum(network.forward(x, TRAINING));
      const [slope] = grad(critic, { createGraph: true })(images);
      assert.ok(slope);
      const norms = ops.sqrt(ops.sum(ops.square(slope), { axes: [1, 2, 3] }));
      return gradients(ops.mean(ops.square(ops.addScalar(norms, -1))), kernelsOf(network));
    };
    const plan = await engine.record(step(recorded));
    for (let pass = 0; pass < 2; pass++) {
      const byHand = engine.scope(step(eager));
      plan.replay();
      for (const [index, gradient] of byHand.entries()) {
        const values = await gradient.data();
        assert.ok(values.every(Number.isFinite), `${normaliseDiscriminator}, kernel ${index}`);
        assert.ok(
          values.some((value) => value !== 0),
          `${normaliseDiscriminator}, kernel ${index}`,
        );
        assert.equal(await plan.results[index]?.data(), values, `${normaliseDiscriminator}, kernel ${index}, replayed`);
      }
    }
    plan.dispose();
  }
});

test('packs that do not fit a batch, its groups or any image are refused', () => {
  for (const count of [0, -2, 1.5]) {
    assert.throws(() => packImages(count), new RegExp(`packImages: got packs of ${count}; it takes an integer`));
    assert.throws(() => discriminatorOf('dcgan', { pack: count }), /packImages: got packs of/);
  }
  const network = discriminatorOf('dcgan', { pack: 4 });
  const images = imagesOf('images', 12);
  const took = /packImages: got x \[12, 28, 28, 1\]; it takes 2 equal groups of whole packs of 4/;
  assert.throws(() => network.forward(images, { ...TRAINING, groups: 2 }), took);
  const few = imagesOf('images', 6);
  assert.throws(() => network.forward(few, TRAINING), /got x \[6, 28, 28, 1\]; it takes a batch of whole packs of 4/);
});

test.run();
