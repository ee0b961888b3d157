/**
 * @file Each loss and its gradient against the formula of its paper, in float64.
 */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { checkGradients, type CheckInput, type ReferenceArray } from '../../src/autograd/gradcheck.js';
import { Engine } from '../../src/autograd/engine.js';
import { gradients } from '../../src/autograd/grad.js';
import type { Tensor } from '../../src/autograd/tensor.js';
import { LOSS_NAMES, LOSSES, type LossName } from '../../src/gan/losses.js';
import * as reference from '../reference/ops.js';
import { distinct } from '../support/both.js';
import { openTestDevice } from '../support/device.js';

const device = await openTestDevice();
test.after(() => device.destroy());

const engine = new Engine(device);

const HALF = 3;

/** The formulas of the papers: what the discriminator minimises, a mean over each half, and what the generator does. */
interface Formula {
  readonly real: (logit: number) => number;
  readonly fake: (logit: number) => number;
  readonly generator: (logit: number) => number;
}

const σ = (x: number): number => 1 / (1 + Math.exp(-x));

const NON_SATURATING: Formula = {
  real: (l) => -Math.log(σ(l)),
  fake: (l) => -Math.log(1 - σ(l)),
  generator: (l) => -Math.log(σ(l)),
};

const CRITIC: Formula = { real: (l) => -l, fake: (l) => l, generator: (l) => -l };

const FORMULAS: Readonly<Record<LossName, Formula>> = {
  bce: NON_SATURATING,
  'bce-saturating': { ...NON_SATURATING, generator: (l) => Math.log(1 - σ(l)) },
  lsgan: {
    real: (l) => 0.5 * (l - 1) ** 2,
    fake: (l) => 0.5 * l ** 2,
    generator: (l) => 0.5 * (l - 1) ** 2,
  },
  hinge: { real: (l) => Math.max(0, 1 - l), fake: (l) => Math.max(0, 1 + l), generator: (l) => -l },
  wgan: CRITIC,
  'wgan-gp': CRITIC,
  r1: NON_SATURATING,
};

const labelsOf = (...values: number[]): Tensor => engine.tensor(values, [values.length, 1]);

const meanOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

const scalar = (value: number): ReferenceArray => ({ shape: [], data: Float64Array.of(value) });

/** The loss and its gradient by the logits. */
async function check(
  what: string,
  gpu: (logits: Tensor) => Tensor,
  formula: (logits: readonly number[]) => number,
  logits: CheckInput,
): Promise<void> {
  const input = engine.tensor(logits.values, logits.shape);
  const value = await gpu(input).data();
  reference.assertClose(value, [formula([...Float32Array.from(logits.values)])], 1e-6, what);
  const f = { gpu, reference: ({ data }: ReferenceArray): ReferenceArray => scalar(formula([...data])) };
  const { worst } = await checkGradients(engine, f, [logits]);
  assert.ok(worst < 1e-5, `${what}: the gradient is off by ${worst}`);
}

for (const name of LOSS_NAMES) {
  const { labels, discriminator, generator } = LOSSES[name];
  const formula = FORMULAS[name];

  test(`${name}: the discriminator's loss is half of the paper's sum, the generator's is the paper's`, async () => {
    const both = labelsOf(...Array.from({ length: 2 * HALF }, (_, at) => (at < HALF ? labels.real : labels.fake)));
    await check(
      'discriminator',
      (logits) => discriminator(logits, both),
      (l) => (meanOf(l.slice(0, HALF).map(formula.real)) + meanOf(l.slice(HALF).map(formula.fake))) / 2,
      distinct(2 * HALF, 1),
    );
    const own = labelsOf(...Array.from({ length: HALF }, () => labels.generator));
    await check(
      'generator',
      (logits) => generator(logits, own),
      (l) => meanOf(l.map(formula.generator)),
      distinct(HALF, 1),
    );
  });
}

test('a smoothed label of bce is the cross-entropy with 0.9', async () => {
  await check(
    'smoothed',
    (logits) => LOSSES.bce.discriminator(logits, labelsOf(0.9, 0.9)),
    (l) => meanOf(l.map((each) => -0.9 * Math.log(σ(each)) - 0.1 * Math.log(1 - σ(each)))),
    distinct(2, 1),
  );
});

/** At −∞ and +∞: the limits of the formulas, worked by hand, and those of their derivatives. */
const AT_INFINITY: Readonly<Record<LossName, Readonly<Record<'real' | 'fake' | 'generator', readonly number[]>>>> = {
  // The loss at −∞ and at +∞, then its derivative at both.
  bce: { real: [Infinity, 0, -1, 0], fake: [0, Infinity, 0, 1], generator: [Infinity, 0, -1, 0] },
  'bce-saturating': { real: [Infinity, 0, -1, 0], fake: [0, Infinity, 0, 1], generator: [0, -Infinity, 0, -1] },
  lsgan: {
    real: [Infinity, Infinity, -Infinity, Infinity],
    fake: [Infinity, Infinity, -Infinity, Infinity],
    generator: [Infinity, Infinity, -Infinity, Infinity],
  },
  hinge: { real: [Infinity, 0, -1, 0], fake: [0, Infinity, 0, 1], generator: [Infinity, -Infinity, -1, -1] },
  wgan: {
    real: [Infinity, -Infinity, -1, -1],
    fake: [-Infinity, Infinity, 1, 1],
    generator: [Infinity, -Infinity, -1, -1],
  },
  'wgan-gp': {
    real: [Infinity, -Infinity, -1, -1],
    fake: [-Infinity, Infinity, 1, 1],
    generator: [Infinity, -Infinity, -1, -1],
  },
  r1: { real: [Infinity, 0, -1, 0], fake: [0, Infinity, 0, 1], generator: [Infinity, 0, -1, 0] },
};

for (const name of LOSS_NAMES) {
  test(`${name} at ±∞ and NaN`, async () => {
    const { labels, discriminator, generator } = LOSSES[name];
    for (const kind of ['real', 'fake', 'generator'] as const) {
      const loss = kind === 'generator' ? generator : discriminator;
      const label = labelsOf(labels[kind]);
      const at = async (logit: number, createGraph: boolean): Promise<readonly number[]> => {
        const logits = engine.tensor([logit], [1, 1], { requiresGrad: true });
        const value = loss(logits, label);
        const [gradient] = gradients(value, [logits], { createGraph });
        return [(await value.data())[0]!, (await gradient!.data())[0]!];
      };
      for (const createGraph of [false, true]) {
        const [below, above] = [await at(-Infinity, createGraph), await at(Infinity, createGraph)];
        const found = [below[0], above[0], below[1], above[1]].map((value) => value! + 0);
        assert.equal(found, AT_INFINITY[name][kind], kind);
        const [value, gradient] = await at(NaN, createGraph);
        assert.ok(Number.isNaN(value), `${kind} of NaN`);
        const isLinear = AT_INFINITY[name][kind][2] === AT_INFINITY[name][kind][3];
        assert.is(Number.isNaN(gradient), !isLinear, `the gradient of ${kind} at NaN; of a linear loss it is constant`);
      }
    }
  });
}

test.run();
