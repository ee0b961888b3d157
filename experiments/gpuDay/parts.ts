/**
 * @file Lists the parts of a GPU day, most valuable first.
 */
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeJson } from '../../bench/support/report.js';
import { Results } from '../../src/study/measure/results.js';
import { studyFiles } from '../../src/study/plan/studyFolder.js';
import { Z_DIMS } from '../../src/study/plan/studyPlan.js';
import { runFiles } from '../../src/training/run/runFiles.js';
import { dcganArguments } from '../stackedMnist/training.js';
import type { Argv } from './child.js';
import type { Part } from './conduct.js';
import { FILES } from './results.js';

/** What the parts depend on. */
export interface Place {
  /** The folder of the results. */
  readonly out: string;
  /** The folder of runs, logs and caches. */
  readonly work: string;
  /** The folder of MNIST; undefined if this machine has none. */
  readonly mnist: string | undefined;
  /** Whether the adapter computes on the CPU: measurements are brief there. */
  readonly software: boolean;
  readonly cores: number;
  /** The Python that may have PyTorch. */
  readonly python: string;
}

/** As in `npm start`. */
const RECIPE = ['--hidden', '256', '--ema', '0.99'];

/** Samples by which a finished recipe is judged. */
const SAMPLES = 10_000;

/** PacGAN's protocol; `experiments/stackedMnist/published.ts` says what differs from it. */
const STACKED = { width: '1', batch: '64', iterations: '100000', seed: '1' } as const;

/** Checkpoints of the trainings on Stacked MNIST: a machine that vanishes costs at most so many iterations. */
const STACKED_CHECKPOINT = '2000';

/** Test files at a time. */
const MOST_JOBS = 5;

const NO_MNIST =
  'MNIST is not on this machine: MNIST_DIR names its folder, and `node dist/cli data --data mnist` downloads it';

/** Figures of a study that are worth keeping: the overview, and one strip of samples for each dimension. */
const KEPT_FIGURES = /^(dimensions|training|strip-.*)\.png$/;

/** A script of this repository. */
function script(path: string, ...args: string[]): Argv {
  return ['node', '--import', 'tsx', path, ...args];
}

function cli(...args: string[]): Argv {
  return ['node', 'dist/cli', ...args];
}

/** All parts of the day. */
export function dayParts(place: Place): Part[] {
  const { out, work, mnist = 'path/to/mnist', cores, python } = place;
  const json = (name: keyof typeof FILES): string[] => ['--json', join(out, FILES[name])];
  const quick = place.software ? ['--quick'] : [];
  const jobs = ['--jobs', Math.max(2, Math.min(MOST_JOBS, Math.floor(cores / 2))).toString()];
  const noMnist = (): string | undefined => (place.mnist === undefined ? NO_MNIST : undefined);
  const noPyTorch = once(() => pytorchObstacle(python));
  const pytorch = (...args: string[]): Argv => [python, 'bench/pytorch/bench.py', ...args];
  const study = join(work, 'study');
  const recipe = join(work, 'recipe');
  return [
    {
      name: 'limits',
      title: 'multiply-adds and copies at their limit',
      ...{ share: 4, leastSeconds: 4 },
      command: () => ({ argv: script('experiments/gpuDay/limits.ts', ...quick, ...json('limits')) }),
    },
    {
      name: 'tests',
      title: 'every test of kernels and gradients',
      ...{ share: 12, leastSeconds: 5 },
      command: () => ({
        argv: script('test/run.ts', 'kernels/', 'autograd/', ...jobs, '--resume', ...json('tests')),
      }),
    },
    {
      name: 'tuning',
      title: 'every tile for every product',
      ...{ share: 12, leastSeconds: 10 },
      command: () => ({ argv: script('experiments/gpuDay/tuning.ts', ...json('tuning')) }),
    },
    {
      name: 'steps',
      title: 'the training steps, with their time by kernel',
      ...{ share: 6, leastSeconds: 5 },
      command: () => ({
        argv: script('bench/index.ts', 'step', '--profile', '--pictures', out, ...quick, '--resume', ...json('bench')),
      }),
    },
    {
      name: 'pytorch-steps',
      title: "PyTorch's training steps, eager and by CUDA graphs",
      ...{ share: 5, leastSeconds: 20 },
      obstacle: noPyTorch,
      command: () => ({ argv: pytorch('step', '--modes', 'eager,graphs', ...json('pytorchSteps')) }),
    },
    {
      name: 'bench',
      title: 'every other benchmark',
      ...{ share: 12, leastSeconds: 10 },
      command: () => ({ argv: script('bench/index.ts', ...quick, '--resume', ...json('bench')) }),
    },
    {
      name: 'pytorch-products',
      title: "PyTorch's matrix products and convolutions",
      ...{ share: 5, leastSeconds: 20 },
      obstacle: noPyTorch,
      command: () => ({ argv: pytorch('matmul', 'conv', '--modes', 'eager,graphs', ...json('pytorchProducts')) }),
    },
    {
      name: 'pytorch-compiled',
      title: "PyTorch's training steps by torch.compile",
      ...{ share: 6, leastSeconds: 60 },
      obstacle: noPyTorch,
      command: () => ({ argv: pytorch('step', '--modes', 'compile,compile-graphs', ...json('pytorchCompiled')) }),
    },
    {
      name: 'recipe',
      title: 'the recipe of docs/recipe.md at full width, z_dim 100',
      ...{ share: 5, leastSeconds: 5 },
      obstacle: noMnist,
      command: () => ({
        argv: existsSync(runFiles(recipe).run)
          ? cli('train', '--resume', recipe, '--data-dir', mnist)
          : cli('train', '--z', '100', ...RECIPE, '--data', 'mnist', '--data-dir', mnist, '--out', recipe),
      }),
      summary: () => ({
        argv: cli('diagnose', recipe, '--samples', SAMPLES.toString(), '--data-dir', mnist, '--json'),
        stdout: join(out, FILES.recipe),
      }),
      collect: () => {
        const { images, curves } = runFiles(recipe);
        keep(newest(images, /^fixed-\d+\.png$/), join(out, 'images', 'recipe.png'));
        keep(curves, join(out, 'images', 'recipe-curves.png'));
      },
    },
    {
      name: 'study',
      title: `the article's study: z_dim ${Z_DIMS.join(', ')}, 99,000 iterations each`,
      ...{ share: 26, leastSeconds: 15 },
      obstacle: noMnist,
      command: () => ({
        argv: cli(
          ...['study', '--preset', 'article', '--data', 'mnist', '--data-dir', mnist],
          // All side by side, so that a short budget leaves each dimension some iterations.
          ...['--jobs', Z_DIMS.length.toString(), '--out', study, '--yes'],
        ),
      }),
      summary: () => ({ argv: cli('study', '--out', study, '--only-report') }),
      collect: () => {
        const { results, figures } = studyFiles(study);
        keepResults(results, join(out, FILES.study));
        if (!existsSync(figures)) return;
        for (const name of readdirSync(figures)) {
          if (KEPT_FIGURES.test(name)) keep(join(figures, name), join(out, 'images', `study-${name}`));
        }
      },
    },
    ...stackedParts(place, mnist, noMnist),
  ];
}

/** A plain DCGAN and one with packs of two, on one page. */
function stackedParts({ out, work }: Place, mnist: string, obstacle: () => string | undefined): Part[] {
  const methods = [
    { name: 'stacked-mnist', label: 'DCGAN', sizes: STACKED, add: [] },
    { name: 'stacked-mnist-pack2', label: 'PacDCGAN2', sizes: { ...STACKED, pack: '2' }, add: ['--add'] },
  ];
  return methods.map(({ name, label, sizes, add }) => {
    const run = join(work, name);
    return {
      name,
      title: `Stacked MNIST by PacGAN's protocol: ${label}`,
      ...{ share: 4, leastSeconds: 10 },
      obstacle,
      command: () => ({
        argv: existsSync(runFiles(run).run)
          ? cli('train', '--resume', run, '--data-dir', mnist)
          : cli(...dcganArguments(sizes, mnist, run), '--checkpoint-every', STACKED_CHECKPOINT),
      }),
      summary: () => ({
        argv: script(
          'experiments/stackedMnist/index.ts',
          ...['--data-dir', mnist, '--run', `${label}=${run}`, ...add],
          ...['--out', join(out, FILES.stacked.replace(/\.json$/, ''))],
        ),
      }),
    };
  });
}

/** Why PyTorch cannot be measured here. */
function pytorchObstacle(python: string): string | undefined {
  const check = 'import sys, torch; sys.exit(0 if torch.cuda.is_available() else 3)';
  const { status, error } = spawnSync(python, ['-c', check], { stdio: 'ignore', timeout: 120_000 });
  if (error !== undefined) return `${python} does not start (PYTHON names another): ${error.message}`;
  if (status === 0) return undefined;
  return status === 3 ? `PyTorch of ${python} finds no CUDA card` : `${python} has no PyTorch (PYTHON names another)`;
}

function once<T>(compute: () => T): () => T {
  let kept: { readonly value: T } | undefined;
  return () => (kept ??= { value: compute() }).value;
}

/** Copies a file that a part has left; one that was cut may have left none. */
function keep(from: string | undefined, to: string): void {
  if (from === undefined || !existsSync(from)) return;
  mkdirSync(join(to, '..'), { recursive: true });
  copyFileSync(from, to);
}

/** Copies a study's numbers, without the folder of this machine that holds the images. */
function keepResults(from: string, to: string): void {
  if (!existsSync(from)) return;
  const results = Results.parse(JSON.parse(readFileSync(from, 'utf8')));
  writeJson(to, { ...results, dataset: { ...results.dataset, folder: undefined } });
}

function newest(folder: string, pattern: RegExp): string | undefined {
  if (!existsSync(folder)) return undefined;
  const name = readdirSync(folder)
    .filter((each) => pattern.test(each))
    .sort()
    .at(-1);
  return name === undefined ? undefined : join(folder, name);
}
