/**
 * @file The networks: sizes, shapes, names and settings.
 */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Engine } from '../../../src/autograd/engine.js';
import { type ArchitectureName, ARCHITECTURES } from '../../../src/models/networks/architectures.js';
import { type GanSize, scaled } from '../../../src/models/networks/dcgan.js';
import type { Builder, Sequential } from '../../../src/models/layers/index.js';
import { openTestDevice } from '../../support/device.js';
import { slow } from '../../support/slow.js';

const device = await openTestDevice();
test.after(() => device.destroy());

const engine = new Engine(device);
const counter = device.allocatePersistent(4, 'iteration');

/** Shapes are what is tested, so the parameters need no random numbers. */
const builder: Builder = { engine, random: () => 0.5 };

const NAMES: readonly ArchitectureName[] = ['dcgan', 'article'];

/** The networks for `body`, and freed. */
function withNetworks(
  name: ArchitectureName,
  size: GanSize,
  body: (generator: Sequential, discriminator: Sequential) => void,
): void {
  const { generator, discriminator } = ARCHITECTURES[name];
  const networks = [generator(builder, size), discriminator(builder, size)] as const;
  try {
    body(...networks);
  } finally {
    for (const network of networks) network.dispose();
  }
}

slow('the article’s networks hold 6,768,129 and 1,026,305 numbers at z 100', () => {
  withNetworks('article', { zDim: 100, width: 1, channels: 1 }, (generator, discriminator) => {
    assert.is(generator.parameterCount, 6_768_129);
    assert.is(discriminator.parameterCount, 1_026_305);
  });
});

test('dcgan’s networks hold what their layers add up to', () => {
  withNetworks('dcgan', { zDim: 100, width: 1, channels: 1 }, (generator, discriminator) => {
    assert.is(generator.parameterCount, 100 * 6272 + 4 * 128 + 16 * 128 * 64 + 4 * 64 + (16 * 64 + 1));
    assert.is(discriminator.parameterCount, 16 * 64 + 64 + 16 * 64 * 128 + 4 * 128 + (6272 + 1));
  });
});

test('hidden units are a dense layer before the logit, scaled by the width; 0 leaves it out', () => {
  const ofDiscriminator = (name: ArchitectureName, size: Partial<GanSize>): readonly string[] => {
    let layers: string[] = [];
    withNetworks(name, { zDim: 2, width: 0.125, channels: 1, ...size }, (_, { parameters }) => {
      layers = parameters.flatMap(({ name: text = '', shape }) =>
        shape.length === 2 ? [`${text} ${shape.join('×')}`] : [],
      );
    });
    return layers;
  };
  assert.equal(ofDiscriminator('dcgan', {}), ['discriminator/dense/kernel 784×1']);
  assert.equal(ofDiscriminator('dcgan', { hidden: 64 }), [
    'discriminator/hidden/kernel 784×8',
    'discriminator/dense/kernel 8×1',
  ]);
  assert.equal(ofDiscriminator('dcgan', { hidden: 64, minibatchStddev: true }), [
    ...['discriminator/hidden/kernel 833×8', 'discriminator/dense/kernel 8×1'],
  ]);
  assert.equal(ofDiscriminator('article', { hidden: 64 }), [
    'discriminator/dense1/kernel 400×8',
    'discriminator/dense2/kernel 8×1',
  ]);
  assert.equal(ofDiscriminator('article', { hidden: 0 }), ['discriminator/dense2/kernel 400×1']);
});

test('dcgan’s discriminator without batch normalisation has a bias in its place', () => {
  const size = { zDim: 100, width: 1, channels: 1, normaliseDiscriminator: 'none' } as const;
  withNetworks('dcgan', size, (generator, discriminator) => {
    assert.is(discriminator.parameterCount, 16 * 64 + 64 + 16 * 64 * 128 + 128 + (6272 + 1));
    assert.is(discriminator.state.length, 0);
    assert.is(generator.state.length, 4, 'the generator keeps its own');
  });
});

for (const name of NAMES) {
  for (const width of [0.25, 1]) {
    (width === 1 ? slow : test)(`${name} at width ${width}: images and logits for z 1, 2, 100, 512`, () => {
      for (const zDim of [1, 2, 100, 512]) {
        withNetworks(name, { zDim, width, channels: 1 }, (generator, discriminator) => {
          for (const training of [true, false]) {
            const pass = { training, random: { seed: 1, stream: 1, counter } };
            const z = engine.tensor(new Float32Array(3 * zDim), [3, zDim]);
            const { results } = device.trace(() => {
              const images = generator.forward(z, pass);
              return { images, logits: discriminator.forward(images, pass) };
            });
            assert.equal(results.images.shape, [3, 28, 28, 1], `images of z ${zDim}`);
            assert.equal(results.logits.shape, [3, 1], `logits for z ${zDim}`);
            z.free();
          }
        });
      }
    });
  }

  test(`${name} in colour`, () => {
    withNetworks(name, { zDim: 4, width: 0.125, channels: 3 }, (generator, discriminator) => {
      const pass = { training: true, random: { seed: 1, stream: 1, counter } };
      const z = engine.tensor(new Float32Array(8), [2, 4]);
      const { results } = device.trace(() => {
        const images = generator.forward(z, pass);
        return { images, logits: discriminator.forward(images, pass) };
      });
      assert.equal(results.images.shape, [2, 28, 28, 3]);
      assert.equal(results.logits.shape, [2, 1]);
    });
  });

  test(`${name}: every tensor has a name of its own, under its network's`, () => {
    withNetworks(name, { zDim: 4, width: 0.125, channels: 1 }, (...networks) => {
      const names = networks.flatMap((network) => {
        const own = [...network.parameters, ...network.state].map((tensor) => tensor.name ?? '');
        assert.ok(own.every((text) => text.startsWith(`${network.name}/`)));
        return own;
      });
      assert.is(new Set(names).size, names.length);
    });
  });
}

test('the article’s layers, to the letter (at a quarter of the width)', () => {
  const describe = (network: Sequential): string[] =>
    network.parameters.map(({ name, shape }) => `${name?.replace(`${network.name}/`, '') ?? ''} ${shape.join('×')}`);
  withNetworks('article', { zDim: 100, width: 0.25, channels: 1 }, (generator, discriminator) => {
    assert.equal(describe(generator), [
      ...['dense1/kernel 100×256', 'dense1/bias 256', 'norm1/gamma 256', 'norm1/beta 256'],
      ...['dense2/kernel 256×1568', 'dense2/bias 1568', 'norm2/gamma 1568', 'norm2/beta 1568'],
      ...['conv1/kernel 5×5×32×16', 'conv1/bias 16', 'norm3/gamma 16', 'norm3/beta 16'],
      ...['conv2/kernel 5×5×16×1', 'conv2/bias 1'],
    ]);
    assert.equal(describe(discriminator), [
      ...['conv1/kernel 5×5×1×16', 'conv1/bias 16', 'conv2/kernel 5×5×16×32', 'conv2/bias 32'],
      ...['dense1/kernel 800×64', 'dense1/bias 64', 'dense2/kernel 64×1', 'dense2/bias 1'],
    ]);
  });
});

test('the article’s Adams', () => {
  const { generatorAdam, discriminatorAdam, schedule } = ARCHITECTURES.article;
  assert.equal(generatorAdam, { learningRate: 2e-4, beta1: 0.5, epsilon: 1e-7 });
  assert.equal(discriminatorAdam, { learningRate: 1e-5, beta1: 0.1, epsilon: 1e-7 });
  assert.is(schedule, 'splitBatch');
});

test('dcgan updates both networks once, by Adams of β₁ 0.5 as Radford’s', () => {
  const { generatorAdam, discriminatorAdam, schedule } = ARCHITECTURES.dcgan;
  assert.equal([generatorAdam.beta1, discriminatorAdam.beta1], [0.5, 0.5]);
  assert.is(schedule, 'joint');
});

test('widths scale channels to multiples of 4, never to none', () => {
  assert.equal(
    [1, 0.5, 0.25, 0.125].map((width) => scaled(64, width)),
    [64, 32, 16, 8],
  );
  assert.is(scaled(64, 0.1), 8);
  assert.is(scaled(64, 0.03), 2);
  assert.is(scaled(64, 1e-6), 1);
});

test.run();
