import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type Padding, convGeometry, convTransposeGeometry } from '../../src/kernels/options.js';
import { seededInts } from '../support/random.js';

test("TensorFlow's own example: width 13, filter 6, stride 5", () => {
  // https://www.tensorflow.org/api_docs/python/tf/nn: 'SAME' pads 1 left and 2 right, 'VALID' drops two columns.
  const same = convGeometry(13, 13, 6, 6, 5, 'same');
  assert.equal([same.outputWidth, same.left], [3, 1]);
  const valid = convGeometry(13, 13, 6, 6, 5, 'valid');
  assert.equal([valid.outputWidth, valid.left], [2, 0]);
});

test("'same' puts the odd row of padding at the end", () => {
  const leading = (input: number, kernel: number, stride: number) => {
    const { outputHeight, top } = convGeometry(input, input, kernel, kernel, stride, 'same');
    return [outputHeight, top];
  };
  assert.equal(leading(28, 5, 2), [14, 1]); // three rows in all: 1 above, 2 below
  assert.equal(leading(27, 5, 2), [14, 2]); // four
  assert.equal(leading(28, 5, 1), [28, 2]);
  assert.equal(leading(28, 4, 1), [28, 1]); // an even kernel: 1 above, 2 below
  assert.equal(leading(28, 2, 1), [28, 0]);
  assert.equal(leading(28, 4, 2), [14, 1]);
  assert.equal(leading(28, 3, 2), [14, 0]);
  assert.equal(leading(28, 1, 2), [14, 0]); // a kernel within the stride needs none
});

test('each direction has its own sizes, stride and padding', () => {
  assert.equal(convGeometry(14, 9, 5, 3, [2, 1], 'valid'), {
    outputHeight: 5,
    outputWidth: 7,
    strideY: 2,
    strideX: 1,
    top: 0,
    left: 0,
  });
  assert.equal(convGeometry(7, 5, 3, 3, [2, 2], { top: 1, bottom: 1, left: 0, right: 0 }), {
    outputHeight: 4,
    outputWidth: 2,
    strideY: 2,
    strideX: 2,
    top: 1,
    left: 0,
  });
});

test("a transposed convolution's default size: Keras's for 'same' and 'valid'", () => {
  const size = (padding: Padding) => {
    const { height, width } = convTransposeGeometry(7, 7, 5, 5, 2, padding);
    return [height, width];
  };
  assert.equal(size('same'), [14, 14]);
  assert.equal(size('valid'), [17, 17]);
  assert.equal(size({ top: 1, bottom: 2, left: 0, right: 0 }), [14, 17]);
});

test('a convolution over the default size of a transposed one is of the input size', () => {
  for (let round = 0; round < 200; round++) {
    const seed = `transposed size ${round}`;
    const sizes = seededInts(seed, 6, 1, 6);
    const [h, w, kh, kw] = [sizes[0]!, sizes[1]!, sizes[2]!, sizes[3]!];
    const stride = [sizes[4]!, sizes[5]!] as const;
    for (const padding of ['same', 'valid'] as const) {
      const { height, width, outputHeight, outputWidth } = convTransposeGeometry(h, w, kh, kw, stride, padding);
      const back = convGeometry(height, width, kh, kw, stride, padding);
      assert.equal(
        [back.outputHeight, back.outputWidth, outputHeight, outputWidth],
        [h, w, h, w],
        `${seed} ${padding}`,
      );
    }
  }
});

test('errors name the operation, what it got and what it takes', () => {
  assert.throws(
    () => convGeometry(3, 3, 5, 5, 1, 'valid'),
    /^conv2d: got a 3×3 input, a 5×5 kernel, stride 1×1 and padding 'valid'; it takes a kernel no larger/,
  );
  assert.throws(() => convGeometry(3, 3, 3, 3, 0, 'same', 'somewhere'), /^somewhere: .*integers of at least 1/);
  assert.throws(() => convGeometry(3, 3, 3, 3, 1, { top: -1, bottom: 0, left: 0, right: 0 }), /{top -1, bottom 0/);
  assert.throws(
    () => convTransposeGeometry(7, 7, 5, 5, 2, 'same', [16, 14]),
    /^convTranspose2d: got a 7×7 input and an output size of 16×14; .* is 8×7/,
  );
  assert.throws(() => convTransposeGeometry(7, 7, 5, 5, 2, 'same', [14, 12]), /is 7×6/);
});

test.run();
