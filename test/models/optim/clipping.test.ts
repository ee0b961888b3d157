/**
 * @file Clipping of a network's weights: all of them, in one dispatch, beside an optimiser that moved them together.
 */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Engine } from '../../../src/autograd/engine.js';
import { WeightClipping } from '../../../src/models/optim/clipping.js';
import { Adam } from '../../../src/models/optim/adam.js';
import { openTestDevice } from '../../support/device.js';
import { seededNormal } from '../../support/random.js';

const device = await openTestDevice();
test.after(() => device.destroy());

const engine = new Engine(device);

test('all weights are clipped in one dispatch, and every tensor sees it', async () => {
  const parameters = [[7], [3, 5], [1]].map((shape, index) => {
    const count = shape.reduce((product, length) => product * length, 1);
    return engine.tensor(seededNormal(`weights ${index}`, count), shape, { name: `w${index}`, requiresGrad: true });
  });
  const before = await Promise.all(parameters.map((tensor) => tensor.data()));
  new Adam(engine, parameters, { learningRate: 1 });
  const clipping = new WeightClipping(device, parameters, 0.25);
  const { commands } = device.trace(() => clipping.apply());
  assert.equal(
    commands.map(({ kernel }) => kernel.name),
    ['clip'],
  );
  clipping.apply();
  for (const [index, tensor] of parameters.entries()) {
    const wanted = before[index]!.map((value) => Math.min(Math.max(value, -0.25), 0.25));
    assert.equal(await tensor.data(), wanted, tensor.name);
  }
});

test.run();
