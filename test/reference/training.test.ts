import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { seededArray, seededNormal } from '../support/random.js';
import * as reference from './ops.js';
import { type AdamResult, type Array64, array64 } from './ops.js';

const { adamStep, assertClose, batchNorm, batchNormInference, centralDifferences, mul, sgdStep, sum } = reference;
const values = (x: Array64) => [...x.data];

test('batchNorm by hand: two channels, biased variance, ε inside the root', () => {
  // Channel 0 is 1, 3: mean 2, variance 1 (unbiased it were 2). Channel 1 is 10, 20: mean 15, variance 25.
  const x = array64([2, 1, 1, 2], [1, 10, 3, 20]);
  const [gamma, beta] = [array64([2], [1, 2]), array64([2], [0, 1])];
  const plain = batchNorm(x, gamma, beta, { epsilon: 0 });
  assert.equal(values(plain.mean), [2, 15]);
  assert.equal(values(plain.variance), [1, 25]);
  assert.equal(plain.output, array64([2, 1, 1, 2], [-1, -1, 1, 3]));
  // ε = 3: √(1 + 3) = 2.
  assert.equal(batchNorm(x, gamma, beta, { epsilon: 3 }).output.data[0], -0.5);
  assert.equal(values(batchNorm(x, gamma, beta, { epsilon: 0, activation: 'relu' }).output), [0, 0, 1, 3]);
});

test('batchNorm takes its statistics over batch, rows and columns', () => {
  const x = array64([2, 1, 2, 1], [0, 2, 4, 6]);
  const { mean, variance } = batchNorm(x, array64([1], [1]), array64([1]), { epsilon: 1e-3 });
  assert.equal([mean, variance], [array64([1], [3]), array64([1], [5])]);
});

test('batchNorm of groups is that of each by itself', () => {
  const x = seededArray('groups', [6, 2, 3]);
  const [gamma, beta] = [seededArray('gamma', [3]), seededArray('beta', [3])];
  const whole = batchNorm(x, gamma, beta, { epsilon: 1e-3, groups: 3 });
  for (let group = 0; group < 3; group++) {
    const alone = batchNorm(reference.slice(x, 2 * group, 2), gamma, beta, { epsilon: 1e-3 });
    assert.equal(reference.slice(whole.output, 2 * group, 2), alone.output);
    assert.equal(values(reference.slice(whole.mean, group, 1)), values(alone.mean));
    assert.equal(values(reference.slice(whole.variance, group, 1)), values(alone.variance));
  }
});

test('batchNormInference uses the statistics it is given', () => {
  const x = array64([2, 2], [1, 10, 3, 20]);
  const c = (a: number, b: number) => array64([2], [a, b]);
  const output = batchNormInference(x, c(1, 2), c(0, 1), c(1, 0), c(3, 99), { epsilon: 1 });
  assert.equal(output, array64([2, 2], [0, 3, 1, 5]));
  assert.throws(
    () => batchNorm(x, c(1, 1), array64([3]), { epsilon: 1 }),
    /^batchNorm: got x \[2, 2\] and beta \[3\]; it takes beta \[2\]$/,
  );
});

test("batchNorm's gradient is the paper's", () => {
  // Ioffe & Szegedy, section 3, simplified: dx = γ/(N·σ) · (N·dy − Σdy − x̂ · Σ(dy · x̂)).
  const epsilon = 1e-3;
  const [x, dy] = [seededArray('x', [7, 1]), seededArray('dy', [7, 1])];
  const [gamma, beta] = [array64([1], [1.5]), array64([1], [-0.25])];
  const { mean, variance } = batchNorm(x, gamma, beta, { epsilon });
  const sigma = Math.sqrt(variance.data[0]! + epsilon);
  const normalised = x.data.map((value) => (value - mean.data[0]!) / sigma);
  const total = dy.data.reduce((a, b) => a + b);
  const along = dy.data.reduce((a, b, i) => a + b * normalised[i]!, 0);
  const expected = dy.data.map((d, i) => (1.5 / (7 * sigma)) * (7 * d - total - normalised[i]! * along));
  const [dx, dgamma, dbeta] = centralDifferences(
    (a, g, b) => sum(mul(batchNorm(a, g, b, { epsilon }).output, dy)),
    [x, gamma, beta],
  );
  assertClose(dx!.data, expected, 1e-7, 'dx');
  assertClose(dgamma!.data, [along], 1e-9, 'dγ');
  assertClose(dbeta!.data, [total], 1e-9, 'dβ');
});

test('bceWithLogits: ln 2 at logit 0, stable far out, gradient (σ − t) / N', () => {
  const loss = (logits: number[], targets: number[]) =>
    reference.bceWithLogits(array64([logits.length, 1], logits), array64([targets.length, 1], targets));
  assert.equal(loss([0, 0], [0, 1]), array64([], [Math.LN2]));
  assert.equal(values(loss([0], [0.3])), [Math.LN2]);
  assert.equal(values(loss([1000, -1000, 1000, -1000], [1, 0, 0, 1])), [500]);
  // σ(ln 3) = 3/4: −ln(3/4) for a one, −ln(1/4) for a zero.
  assertClose(loss([Math.log(3), Math.log(3)], [1, 0]).data, [(Math.log(4 / 3) + Math.log(4)) / 2], 1e-15, 'ln 3');

  const [logits, targets] = [seededArray('logits', [4]), array64([4], [0, 1, 0.9, 0.2])];
  const [gradient] = centralDifferences((l) => reference.bceWithLogits(l, targets), [logits]);
  const expected = logits.data.map((l, i) => (1 / (1 + Math.exp(-l)) - targets.data[i]!) / 4);
  assertClose(gradient!.data, expected, 1e-7, 'gradient');
});

test('softmaxCrossEntropy: ln K where all are equal, stable far out, gradient (softmax − t) / N', () => {
  const oneHot = array64([2, 10]);
  oneHot.data[3] = oneHot.data[17] = 1;
  assertClose(reference.softmaxCrossEntropy(array64([2, 10]), oneHot).data, [Math.log(10)], 1e-15, 'uniform');
  const far = array64([1, 3], [1000, 0, -1000]);
  assert.equal(values(reference.softmaxCrossEntropy(far, array64([1, 3], [0, 1, 0]))), [1000]);
  assert.equal(values(reference.softmaxCrossEntropy(far, array64([1, 3], [0, 0, 1]))), [2000]);

  const logits = seededArray('logits', [2, 10]);
  const [gradient] = centralDifferences((l) => reference.softmaxCrossEntropy(l, oneHot), [logits]);
  const expected = reference.scale(reference.sub(reference.softmax(logits), oneHot), 1 / 2);
  assertClose(gradient!.data, expected.data, 1e-7, 'gradient');
});

const ADAM = { learningRate: 0.1, beta1: 0.9, beta2: 0.999, epsilon: 0, weightDecay: 0 };

test("Adam's first step is lr · sign(gradient), whatever the gradient's size", () => {
  const start = { parameter: [1, 1, 1], firstMoment: [0, 0, 0], secondMoment: [0, 0, 0] };
  const first = adamStep({ ...ADAM, ...start, gradient: [1e-3, -5, 4e6], step: 1 });
  assertClose(first.parameter, [0.9, 1.1, 0.9], 1e-12, 'first');
  assertClose(first.firstMoment, [1e-4, -0.5, 4e5], 1e-12, 'm');
  assertClose(first.secondMoment, [1e-9, 0.025, 1.6e10], 1e-12, 'v');
  // ε beside the corrected √v̂ = |g|: a gradient as large as ε halves the step.
  const halved = adamStep({ ...ADAM, ...start, gradient: [1e-3, 1e-3, -1e-3], step: 1, epsilon: 1e-3 });
  assertClose(halved.parameter, [0.95, 0.95, 1.05], 1e-12, 'ε');
});

test('two steps of Adam by hand', () => {
  // β₁ = β₂ = 1/2, gradients 1 and then 3: m = 1/2, 7/4; v = 1/2, 19/4; corrected by 1/2 and 3/4: m̂ = 7/3, v̂ = 19/3.
  const options = { ...ADAM, beta1: 0.5, beta2: 0.5 };
  const start = { parameter: [0], firstMoment: [0], secondMoment: [0] };
  const first = adamStep({ ...options, ...start, gradient: [1], step: 1 });
  const second = adamStep({ ...options, ...first, gradient: [3], step: 2 });
  assertClose(second.firstMoment, [1.75], 1e-15, 'm');
  assertClose(second.secondMoment, [4.75], 1e-15, 'v');
  assertClose(second.parameter, [-0.1 - (0.1 * (7 / 3)) / Math.sqrt(19 / 3)], 1e-15, 'θ');
});

test("AdamW's decay is outside the moments, and inputs stay as they were", () => {
  const parameter = new Float32Array([2]);
  const options = { ...ADAM, parameter, gradient: [0], firstMoment: [0], secondMoment: [0], step: 1, epsilon: 1e-8 };
  const { parameter: decayed, firstMoment } = adamStep({ ...options, weightDecay: 0.5 });
  assertClose(decayed, [2 - 0.1 * 0.5 * 2], 1e-15, 'θ');
  assert.is(firstMoment[0], 0);
  assert.is(parameter[0], 2);
  assert.throws(() => adamStep({ ...options, step: 0 }), /the first is 1/);
  assert.throws(() => adamStep({ ...options, gradient: [1, 2] }), /^adamStep: got arrays of 2, 1, 1, 1 values/);
});

test('Adam finds the least value of a parabola', () => {
  let state: AdamResult = {
    parameter: seededNormal('start', 3),
    firstMoment: new Float64Array(3),
    secondMoment: new Float64Array(3),
  };
  for (let step = 1; step <= 500; step++) {
    const gradient = state.parameter.map((value, i) => 2 * (i + 1) * (value - i));
    state = adamStep({ ...ADAM, ...state, gradient, step, epsilon: 1e-8 });
  }
  assertClose(state.parameter, [0, 1, 2], 1e-2, 'minimum');
});

test('SGD: plain, with momentum, with decay', () => {
  const plain = sgdStep({ parameter: [1, 2], gradient: [2, -4], learningRate: 0.25 });
  assert.equal([...plain.parameter], [0.5, 3]);
  const options = { learningRate: 0.5, momentum: 0.5 };
  const first = sgdStep({ ...options, parameter: [0], gradient: [1] });
  const second = sgdStep({ ...options, ...first, gradient: [1] });
  assert.equal([first.velocity[0], second.velocity[0]], [1, 1.5]);
  assert.equal([first.parameter[0], second.parameter[0]], [-0.5, -1.25]);
  const decayed = sgdStep({ parameter: [4], gradient: [1], learningRate: 0.5, weightDecay: 0.25 });
  assert.equal([...decayed.parameter], [3]);
});

test.run();
