/**
 * @file The DCGAN's networks and training step in tfjs.
 *
 * As in the engine's step, the generated images are drawn once and serve both updates. Unlike in it, no running averages are
 * kept.
 */
import { ARCHITECTURES } from '../../../src/models/networks/architectures.js';
import { BATCH, EPSILON, STRIDE } from '../tasks.js';
import type { Networks, Step } from './gan.js';
import { normalise } from './kernels.js';
import type { Tensor } from './types.js';

export function dcganStep(networks: Networks, images: Tensor): Step {
  const { tf } = networks;
  const weight = (name: string): Tensor => networks.weight(name);
  const norm = (x: Tensor, name: string): Tensor => {
    return normalise(tf, x, weight(`${name}/gamma`), weight(`${name}/beta`), EPSILON);
  };
  const [deep, shallow] = [1, 2].map((layer) => weight(`generator/norm${layer}/gamma`).shape[0] ?? 1) as [
    number,
    number,
  ];
  const generate = (z: Tensor): Tensor => {
    const dense = tf.reshape(tf.matMul(z, weight('generator/dense/kernel')), [BATCH, 7, 7, deep]);
    const first = tf.relu(norm(dense, 'generator/norm1'));
    const middle = tf.conv2dTranspose(
      first,
      weight('generator/conv1/kernel'),
      [BATCH, 14, 14, shallow],
      STRIDE,
      'same',
    );
    const second = tf.relu(norm(middle, 'generator/norm2'));
    const last = tf.conv2dTranspose(second, weight('generator/conv2/kernel'), [BATCH, 28, 28, 1], STRIDE, 'same');
    return tf.tanh(tf.add(last, weight('generator/conv2/bias')));
  };
  const discriminate = (x: Tensor): Tensor => {
    const small = tf.conv2d(x, weight('discriminator/conv1/kernel'), STRIDE, 'same');
    const first = tf.leakyRelu(tf.add(small, weight('discriminator/conv1/bias')), 0.2);
    const smaller = tf.conv2d(first, weight('discriminator/conv2/kernel'), STRIDE, 'same');
    const second = tf.leakyRelu(norm(smaller, 'discriminator/norm2'), 0.2);
    const flat = tf.reshape(second, [BATCH, 7 * 7 * deep]);
    return tf.add(tf.matMul(flat, weight('discriminator/dense/kernel')), weight('discriminator/dense/bias'));
  };

  const generatorAdam = networks.adam(ARCHITECTURES.dcgan.generatorAdam);
  const discriminatorAdam = networks.adam(ARCHITECTURES.dcgan.discriminatorAdam);
  return ({ z: [z] }) => {
    if (z === undefined) throw new Error('the step of the DCGAN takes z');
    const losses: Tensor[] = [];
    // The discriminator is updated while the generator's tape runs, so that its forward pass need not be repeated.
    const generator = tf.variableGrads(() => {
      const fakes = generate(z);
      const discriminator = tf.variableGrads(() => {
        return tf.add(networks.loss(discriminate(images), true), networks.loss(discriminate(fakes), false));
      }, networks.weightsOf('discriminator'));
      discriminatorAdam.applyGradients(discriminator.grads);
      losses.push(tf.keep(tf.mul(discriminator.value, 0.5)));
      return networks.loss(discriminate(fakes), true);
    }, networks.weightsOf('generator'));
    generatorAdam.applyGradients(generator.grads);
    return [...losses, generator.value];
  };
}
