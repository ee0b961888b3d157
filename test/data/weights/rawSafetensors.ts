/**
 * @file Safetensors files put together by hand, so that anything about them can be wrong, and what the reader says then.
 */
import * as assert from 'uvu/assert';
import { parseSafetensors, SafetensorsError } from '../../../src/data/weights/safetensors.js';

/** Length, header, data; `claimed` is the header's length that the file states, true or not. */
export function rawSafetensors(header: string | Uint8Array, data: Iterable<number> = [], claimed?: bigint): Uint8Array {
  const text = typeof header === 'string' ? Buffer.from(header) : header;
  const length = new DataView(new ArrayBuffer(8));
  length.setBigUint64(0, claimed ?? BigInt(text.length), true);
  return new Uint8Array(Buffer.concat([new Uint8Array(length.buffer), text, Uint8Array.from(data)]));
}

/** What the parser says about a file that it must refuse. */
export function refusal(bytes: Uint8Array): string {
  try {
    parseSafetensors(bytes, 'some-file');
  } catch (error) {
    assert.instance(error, SafetensorsError);
    const message = error instanceof Error ? error.message : '';
    assert.match(message, /^some-file: .*\.$/);
    assert.ok(message.length < 400, `${message.length} characters`);
    return message;
  }
  throw new Error('parseSafetensors accepted a broken file');
}

/** … whose header is this and whose data are so many zeros. */
export const refusedHeader = (header: string, dataBytes = 0): string =>
  refusal(rawSafetensors(header, new Uint8Array(dataBytes)));

/** … whose tensor "a" is this and whose data are so many zeros. */
export const refusedTensor = (shape: string, offsets: string, dataBytes: number): string =>
  refusedHeader(`{"a":{"dtype":"F32","shape":${shape},"data_offsets":${offsets}}}`, dataBytes);
