/**
 * @file Trains a small network on the two moons. The step is recorded once and replayed.
 *
 * Run: npx tsx examples/mlp.ts
 */
import { Adam, Engine, ops, randomStream, valueAndGrad, type Tensor } from 'zdim-gan-lab';
import { glorotUniform } from 'zdim-gan-lab/models';
import { openDevice } from 'zdim-gan-lab/node';

const device = await openDevice();
const engine = new Engine(device);
const random = randomStream('1', 'moons');

/** Two half circles that interlock, one a class. */
const COUNT = 256;
const points: number[] = [];
const classes: number[] = [];
for (let index = 0; index < COUNT; index++) {
  const label = index % 2;
  const angle = Math.PI * random();
  const [x, y] = [Math.cos(angle), Math.sin(angle)];
  points.push(label === 0 ? x : 1 - x, label === 0 ? y : 0.5 - y);
  classes.push(label);
}
const inputs = engine.tensor(points, [COUNT, 2]);
const targets = engine.tensor(classes, [COUNT, 1]);

const weight = (shape: number[]): Tensor => engine.tensor(glorotUniform(shape, random), shape, { requiresGrad: true });
const bias = (units: number): Tensor => engine.tensor(new Float32Array(units), [units], { requiresGrad: true });
const parameters = [weight([2, 32]), bias(32), weight([32, 1]), bias(1)];

/** Logits of all points. A matrix product adds the bias and applies the activation in the same kernel. */
function network(...[w1, b1, w2, b2]: Tensor[]): Tensor {
  if (w1 === undefined || w2 === undefined) throw new Error('network: takes four parameters');
  const hidden = ops.matmul(inputs, w1, { bias: b1, activation: 'tanh' });
  return ops.matmul(hidden, w2, { bias: b2 });
}

const adam = new Adam(engine, parameters, { learningRate: 0.02 });
const step = await engine.record(() => {
  const { value, gradients } = valueAndGrad((...all) => ops.bceWithLogits(network(...all), targets))(...parameters);
  adam.step(gradients);
  return value;
});

for (let iteration = 1; iteration <= 300; iteration++) {
  step.replay();
  if (iteration % 100 === 0) console.log(`iteration ${iteration}: loss ${(await step.results.data())[0]?.toFixed(4)}`);
}

const scores = await network(...parameters).data();
const right = classes.filter((label, index) => (scores[index] ?? 0) > 0 === (label === 1)).length;
console.log(`accuracy ${((100 * right) / COUNT).toFixed(1)} %`);
device.destroy();
