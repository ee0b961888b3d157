/**
 * @file Suggests this program's flags for the flags of other GAN programs.
 */
import type { Command } from 'commander';

/** A concept of other programs. */
interface Meaning {
  /** Its flags there, in lower case with dashes: `--batch_size`, `--batchSize` and `--batch-size` are the same. */
  readonly names: readonly string[];
  /** This program's flags; only those of the command are suggested. */
  readonly flags?: readonly string[];
  /** An explanation, which is the whole answer if the command has none of the flags. */
  readonly note?: string;
}

const MEANINGS: readonly Meaning[] = [
  {
    names: [
      'z-dim',
      'zdim',
      'dim-z',
      'latent-dim',
      'latent-size',
      'latent',
      'nz',
      'noise-dim',
      'z-size',
      'code-dim',
      'ndim-z',
    ],
    flags: ['--z'],
  },
  { names: ['batch-size', 'batchsize', 'bs', 'b', 'train-batch-size', 'mini-batch-size'], flags: ['--batch'] },
  {
    names: ['epochs', 'epoch', 'n-epochs', 'num-epochs', 'nepochs', 'niter', 'max-epochs', 'num-train-epochs'],
    flags: ['--epochs', '--iterations'],
    note: 'a GAN’s training is counted in iterations: epochs × images / batch, which is 1,875 an epoch for 60,000 images at batch 32',
  },
  {
    names: ['steps', 'n-steps', 'num-steps', 'max-steps', 'iters', 'n-iters', 'num-iterations', 'n-iterations', 'iter'],
    flags: ['--iterations'],
    note: 'an iteration is one update of the generator',
  },
  {
    names: ['lr', 'learning-rate', 'base-lr', 'init-lr'],
    flags: ['--learning-rate', '--lr-generator', '--lr-discriminator'],
    note: 'each network has a learning rate of its own',
  },
  { names: ['lr-g', 'g-lr', 'glr', 'lrg', 'gen-lr', 'generator-lr', 'learning-rate-g'], flags: ['--lr-generator'] },
  {
    names: ['lr-d', 'd-lr', 'dlr', 'lrd', 'disc-lr', 'critic-lr', 'lr-critic', 'discriminator-lr', 'learning-rate-d'],
    flags: ['--lr-discriminator'],
  },
  {
    names: ['n-critic', 'ncritic', 'num-critic', 'critic-iters', 'd-steps', 'n-dis', 'num-d-steps', 'disc-iters', 'k'],
    flags: ['--critic-steps'],
  },
  {
    names: ['beta1', 'beta2', 'b1', 'b2', 'beta-1', 'beta-2', 'betas', 'adam-beta1', 'adam-beta2', 'momentum'],
    note: 'architecture and loss determine Adam’s betas (docs/losses.md); no flag sets them',
  },
  {
    names: ['optimizer', 'optimiser', 'optim', 'weight-decay', 'wd'],
    note: 'all networks train with Adam without weight decay (docs/losses.md)',
  },
  {
    names: ['spectral-norm', 'spectral-normalization', 'spectral-normalisation', 'sn', 'use-sn', 'use-spectral-norm'],
    flags: ['--normalise'],
    note: '--normalise spectral normalises the discriminator’s weights',
  },
  { names: ['norm', 'normalize', 'normalization', 'norm-d'], flags: ['--normalise'] },
  {
    names: [
      'lambda-gp',
      'gp-lambda',
      'lambda',
      'gp',
      'gradient-penalty',
      'gradient-penalty-weight',
      'gp-coeff',
      'r1-gamma',
      'gamma',
    ],
    flags: ['--gp-weight'],
  },
  { names: ['clip-value', 'weight-clip', 'weight-clipping', 'clamp', 'clamp-upper', 'clip-limit'], flags: ['--clip'] },
  { names: ['gan-type', 'gan-mode', 'loss-type', 'criterion', 'objective', 'adv-loss'], flags: ['--loss'] },
  {
    names: [
      'gpu',
      'gpus',
      'gpu-id',
      'gpu-ids',
      'ngpu',
      'n-gpu',
      'num-gpus',
      'cuda',
      'device',
      'accelerator',
      'use-gpu',
      'mps',
    ],
    flags: ['--adapter'],
    note: 'a GPU is used if there is one; the command doctor lists it',
  },
  {
    names: ['cpu', 'no-cuda', 'no-gpu', 'disable-cuda'],
    flags: ['--software'],
    note: 'it selects the WebGPU device that runs on the CPU',
  },
  {
    names: ['workers', 'num-workers', 'n-workers', 'n-cpu', 'j', 'threads', 'num-threads', 'data-workers'],
    note: 'images are loaded into memory once, without workers',
  },
  { names: ['dataset', 'dataset-name', 'data-set', 'data-name'], flags: ['--data'] },
  {
    names: [
      'dataroot',
      'data-root',
      'data-path',
      'datadir',
      'dataset-path',
      'dataset-dir',
      'root',
      'data-folder',
      'train-dir',
    ],
    flags: ['--data-dir'],
  },
  {
    names: [
      'output-dir',
      'outdir',
      'out-dir',
      'output',
      'o',
      'outf',
      'save-dir',
      'savedir',
      'save-path',
      'log-dir',
      'logdir',
      'result-dir',
      'results-dir',
      'checkpoint-dir',
      'ckpt-dir',
      'sample-dir',
      'exp-dir',
      'run-dir',
      'output-path',
      'output-file',
    ],
    flags: ['--out', '--sheet'],
  },
  {
    names: ['model', 'network', 'net', 'architecture', 'backbone', 'model-name', 'arch-name'],
    flags: ['--arch', '--classifier'],
  },
  {
    names: [
      'checkpoint',
      'ckpt',
      'ckpt-path',
      'checkpoint-path',
      'weights',
      'load',
      'load-path',
      'load-model',
      'pretrained',
      'restore',
      'continue',
      'resume-from',
      'resume-from-checkpoint',
      'continue-train',
      'net-g',
      'model-path',
    ],
    flags: ['--resume', '--classifier'],
    note: 'pass a run or a checkpoint without a flag',
  },
  { names: ['seeds', 'manual-seed', 'random-seed', 'random-state', 'rng-seed'], flags: ['--seed', '--seeds'] },
  {
    names: ['img-size', 'image-size', 'imsize', 'resolution', 'size', 'img-dim', 'height'],
    note: 'images have the size of the data: 28 × 28',
  },
  {
    names: ['channels', 'img-channels', 'nc', 'n-channels', 'num-channels'],
    note: 'images have the channels of the data: one, or three for stacked',
  },
  {
    names: ['ngf', 'ndf', 'nf', 'base-channels', 'hidden-dim', 'width-mult', 'gf-dim', 'df-dim', 'channel-multiplier'],
    flags: ['--width'],
    note: 'it scales the published channel counts',
  },
  {
    names: [
      'save-every',
      'save-interval',
      'save-freq',
      'checkpoint-interval',
      'checkpoint-freq',
      'save-steps',
      'ckpt-every',
    ],
    flags: ['--checkpoint-every'],
  },
  {
    names: [
      'sample-interval',
      'log-interval',
      'sample-freq',
      'display-freq',
      'print-freq',
      'log-every',
      'sample-steps',
      'vis-freq',
    ],
    flags: ['--sample-every'],
  },
  {
    names: ['num-samples', 'n-samples', 'num-images', 'nsamples', 'n-images', 'n-sample', 'num'],
    flags: ['--count', '--samples', '--diagnose'],
  },
  {
    names: ['conditional-gan', 'cgan', 'class-cond', 'cond', 'num-classes', 'n-classes'],
    flags: ['--conditional'],
    note: 'there are ten classes',
  },
  { names: ['class', 'digit', 'class-idx', 'target', 'y'], flags: ['--label'] },
  { names: ['ema-decay', 'use-ema', 'g-ema', 'ema-beta', 'model-ema'], flags: ['--ema'] },
  { names: ['label-smooth', 'smoothing', 'one-sided-smoothing', 'smooth'], flags: ['--label-smoothing'] },
  { names: ['diffaug', 'diffaugment', 'augmentation', 'aug', 'ada'], flags: ['--augment'] },
  { names: ['pac', 'pacgan', 'packing'], flags: ['--pack'] },
  { names: ['nrow', 'nrows', 'cols', 'ncol'], flags: ['--columns', '--rows'] },
  { names: ['frames', 'n-interp', 'num-frames'], flags: ['--steps'] },
  {
    names: ['fid', 'eval', 'evaluate', 'test', 'inception-score'],
    flags: ['--diagnose'],
    note: 'the command diagnose evaluates a run',
  },
  { names: ['fp16', 'amp', 'half', 'mixed-precision', 'bf16', 'precision'], note: 'all computations use float32' },
  { names: ['verbose', 'v', 'trace'], flags: ['--debug'] },
];

/** `--batchSize=64`, `--batch_size`, `-batch-size` → `batch-size`. */
function plainName(flag: string): string {
  const [name = ''] = flag.replace(/^-+/, '').split('=');
  return name
    .replace(/([a-z\d])([A-Z])/g, '$1-$2')
    .replaceAll('_', '-')
    .toLowerCase();
}

/**
 * Answers a flag that a command does not have.
 *
 * @param methodSettings settings of the command's methods, without dashes
 * @returns undefined for a flag of no known program
 */
export function hintFor(
  flag: string,
  taken: readonly string[],
  methodSettings: readonly string[] = [],
): string | undefined {
  const name = plainName(flag);
  const same = taken.find((one) => plainName(one) === name);
  if (same !== undefined) return `(Did you mean ${same}?)`;
  const meaning = MEANINGS.find(({ names }) => names.includes(name));
  const setting = methodSettings.find((one) => one === name || meaning?.flags?.includes(`--${one}`));
  if (setting !== undefined) return `(A method takes ${setting} after its loss; compare --help has examples.)`;
  if (meaning === undefined) return undefined;
  const { flags = [], note } = meaning;
  const known = flags.filter((one) => taken.includes(one));
  // A flag of the same name needs no explanation.
  const isSame = known.some((one) => plainName(one) === name || one === '--epochs' || one === '--learning-rate');
  const suggestion = known.length === 0 ? [] : [`Did you mean ${known.slice(0, isSame ? 1 : 2).join(' or ')}?`];
  const told = note === undefined || isSame ? [] : [`${note[0]?.toUpperCase() ?? ''}${note.slice(1)}.`];
  const words = [...suggestion, ...told];
  return words.length === 0 ? undefined : `(${words.join(' ')})`;
}

/** Makes a command suggest its flags for those of other programs. Commander answers all other unknown flags. */
export function explainUnknownFlags(command: Command, methodSettings: readonly string[] = []): void {
  const before: unknown = Reflect.get(command, 'unknownOption');
  if (typeof before !== 'function') return;
  Reflect.set(command, 'unknownOption', (flag: string): void => {
    const hint = hintFor(flag, flagsOf(command), methodSettings);
    if (hint === undefined) Reflect.apply(before, command, [flag]);
    else command.error(`error: unknown option '${flag}' ${hint}`, { code: 'commander.unknownOption' });
  });
}

function flagsOf(command: Command): string[] {
  const own = command.options.flatMap(({ long }) => (long === undefined ? [] : [long]));
  return command.parent === null ? own : [...own, ...flagsOf(command.parent)];
}
