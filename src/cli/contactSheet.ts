/**
 * @file A contact sheet: what a dataset looks like, a column a class.
 */
import { fillImages } from '../data/batches.js';
import type { ImageDataset } from '../data/dataset.js';
import { withCaption } from '../figures/caption.js';
import { imageGrid, type RasterImage } from '../figures/png.js';

/** Pixels of the sheet for each pixel of an image. */
const SCALE = 2;

/**
 * Lays out the first images of each class, in the dataset's order.
 *
 * @param classes columns; labels are below it
 * @param rows images of each class; where a class has fewer, the rest stays black
 * @param caption below the images
 */
export function contactSheet(dataset: ImageDataset, classes: number, rows: number, caption: string): RasterImage {
  const { height, width, channels, labels } = dataset;
  const size = height * width * channels;
  const images = new Float32Array(classes * rows * size).fill(-1);
  const placed = new Array<number>(classes).fill(0);
  labels.forEach((label, index) => {
    const row = placed[label]!++;
    if (row >= rows) return;
    const slot = row * classes + label;
    fillImages(dataset, [index], images.subarray(slot * size, (slot + 1) * size));
  });
  const grid = imageGrid(images, { count: classes * rows, height, width, channels, columns: classes, scale: SCALE });
  return withCaption(grid, caption);
}
