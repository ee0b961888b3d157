/**
 * @file Runs the DCGAN's training step in jax-js as one `jit`-compiled function: both networks' updates, Adam included.
 *
 * As in the engine's step, the generated images are drawn once and serve both updates. Unlike it, z and the real images are
 * on the device already, no metrics are taken, and no running averages are kept: all of this favours jax-js, a little.
 */
import { ARCHITECTURES } from '../../../src/models/networks/architectures.js';
import type { AdamSettings } from '../../../src/models/optim/adam.js';
import { normalise, settle } from './jax.js';
import type { Jax, JaxArray } from './types.js';
import { permute, TO_CHANNELS_FIRST, TO_KERNEL_LAST, type HostArray } from '../layouts.js';
import type { Work } from '../peer.js';
import { BATCH, STRIDE, type GanReference, type NamedArray } from '../tasks.js';

type Weights = Readonly<Record<string, JaxArray>>;

/** A network with Adam's moments, and the powers of β₁ and β₂ that correct them. */
interface Network extends Readonly<Record<string, Weights>> {
  readonly weights: Weights;
  readonly first: Weights;
  readonly second: Weights;
  readonly powers: Weights;
}

const STRIDES = [STRIDE, STRIDE];
const ADAM = { beta2: 0.999, epsilon: 1e-8 };

export function prepareJaxGan(jax: Jax, reference: GanReference): Work {
  const { numpy, nn, lax } = jax;
  const upload = ({ shape, values }: HostArray): JaxArray => numpy.array(values, { shape });
  const use = (weights: Weights, name: string): JaxArray => {
    const weight = weights[name];
    if (weight === undefined) throw new Error(`there is no weight ${name}`);
    return weight.ref;
  };
  const channel = [1, -1, 1, 1];
  const deep = reference.weights.find(({ name }) => name === 'generator/norm1/gamma')?.values.length ?? 1;

  const norm = (weights: Weights, name: string, x: JaxArray): JaxArray => {
    return normalise(jax, x, use(weights, `${name}/gamma`), use(weights, `${name}/beta`));
  };
  const up = (weights: Weights, name: string, x: JaxArray): JaxArray => {
    return lax.convTranspose(x, use(weights, `${name}/kernel`), STRIDES, 'SAME', { transposeKernel: true });
  };
  const down = (weights: Weights, name: string, x: JaxArray): JaxArray => {
    return lax.conv(x, use(weights, `${name}/kernel`), STRIDES, 'SAME');
  };
  const generate = (weights: Weights, z: JaxArray): JaxArray => {
    const dense = numpy.matmul(z, use(weights, 'generator/dense/kernel')).reshape([BATCH, deep, 7, 7]);
    const first = nn.relu(norm(weights, 'generator/norm1', dense));
    const second = nn.relu(norm(weights, 'generator/norm2', up(weights, 'generator/conv1', first)));
    const images = up(weights, 'generator/conv2', second);
    const result = numpy.tanh(images.add(use(weights, 'generator/conv2/bias').reshape(channel)));
    release(weights);
    return result;
  };
  const judge = (weights: Weights, images: JaxArray): JaxArray => {
    const shallow = down(weights, 'discriminator/conv1', images);
    const first = nn.leakyRelu(shallow.add(use(weights, 'discriminator/conv1/bias').reshape(channel)), 0.2);
    const small = down(weights, 'discriminator/conv2', first);
    const second = nn.leakyRelu(norm(weights, 'discriminator/norm2', small), 0.2);
    const logits = numpy.matmul(second.reshape([BATCH, 7 * 7 * deep]), use(weights, 'discriminator/dense/kernel'));
    const result = logits.add(use(weights, 'discriminator/dense/bias'));
    release(weights);
    return result;
  };
  // Cross-entropy with the logits: −log σ(l) = softplus(−l) where an image should be called real.
  const lossOf = (logits: JaxArray, real: boolean): JaxArray => {
    return numpy.mean(nn.softplus(real ? numpy.negative(logits) : logits));
  };

  const step = jax.jit((generator: Network, discriminator: Network, z: JaxArray, images: JaxArray) => {
    const [fakes, backward] = jax.vjp((weights: Weights) => generate(weights, z.ref), [retained(generator.weights)]);
    const [discriminatorLoss, slopes] = jax.valueAndGrad((weights: Weights) => {
      const onReal = lossOf(judge(retained(weights), images.ref), true);
      return onReal.add(lossOf(judge(weights, lax.stopGradient(fakes.ref)), false));
    })(retained(discriminator.weights));
    const judged = adamUpdate(numpy, discriminator, slopes, ARCHITECTURES.dcgan.discriminatorAdam);
    const [generatorLoss, byImages] = jax.valueAndGrad((made: JaxArray) => {
      return lossOf(judge(retained(judged.weights), made), true);
    })(fakes);
    const [byWeights] = backward(byImages);
    backward.dispose();
    z.dispose();
    images.dispose();
    return [
      adamUpdate(numpy, generator, byWeights, ARCHITECTURES.dcgan.generatorAdam),
      judged,
      discriminatorLoss.mul(0.5),
      generatorLoss,
    ] as const;
  });

  const imageShape = [BATCH, 28, 28, 1];
  const images = upload(permute({ shape: imageShape, values: reference.images }, TO_CHANNELS_FIRST));
  const latents = reference.draws
    .flatMap(({ z }) => z)
    .map((values) => upload({ shape: [BATCH, values.length / BATCH], values }));
  let networks = (['generator', 'discriminator'] as const).map((name) => {
    return startNetwork(upload, reference.weights, name);
  });
  let losses: JaxArray[] = [];
  const advance = (z: JaxArray): void => {
    const [generator, discriminator] = networks;
    if (generator === undefined || discriminator === undefined) throw new Error('a GAN has two networks');
    losses.forEach((loss) => loss.dispose());
    const [nextGenerator, nextDiscriminator, ...pair] = step(generator, discriminator, z.ref, images.ref);
    networks = [nextGenerator, nextDiscriminator];
    losses = [...pair];
  };
  const everything = (): JaxArray[] => [...losses, ...networks.flatMap((network) => leaves(network))];

  const checked: number[] = [];
  return {
    run: async (times) => {
      // The first call does the steps that are checked, with the engine's z; later ones go on with the last of these.
      if (checked.length === 0) {
        for (const z of latents) {
          advance(z);
          for (const loss of losses) checked.push(...(await loss.ref.data()));
        }
        return settle(jax, everything());
      }
      const z = latents.at(-1);
      for (let time = 0; time < times && z !== undefined; time++) advance(z);
      await settle(jax, everything());
    },
    outputs: () => Promise.resolve([Float32Array.from(checked)]),
    dispose: () => {
      for (const array of [...everything(), ...latents, images]) array.dispose();
      step.dispose();
    },
  };
}

function retained(weights: Weights): Weights {
  return Object.fromEntries(Object.entries(weights).map(([name, weight]) => [name, weight.ref]));
}

function release(weights: Weights): void {
  for (const weight of Object.values(weights)) weight.dispose();
}

function leaves(network: Network): JaxArray[] {
  return Object.values(network).flatMap((weights) => Object.values(weights));
}

function startNetwork(
  upload: (array: HostArray) => JaxArray,
  all: readonly NamedArray[],
  network: 'generator' | 'discriminator',
): Network {
  const own = all.filter(({ name }) => name.startsWith(`${network}/`));
  const make = (map: (array: NamedArray) => HostArray): Weights => {
    return Object.fromEntries(own.map((array) => [array.name, upload(channelsFirst(map(array), array.name))]));
  };
  const zeros = ({ shape, values }: NamedArray): HostArray => ({ shape, values: new Float32Array(values.length) });
  const one = (): JaxArray => upload({ shape: [1], values: Float32Array.of(1) });
  return {
    weights: make((array) => array),
    first: make(zeros),
    second: make(zeros),
    powers: { beta1: one(), beta2: one() },
  };
}

/** A weight as a network with channels first needs it: its dense layers see flattened images in another order. */
function channelsFirst(array: HostArray, name: string): HostArray {
  const { shape, values } = array;
  if (shape.length === 4) return permute(array, TO_KERNEL_LAST);
  if (name === 'generator/dense/kernel') {
    const [inputs = 1, units = 1] = shape;
    return { shape, values: permute({ shape: [inputs, 7, 7, units / 49], values }, TO_CHANNELS_FIRST).values };
  }
  if (name === 'discriminator/dense/kernel') {
    return { shape, values: permute({ shape: [1, 7, 7, values.length / 49], values }, TO_CHANNELS_FIRST).values };
  }
  return array;
}

/** Adam (Kingma and Ba 2015) in jax-js's operations. */
function adamUpdate(
  numpy: Jax['numpy'],
  { weights, first, second, powers }: Network,
  gradients: Weights,
  { learningRate, beta1 = 0.9 }: AdamSettings,
): Network {
  const { beta2, epsilon } = ADAM;
  const next = { weights: {}, first: {}, second: {} } as Record<
    'weights' | 'first' | 'second',
    Record<string, JaxArray>
  >;
  const power1 = at(powers, 'beta1').mul(beta1);
  const power2 = at(powers, 'beta2').mul(beta2);
  for (const [name, weight] of Object.entries(weights)) {
    const gradient = at(gradients, name);
    const mean = at(first, name)
      .mul(beta1)
      .add(gradient.ref.mul(1 - beta1));
    const square = at(second, name)
      .mul(beta2)
      .add(numpy.square(gradient).mul(1 - beta2));
    const corrected = mean.ref.div(power1.ref.mul(-1).add(1));
    const root = numpy.sqrt(square.ref.div(power2.ref.mul(-1).add(1))).add(epsilon);
    next.weights[name] = weight.sub(corrected.div(root).mul(learningRate));
    next.first[name] = mean;
    next.second[name] = square;
  }
  return { ...next, powers: { beta1: power1, beta2: power2 } };
}

function at(weights: Weights, name: string): JaxArray {
  const weight = weights[name];
  if (weight === undefined) throw new Error(`there is no ${name}`);
  return weight;
}
