/**
 * @file Makes studies without training and without a GPU: the files of their runs, a generator and a measurer.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Diagnosis } from '../../src/evaluation/diagnosis.js';
import { withCaption } from '../../src/figures/caption.js';
import { encodePng, imageGrid } from '../../src/figures/png.js';
import type { StoredTensor } from '../../src/data/weights/safetensors.js';
import type { Measurer } from '../../src/study/measure/measurement.js';
import type { OpenGenerator } from '../../src/study/figures/drawStudy.js';
import type { StudyDataset, StudyDescription, StudySettings } from '../../src/study/plan/studyDescription.js';
import { StudyFolder } from '../../src/study/plan/studyFolder.js';
import { type PlannedRun, runArguments } from '../../src/study/plan/studyPlan.js';
import { type Checkpoint, CheckpointFolder } from '../../src/training/checkpoint/checkpoints.js';
import { networkMetadata } from '../../src/training/checkpoint/runCheckpoint.js';
import { RUN_FORMAT, type RunDescription, type RunSession } from '../../src/training/run/runDescription.js';
import { runFiles } from '../../src/training/run/runFiles.js';
import type { Snapshot } from '../../src/data/weights/state.js';
import { diagnosisOf } from './diagnoses.js';

export const SETTINGS: StudySettings = {
  preset: 'quick',
  keepBest: 'none',
  checkpoint: 'newest',
  zDims: [5, 2],
  seeds: ['1', '2'],
  architecture: 'dcgan',
  width: 0.125,
  batch: 4,
  iterations: 4,
  sampleEvery: 2,
  samples: 10_000,
};

export const STUDY: StudyDescription = {
  format: 'zdim-gan-lab/study/1',
  created: '2026-01-02T03:04:05.678Z',
  settings: SETTINGS,
  dataset: {
    kind: 'digits',
    name: 'digits',
    count: 60_000,
    sha256: '0af9'.repeat(16),
    classes: Array.from({ length: 10 }, (_, digit) => digit.toString()),
    shares: new Array<number>(10).fill(0.1),
  },
};

const SESSION: RunSession = {
  started: '2026-01-02T03:04:05.000Z',
  ended: '2026-01-02T03:06:05.000Z',
  outcome: 'finished',
  from: 0,
  to: 4,
  iterationsPerSecond: 10,
  adapter: { name: 'llvmpipe', driver: 'Mesa 25' },
  versions: { project: '0.1.0', node: 'v20.19.0' },
  tuned: false,
  eager: false,
  kernels: {},
};

/** Creates the folder of a study without runs. */
export function newStudy(
  path: string,
  settings: Partial<StudySettings> = {},
  dataset: Partial<StudyDataset> = {},
): StudyFolder {
  return StudyFolder.create(path, {
    ...STUDY,
    settings: { ...SETTINGS, ...settings },
    dataset: { ...STUDY.dataset, ...dataset },
  });
}

/** Writes the files of a trained run into a study. */
export function putRun(folder: StudyFolder, run: PlannedRun, session: Partial<RunSession> = {}): void {
  const path = folder.runPath(run);
  const files = runFiles(path);
  mkdirSync(files.images, { recursive: true });
  const { settings, dataset } = folder.description;
  const { kind, name, count, sha256 } = dataset;
  const description: RunDescription = {
    format: RUN_FORMAT,
    arguments: runArguments(settings, run),
    dataset: { kind, name, count, sha256 },
    parameters: { generator: 1000, discriminator: 100 },
    sessions: [{ ...SESSION, ...session }],
  };
  writeFileSync(files.run, JSON.stringify(description));

  const row = {
    generatorLoss: 1,
    discriminatorLoss: 0.5,
    realAccuracy: 0.75,
    fakeAccuracy: 0.5,
    foolingRate: 0.25,
  };
  writeLines(
    files.metrics,
    [1, 2, 3, 4].map((iteration) => ({ iteration, ...row })),
  );
  writeLines(files.diagnoses, [
    diagnosisOf({ iteration: 2, zDim: run.zDim, modes: 5, switched: null }),
    diagnosisOf({ iteration: 4, zDim: run.zDim, switched: 0.25 }),
  ]);
  for (const iteration of [2, 4]) {
    writeFileSync(join(files.images, `fixed-00000${iteration}.png`), pictureOf(iteration));
  }
  putCheckpoint(folder, run, 4);
}

const pictures = new Map<number, Uint8Array>();

/** The picture of the fixed z at an iteration, the same in each run. */
function pictureOf(iteration: number): Uint8Array {
  const drawn = pictures.get(iteration);
  if (drawn !== undefined) return drawn;
  const size = { count: 25, height: 28, width: 28, channels: 1, columns: 5, scale: 4 };
  const picture = encodePng(withCaption(imageGrid(digits(25, iteration), size), `iteration ${iteration}`));
  pictures.set(iteration, picture);
  return picture;
}

function writeLines(path: string, rows: readonly object[]): void {
  writeFileSync(path, rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
}

/** Writes a checkpoint into a run. Its bytes depend on `value`. */
export function putCheckpoint(folder: StudyFolder, run: PlannedRun, iteration: number, value = 1): void {
  const tensors: Snapshot = new Map<string, StoredTensor>([
    ['weights', { shape: [1], values: new Float32Array([value]) }],
    ['iteration', { shape: [], values: new Uint32Array([iteration]) }],
  ]);
  const { settings, dataset } = folder.description;
  const images = { ...dataset, height: 28, width: 28, channels: 1 };
  const metadata = networkMetadata(runArguments(settings, run), images);
  new CheckpointFolder(runFiles(folder.runPath(run)).checkpoints).write(iteration, tensors, metadata);
}

/** Images with a pattern, [count, 28, 28, 1]. */
function digits(count: number, start = 0): Float32Array {
  return Float32Array.from({ length: count * 28 * 28 }, (_, index) => Math.sin(index / 7 + start));
}

/** A generator that reads only z_dim from its checkpoint. */
export function fakeGenerator({ metadata }: Checkpoint): OpenGenerator {
  const zDim = Number(metadata.get('zDim'));
  return {
    zDim,
    image: { height: 28, width: 28, channels: 1 },
    isConditional: false,
    images: (z) => Promise.resolve(digits(z.length / zDim)),
    dispose: () => undefined,
  };
}

/** Returns diagnoses at once, and lists the measured runs. */
export class FakeMeasurer implements Measurer {
  readonly measured: string[] = [];

  constructor(
    private readonly diagnose: (zDim: number, seed: string) => Diagnosis = (zDim) => diagnosisOf({ zDim }),
    readonly classifier: Measurer['classifier'] = { name: 'digits-article', sha256: 'c0'.repeat(32), accuracy: 0.995 },
  ) {}

  readonly measure: Measurer['measure'] = ({ run: { name, zDim, seed } }, samples) => {
    this.measured.push(name);
    return Promise.resolve({ ...this.diagnose(zDim, seed), samples });
  };
}
