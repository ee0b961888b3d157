import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { seededArray, seededInts } from '../support/random.js';
import * as reference from './ops.js';
import { type Array64, array64 } from './ops.js';

const { conv2d, convTranspose2d, convWeightGradient, assertClose, centralDifferences, mul, sum } = reference;

const count = (size: number) => Array.from({ length: size }, (_, i) => i);
const ones = (shape: readonly number[]) => reference.broadcastTo(reference.scalar64(1), shape);
const dot = (a: Array64, b: Array64) => sum(mul(a, b)).data[0]!;
const values = (x: Array64) => [...x.data];

// ONNX's published examples: https://onnx.ai/onnx/operators/onnx__Conv.html and onnx__ConvTranspose.html
test('conv2d: 5×5 counting up, a 3×3 kernel of ones (ONNX)', () => {
  const x = array64([1, 5, 5, 1], count(25));
  const w = ones([3, 3, 1, 1]);
  assert.equal(values(conv2d(x, w, { padding: 'valid' })), [54, 63, 72, 99, 108, 117, 144, 153, 162]);
  assert.equal(
    values(conv2d(x, w)),
    [
      [12, 21, 27, 33, 24],
      [33, 54, 63, 72, 51],
      [63, 99, 108, 117, 81],
      [93, 144, 153, 162, 111],
      [72, 111, 117, 123, 84],
    ].flat(),
  );
});

test('conv2d: 7×5 by strides of 2, with and without padding (ONNX)', () => {
  const x = array64([1, 7, 5, 1], count(35));
  const w = ones([3, 3, 1, 1]);
  const all = { top: 1, bottom: 1, left: 1, right: 1 };
  const rows = { top: 1, bottom: 1, left: 0, right: 0 };
  assert.equal(
    values(conv2d(x, w, { stride: 2, padding: all })),
    [12, 27, 24, 63, 108, 81, 123, 198, 141, 112, 177, 124],
  );
  assert.equal(values(conv2d(x, w, { stride: 2, padding: 'valid' })), [54, 72, 144, 162, 234, 252]);
  assert.equal(values(conv2d(x, w, { stride: 2, padding: rows })), [21, 33, 99, 117, 189, 207, 171, 183]);
});

test('conv2d does not flip its kernel, and pads an even kernel at the end', () => {
  const x = array64([1, 2, 2, 1], [1, 2, 3, 4]);
  const w = array64([2, 2, 1, 1], [1, 10, 100, 1000]);
  assert.equal(values(conv2d(x, w)), [4321, 402, 43, 4]);
});

test("conv2d: 'same' with stride 2 on an even input starts at the first row, not before it", () => {
  // Kernel 3 on 4 by 2: one row of padding in all, at the end; windows start at 0 and 2.
  const x = array64([1, 4, 1, 1], [1, 2, 3, 4]);
  const w = array64([3, 1, 1, 1], [1, 10, 100]);
  assert.equal(values(conv2d(x, w, { stride: [2, 1] })), [321, 43]);
});

test('conv2d: a stride and a padding for each side, by hand', () => {
  // A kernel of one tap copies the padded image at every second row and third column:
  //   0 0 0 0 0 0      rows 0 and 2, columns 0 and 3
  //   0 1 2 3 0 0
  //   0 4 5 6 0 0
  const x = array64([1, 2, 3, 1], [1, 2, 3, 4, 5, 6]);
  const options = { stride: [2, 3] as const, padding: { top: 1, bottom: 0, left: 1, right: 2 } };
  assert.equal(conv2d(x, ones([1, 1, 1, 1]), options), array64([1, 2, 2, 1], [0, 0, 0, 6]));
  // Its adjoint puts them back, and drops what lies on the padding.
  const y = array64([1, 2, 2, 1], [7, 8, 9, 10]);
  const back = convTranspose2d(y, ones([1, 1, 1, 1]), { ...options, outputSize: [2, 3] });
  assert.equal(back, array64([1, 2, 3, 1], [0, 0, 0, 0, 0, 10]));
});

test('conv2d: channels, bias and activation, by hand', () => {
  // One pixel of two channels [2, 3]; w[c][o] = [[1, −1, 0], [10, 0, −1]].
  const x = array64([1, 1, 1, 2], [2, 3]);
  const w = array64([1, 1, 2, 3], [1, -1, 0, 10, 0, -1]);
  const bias = array64([3], [0.5, 1, 1]);
  assert.equal(values(conv2d(x, w)), [32, -2, -3]);
  assert.equal(values(conv2d(x, w, { bias })), [32.5, -1, -2]);
  assert.equal(values(conv2d(x, w, { bias, activation: 'relu' })), [32.5, 0, 0]);
  assert.equal(values(conv2d(x, w, { bias, activation: { leakyRelu: 0.25 } })), [32.5, -0.25, -0.5]);
});

test('convTranspose2d: 3×3 counting up, kernels of ones (ONNX)', () => {
  const x = array64([1, 3, 3, 1], count(9));
  const plane = [0, 1, 3, 3, 2, 3, 8, 15, 12, 7, 9, 21, 36, 27, 15, 9, 20, 33, 24, 13, 6, 13, 21, 15, 8];
  const y = convTranspose2d(x, ones([3, 3, 2, 1]), { padding: 'valid' });
  assert.equal(y.shape, [1, 5, 5, 2]);
  assert.equal(
    values(y),
    plane.flatMap((value) => [value, value]),
  );
});

test('convTranspose2d: stride 2 and the sizes to choose from, by hand', () => {
  const x = array64([1, 2, 1, 1], [1, 2]);
  const w = array64([3, 1, 1, 1], [1, 10, 100]);
  assert.equal(values(convTranspose2d(x, w, { stride: [2, 1], padding: 'valid' })), [1, 10, 102, 20, 200]);
  // A sixth row is one that no window of the convolution reaches.
  const outputSize = [6, 1] as const;
  assert.equal(
    values(convTranspose2d(x, w, { stride: [2, 1], padding: 'valid', outputSize })),
    [1, 10, 102, 20, 200, 0],
  );
  // 'same': the row of padding after the end is cut off.
  assert.equal(values(convTranspose2d(x, w, { stride: [2, 1] })), [1, 10, 102, 20]);
  // An odd output has a row of padding on either side.
  assert.equal(values(convTranspose2d(x, w, { stride: [2, 1], outputSize: [3, 1] })), [10, 102, 20]);
  const bias = array64([1], [-50]);
  assert.equal(values(convTranspose2d(x, w, { stride: [2, 1], bias, activation: 'relu' })), [0, 0, 52, 0]);
});

test('the three agree: ⟨conv(x, w), y⟩ = ⟨x, convᵀ(y, w)⟩ = ⟨w, weightGradient(x, y)⟩', () => {
  for (let round = 0; round < 60; round++) {
    const seed = `adjoints ${round}`;
    const [n, c, o, kh, kw, sy, sx] = seededInts(seed, 7, 1, 4);
    const [top, bottom, left, right] = seededInts(`${seed} padding`, 4, 0, 2);
    const [extraH, extraW] = seededInts(`${seed} size`, 2, 0, 5);
    const size = [kh! + extraH!, kw! + extraW!] as const;
    const explicit = { top: top!, bottom: bottom!, left: left!, right: right! };
    const padding = (['same', 'valid', explicit] as const)[round % 3];
    const options = { stride: [sy!, sx!] as const, padding };

    const x = seededArray(`${seed} x`, [n!, ...size, c!]);
    const w = seededArray(`${seed} w`, [kh!, kw!, c!, o!]);
    const output = conv2d(x, w, options);
    const y = seededArray(`${seed} y`, output.shape);

    const transposed = convTranspose2d(y, w, { ...options, outputSize: size });
    const gradient = convWeightGradient(x, y, { ...options, kernelSize: [kh!, kw!] });
    assert.equal(transposed.shape, x.shape, seed);
    assert.equal(gradient.shape, w.shape, seed);
    // By the sum of sizes: the products may cancel to almost nothing.
    const scale = Math.sqrt(dot(output, output) * dot(y, y)) + 1e-300;
    assert.ok(Math.abs(dot(output, y) - dot(x, transposed)) / scale < 1e-13, `${seed}: input`);
    assert.ok(Math.abs(dot(output, y) - dot(w, gradient)) / scale < 1e-13, `${seed}: weights`);
  }
});

test('the gradients of conv2d are those of central differences', () => {
  const options = { stride: [2, 1], padding: 'same' } as const;
  const x = seededArray('x', [2, 5, 4, 2]);
  const w = seededArray('w', [4, 3, 2, 3]);
  const dy = seededArray('dy', conv2d(x, w, options).shape);
  const [dx, dw] = centralDifferences((a, b) => sum(mul(conv2d(a, b, options), dy)), [x, w]);
  assertClose(convTranspose2d(dy, w, { ...options, outputSize: [5, 4] }).data, dx!.data, 1e-10, 'dx');
  assertClose(convWeightGradient(x, dy, { ...options, kernelSize: [4, 3] }).data, dw!.data, 1e-10, 'dw');
});

test('errors name the shapes', () => {
  const x = array64([1, 5, 5, 3]);
  assert.throws(
    () => conv2d(x, array64([3, 3, 2, 4])),
    /^conv2d: got x \[1, 5, 5, 3\] and w \[3, 3, 2, 4\]; it takes x \[N, H, W, C\] and w \[KH, KW, C, O\]$/,
  );
  assert.throws(() => conv2d(array64([5, 5]), x), /^conv2d: got x \[5, 5\]; it takes x \[N, H, W, C\]$/);
  assert.throws(() => conv2d(x, array64([3, 3, 3, 4]), { bias: array64([3]) }), /got bias \[3\]; it takes bias \[4\]/);
  assert.throws(
    () => convWeightGradient(x, array64([1, 4, 5, 2]), { kernelSize: [3, 3] }),
    /it takes dy \[1, 5, 5, O\] for that x/,
  );
});

test.run();
