import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Padding } from '../../src/kernels/options.js';
import { convGeometry, convTransposeGeometry } from '../../src/kernels/conv/geometry.js';
import { seededInts } from '../support/random.js';

test("TensorFlow's own example: width 13, filter 6, stride 5", () => {
  // https://www.tensorflow.org/api_docs/python/tf/nn: 'SAME' pads 1 left and 2 right, 'VALID' drops two columns.
  const same = convGeometry({ height: 13, width: 13, kernelHeight: 6, kernelWidth: 6, stride: 5, padding: 'same' });
  assert.equal([same.outputWidth, same.left], [3, 1]);
  const valid = convGeometry({ height: 13, width: 13, kernelHeight: 6, kernelWidth: 6, stride: 5, padding: 'valid' });
  assert.equal([valid.outputWidth, valid.left], [2, 0]);
});

test("'same' puts the odd row of padding at the end", () => {
  const leading = (input: number, kernel: number, stride: number) => {
    const { outputHeight, top } = convGeometry({
      height: input,
      width: input,
      kernelHeight: kernel,
      kernelWidth: kernel,
      stride,
      padding: 'same',
    });
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
  assert.equal(
    convGeometry({ height: 14, width: 9, kernelHeight: 5, kernelWidth: 3, stride: [2, 1], padding: 'valid' }),
    {
      outputHeight: 5,
      outputWidth: 7,
      strideY: 2,
      strideX: 1,
      top: 0,
      left: 0,
    },
  );
  assert.equal(
    convGeometry({
      height: 7,
      width: 5,
      kernelHeight: 3,
      kernelWidth: 3,
      stride: [2, 2],
      padding: { top: 1, bottom: 1, left: 0, right: 0 },
    }),
    {
      outputHeight: 4,
      outputWidth: 2,
      strideY: 2,
      strideX: 2,
      top: 1,
      left: 0,
    },
  );
});

test("a transposed convolution's default size: Keras's for 'same' and 'valid'", () => {
  const size = (padding: Padding) => {
    const { height, width } = convTransposeGeometry({
      height: 7,
      width: 7,
      kernelHeight: 5,
      kernelWidth: 5,
      stride: 2,
      padding,
    });
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
      const { height, width, outputHeight, outputWidth } = convTransposeGeometry({
        height: h,
        width: w,
        kernelHeight: kh,
        kernelWidth: kw,
        stride,
        padding,
      });
      const back = convGeometry({ height, width, kernelHeight: kh, kernelWidth: kw, stride, padding });
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
    () => convGeometry({ height: 3, width: 3, kernelHeight: 5, kernelWidth: 5, stride: 1, padding: 'valid' }),
    /^conv2d: got a 3×3 input, a 5×5 kernel, stride 1×1 and padding 'valid'; it takes a kernel no larger/,
  );
  assert.throws(
    () =>
      convGeometry({ height: 3, width: 3, kernelHeight: 3, kernelWidth: 3, stride: 0, padding: 'same' }, 'somewhere'),
    /^somewhere: .*integers of at least 1/,
  );
  assert.throws(
    () =>
      convGeometry({
        height: 3,
        width: 3,
        kernelHeight: 3,
        kernelWidth: 3,
        stride: 1,
        padding: { top: -1, bottom: 0, left: 0, right: 0 },
      }),
    /{top -1, bottom 0/,
  );
  assert.throws(
    () =>
      convTransposeGeometry(
        { height: 7, width: 7, kernelHeight: 5, kernelWidth: 5, stride: 2, padding: 'same' },
        [16, 14],
      ),
    /^convTranspose2d: got a 7×7 input and an output size of 16×14; .* is 8×7/,
  );
  assert.throws(
    () =>
      convTransposeGeometry(
        { height: 7, width: 7, kernelHeight: 5, kernelWidth: 5, stride: 2, padding: 'same' },
        [14, 12],
      ),
    /is 7×6/,
  );
});

test.run();
