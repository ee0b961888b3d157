/**
 * @file Judges runs on Stacked MNIST and real images, and writes the results, the page and the pictures.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import type { Engine } from '../../src/autograd/engine.js';
import { stackedMnist } from '../../src/data/stackedMnist.js';
import { loadMnist } from '../../src/datasets/mnist.js';
import type { StackedCoverage } from '../../src/evaluation/modes/stackedModes.js';
import { encodePng, imageGrid } from '../../src/figures/png.js';
import type { Classifier } from '../../src/models/networks/classifier.js';
import { judgeReal, judgeRun, openJudge, SHOWN } from './judging.js';
import { pageOf } from './page.js';
import { earlierResults, type JudgedRun, type Results, withRuns } from './results.js';

/** Where the results are written by default, without an ending. */
export const OUT = 'docs/stacked-mnist';

/** A finished run, and its name on the page. */
export interface LabelledRun {
  readonly label: string;
  readonly path: string;
}

export interface BenchmarkOptions {
  readonly runs: readonly LabelledRun[];
  /** Folder of the four MNIST files. */
  readonly mnist: string;
  readonly samples: number;
  /** A classifier's file; the bundled one by default. */
  readonly classifier?: string | undefined;
  /** Keeps earlier results, except for runs with the same label. */
  readonly add: boolean;
  /** Path of the results without an ending. */
  readonly out: string;
  /** The command that repeats the benchmark. */
  readonly command: string;
  readonly print: (line: string) => void;
}

/** Judges the runs one by one, and writes the results after each. */
export async function benchmark(engine: Engine, options: BenchmarkOptions): Promise<void> {
  const { runs, samples, out, print } = options;
  const { judge, model } = openJudge(engine, options.classifier);
  const before = options.add ? earlierResults(`${out}.json`, judge, samples) : undefined;
  const real = before?.real ?? (await realImages(engine, model, options));
  const judged: JudgedRun[] = [];
  for (const { label, path } of runs) {
    const picture = pictureOf(out, label);
    const { run, first } = await judgeRun(engine, model, { label, path, picture }, samples);
    writePicture(out, picture, first);
    judged.push(run);
    print(`${label}: ${summaryOf(run)}, iteration ${run.iteration}`);
    const commands = [...(before?.commands ?? []), options.command];
    await write(out, { commands, judge, real, runs: withRuns(before?.runs ?? [], judged) });
  }
  model.dispose();
}

async function realImages(
  engine: Engine,
  model: Classifier,
  { mnist, samples, out, print }: BenchmarkOptions,
): Promise<Results['real']> {
  const dataset = stackedMnist(await loadMnist(mnist, 'test'), { seed: 'real', count: samples });
  const { coverage, first } = await judgeReal(engine, model, dataset, samples);
  print(`real images: ${summaryOf(coverage)}`);
  const picture = pictureOf(out, 'real');
  writePicture(out, picture, first);
  return { ...coverage, dataset: dataset.name, picture };
}

function summaryOf({ modes, divergence, sure, sureModes }: StackedCoverage): string {
  return `${modes} modes, KL ${divergence.toFixed(3)}, ${(100 * sure).toFixed(1)} % sure images in ${sureModes} modes`;
}

async function write(out: string, results: Results): Promise<void> {
  writeFileSync(`${out}.json`, await pretty(JSON.stringify(results), 'json'));
  writeFileSync(`${out}.md`, await pretty(pageOf(results), 'markdown'));
}

async function pretty(text: string, parser: string): Promise<string> {
  return format(text, { ...(await resolveConfig(`${OUT}.json`)), parser });
}

/** The picture's path relative to the page, by its label. */
function pictureOf(out: string, label: string): string {
  return `images/${basename(out)}-${label.toLowerCase().replace(/[^a-z0-9]+/g, '-')}.png`;
}

function writePicture(out: string, picture: string, images: Float32Array): void {
  const path = join(dirname(out), picture);
  mkdirSync(dirname(path), { recursive: true });
  const shape = { count: SHOWN, height: 28, width: 28, channels: 3, columns: SHOWN, scale: 2 };
  writeFileSync(path, encodePng(imageGrid(images, shape)));
}
