/**
 * @file The classifiers: sizes, shapes, names, and where they drop.
 */
import seedrandom from 'seedrandom';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Engine } from '../../../src/autograd/engine.js';
import { CLASSES, CLASSIFIERS, type ClassifierName } from '../../../src/models/networks/classifier.js';
import type { Sequential } from '../../../src/models/layers/index.js';
import * as reference from '../../reference/ops.js';
import { openTestDevice } from '../../support/device.js';
import { seededArray } from '../../support/random.js';

const device = await openTestDevice();
test.after(() => device.destroy());

const engine = new Engine(device);
const counter = device.allocatePersistent(4, 'iteration');
device.write(counter, new Uint32Array([7]));

const pass = (training: boolean) => ({ training, random: { seed: 1, stream: 0, counter } });

async function withClassifier(name: ClassifierName, body: (model: Sequential) => unknown): Promise<void> {
  const model = CLASSIFIERS[name]({ engine, random: seedrandom(name) });
  try {
    await body(model);
  } finally {
    model.dispose();
  }
}

test('the article’s CNN holds 600,810 numbers, Keras’s mnist_cnn 1,199,882', async () => {
  // Each layer's kernel and bias, by hand.
  const [conv1, dense2] = [9 * 32 + 32, 128 * 10 + 10];
  await withClassifier('article', ({ parameterCount }) => {
    assert.is(parameterCount, conv1 + (9 * 32 * 32 + 32) + (12 * 12 * 32 * 128 + 128) + dense2);
    assert.is(parameterCount, 600_810);
  });
  await withClassifier('keras', ({ parameterCount }) => {
    assert.is(parameterCount, conv1 + (9 * 32 * 64 + 64) + (12 * 12 * 64 * 128 + 128) + dense2);
    assert.is(parameterCount, 1_199_882);
  });
});

test('images to ten logits, training or not; the names are those of a checkpoint', async () => {
  const images = engine.tensor(new Float32Array(3 * 28 * 28), [3, 28, 28, 1]);
  for (const name of ['article', 'keras'] as const) {
    await withClassifier(name, (model) => {
      for (const training of [true, false]) {
        const { results } = device.trace(() => model.forward(images, pass(training)));
        assert.equal(results.shape, [3, CLASSES], name);
      }
      assert.equal(
        model.parameters.map((parameter) => parameter.name),
        ['conv1', 'conv2', 'dense1', 'dense2'].flatMap((layer) => [
          `classifier/${layer}/kernel`,
          `classifier/${layer}/bias`,
        ]),
      );
      assert.is(model.state.length, 0);
    });
  }
});

test('the article’s logits in inference, against float64; training drops', async () => {
  await withClassifier('article', async (model) => {
    const x = seededArray('images', [2, 28, 28, 1]);
    const images = engine.tensor(x.data, x.shape);
    const weights = await Promise.all(
      model.parameters.map(async (parameter) => reference.array64(parameter.shape, await parameter.data())),
    );
    const [kernel1, bias1, kernel2, bias2, dense1, bias3, dense2, bias4] = weights;
    if (!kernel1 || !kernel2 || !dense1 || !dense2) throw new Error('four layers are expected');
    const valid = { stride: 1, padding: 'valid', activation: 'relu' } as const;
    const features = reference.conv2d(reference.conv2d(x, kernel1, { ...valid, bias: bias1 }), kernel2, {
      ...valid,
      bias: bias2,
    });
    const flat = reference.reshape(reference.maxPool2d(features, { size: 2 }), [2, 4608]);
    const hidden = reference.matmul(flat, dense1, { bias: bias3, activation: 'relu' });
    const expected = reference.matmul(hidden, dense2, { bias: bias4 });

    const inference = await engine.scope(() => model.forward(images, pass(false))).data();
    reference.assertClose(inference, expected.data, 1e-5, 'logits');
    const training = await engine.scope(() => model.forward(images, pass(true))).data();
    assert.ok(training.some((value, at) => Math.abs(value - expected.data[at]!) > 0.01));
  });
});

test.run();
