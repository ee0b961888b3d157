/**
 * @file Writes a message as bytes, for processes that do not speak Node's IPC: bench/peers/pytorch/peer.py and a page.
 *
 * A frame is two little-endian u32, the bytes of the text and of the values, then the text and the values. The text is JSON in
 * which `{"float32": [offset, length]}` stands for an array, both counted in values of four bytes.
 */

const HEADER = 8;

export function encode(message: object): Uint8Array<ArrayBuffer> {
  const arrays: Float32Array[] = [];
  let count = 0;
  const json = JSON.stringify(message, (_, value: unknown) => {
    if (!(value instanceof Float32Array)) return value;
    arrays.push(value);
    count += value.length;
    return { float32: [count - value.length, value.length] };
  });
  const text = new TextEncoder().encode(json);
  const frame = new Uint8Array(HEADER + text.length + 4 * count);
  const header = new DataView(frame.buffer);
  header.setUint32(0, text.length, true);
  header.setUint32(4, 4 * count, true);
  frame.set(text, HEADER);
  let at = HEADER + text.length;
  for (const { buffer, byteOffset, byteLength } of arrays) {
    frame.set(new Uint8Array(buffer, byteOffset, byteLength), at);
    at += byteLength;
  }
  return frame;
}

/** The length of the frame that begins here; undefined where not even its header is complete. */
export function frameLength(bytes: Uint8Array): number | undefined {
  if (bytes.length < HEADER) return undefined;
  const header = new DataView(bytes.buffer, bytes.byteOffset, HEADER);
  return HEADER + header.getUint32(0, true) + header.getUint32(4, true);
}

/** Reads one whole frame. The caller says what it holds. */
export function decode(frame: Uint8Array): unknown {
  const textLength = new DataView(frame.buffer, frame.byteOffset, HEADER).getUint32(0, true);
  const text = new TextDecoder().decode(frame.subarray(HEADER, HEADER + textLength));
  // A copy, because values may begin anywhere and a Float32Array may not.
  const values = new Float32Array(new Uint8Array(frame.subarray(HEADER + textLength)).buffer);
  return JSON.parse(text, (_, value: unknown) => {
    if (typeof value !== 'object' || value === null || !('float32' in value)) return value;
    const [offset, length] = value.float32 as [number, number];
    return values.slice(offset, offset + length);
  });
}
