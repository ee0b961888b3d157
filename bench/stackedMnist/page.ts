/**
 * @file What was judged, as a page: the published figures and ours in one table, and in what the two differ.
 */
import { STACKED_SAMPLES } from '../../src/data/stackedMnist.js';
import { namesSoftware } from '../../src/gpu/adapter.js';
import { DIFFERENCES, PROTOCOL, PUBLISHED, PUBLISHED_IMAGES } from './published.js';
import type { Judge, JudgedRun, Results } from './results.js';

/** Arguments that have a column of their own, or say nothing of the method. */
const TOLD = ['width', 'batch', 'iterations', 'sampleEvery', 'checkpointEvery', 'keep', 'preset', 'diagnosis'];

const NOT_TOLD = ['', '', '', '', ''];

/** The page in Markdown. */
export function pageOf({ commands, judge, real, runs }: Results): string {
  return [
    '# Stacked MNIST: how many of 1,000 modes',
    '',
    'Three random MNIST digits are the red, green and blue of an image, which makes 1,000 kinds of images. A generator’s ' +
      `samples, ${number(real.samples)} of each, are read by a classifier, channel by channel; a mode is covered when one ` +
      'sample falls into it, and KL is the divergence of the samples’ modes from equally many of each, in nats: 0 at best, ' +
      'ln 1000 = 6.91 at worst. The protocol and the published figures are PacGAN’s ' +
      '([Lin et al. 2018](https://arxiv.org/abs/1712.04086)). Made by',
    '',
    ...commands.map((command) => `    ${command}`),
    '',
    ...caveat(runs, real.samples),
    cells(['', 'modes', 'KL', 'iterations', 'batch', 'width', 'Adam: generator; discriminator', 'judge']),
    cells(['---', '---:', '---:', '---:', '---:', '---:', '---', '---']),
    ...PUBLISHED.map(({ method, modes, divergence, isTheirs }) =>
      cells([
        `${method}, published`,
        modes.toFixed(1),
        divergence.toFixed(2),
        ...(isTheirs ? [PROTOCOL.iterations, PROTOCOL.batch, '', PROTOCOL.adam, PROTOCOL.judge] : NOT_TOLD),
      ]),
    ),
    ...runs.map((run) => cells(ours(run, judge))),
    cells([
      `real images (${real.dataset})`,
      number(real.modes),
      real.divergence.toFixed(2),
      '',
      '',
      '',
      '',
      nameOf(judge),
    ]),
    '',
    'Unrolled GAN and VEEGAN are in PacGAN’s table, but its code does not train them. ' +
      `The judge of ours is ${told(judge)}. Real images are not at 0: with ${number(real.samples)} samples chance alone ` +
      `makes KL ${(999 / (2 * real.samples)).toFixed(2)}, and MNIST has more ones than fives. A classifier names a digit in whatever it is shown, so images that are no digits ` +
      'yet cover modes as well: look at them below.',
    '',
    '## Our runs',
    '',
    cells(['', 'settings', 'images seen', 'of the protocol’s', 'time', 'device']),
    cells(['---', '---', '---:', '---:', '---:', '---']),
    ...runs.map((run) => {
      const seen = imagesSeen(run);
      const share = `${(100 * (seen / PUBLISHED_IMAGES)).toPrecision(2)} %`;
      return cells([run.label, settings(run.arguments), number(seen), share, time(run.seconds), run.device]);
    }),
    '',
    '## What differs from the protocol besides',
    '',
    ...DIFFERENCES.map((line) => `- ${line}`),
    '',
    '## What they look like',
    '',
    cells(['', '']),
    cells(['---', '---']),
    ...[{ label: 'real', picture: real.picture }, ...runs].map(({ label, picture }) =>
      cells([label, `![${label}: twelve images of three digits each](${picture})`]),
    ),
    '',
  ].join('\n');
}

/** What a reader must know before the table. */
function caveat(runs: readonly JudgedRun[], samples: number): string[] {
  const short = runs.filter((run) => imagesSeen(run) < PUBLISHED_IMAGES);
  const subject = short.length === runs.length ? 'Ours' : `Of ours, ${namesOf(short)}`;
  const isShort =
    `**${subject} ${short.length === 1 ? 'is a shorter run' : 'are shorter runs'} on ${devicesOf(short)}, not the full ` +
    'protocol: the figures do not compare with the published ones**, only with each other where their sizes are the same.';
  const fewer = `**Judged by ${number(samples)} samples, not ${number(STACKED_SAMPLES)}.**`;
  return [...(short.length > 0 ? [isShort, ''] : []), ...(samples === STACKED_SAMPLES ? [] : [fewer, ''])];
}

function namesOf(runs: readonly JudgedRun[]): string {
  return runs.map(({ label }) => label).join(', ');
}

function devicesOf(runs: readonly JudgedRun[]): string {
  const names = [...new Set(runs.map(({ device }) => device))];
  return names.map((name) => (namesSoftware(name) ? `a software device (${name})` : name)).join(' and ');
}

function ours(run: JudgedRun, judge: Judge): string[] {
  const { label, modes, divergence, iteration, adam, arguments: args } = run;
  const [batch, width] = [String(args.batch), String(args.width)];
  return [
    `**${label}, ours**`,
    `**${number(modes)}**`,
    `**${divergence.toFixed(2)}**`,
    number(iteration),
    batch,
    width,
    adam,
    nameOf(judge),
  ];
}

function imagesSeen({ iteration, arguments: args }: JudgedRun): number {
  return iteration * Number(args.batch);
}

function nameOf({ file, classifier }: Judge): string {
  return file === 'bundled' ? 'this project’s' : `${classifier} (${file})`;
}

function told({ file, classifier, testAccuracy }: Judge): string {
  const name = file === 'bundled' ? '[the classifier that comes with the project](../assets/README.md)' : `\`${file}\``;
  const accuracy =
    testAccuracy === null ? '' : `, which reads ${(100 * testAccuracy).toFixed(2)} % of MNIST’s test images`;
  return `${name}, a CNN of the architecture \`${classifier}\`${accuracy}`;
}

/** What a run was told, but for what has a column: flags that come later show without a change here. */
function settings(args: Readonly<Record<string, unknown>>): string {
  return Object.entries(args)
    .filter(([name]) => !TOLD.includes(name))
    .flatMap(([name, value]) => flat(name, value))
    .join(', ');
}

function flat(name: string, value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [`${name} ${String(value)}`];
  return Object.entries(value).flatMap(([inner, each]) => flat(Array.isArray(value) ? name : inner, each));
}

function time(seconds: number | null): string {
  if (seconds === null) return '';
  return seconds < 120 ? `${seconds} s` : `${Math.round(seconds / 60)} min`;
}

function cells(all: readonly string[]): string {
  return `| ${all.join(' | ')} |`;
}

function number(value: number): string {
  return value.toLocaleString('en');
}
