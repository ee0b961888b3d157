/**
 * @file Writes small files in MNIST's format into a folder.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** An IDX file of bytes; the sizes need not be true. */
export function idxBytes(shape: readonly number[], data: Iterable<number>): Uint8Array {
  const header = new DataView(new ArrayBuffer(4 + 4 * shape.length));
  header.setUint8(2, 0x08);
  header.setUint8(3, shape.length);
  shape.forEach((size, axis) => header.setUint32(4 + 4 * axis, size));
  return new Uint8Array([...new Uint8Array(header.buffer), ...data]);
}

/** Pixels that differ from image to image. */
export function somePixels(count: number, side: number, salt = 0): number[] {
  return Array.from({ length: count * side * side }, (_, i) => (i * 7 + salt) % 256);
}

/** A whole MNIST in small: 6 training and 3 test images, 28 × 28. */
export function smallMnist(): Record<string, Uint8Array> {
  return {
    'train-images-idx3-ubyte': idxBytes([6, 28, 28], somePixels(6, 28)),
    'train-labels-idx1-ubyte': idxBytes([6], [5, 0, 4, 1, 9, 2]),
    't10k-images-idx3-ubyte': idxBytes([3, 28, 28], somePixels(3, 28, 3)),
    't10k-labels-idx1-ubyte': idxBytes([3], [7, 2, 1]),
  };
}

/** Runs `body` in a fresh folder holding `files`, and removes it. */
export async function withFolder(
  files: Readonly<Record<string, Uint8Array>>,
  body: (folder: string) => Promise<void>,
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'gan-lab-data-'));
  try {
    for (const [name, bytes] of Object.entries(files)) await writeFile(join(folder, name), bytes);
    await body(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The message a promise rejects with. */
export async function rejection(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
  } catch (error) {
    return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  }
  throw new Error('expected a rejection');
}
