/**
 * @file The streams of random numbers of one step: no two draws share one, or they would be the same numbers, which neither a
 * replay nor a resumed run can tell.
 */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Engine } from '../../src/autograd/engine.js';
import { digitsDataset } from '../../src/data/digits/digits.js';
import type { ArchitectureName } from '../../src/models/networks/architectures.js';
import { GanTraining } from '../../src/training/gan/ganTraining.js';
import type { ObjectiveOptions } from '../../src/gan/settings.js';
import { openTestDevice } from '../support/device.js';

const device = await openTestDevice();
test.after(() => device.destroy());

const engine = new Engine(device);

const DIGITS = digitsDataset({ seed: 'streams', count: 20 });

/** The kernels that draw. */
const KERNELS = ['randomNormal', 'randomUniform', 'randomOneHot', 'addNoise', 'dropout'] as const;

type Kernel = (typeof KERNELS)[number];

/** What one step draws: the streams of a kernel in its order, and how often the discriminator is passed. */
function drawnBy(architecture: ArchitectureName, objective: ObjectiveOptions) {
  const sizes = { zDim: 3, width: 0.0625, batch: 4, iterations: 1, sampleEvery: 1, seed: 'streams' };
  const training = new GanTraining(engine, DIGITS, { architecture, objective, ...sizes });
  const { discriminator } = training.gan;
  const forward = discriminator.forward.bind(discriminator);
  let passes = 0;
  discriminator.forward = (x, pass) => {
    passes++;
    return forward(x, pass);
  };
  const { commands } = device.trace(() => {
    training.gan.step();
    return undefined;
  });
  training.dispose();
  const streams = (kernel: Kernel): number[] => {
    const own = commands.filter((command) => command.kernel.name === kernel);
    return own.map(({ params }) => Number(params?.stream));
  };
  return { passes, streams };
}

const SEEN = { augment: ['translation', 'cutout'], instanceNoise: 0.1 } as const;

for (const [architecture, objective, wanted] of [
  // Three updates, each with a pass of both kinds of images, z, and a penalty's pass with an ε; and the generator's pass.
  [
    'article',
    { loss: 'wgan-gp', criticSteps: 3, ...SEEN },
    { passes: 7, randomNormal: 3, randomUniform: 4 + 3, randomOneHot: 0, addNoise: 4, dropout: 7 },
  ],
  [
    'article',
    { loss: 'bce', ...SEEN },
    { passes: 3, randomNormal: 2, randomUniform: 3, randomOneHot: 0, addNoise: 3, dropout: 3 },
  ],
  [
    'article',
    { loss: 'r1', criticSteps: 3, conditional: true },
    { passes: 7, randomNormal: 3, randomUniform: 0, randomOneHot: 3, addNoise: 0, dropout: 7 },
  ],
  // Two updates, three more ahead, and the generator's pass.
  [
    'dcgan',
    { unroll: 3, criticSteps: 2, conditional: true, ...SEEN },
    { passes: 6, randomNormal: 2, randomUniform: 6, randomOneHot: 2, addNoise: 6, dropout: 0 },
  ],
] as const) {
  test(`${architecture}, ${JSON.stringify(objective)}: every draw of a step has its own stream`, () => {
    const { passes, streams } = drawnBy(architecture, objective);
    assert.is(passes, wanted.passes);
    for (const kernel of KERNELS) {
      const all = streams(kernel);
      // Backward passes draw the masks of dropout again, from the stream that they came from.
      const own = kernel === 'dropout' ? [...new Set(all)] : all;
      assert.equal([own.length, new Set(own).size], [wanted[kernel], wanted[kernel]], `${kernel}: ${all.join(', ')}`);
    }
  });
}

test.run();
