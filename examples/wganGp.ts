/**
 * @file Trains a WGAN-GP (Gulrajani et al. 2017) on a ring of points. The step is written out, recorded and replayed.
 *
 * Run: npx tsx examples/wganGp.ts
 */
import { Adam, Engine, grad, ops, randomStream, valueAndGrad, type Tensor } from 'zdim-gan-lab';
import { glorotUniform } from 'zdim-gan-lab/models';
import { openDevice } from 'zdim-gan-lab/node';

const [BATCH, Z, UNITS, CRITIC_STEPS, LAMBDA] = [128, 4, 64, 3, 1];
const engine = new Engine(await openDevice());
const random = randomStream('1', 'wgan-gp');

/** Weights and biases of a network with one hidden layer. */
function parameters(inputs: number, outputs: number): Tensor[] {
  const shapes = [[inputs, UNITS], [UNITS], [UNITS, UNITS], [UNITS], [UNITS, outputs], [outputs]];
  return shapes.map((shape) => {
    const values = shape.length === 2 ? glorotUniform(shape, random) : new Float32Array(shape[0] ?? 0);
    return engine.tensor(values, shape, { requiresGrad: true });
  });
}

function network(x: Tensor, weights: readonly Tensor[]): Tensor {
  const layer = (input: Tensor, index: number, activation: 'tanh' | 'none'): Tensor =>
    ops.matmul(input, weights[index]!, { bias: weights[index + 1]!, activation });
  return layer(layer(layer(x, 0, 'tanh'), 2, 'tanh'), 4, 'none');
}

const [generator, critic] = [parameters(Z, 2), parameters(2, 1)];
const generatorAdam = new Adam(engine, generator, { learningRate: 1e-3, beta1: 0.5, beta2: 0.9 });
const criticAdam = new Adam(engine, critic, { learningRate: 1e-3, beta1: 0.5, beta2: 0.9 });
const angles = Array.from({ length: CRITIC_STEPS * BATCH }, () => 2 * Math.PI * random());
const ring = engine.tensor(
  angles.flatMap((angle) => [Math.cos(angle), Math.sin(angle)]),
  [CRITIC_STEPS * BATCH, 2],
);

let stream = 0;
const source = () => ({ seed: 1, stream: stream++, counter: criticAdam.stepCounter });
const generate = (weights: readonly Tensor[]): Tensor =>
  network(ops.randomNormal(engine, [BATCH, Z], source()), weights);

/** E[(‖∇D(x̂)‖₂ − 1)²] at random points x̂ between real and generated ones. */
function gradientPenalty(real: Tensor, fake: Tensor, weights: readonly Tensor[]): Tensor {
  const share = ops.randomUniform(engine, [BATCH, 1], source());
  const between = ops.add(fake, ops.mul(share, ops.sub(real, fake)));
  const [slope = between] = grad((x) => ops.sum(network(x, weights)), { createGraph: true })(between);
  const norms = ops.sqrt(ops.addScalar(ops.sum(ops.square(slope), { axes: [1] }), 1e-12));
  return ops.mean(ops.square(ops.addScalar(norms, -1)));
}

const step = await engine.record(() => {
  let wasserstein = ring;
  for (let index = 0; index < CRITIC_STEPS; index++) {
    const real = ops.slice(ring, index * BATCH, BATCH);
    const fake = engine.noGrad(() => generate(generator));
    const { value, gradients } = valueAndGrad((...weights) => {
      const distance = ops.sub(ops.mean(network(fake, weights)), ops.mean(network(real, weights)));
      return ops.add(distance, ops.scale(gradientPenalty(real, fake, weights), LAMBDA));
    })(...critic);
    criticAdam.step(gradients);
    wasserstein = ops.neg(value);
  }
  generatorAdam.step(grad((...weights) => ops.neg(ops.mean(network(generate(weights), critic))))(...generator));
  return wasserstein;
});

for (let iteration = 1; iteration <= 400; iteration++) {
  step.replay();
  if (iteration % 100 === 0) {
    console.log(`iteration ${iteration}: critic's estimate ${(await step.results.data())[0]?.toFixed(3)}`);
  }
}
const samples = await ops.sum(ops.square(engine.noGrad(() => generate(generator))), { axes: [1] }).data();
const radius = samples.reduce((sum, squared) => sum + Math.sqrt(squared), 0) / BATCH;
console.log(`mean radius of generated points: ${radius.toFixed(2)} (the ring's is 1)`);
engine.device.destroy();
