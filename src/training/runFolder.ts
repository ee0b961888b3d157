/**
 * @file The folder that a run writes: `run.json`, `metrics.jsonl` and `images/`.
 */
import { appendFileSync, mkdirSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { encodePng, imageGrid } from '../figures/png.js';
import type { Metrics } from './gan.js';
import type { Samples } from './ganTraining.js';
import { SAMPLE_COUNT } from './ganTraining.js';

/** A JSON value. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json };

export interface ImageSize {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
}

/** Pixels of a picture for each pixel of an image. */
const SCALE = 4;

/** The files of one run. */
export class RunFolder {
  readonly images: string;

  /** @throws Error when the folder exists and is not empty, or cannot be made. */
  constructor(
    readonly path: string,
    private readonly imageSize: ImageSize,
  ) {
    mkdirSync(path, { recursive: true });
    if (readdirSync(path).length > 0) throw new Error(`the run folder ${path} is not empty; name another with --out`);
    this.images = join(path, 'images');
    mkdirSync(this.images);
  }

  /** Writes `run.json`, whole or not at all. */
  writeRun(description: Json): void {
    const target = join(this.path, 'run.json');
    writeFileSync(`${target}.tmp`, `${JSON.stringify(description, null, 2)}\n`);
    renameSync(`${target}.tmp`, target);
  }

  /** Appends a line for each iteration, counted from `first`. */
  appendMetrics(first: number, rows: readonly Metrics[]): void {
    const lines = rows.map((row, index) => `${JSON.stringify({ iteration: first + index, ...row })}\n`);
    appendFileSync(join(this.path, 'metrics.jsonl'), lines.join(''));
  }

  /** Writes the two 5 × 5 grids. @returns their paths. */
  writeSamples(samples: Samples): { fixed: string; fresh: string } {
    const number = samples.iteration.toString().padStart(6, '0');
    const write = (kind: 'fixed' | 'fresh'): string => {
      const path = join(this.images, `${kind}-${number}.png`);
      const grid = imageGrid(samples[kind], { ...this.imageSize, count: SAMPLE_COUNT, columns: 5, scale: SCALE });
      writeFileSync(path, encodePng(grid));
      return path;
    };
    return { fixed: write('fixed'), fresh: write('fresh') };
  }
}
