/**
 * @file What was judged, as a page: the published figures and ours in one table, and in what the two differ.
 */
import { STACKED_SAMPLES } from '../../src/data/stackedMnist.js';
import { namesSoftware } from '../../src/gpu/adapter.js';
import { SURE } from '../../src/evaluation/modes/labels.js';
import type { StackedCoverage } from '../../src/evaluation/modes/stackedModes.js';
import { CLASSES_COUNT } from '../../src/evaluation/verdict.js';
import { DIFFERENCES, PROTOCOL, PUBLISHED, PUBLISHED_IMAGES } from './published.js';
import type { Judge, JudgedRun, Results } from './results.js';
import { trainCommand } from './training.js';

const ADAM = 'Adam: generator; discriminator';

const NOT_TOLD = ['', '', '', '', ''];

/** The page in Markdown. */
export function pageOf({ commands, judge, real, runs }: Results): string {
  return [
    '# Stacked MNIST: how many of 1,000 modes',
    '',
    'Three random MNIST digits are the red, green and blue of an image, which makes 1,000 kinds of images. A generator’s ' +
      `samples, ${number(real.samples)} of each, are read by a classifier, channel by channel; a mode is covered when one ` +
      'sample falls into it, and KL is the divergence of the samples’ modes from equally many of each, in nats: 0 at best, ' +
      'ln 1000 = 6.91 at worst. A classifier names a digit in whatever it is shown, so strokes that are no digits cover ' +
      `modes as well. **Sure** is the share of the samples whose three digits it reads with a probability of ${SURE} or more ` +
      'each, the bound by which [a GAN of one digit](metrics.md#over-labels) is judged; the modes behind it are those ' +
      'that these samples alone cover. The protocol and the table of published figures are PacGAN’s ' +
      '([Lin et al. 2018](https://arxiv.org/abs/1712.04086)).',
    '',
    ...caveat(runs, real.samples),
    cells(['', 'modes', 'KL', 'sure', 'their modes', 'iterations', 'batch', 'width', ADAM, 'judge']),
    cells(['---', '---:', '---:', '---:', '---:', '---:', '---:', '---:', '---', '---']),
    ...PUBLISHED.map(({ method, modes, divergence, isTheirs }) =>
      cells([
        `${method}, published`,
        modes.toFixed(1),
        divergence.toFixed(2),
        ...['', ''],
        ...(isTheirs ? [PROTOCOL.iterations, PROTOCOL.batch, '', PROTOCOL.adam, PROTOCOL.judge] : NOT_TOLD),
      ]),
    ),
    ...runs.map((run) => cells(ours(run, judge))),
    cells([`real images (${real.dataset})`, ...figures(real), ...NOT_TOLD.slice(1), nameOf(judge)]),
    '',
    'The first three are the report of VEEGAN’s paper ([Srivastava et al. 2017](https://arxiv.org/abs/1705.07761)), which ' +
      'PacGAN’s table repeats. ' +
      `The judge of ours is ${told(judge)}. Real images are at a KL of ${real.divergence.toFixed(3)} and not at 0: with ` +
      `${number(real.samples)} samples chance alone makes ${(999 / (2 * real.samples)).toFixed(3)}, and MNIST has more ones ` +
      'than fives.',
    '',
    ...strokes(runs),
    '## Our runs',
    '',
    cells(['', 'real images seen', 'of the protocol’s', 'time', 'device']),
    cells(['---', '---:', '---:', '---:', '---']),
    ...runs.map((run) => {
      const share = `${(100 * shareOfProtocol(run)).toPrecision(2)} %`;
      return cells([run.label, number(run.imagesSeen), share, time(run.seconds), run.device]);
    }),
    '',
    'Trainable by',
    '',
    ...runs.map((run) => `    ${trainCommand(run.arguments, run.iteration, run.name)}`),
    '',
    'and judged by',
    '',
    ...commands.map((command) => `    ${command}`),
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
  const short = runs.filter((run) => shareOfProtocol(run) < 1);
  const subject = short.length === runs.length ? 'Ours' : `Of ours, ${namesOf(short)}`;
  const isShort =
    `**${subject} ${short.length === 1 ? 'is a shorter run' : 'are shorter runs'} on ${devicesOf(short)}, not the full ` +
    'protocol: the figures do not compare with the published ones**, only with each other where their sizes are the same, ' +
    'and each is of one seed.';
  const fewer = `**Judged by ${number(samples)} samples, not ${number(STACKED_SAMPLES)}.**`;
  return [...(short.length > 0 ? [isShort, ''] : []), ...(samples === STACKED_SAMPLES ? [] : [fewer, ''])];
}

/** Of which runs the modes say little, by the rule that a verdict on a GAN of one digit goes by. */
function strokes(runs: readonly JudgedRun[]): string[] {
  const unsure = runs.filter(({ sure }) => sure < CLASSES_COUNT);
  if (unsure.length === 0) return [];
  return [
    `Where the classifier is sure of less than ${100 * CLASSES_COUNT} % of the images, [the verdict](metrics.md#the-verdict) on a GAN of ` +
      `one digit does not go by its classes at all. So it is here with ${namesOf(unsure)}: how many modes these cover, and ` +
      'which of them covers more, says little of collapse yet.',
    '',
  ];
}

function namesOf(runs: readonly JudgedRun[]): string {
  return runs.map(({ label }) => label).join(', ');
}

function devicesOf(runs: readonly JudgedRun[]): string {
  const names = [...new Set(runs.map(({ device }) => device))];
  return names.map((name) => (namesSoftware(name) ? `a software device (${name})` : name)).join(' and ');
}

function ours(run: JudgedRun, judge: Judge): string[] {
  const { label, iteration, adam, arguments: args } = run;
  const { batch, width } = args;
  const pack = packOf(run);
  return [
    ...[`${label}, ours`, ...figures(run)].map((text) => `**${text}**`),
    number(iteration),
    pack === 1 ? batch.toString() : `${batch / pack} packs of ${pack}`,
    width.toString(),
    adam,
    nameOf(judge),
  ];
}

function figures({ modes, divergence, sure, sureModes }: StackedCoverage): string[] {
  return [number(modes), divergence.toFixed(2), `${(100 * sure).toFixed(1)} %`, number(sureModes)];
}

function packOf({ arguments: { objective } }: JudgedRun): number {
  return objective?.pack ?? 1;
}

function shareOfProtocol(run: JudgedRun): number {
  return run.imagesSeen / (PUBLISHED_IMAGES * packOf(run));
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
