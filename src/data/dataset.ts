/**
 * @file What every source of images hands to training: bytes, labels, and a hash that says which ones they were.
 */
import { createHash } from 'node:crypto';

/** Images as bytes with one label each; immutable by convention. */
export interface ImageDataset {
  /** For people: `mnist/train`, `digits`. */
  readonly name: string;
  readonly count: number;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  /** `count · height · width · channels` bytes, NHWC, 0 black … 255 white. */
  readonly pixels: Uint8Array;
  /** `count` class indices. */
  readonly labels: Uint8Array;
  /** Hex SHA-256 of the pixels followed by the labels; equal hashes mean the same images in the same order. */
  readonly sha256: string;
}

/**
 * Puts a dataset together and hashes it.
 *
 * @param parts everything but the hash; `pixels` is NHWC, 0 … 255
 * @throws RangeError where the byte counts do not follow from the shape
 */
export function createDataset(parts: Omit<ImageDataset, 'sha256'>): ImageDataset {
  const { name, count, height, width, channels, pixels, labels } = parts;
  const expected = count * height * width * channels;
  if (pixels.length !== expected) {
    const shape = `${count}×${height}×${width}×${channels}`;
    throw new RangeError(`Dataset ${name}: ${shape} takes ${expected} pixel bytes, got ${pixels.length}.`);
  }
  if (labels.length !== count) {
    throw new RangeError(`Dataset ${name}: ${count} images take ${count} labels, got ${labels.length}.`);
  }
  const sha256 = createHash('sha256').update(pixels).update(labels).digest('hex');
  return { name, count, height, width, channels, pixels, labels, sha256 };
}
