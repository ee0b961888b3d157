/**
 * @file The uniform's layout: WGSL's offsets, and the fields by name.
 */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { floatBits, ParamsLayout } from '../../src/gpu/params.js';
import { SHADER_TEXTS } from '../../src/gpu/shaderTexts.js';

const parse = (fields: string): ParamsLayout => ParamsLayout.parse('k', `struct Params {${fields}}`)!;

test('vectors and arrays start where WGSL aligns them', () => {
  const layout = parse(`
    a: u32, // a comment, with a comma
    pair: vec2i,
    b: f32,
    table: array<vec4u, 2>,
  `);
  const packed = layout.pack('k', { table: [7, 8, 9], b: 0.5, pair: [-1, 2], a: 3 });
  const half = floatBits(0.5);
  assert.equal([...packed], [3, 0, 2 ** 32 - 1, 2, half, 0, 0, 0, 7, 8, 9, 0, 0, 0, 0, 0]);
});

test('a uniform holds a whole number of 16-byte words', () => {
  assert.is(parse('a: u32').pack('k', { a: 1 }).length, 4);
  assert.is(parse('a: u32, b: vec3f').pack('k', { a: 1, b: [1, 2, 3] }).length, 8);
});

test('integers beyond 32 bits are refused, not wrapped', () => {
  const layout = parse('a: u32, b: i32');
  assert.equal([...layout.pack('k', { a: 2 ** 32 - 1, b: -(2 ** 31) })].slice(0, 2), [2 ** 32 - 1, 2 ** 31]);
  for (const value of [2 ** 32, -(2 ** 31) - 1, 0.5, NaN, Infinity]) {
    assert.throws(
      () => layout.pack('k', { a: value, b: 0 }),
      `refused k: got ${value} for its field a; it takes an integer from -2^31 to 2^32 - 1`,
    );
  }
});

test('text without a uniform has no layout, and an unknown type is named', () => {
  assert.is(ParamsLayout.parse('k', 'fn main() {}'), undefined);
  assert.throws(() => parse('a: mat2x2f'), /refused k: got "a: mat2x2f" in struct Params; it takes u32/);
});

test('every shader file’s struct Params can be laid out', () => {
  for (const [path, text] of Object.entries(SHADER_TEXTS)) ParamsLayout.parse(path, text);
});

test.run();
