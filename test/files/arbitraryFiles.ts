/**
 * @file Small files that are right, whatever they hold, and what a reader must make of them once they are not.
 */
import fc from 'fast-check';
import * as assert from 'uvu/assert';
import {
  encodeSafetensors,
  parseSafetensors,
  type Safetensors,
  SafetensorsError,
} from '../../src/data/weights/safetensors.js';
import { idxBytes } from '../data/fixtures.js';

/** Room for what is not the reader's: text decoders, the engine's own buffers. */
const SLACK_BYTES = 256 * 1024;

/** Runs `body`, which may allocate arrays of a few times `bytes`, whatever numbers a file of that length holds. */
export function withinMemory<T>(bytes: number, body: () => T): T {
  const before = process.memoryUsage().arrayBuffers;
  const result = body();
  const grown = process.memoryUsage().arrayBuffers - before;
  assert.ok(grown <= 4 * bytes + SLACK_BYTES, `${grown} bytes were allocated for a file of ${bytes}`);
  return result;
}

export const product = (sizes: readonly number[]): number => sizes.reduce((all, size) => all * size, 1);

const sizes = fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 4 });
const text = fc.string({
  unit: fc.constantFrom('a', 'b', '"', '\\', '/', '\n', 'é', '漢', '😀', '__proto__', '{', ':'),
});
const word = fc.oneof(fc.nat({ max: 0xffffffff }), fc.constantFrom(0x7fc00001, 0xff800000, 0x80000000));

const tensor = fc.record({ shape: sizes, isFloat: fc.boolean(), first: word }).map(({ shape, isFloat, first }) => {
  const bits = Uint32Array.from({ length: product(shape) }, (_, i) => first + i * 0x01234567);
  return { shape, values: isFloat ? new Float32Array(bits.buffer) : bits };
});

const entry = fc.tuple(text, tensor);

/** Few tensors, for the files to be small; mostly some, for there to be something to go wrong. */
export const safetensors: fc.Arbitrary<Safetensors> = fc.record({
  tensors: fc
    .oneof(
      { weight: 6, arbitrary: fc.array(entry, { minLength: 2, maxLength: 5 }) },
      { weight: 1, arbitrary: fc.constant([]) },
    )
    .map((all) => new Map(all)),
  metadata: fc.array(fc.tuple(text, text), { maxLength: 3 }).map((all) => new Map(all)),
});

export const idx = fc.array(fc.integer({ min: 0, max: 6 }), { minLength: 1, maxLength: 4 }).map((shape) =>
  idxBytes(
    shape,
    Array.from({ length: product(shape) }, (_, i) => i % 256),
  ),
);

/** Reads; whatever comes back must be what the plain reading of the header, by JSON.parse, finds in the bytes. */
export function readsOrRefuses(bytes: Uint8Array): Safetensors | undefined {
  let read: Safetensors;
  try {
    read = withinMemory(bytes.length, () => parseSafetensors(bytes, 'f'));
  } catch (error) {
    if (!(error instanceof SafetensorsError)) throw error;
    assert.match(error.message, /^f: .{10,400}\.$/u);
    return undefined;
  }
  const headerBytes = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
  const header: unknown = JSON.parse(Buffer.from(bytes.subarray(8, 8 + headerBytes)).toString());
  const data = bytes.subarray(8 + headerBytes);
  const plain = new Map(Object.entries(header as Record<string, unknown>));
  const notes = (plain.get('__metadata__') ?? {}) as Record<string, string>;
  plain.delete('__metadata__');
  assert.equal(read.metadata, new Map(Object.entries(notes)));
  assert.equal(new Set(read.tensors.keys()), new Set(plain.keys()));

  let total = 0;
  for (const [name, { shape, values }] of read.tensors) {
    const entry = plain.get(name) as { dtype: string; shape: number[]; data_offsets: [number, number] };
    assert.is(values.length, product(shape));
    assert.equal(shape, entry.shape);
    assert.is(entry.dtype, values instanceof Float32Array ? 'F32' : 'U32');
    const stored = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
    assert.is(Buffer.compare(stored, data.subarray(...entry.data_offsets)), 0);
    total += values.byteLength;
  }
  assert.is(total, data.length);
  return read;
}

export const sameTensors = (one: Safetensors, other: Safetensors): void =>
  assert.equal(encodeSafetensors(one), encodeSafetensors(other));
