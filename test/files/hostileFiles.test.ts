/**
 * @file Thousands of files that are almost right: a reader gives a result that the bytes bear out, or its own error.
 */
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { IdxError, parseIdx } from '../../src/data/idx.js';
import { MnistError, unpack } from '../../src/datasets/mnist.js';
import { encodeSafetensors } from '../../src/data/weights/safetensors.js';
import { idxBytes } from '../data/fixtures.js';
import { idx, product, readsOrRefuses, safetensors, sameTensors, withinMemory } from './arbitraryFiles.js';
import { at, mutated, place, splice } from '../support/mutations.js';
import { rawSafetensors } from '../data/weights/rawSafetensors.js';

fc.configureGlobal({ seed: 20_240_611, includeErrorInReport: true });

test('safetensors: what was written is read', () => {
  fc.assert(
    fc.property(safetensors, (file) => {
      const read = readsOrRefuses(encodeSafetensors(file));
      assert.ok(read);
      sameTensors(read, file);
    }),
    { numRuns: 1000 },
  );
});

test('safetensors: bytes changed, cut, inserted, repeated', () => {
  fc.assert(
    fc.property(mutated(safetensors.map(encodeSafetensors)), (bytes) => void readsOrRefuses(bytes)),
    { numRuns: 4000 },
  );
});

test('safetensors: any bytes, with and without a length that fits', () => {
  const any = fc.uint8Array({ maxLength: 100 });
  fc.assert(
    fc.property(any, any, fc.boolean(), (header, data, isObject) => {
      readsOrRefuses(data);
      readsOrRefuses(rawSafetensors(isObject ? Uint8Array.of(0x7b, ...header) : header, data));
    }),
    { numRuns: 1000 },
  );
});

test('safetensors: no part of a file is a file, nor is one with something after it', () => {
  fc.assert(
    fc.property(safetensors.map(encodeSafetensors), place, fc.uint8Array({ minLength: 1 }), (bytes, where, more) => {
      assert.not(readsOrRefuses(bytes.slice(0, at(bytes, where))));
      assert.not(readsOrRefuses(splice(bytes, bytes.length, bytes.length, more)));
    }),
    { numRuns: 1000 },
  );
});

// --- IDX, plain and packed

function idxReadsOrRefuses(bytes: Uint8Array): boolean {
  try {
    const { shape, data } = withinMemory(bytes.length, () => parseIdx(bytes, 'f'));
    assert.is(data.length, product(shape));
    assert.is(bytes.length, 4 + 4 * shape.length + data.length);
    assert.is(data.buffer, bytes.buffer);
    return true;
  } catch (error) {
    if (!(error instanceof IdxError)) throw error;
    assert.match(error.message, /^f: .*\.$/);
    return false;
  }
}

/** At most 64 KiB unpacked. */
async function unpacksOrRefuses(bytes: Uint8Array): Promise<Uint8Array | undefined> {
  const limit = 64 * 1024;
  try {
    const unpacked = await unpack(bytes, 'f', limit);
    if (unpacked !== bytes) assert.ok(unpacked.length <= limit);
    return unpacked;
  } catch (error) {
    if (!(error instanceof MnistError)) throw error;
    assert.match(error.message, /^f: cannot unpack gzip: .*\.$/);
    return undefined;
  }
}

test('IDX: bytes changed, cut, inserted, repeated, and any bytes', () => {
  let accepted = 0;
  const any = fc.oneof(
    { weight: 4, arbitrary: mutated(idx) },
    { weight: 1, arbitrary: fc.uint8Array() },
    {
      weight: 2,
      arbitrary: fc
        .tuple(fc.array(fc.constantFrom(0, 1, 2, 0xffff, 0x80000000, 0xffffffff), { maxLength: 255 }), fc.uint8Array())
        .map(([shape, data]) => idxBytes(shape, data)),
    },
  );
  fc.assert(
    fc.property(any, (bytes) => {
      if (idxReadsOrRefuses(bytes)) accepted++;
    }),
    { numRuns: 5000 },
  );
  assert.ok(accepted > 100 && accepted < 4000, `${accepted} were accepted`);
});

test('IDX: no part of a file is a file, packed or plain', async () => {
  await fc.assert(
    fc.asyncProperty(idx, place, async (bytes, where) => {
      assert.ok(idxReadsOrRefuses(bytes));
      assert.not(idxReadsOrRefuses(bytes.slice(0, at(bytes, where))));
      const packed = new Uint8Array(gzipSync(bytes));
      assert.equal(new Uint8Array(await unpack(packed, 'f')), bytes);
      const unpacked = await unpacksOrRefuses(packed.slice(0, at(packed, where)));
      assert.not(unpacked !== undefined && idxReadsOrRefuses(unpacked));
    }),
    { numRuns: 500 },
  );
});

test('gzip: bytes changed, cut, inserted, repeated', async () => {
  const packed = idx.map((bytes) => new Uint8Array(gzipSync(bytes)));
  const any = fc.oneof(
    { weight: 5, arbitrary: mutated(packed) },
    { weight: 1, arbitrary: fc.uint8Array().map((tail) => Uint8Array.of(0x1f, 0x8b, ...tail)) },
  );
  await fc.assert(
    fc.asyncProperty(any, async (bytes) => {
      const unpacked = await unpacksOrRefuses(bytes);
      if (unpacked !== undefined) idxReadsOrRefuses(new Uint8Array(unpacked));
    }),
    { numRuns: 2000 },
  );
});

test('gzip: a bomb of many members, or of one, stops at the limit', async () => {
  const zeros = new Uint8Array(gzipSync(new Uint8Array(16 * 1024 * 1024)));
  const member = new Uint8Array(gzipSync(new Uint8Array(1000)));
  for (const bomb of [zeros, new Uint8Array(Buffer.concat(new Array<Uint8Array>(1000).fill(member)))]) {
    const before = process.memoryUsage().arrayBuffers;
    assert.not(await unpacksOrRefuses(bomb));
    const grown = process.memoryUsage().arrayBuffers - before;
    assert.ok(grown < 1024 * 1024, `${grown} bytes were allocated for 64 KiB`);
  }
});

test.run();
