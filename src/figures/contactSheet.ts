/**
 * @file A contact sheet: what a dataset looks like, a column a class.
 */
import { fillImages } from '../data/batches.js';
import type { ImageDataset } from '../data/dataset.js';
import { withCaption } from './caption.js';
import { imageGrid, type RasterImage } from './png.js';

/** Pixels of the sheet for each pixel of an image. */
const SCALE = 2;

/**
 * Lays out the first images of each class, in the dataset's order.
 *
 * @param columns how many there are, and which one a label goes into; its own by default
 * @param rows images of each column; where there are fewer, the rest stays black
 * @param caption below the images
 */
export function contactSheet(
  dataset: ImageDataset,
  columns: { readonly count: number; readonly of?: (label: number) => number },
  rows: number,
  caption: string,
): RasterImage {
  const { height, width, channels, labels } = dataset;
  const size = height * width * channels;
  const images = new Float32Array(columns.count * rows * size).fill(-1);
  const placed = new Array<number>(columns.count).fill(0);
  labels.forEach((label, index) => {
    const column = columns.of?.(label) ?? label;
    const row = placed[column]!++;
    if (row >= rows) return;
    const slot = row * columns.count + column;
    fillImages(dataset, [index], images.subarray(slot * size, (slot + 1) * size));
  });
  const shape = { count: columns.count * rows, height, width, channels };
  const grid = imageGrid(images, { ...shape, columns: columns.count, scale: SCALE });
  return withCaption(grid, caption);
}
