/**
 * @file Fits a line to noisy points by gradient descent.
 *
 * Run: npx tsx examples/regression.ts
 */
import { Engine, ops, randomStream, Sgd, valueAndGrad, type Tensor } from 'zdim-gan-lab';
import { openDevice } from 'zdim-gan-lab/node';

const device = await openDevice();
const engine = new Engine(device);

const COUNT = 64;
const random = randomStream('1', 'regression');
const xs = Array.from({ length: COUNT }, () => 2 * random() - 1);
const x = engine.tensor(xs, [COUNT]);
const y = engine.tensor(
  xs.map((value) => 3 * value - 0.5 + 0.1 * (random() - 0.5)),
  [COUNT],
);

const slope = engine.tensor([0], [], { name: 'slope', requiresGrad: true });
const intercept = engine.tensor([0], [], { name: 'intercept', requiresGrad: true });
const optimiser = new Sgd(engine, [slope, intercept], { learningRate: 0.3 });

const loss = (a: Tensor, b: Tensor): Tensor => ops.mean(ops.square(ops.sub(ops.add(ops.mul(a, x), b), y)));

for (let step = 1; step <= 60; step++) {
  // The scope frees the temporaries of a step, and keeps what it returns.
  const value = engine.scope(() => {
    const result = valueAndGrad(loss)(slope, intercept);
    optimiser.step(result.gradients);
    return result.value;
  });
  if (step % 20 === 0) console.log(`step ${step}: loss ${(await value.data())[0]?.toFixed(5)}`);
  value.free();
}

const [a, b] = [await slope.data(), await intercept.data()];
console.log(`y = ${a[0]?.toFixed(2)} x + ${b[0]?.toFixed(2)}`);
device.destroy();
