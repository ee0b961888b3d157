/** @file Frames between the benchmark and peers outside of Node: what is written is read again, wherever arrays lie. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { decode, encode, frameLength } from '../../bench/peers/process/frames.js';

test('a message comes back with its arrays, also out of a longer stream at an odd place', () => {
  const message = {
    kind: 'prepared',
    outputs: [Float32Array.of(1.5, -2, Infinity), new Float32Array(0)],
    nested: [{ name: 'γ → 1', values: Float32Array.of(-0.25) }],
  };
  const frame = encode(message);
  assert.is(frameLength(frame), frame.length);
  assert.is(frameLength(frame.subarray(0, 7)), undefined);
  const stream = Buffer.concat([Buffer.alloc(3), frame, frame]);
  assert.equal(decode(stream.subarray(3, 3 + frame.length)), message);
});

test.run();
