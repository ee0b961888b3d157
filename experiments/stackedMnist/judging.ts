/**
 * @file Judges runs on Stacked MNIST, and real images for comparison.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import type { Engine } from '../../src/autograd/engine.js';
import { fillImages } from '../../src/data/batches.js';
import type { ImageDataset } from '../../src/data/dataset.js';
import { type StackedCoverage, StackedModes } from '../../src/evaluation/modes/stackedModes.js';
import type { Classifier } from '../../src/models/networks/classifier.js';
import { drawZ } from '../../src/gan/latent.js';
import type { RunSession } from '../../src/training/run/runDescription.js';
import { readRun } from '../../src/training/run/runFiles.js';
import { sessionSeconds } from '../../src/training/run/session.js';
import { bundledClassifier, loadClassifier, readMetadata } from '../../src/training/checkpoint/trainedClassifier.js';
import { findCheckpoint, TrainedGenerator } from '../../src/training/checkpoint/trainedGenerator.js';
import type { Judge, JudgedRun } from './results.js';
import { trainingOf } from './training.js';

/** Images that are in memory at once. */
const CHUNK = 1000;

/** Images of the picture. */
export const SHOWN = 12;

const SIZE = 28 * 28 * 3;

/** A classifier and what is said of it. @param file the project's own for MNIST where absent */
export function openJudge(engine: Engine, file: string | undefined): { judge: Judge; model: Classifier } {
  const path = file ?? bundledClassifier('mnist/train') ?? '';
  const { model, name } = loadClassifier(engine, path);
  const accuracy = Number(readMetadata(path).get('testAccuracy') ?? NaN);
  const sha256 = createHash('sha256').update(readFileSync(path)).digest('hex');
  const testAccuracy = Number.isNaN(accuracy) ? null : accuracy;
  return {
    judge: { file: file === undefined ? 'bundled' : basename(file), sha256, classifier: name, testAccuracy },
    model,
  };
}

interface Judged {
  readonly coverage: StackedCoverage;
  /** The first {@link SHOWN} images. */
  readonly first: Float32Array;
}

/** @param draw gives the images [count, 28, 28, 3] from `first` on */
async function judge(
  modes: StackedModes,
  samples: number,
  draw: (first: number, count: number) => Float32Array | Promise<Float32Array>,
): Promise<Judged> {
  let shown = new Float32Array(0);
  for (let first = 0; first < samples; first += CHUNK) {
    const images = await draw(first, Math.min(CHUNK, samples - first));
    if (first === 0) shown = images.slice(0, SHOWN * SIZE);
    await modes.add(images);
  }
  return { coverage: modes.coverage, first: shown };
}

/** The first images of a dataset. */
export function judgeReal(engine: Engine, model: Classifier, dataset: ImageDataset, samples: number): Promise<Judged> {
  return judge(new StackedModes(engine, model), samples, (first, count) => {
    const images = new Float32Array(count * SIZE);
    fillImages(
      dataset,
      Uint32Array.from({ length: count }, (_, index) => first + index),
      images,
    );
    return images;
  });
}

/** The newest checkpoint of a run. @throws Error for a run on other images */
export async function judgeRun(
  engine: Engine,
  model: Classifier,
  { label, path, picture }: { readonly label: string; readonly path: string; readonly picture: string },
  samples: number,
): Promise<{ run: JudgedRun; first: Float32Array }> {
  const { arguments: args, dataset, sessions } = readRun(path);
  if (dataset.kind !== 'stacked') {
    throw new Error(`--run ${label}=${path}: it was trained on ${dataset.name}, not on --data stacked`);
  }
  const { checkpoint } = findCheckpoint(path);
  const generator = TrainedGenerator.load(engine, checkpoint);
  const { zDim } = generator;
  const z = drawZ(samples, zDim, 'stacked MNIST');
  const { coverage, first } = await judge(new StackedModes(engine, model), samples, (from, count) => {
    return generator.images(z.subarray(from * zDim, (from + count) * zDim));
  });
  generator.dispose();
  const run: JudgedRun = {
    label,
    ...coverage,
    name: basename(path),
    iteration: checkpoint.iteration,
    arguments: args,
    dataset: dataset.name,
    ...trainingOf(args, checkpoint.iteration),
    device: sessions.at(-1)?.adapter.name ?? 'unknown',
    seconds: secondsOf(sessions),
    picture,
  };
  return { run, first };
}

function secondsOf(sessions: readonly RunSession[]): number | null {
  const each = sessions.map((session) => sessionSeconds(session) ?? NaN);
  const sum = each.reduce((total, seconds) => total + seconds, 0);
  return Number.isFinite(sum) ? Math.round(sum) : null;
}
