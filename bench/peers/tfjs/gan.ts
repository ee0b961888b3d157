/**
 * @file Runs the DCGAN's training step in tfjs, as its users would write it: variables, `variableGrads`, `tf.train.adam`.
 *
 * As in the engine's step, the generated images are drawn once and serve both updates. Unlike it, z and the real images are
 * on the device already, no metrics are taken, and no running averages are kept: all of this favours tfjs, a little.
 */
import { ARCHITECTURES } from '../../../src/models/networks/architectures.js';
import type { Work } from '../peer.js';
import { BATCH, STRIDE, type GanReference, type GanTask } from '../tasks.js';
import { normalise, type Synchronise } from './tfjs.js';
import type { Adam, Tensor, Tfjs, Variable } from './types.js';

/** Names of variables are tfjs's to keep apart, for as long as a process lives. */
let networks = 0;

export function prepareTfjsGan(tf: Tfjs, _: GanTask, reference: GanReference, synchronise: Synchronise): Work {
  const prefix = `gan${networks++}/`;
  const variables = new Map<string, Variable>();
  for (const { name, shape, values } of reference.weights) {
    variables.set(name, tf.variable(tf.tensor(values, shape), true, prefix + name));
  }
  const weight = (name: string): Variable => {
    const variable = variables.get(name);
    if (variable === undefined) throw new Error(`there is no weight ${name}`);
    return variable;
  };
  const norm = (x: Tensor, name: string): Tensor => {
    return normalise(tf, x, weight(`${name}/gamma`), weight(`${name}/beta`));
  };

  const generate = (z: Tensor): Tensor => {
    const dense = tf.reshape(tf.matMul(z, weight('generator/dense/kernel')), [BATCH, 7, 7, 128]);
    const first = tf.relu(norm(dense, 'generator/norm1'));
    const middle = tf.conv2dTranspose(first, weight('generator/conv1/kernel'), [BATCH, 14, 14, 64], STRIDE, 'same');
    const second = tf.relu(norm(middle, 'generator/norm2'));
    const last = tf.conv2dTranspose(second, weight('generator/conv2/kernel'), [BATCH, 28, 28, 1], STRIDE, 'same');
    return tf.tanh(tf.add(last, weight('generator/conv2/bias')));
  };
  const judge = (images: Tensor): Tensor => {
    const shallow = tf.conv2d(images, weight('discriminator/conv1/kernel'), STRIDE, 'same');
    const first = tf.leakyRelu(tf.add(shallow, weight('discriminator/conv1/bias')), 0.2);
    const deep = tf.conv2d(first, weight('discriminator/conv2/kernel'), STRIDE, 'same');
    const second = tf.leakyRelu(norm(deep, 'discriminator/norm2'), 0.2);
    const flat = tf.reshape(second, [BATCH, 7 * 7 * 128]);
    return tf.add(tf.matMul(flat, weight('discriminator/dense/kernel')), weight('discriminator/dense/bias'));
  };
  // Cross-entropy with the logits: −log σ(l) = softplus(−l) where an image should be called real.
  const lossOf = (logits: Tensor, real: boolean): Tensor => tf.mean(tf.softplus(real ? tf.neg(logits) : logits));

  const ofNetwork = (network: string): Variable[] => {
    return [...variables].flatMap(([name, variable]) => (name.startsWith(network) ? [variable] : []));
  };
  const adam = ({ learningRate, beta1 }: { learningRate: number; beta1: number }): Adam => {
    return tf.train.adam(learningRate, beta1, 0.999, 1e-8);
  };
  const generatorAdam = adam(ARCHITECTURES.dcgan.generatorAdam);
  const discriminatorAdam = adam(ARCHITECTURES.dcgan.discriminatorAdam);

  const realImages = tf.tensor(reference.images, [BATCH, 28, 28, 1]);
  const latents = reference.z.map((z) => tf.tensor(z, [BATCH, z.length / BATCH]));

  /** @returns both losses */
  const step = (z: Tensor): Tensor[] => {
    return tf.tidy(() => {
      const losses: Tensor[] = [];
      // The discriminator is updated while the generator's tape runs, so that its forward pass need not be repeated.
      const generator = tf.variableGrads(() => {
        const fakes = generate(z);
        const discriminator = tf.variableGrads(() => {
          return tf.add(lossOf(judge(realImages), true), lossOf(judge(fakes), false));
        }, ofNetwork('discriminator'));
        discriminatorAdam.applyGradients(discriminator.grads);
        losses.push(tf.keep(tf.mul(discriminator.value, 0.5)));
        return lossOf(judge(fakes), true);
      }, ofNetwork('generator'));
      generatorAdam.applyGradients(generator.grads);
      return [...losses, generator.value];
    });
  };

  let done = 0;
  const losses: number[] = [];
  return {
    run: async (times) => {
      // The first call does the steps that are checked, with the engine's z; later ones go on with the last of these.
      if (done === 0) {
        for (const z of latents) {
          const pair = step(z);
          for (const loss of pair) losses.push(...(await loss.data()));
          tf.dispose(pair);
        }
      }
      const z = latents.at(-1);
      for (let time = 0; time < times && done > 0 && z !== undefined; time++) tf.dispose(step(z));
      done += times;
      await synchronise();
    },
    outputs: () => Promise.resolve([Float32Array.from(losses)]),
    dispose: () => {
      generatorAdam.dispose();
      discriminatorAdam.dispose();
      tf.dispose([...variables.values(), realImages, ...latents]);
    },
  };
}
