/**
 * @file Reads and writes safetensors files: N as a little-endian uint64, N bytes of JSON with the names and byte offsets of
 * the tensors, then the bytes.
 *
 * Source: https://github.com/huggingface/safetensors (README, "Format"). Rejects what its Rust
 * implementation rejects, and also repeated names, which the format forbids, and unknown keys. Supports the dtypes F32 and
 * U32. Values are little-endian; on a big-endian machine both functions throw.
 */
import {
  type Entry,
  type Fail,
  HeaderReader,
  isSize,
  isUnicode,
  METADATA,
  MOST_MEMBERS,
  MOST_SIZES,
} from './safetensorsHeader.js';
import { shown } from '../printable.js';

const UTF8 = new TextEncoder();

/** `values` is row-major; its length is the product of `shape`: 1 for rank 0, 0 if a size is 0. */
export interface StoredTensor {
  readonly shape: readonly number[];
  readonly values: Float32Array | Uint32Array;
}

/** The content of a file. */
export interface Safetensors {
  readonly tensors: ReadonlyMap<string, StoredTensor>;
  /** Free text by key, which the file stores as `__metadata__`; no tensor may have that name. */
  readonly metadata: ReadonlyMap<string, string>;
}

/** The bytes are not a safetensors file, or tensors cannot be encoded; the message says what was found and expected. */
export class SafetensorsError extends Error {
  override readonly name = 'SafetensorsError';
}

const LENGTH_BYTES = 8;
const ELEMENT_BYTES = 4;
/** The data start at a multiple of this, so that a reader can map them without a copy. */
const ALIGNMENT = 8;
/** The Rust implementation's limit. */
const MAX_HEADER_BYTES = 100_000_000;
const OPENING_BRACE = 0x7b;
const SPACE = 0x20;
const SHOWN_SIZES = 8;

/**
 * Encodes a file, with the same bytes as the Rust implementation: F32 before U32, each sorted by name, so the bytes do not
 * depend on the order of the tensors. Metadata are sorted by name too; that implementation does not sort them.
 *
 * @throws SafetensorsError for a tensor with a wrong number of values, a tensor called `__metadata__`, text that is not
 *   Unicode (half a surrogate pair), and more tensors or dimensions than the reader accepts
 */
export function encodeSafetensors({ tensors, metadata }: Safetensors): Uint8Array {
  requireLittleEndian();
  if (Math.max(tensors.size, metadata.size) >= MOST_MEMBERS) {
    throw new SafetensorsError(`A file holds fewer than ${MOST_MEMBERS} tensors and notes.`);
  }
  const sorted = byName(tensors)
    .map(([name, { shape, values }]) => ({
      name,
      shape,
      values,
      dtype: values instanceof Float32Array ? 'F32' : 'U32',
    }))
    .sort((a, b) => Number(a.dtype === 'U32') - Number(b.dtype === 'U32'));

  const members: string[] = [];
  if (metadata.size > 0) {
    const notes = byName(metadata).map(([key, value]) => `${quoted(key)}:${quoted(value)}`);
    members.push(`"${METADATA}":{${notes.join(',')}}`);
  }
  let end = 0;
  for (const { name, dtype, shape, values } of sorted) {
    if (name === METADATA) throw new SafetensorsError(`A tensor cannot be called ${METADATA}.`);
    const count = countOf(shape);
    if (!shape.every(isSize) || shape.length > MOST_SIZES || count !== values.length) {
      const found = `shape ${shownShape(shape)} and ${values.length} values`;
      throw new SafetensorsError(`Tensor ${shown(name)}: expected as many values as the shape takes, found ${found}.`);
    }
    const begin = end;
    end += ELEMENT_BYTES * count;
    const place = `"shape":[${shape.join(',')}],"data_offsets":[${begin},${end}]`;
    members.push(`${quoted(name)}:{"dtype":"${dtype}",${place}}`);
  }

  const header = UTF8.encode(`{${members.join(',')}}`);
  const headerBytes = ALIGNMENT * Math.ceil(header.length / ALIGNMENT);
  if (headerBytes > MAX_HEADER_BYTES) {
    throw new SafetensorsError(`A header takes at most ${MAX_HEADER_BYTES} bytes; this one would take ${headerBytes}.`);
  }
  const file = new Uint8Array(LENGTH_BYTES + headerBytes + end).fill(SPACE, LENGTH_BYTES, LENGTH_BYTES + headerBytes);
  new DataView(file.buffer).setBigUint64(0, BigInt(headerBytes), true);
  file.set(header, LENGTH_BYTES);
  let at = LENGTH_BYTES + headerBytes;
  for (const { values } of sorted) {
    file.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), at);
    at += values.byteLength;
  }
  return file;
}

/**
 * Parses a file. Checks every number in its header against the file's size before it allocates anything.
 *
 * @param bytes the whole file, at any alignment; the values of the result are copies
 * @param name the file's name, for error messages
 * @returns tensors and metadata in the order of the header
 * @throws SafetensorsError for an incomplete or invalid file
 */
export function parseSafetensors(bytes: Uint8Array, name: string): Safetensors {
  requireLittleEndian();
  const fail: Fail = (problem) => {
    throw new SafetensorsError(`${name}: ${problem}.`);
  };
  const { text, dataStart } = headerOf(bytes, fail);
  const { entries, metadata } = new HeaderReader(text, fail).read();
  const data = bytes.subarray(dataStart);
  checkPlaces(entries, data.length, fail);
  const tensors = new Map<string, StoredTensor>();
  for (const [key, { dtype, shape, begin, end }] of entries) {
    const copy = new Uint8Array(end - begin);
    copy.set(data.subarray(begin, end));
    const values = dtype === 'F32' ? new Float32Array(copy.buffer) : new Uint32Array(copy.buffer);
    tensors.set(key, { shape, values });
  }
  return { tensors, metadata };
}

function headerOf(bytes: Uint8Array, fail: Fail): { text: string; dataStart: number } {
  if (bytes.length < LENGTH_BYTES) {
    fail(`a safetensors file starts with ${LENGTH_BYTES} bytes of length, found ${bytes.length} in all`);
  }
  const claimed = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getBigUint64(0, true);
  if (claimed > BigInt(MAX_HEADER_BYTES)) {
    fail(`not a safetensors file: its header would take ${claimed} bytes, at most ${MAX_HEADER_BYTES} are allowed`);
  }
  const dataStart = LENGTH_BYTES + Number(claimed);
  if (dataStart > bytes.length) {
    fail(`truncated: its header takes ${claimed} bytes, found ${bytes.length - LENGTH_BYTES} after the length`);
  }
  const header = bytes.subarray(LENGTH_BYTES, dataStart);
  if (header[0] !== OPENING_BRACE) {
    const found = header[0] === undefined ? 'nothing' : `byte 0x${header[0].toString(16).padStart(2, '0')}`;
    fail(`not a safetensors file: expected a header that starts with {, found ${found}`);
  }
  try {
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(header), dataStart };
  } catch {
    return fail('its header is not UTF-8');
  }
}

/** Checks that each tensor has as many bytes as its shape needs, and that the tensors cover the data exactly once. */
function checkPlaces(entries: ReadonlyMap<string, Entry>, dataBytes: number, fail: Fail): void {
  for (const [name, { dtype, shape, begin, end }] of entries) {
    const offsets = `tensor ${shown(name)}: data_offsets [${begin}, ${end}]`;
    if (end < begin) fail(`${offsets} end before they begin`);
    if (end > dataBytes) fail(`${offsets} reach beyond the ${dataBytes} bytes of data in the file`);
    const needed = ELEMENT_BYTES * countOf(shape);
    if (needed !== end - begin) {
      const takes = Number.isSafeInteger(needed) ? `takes ${needed} bytes` : 'takes more bytes than can be counted';
      fail(`${offsets} hold ${end - begin} bytes, but its shape ${shownShape(shape)} of ${dtype} ${takes}`);
    }
  }
  let expected = 0;
  for (const [name, { begin, end }] of [...entries].sort(([, a], [, b]) => a.begin - b.begin || a.end - b.end)) {
    if (begin !== expected) {
      const problem = begin < expected ? 'overlap another tensor' : 'leave a hole';
      fail(`tensor ${shown(name)}: data_offsets [${begin}, ${end}] ${problem}: expected to begin at ${expected}`);
    }
    expected = end;
  }
  if (expected !== dataBytes) fail(`expected ${expected} bytes of data, as its tensors take, found ${dataBytes}`);
}

/** Number of elements; NaN if a partial product is not a safe integer, even if a later size is 0. */
function countOf(shape: readonly number[]): number {
  return shape.reduce((product, size) => (Number.isSafeInteger(product * size) ? product * size : NaN), 1);
}

function shownShape(shape: readonly number[]): string {
  return `[${shape.slice(0, SHOWN_SIZES).join(', ')}${shape.length > SHOWN_SIZES ? ', …' : ''}]`;
}

/** Sorts by code points, like Rust, which compares UTF-8 bytes; `<` compares UTF-16 and gives another order. */
function byName<T>(map: ReadonlyMap<string, T>): [string, T][] {
  return [...map].sort(([a], [b]) => compareCodePoints(a, b));
}

function compareCodePoints(a: string, b: string): number {
  const [as, bs] = [Array.from(a), Array.from(b)];
  const at = as.findIndex((character, index) => character !== bs[index]);
  if (at < 0) return as.length - bs.length;
  return (as[at]?.codePointAt(0) ?? 0) - (bs[at]?.codePointAt(0) ?? -1);
}

function quoted(text: string): string {
  if (!isUnicode(text)) throw new SafetensorsError(`${shown(text)} holds half a surrogate pair: not Unicode.`);
  return JSON.stringify(text);
}

function requireLittleEndian(): void {
  const isLittleEndian = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;
  if (!isLittleEndian) throw new SafetensorsError('safetensors files need a little-endian machine.');
}
