/**
 * @file Defines a dataset of images: bytes, labels, and a hash that identifies them.
 */
import { sha256Hex } from './hashing.js';

/** Images as bytes with one label each, stored or assembled on request; immutable by convention. */
export interface ImageDataset {
  /** Name in messages: `mnist/train`, `digits`. */
  readonly name: string;
  readonly count: number;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  /** `count` class indices. */
  readonly labels: Uint8Array | Uint16Array;
  /** Hex SHA-256; equal hashes mean the same images in the same order. */
  readonly sha256: string;
  /** The `height · width · channels` bytes of an image, HWC, 0 black … 255 white; read-only. */
  readonly bytesOf: (index: number) => Uint8Array;
}

/** All images in one array. Its hash is of the pixels followed by the labels. */
export interface StoredDataset extends ImageDataset {
  /** `count · height · width · channels` bytes, NHWC, 0 black … 255 white. */
  readonly pixels: Uint8Array;
  readonly labels: Uint8Array;
}

/**
 * Creates a dataset and hashes it.
 *
 * @param parts `pixels` is NHWC, 0 … 255; `sha256` of the pixels followed by the labels, for a host that computes it faster
 * @throws RangeError if the byte counts do not match the shape
 */
export function createDataset(
  parts: Omit<StoredDataset, 'sha256' | 'bytesOf'> & { readonly sha256?: string },
): StoredDataset {
  const { name, count, height, width, channels, pixels, labels } = parts;
  const expected = count * height * width * channels;
  if (pixels.length !== expected) {
    const shape = `${count}×${height}×${width}×${channels}`;
    throw new RangeError(`Dataset ${name}: ${shape} takes ${expected} pixel bytes, got ${pixels.length}.`);
  }
  if (labels.length !== count) {
    throw new RangeError(`Dataset ${name}: ${count} images take ${count} labels, got ${labels.length}.`);
  }
  const { sha256 = sha256Hex(pixels, labels) } = parts;
  const size = height * width * channels;
  const bytesOf = (index: number): Uint8Array => pixels.subarray(index * size, (index + 1) * size);
  return { name, count, height, width, channels, pixels, labels, sha256, bytesOf };
}
