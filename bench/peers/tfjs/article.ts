/**
 * @file The article's networks and training step in tfjs: half a batch of real images, half a batch of generated ones by the
 * running averages (Keras's `predict`), then a batch for the generator.
 */
import { ARCHITECTURES } from '../../../src/models/networks/architectures.js';
import { BATCH, STRIDE } from '../tasks.js';
import type { Networks, Step } from './gan.js';
import type { Tensor } from './types.js';

const HALF = BATCH / 2;
const NORM = { momentum: 0.99, epsilon: 1e-3 };

export function articleStep(networks: Networks, images: Tensor): Step {
  const { tf } = networks;
  const weight = (name: string): Tensor => networks.weight(name);
  const affine = (y: Tensor, name: string): Tensor => tf.add(y, weight(`${name}/bias`));
  const dense = (x: Tensor, name: string): Tensor => affine(tf.matMul(x, weight(`${name}/kernel`)), name);
  const conv = (x: Tensor, name: string, stride: number, padding: 'same' | 'valid'): Tensor => {
    return affine(tf.conv2d(x, weight(`${name}/kernel`), stride, padding), name);
  };
  for (const name of ['norm1', 'norm2', 'norm3'].map((layer) => `generator/${layer}`)) {
    const { shape } = weight(`${name}/gamma`);
    networks.create(`${name}/mean`, tf.zeros(shape), false);
    networks.create(`${name}/variance`, tf.ones(shape), false);
  }
  const normReluOf = (x: Tensor, name: string, training: boolean): Tensor => {
    const mean = networks.weight(`${name}/mean`);
    const variance = networks.weight(`${name}/variance`);
    const batch = training ? tf.moments(x, axesBeforeChannels(x)) : { mean, variance };
    if (training) {
      for (const [running, value] of [
        [mean, batch.mean],
        [variance, batch.variance],
      ] as const) {
        running.assign(tf.add(tf.mul(running, NORM.momentum), tf.mul(value, 1 - NORM.momentum)));
      }
    }
    const { epsilon } = NORM;
    return tf.relu(
      tf.batchNorm(x, batch.mean, batch.variance, weight(`${name}/beta`), weight(`${name}/gamma`), epsilon),
    );
  };
  const generate = (z: Tensor, training: boolean): Tensor => {
    const [count = 1] = z.shape;
    const hidden = normReluOf(dense(z, 'generator/dense1'), 'generator/norm1', training);
    const deep = normReluOf(dense(hidden, 'generator/dense2'), 'generator/norm2', training);
    const middle = tf.image.resizeNearestNeighbor(tf.reshape(deep, [count, 7, 7, 128]), [14, 14]);
    const shallow = normReluOf(conv(middle, 'generator/conv1', 1, 'same'), 'generator/norm3', training);
    return tf.tanh(conv(tf.image.resizeNearestNeighbor(shallow, [28, 28]), 'generator/conv2', 1, 'same'));
  };
  const discriminate = (x: Tensor, mask: Tensor): Tensor => {
    const [count = 1] = x.shape;
    const shallow = tf.leakyRelu(conv(x, 'discriminator/conv1', STRIDE, 'same'), 0.2);
    const deep = tf.leakyRelu(conv(shallow, 'discriminator/conv2', STRIDE, 'valid'), 0.2);
    const hidden = tf.leakyRelu(dense(tf.reshape(deep, [count, 5 * 5 * 128]), 'discriminator/dense1'), 0.2);
    return dense(tf.mul(hidden, mask), 'discriminator/dense2');
  };

  const real = tf.slice(images, [0, 0, 0, 0], [HALF, 28, 28, 1]);
  const generatorAdam = networks.adam(ARCHITECTURES.article.generatorAdam);
  const discriminatorAdam = networks.adam(ARCHITECTURES.article.discriminatorAdam);
  const updateDiscriminator = (x: Tensor, mask: Tensor, isReal: boolean): Tensor => {
    const { value, grads } = tf.variableGrads(
      () => networks.loss(discriminate(x, mask), isReal),
      networks.weightsOf('discriminator'),
    );
    discriminatorAdam.applyGradients(grads);
    return value;
  };
  return ({ z: [halfZ, z], masks: [onReal, onFake, onGenerator] }) => {
    if (!halfZ || !z || !onReal || !onFake || !onGenerator)
      throw new Error('the article’s step takes two z, three masks');
    const realLoss = updateDiscriminator(real, onReal, true);
    const fakeLoss = updateDiscriminator(generate(halfZ, false), onFake, false);
    const { value, grads } = tf.variableGrads(
      () => networks.loss(discriminate(generate(z, true), onGenerator), true),
      networks.weightsOf('generator'),
    );
    generatorAdam.applyGradients(grads);
    return [tf.mul(tf.add(realLoss, fakeLoss), 0.5), value];
  };
}

function axesBeforeChannels({ shape }: Tensor): number[] {
  return shape.slice(1).map((_, axis) => axis);
}
