/**
 * @file Parses IDX, the format of the MNIST files: `00 00 type ndim`, one big-endian uint32 a dimension, then the elements.
 *
 * Source: the format's description on LeCun's MNIST page, http://yann.lecun.com/exdb/mnist/ (kept by archive.org).
 * Only type 0x08 (unsigned byte) is read, since MNIST and its relatives use no other.
 */

/** An IDX array: `data` is row-major and as long as the product of `shape`. */
export interface IdxArray {
  readonly shape: readonly number[];
  readonly data: Uint8Array;
}

/** Bytes are not a valid IDX file; the message names the file, what was found and what was expected. */
export class IdxError extends Error {
  override readonly name = 'IdxError';
}

const UNSIGNED_BYTE = 0x08;
const MAGIC_BYTES = 4;
const DIMENSION_BYTES = 4;

/**
 * Reads an IDX array of unsigned bytes.
 *
 * @param bytes the whole unpacked file; `data` of the result is a view of it, so nothing is allocated on the word of
 *   a header that may lie
 * @param name the file's name, for the messages
 * @throws IdxError for a wrong magic number, a file that ends inside its header, and sizes that do not multiply to
 *   exactly the bytes that follow the header
 */
export function parseIdx(bytes: Uint8Array, name: string): IdxArray {
  if (bytes.length < MAGIC_BYTES) {
    throw new IdxError(`${name}: an IDX file starts with ${MAGIC_BYTES} magic bytes, found ${bytes.length} in all.`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const rank = view.getUint8(3);
  if (view.getUint16(0) !== 0 || view.getUint8(2) !== UNSIGNED_BYTE || rank === 0) {
    const found = Array.from(bytes.subarray(0, MAGIC_BYTES), hexByte).join(' ');
    throw new IdxError(`${name}: not an IDX file of bytes: expected magic 00 00 08 and a rank ≥ 1, found ${found}.`);
  }
  const headerBytes = MAGIC_BYTES + DIMENSION_BYTES * rank;
  if (bytes.length < headerBytes) {
    throw new IdxError(`${name}: a header of rank ${rank} takes ${headerBytes} bytes, found ${bytes.length}.`);
  }
  const shape = Array.from({ length: rank }, (_, axis) => view.getUint32(MAGIC_BYTES + DIMENSION_BYTES * axis));
  // A hostile header can push the product past 2^53 or to NaN (∞ · 0); neither equals a length, so both are refused.
  const expected = shape.reduce((product, size) => product * size, 1);
  const found = bytes.length - headerBytes;
  if (expected !== found) {
    const problem = found < expected ? 'truncated' : 'too long';
    const sizes = shape.join('×');
    throw new IdxError(`${name}: ${problem}: sizes ${sizes} take ${expected} bytes after the header, found ${found}.`);
  }
  return { shape, data: bytes.subarray(headerBytes) };
}

function hexByte(value: number): string {
  return value.toString(16).padStart(2, '0');
}
