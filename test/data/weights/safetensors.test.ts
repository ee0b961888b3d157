import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  encodeSafetensors,
  parseSafetensors,
  SafetensorsError,
  type StoredTensor,
} from '../../../src/data/weights/safetensors.js';
import { slow } from '../../support/slow.js';
import { rawSafetensors, refusal, refusedHeader, refusedTensor } from './rawSafetensors.js';

const f32 = (shape: number[], values: number[]): StoredTensor => ({ shape, values: Float32Array.from(values) });
const u32 = (shape: number[], values: number[]): StoredTensor => ({ shape, values: Uint32Array.from(values) });

const encode = (tensors: Record<string, StoredTensor>, metadata: Record<string, string> = {}): Uint8Array =>
  encodeSafetensors({ tensors: new Map(Object.entries(tensors)), metadata: new Map(Object.entries(metadata)) });

const bitsOf = ({ values }: StoredTensor): Uint32Array =>
  new Uint32Array(values.buffer, values.byteOffset, values.length);

// The bytes that safetensors 0.8.0 (Rust, by its Python bindings) writes for these tensors.
const GOLDEN_HEADER =
  '{"__metadata__":{"made":"by hand"},' +
  '"a":{"dtype":"F32","shape":[2,1],"data_offsets":[0,8]},' +
  '"b":{"dtype":"F32","shape":[],"data_offsets":[8,12]},' +
  '"A":{"dtype":"U32","shape":[1],"data_offsets":[12,16]}}  ';
const GOLDEN = new Uint8Array([
  ...[200, 0, 0, 0, 0, 0, 0, 0],
  ...Buffer.from(GOLDEN_HEADER, 'latin1'),
  ...[0, 0, 0x80, 0x3f], // 1
  ...[0, 0, 0x20, 0xc0], // −2.5
  ...[1, 0, 0, 0], // the smallest number above 0
  ...[0x78, 0x56, 0x34, 0x12],
]);

test('a file put together by the specification is what is written', () => {
  const tensors = { A: u32([1], [0x12345678]), b: f32([], [2 ** -149]), a: f32([2, 1], [1, -2.5]) };
  assert.equal(encode(tensors, { made: 'by hand' }), GOLDEN);
});

test('and is read, at any alignment, into copies', () => {
  for (const shift of [0, 1, 2, 3, 4]) {
    const padded = new Uint8Array(GOLDEN.length + shift);
    padded.set(GOLDEN, shift);
    const { tensors, metadata } = parseSafetensors(padded.subarray(shift), 'f');
    padded.fill(0xff);
    assert.equal([...metadata], [['made', 'by hand']]);
    assert.equal(
      [...tensors],
      [
        ['a', f32([2, 1], [1, -2.5])],
        ['b', f32([], [2 ** -149])],
        ['A', u32([1], [0x12345678])],
      ],
    );
  }
});

test('a Buffer is copied too, though its slice() is none', () => {
  const bytes = Buffer.from(GOLDEN);
  const { tensors } = parseSafetensors(bytes, 'f');
  bytes.fill(0xff);
  assert.equal(tensors.get('a')?.values, Float32Array.of(1, -2.5));
});

test('every shape and name comes back as it went', () => {
  const tensors = {
    scalar: f32([], [3]),
    'no elements': f32([3, 0, 5], []),
    'also none': u32([0], []),
    '1×1×3': f32([1, 1, 3], [1, 2, 3]),
    '3×5×7': u32(
      [3, 5, 7],
      Array.from({ length: 105 }, (_, i) => i * 40_000_000),
    ),
    'größe/π/漢字/😀': f32([2], [-0, 1e-40]),
    '\ue000 goes before 😀 in UTF-8, not in UTF-16': f32([1], [1]),
    'quotes " \\ and \n \u0000 \u007f \u2028': f32([1], [9]),
    '': u32([1], [0xffffffff]),
    constructor: f32([1], [5]),
  };
  const metadata = { format: 'pt', '': '', 'zwei\nZeilen': 'ä"\\\u0001😀', toString: 'x', __proto__not: '' };
  const read = parseSafetensors(encode(tensors, metadata), 'f');
  assert.equal(read.tensors, new Map<string, StoredTensor>(Object.entries(tensors)));
  assert.equal(read.metadata, new Map(Object.entries(metadata)));
});

test('nothing at all is a file as well', () => {
  assert.equal(encode({}), rawSafetensors('{}      '));
  const { tensors, metadata } = parseSafetensors(encode({}), 'f');
  assert.equal([tensors.size, metadata.size], [0, 0]);
  assert.equal(parseSafetensors(rawSafetensors('{"__metadata__":{}}'), 'f').metadata.size, 0);
});

test('__proto__ is a name like any other', () => {
  const tensors = new Map([['__proto__', f32([1], [7])]]);
  const metadata = new Map([['__proto__', 'x']]);
  const read = parseSafetensors(encodeSafetensors({ tensors, metadata }), 'f');
  assert.equal([...read.tensors], [...tensors]);
  assert.equal([...read.metadata], [...metadata]);
  assert.is(Object.getPrototypeOf(read.tensors), Map.prototype);
  assert.match(refusedHeader('{"a":{"__proto__":{"dtype":"F32","shape":[0],"data_offsets":[0,0]}}}'), /"__proto__"/);
});

test('the order in which tensors and metadata were put in does not change the file', () => {
  const one = encode({ b: f32([1], [1]), n: u32([1], [2]), a: f32([1], [3]) }, { x: '1', y: '2' });
  const other = encode({ a: f32([1], [3]), b: f32([1], [1]), n: u32([1], [2]) }, { y: '2', x: '1' });
  assert.equal(one, other);
});

test('names are in the order of their UTF-8, F32 before U32', () => {
  const names = ['\ue000', 'b', '😀', 'a', 'B'];
  const tensors = { first: u32([], [1]), ...Object.fromEntries(names.map((name) => [name, f32([], [1])])) };
  const read = parseSafetensors(encode(tensors), 'f');
  assert.equal([...read.tensors.keys()], ['B', 'a', 'b', '\ue000', '😀', 'first']);
});

test('the data start at a multiple of 8, however long the header is', () => {
  for (let length = 0; length < 16; length++) {
    const bytes = encode({ ['n'.repeat(length)]: f32([1], [4]) });
    assert.is((bytes.length - 4) % 8, 0);
    assert.is(parseSafetensors(bytes, 'f').tensors.size, 1);
  }
});

test('every bit survives: NaNs with their payloads, infinities, −0, subnormals', () => {
  const bits = Uint32Array.of(0x7fc00000, 0x7f800001, 0xffffffff, 0xff812345, 0x7f800000, 0xff800000, 0x80000000, 1);
  const stored = { shape: [bits.length], values: new Float32Array(bits.buffer) };
  const read = parseSafetensors(encode({ stored }), 'f').tensors.get('stored');
  assert.equal(read && bitsOf(read), bits);
});

test('a part of a larger array is written alone', () => {
  const all = Float32Array.of(1, 2, 3, 4, 5);
  const bytes = encode({ part: { shape: [2], values: all.subarray(1, 3) } });
  assert.equal(parseSafetensors(bytes, 'f').tensors.get('part')?.values, Float32Array.of(2, 3));
});

test('other spellings of the same header are read', () => {
  const header =
    '{\n\t"\\u0061" : { "data_offsets":[ 4 ,8\r], "shape":[ ] , "dtype" : "\\u00463\\u0032" },' +
    '"empty":{"dtype":"U32","shape":[0,9007199254740991,9007199254740991],"data_offsets":[4,4]},' +
    '"b":{"dtype":"U32","shape":[1],"data_offsets":[0,4]},"__metadata__":{"\\/\\ud83d\\ude00":"\\t"}}\n ';
  const { tensors, metadata } = parseSafetensors(rawSafetensors(header, [1, 0, 0, 0, 0, 0, 0x80, 0x3f]), 'f');
  assert.equal(
    [...tensors],
    [
      ['a', f32([], [1])],
      ['empty', u32([0, Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER], [])],
      ['b', u32([1], [1])],
    ],
  );
  assert.equal([...metadata], [['/😀', '\t']]);
});

test('a length that is missing, beyond the file or beyond the limit is refused', () => {
  assert.match(refusal(new Uint8Array(0)), /starts with 8 bytes of length, found 0 in all/);
  assert.match(refusal(GOLDEN.subarray(0, 7)), /found 7 in all/);
  assert.match(refusal(GOLDEN.subarray(0, 100)), /truncated: its header takes 200 bytes, found 92 after the length/);
  assert.match(refusal(rawSafetensors('{}', [], 3n)), /header takes 3 bytes, found 2 after/);
  assert.match(refusal(rawSafetensors('{}', [], 100_000_000n)), /truncated: its header takes 100000000 bytes, found 2/);
  assert.match(refusal(rawSafetensors('{}', [], 100_000_001n)), /would take 100000001 bytes, at most 100000000 are/);
  assert.match(refusal(rawSafetensors('{}', [], 2n ** 64n - 1n)), /would take 18446744073709551615 bytes/);
});

test('a shape that does not take the bytes it points at is refused', () => {
  assert.match(refusedTensor('[2,3]', '[0,20]', 20), /\[0, 20\] hold 20 bytes, but .* \[2, 3\] of F32 takes 24 bytes/);
  assert.match(refusedTensor('[]', '[0,0]', 0), /hold 0 bytes, but its shape \[\] of F32 takes 4 bytes/);
  assert.match(refusedTensor('[1]', '[0,3]', 3), /hold 3 bytes/);
  assert.match(refusedTensor('[0]', '[0,4]', 4), /takes 0 bytes/);
  assert.match(refusedTensor('[1099511627776]', '[0,4]', 4), /takes 4398046511104 bytes/);
});

test('a product of sizes that overflows is refused, even where it comes out as a small one', () => {
  assert.match(refusedTensor('[4294967296,4294967296]', '[0,0]', 0), /takes more bytes than can be counted/);
  assert.match(refusedTensor('[4294967296,4294967296,0]', '[0,0]', 0), /takes more bytes than can be counted/);
  const manySizes = `[${new Array<number>(200).fill(9007199254740991).join(',')},0]`;
  assert.match(refusedTensor(manySizes, '[0,0]', 0), /9007199254740991, …\] of F32 takes more bytes/);
});

test('tensors that do not cover the data, each byte once, are refused', () => {
  const two = (first: string, second: string, dataBytes: number): string => {
    const entry = (offsets: string): string => `{"dtype":"F32","shape":[1],"data_offsets":${offsets}}`;
    return refusedHeader(`{"a":${entry(first)},"b":${entry(second)}}`, dataBytes);
  };
  assert.match(two('[0,4]', '[8,12]', 12), /tensor "b": data_offsets \[8, 12\] leave a hole: expected to begin at 4/);
  assert.match(two('[4,8]', '[8,12]', 12), /tensor "a": data_offsets \[4, 8\] leave a hole: expected to begin at 0/);
  assert.match(two('[0,4]', '[0,4]', 4), /tensor "b": data_offsets \[0, 4\] overlap another tensor: .* begin at 4/);
  assert.match(two('[2,6]', '[0,4]', 6), /tensor "a": data_offsets \[2, 6\] overlap another tensor: .* begin at 4/);
  assert.match(two('[0,4]', '[4,8]', 9), /expected 8 bytes of data, as its tensors take, found 9/);
  assert.match(refusedHeader('{}', 1), /expected 0 bytes of data, as its tensors take, found 1/);
  assert.match(refusedTensor('[0]', '[1,1]', 1), /leave a hole/);
});

test('what cannot be stored is refused before it is', () => {
  assert.throws(() => encode({ w: f32([2, 3], [1]) }), /Tensor "w": expected as many .* \[2, 3\] and 1 values/);
  assert.throws(() => encode({ w: f32([], []) }), /shape \[\] and 0 values/);
  assert.throws(() => encode({ w: f32([-1, -1], [1]) }), /shape \[-1, -1\] and 1 values/);
  assert.throws(() => encode({ w: f32([0.5, 2], [1]) }), /shape \[0.5, 2\] and 1 values/);
  assert.throws(() => encode({ w: f32([2 ** 40, 2 ** 40, 0], []) }), /Tensor "w"/);
  assert.throws(() => encode({ __metadata__: f32([0], []) }), /cannot be called __metadata__/);
  assert.throws(() => encode({ '\ud800': f32([0], []) }), /"\\ud800" holds half a surrogate pair/);
  assert.throws(() => encode({}, { k: '\udc00x' }), /half a surrogate pair/);
});

slow('a header beyond the limit is not written', () => {
  assert.throws(
    () => encode({}, { k: 'x'.repeat(100_000_000) }),
    (error: unknown) => error instanceof SafetensorsError && error.message.includes('at most 100000000 bytes'),
  );
});

test.run();
