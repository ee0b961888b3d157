/**
 * @file What others have reported on Stacked MNIST, and how: the comparison in PacGAN's paper (Lin et al. 2018,
 * https://arxiv.org/abs/1712.04086) and its published code (https://github.com/fjxmlzn/PacGAN).
 */

/** A method's figures. */
export interface Published {
  readonly method: string;
  /** Of 1,000. */
  readonly modes: number;
  /** In nats. */
  readonly divergence: number;
  /** Whether PacGAN's published code makes it, so that {@link PROTOCOL} is known to be how. */
  readonly isTheirs: boolean;
}

/** The first three are VEEGAN's own report (Srivastava et al. 2017), which PacGAN's table repeats. */
export const PUBLISHED: readonly Published[] = [
  { method: 'DCGAN', modes: 99, divergence: 3.4, isTheirs: false },
  { method: 'Unrolled GAN', modes: 48.7, divergence: 4.32, isTheirs: false },
  { method: 'VEEGAN', modes: 150, divergence: 2.95, isTheirs: false },
  { method: 'PacDCGAN2', modes: 1000, divergence: 0.06, isTheirs: true },
];

/** Real images that one of their runs sees without packing: 100,000 iterations of 64. With packs of m it is m times as many. */
export const PUBLISHED_IMAGES = 6_400_000;

/** By which both of their networks are trained, as flags take it. */
export const PUBLISHED_RATE = '2e-4';

/** How their code trains a PacDCGAN2, in the order in which the page tells how ours were. */
export const PROTOCOL = {
  iterations: '100,000 (50 epochs of 128,000 packs)',
  batch: '64 packs of 2',
  adam: `${PUBLISHED_RATE}, β₁ 0.5; ${PUBLISHED_RATE}, β₁ 0.5`,
  judge: 'Keras’s mnist_cnn',
} as const;

/** What differs from it here whatever the flags. */
export const DIFFERENCES: readonly string[] = [
  'Theirs are deeper networks: four strided convolutions of 64 to 512 channels in the discriminator, four transposed ones ' +
    'in the generator; `dcgan` has two, of 64 and 128 at width 1.',
  'Their code updates the generator twice an iteration, z is uniform in [−1, 1], real images are scaled to [0, 1] while ' +
    'generated ones end in tanh, and digits are drawn from all 70,000 of MNIST; here the generator is updated once, z is ' +
    'normal, all images are in [−1, 1], and digits are from the 60,000 training images.',
  'A batch of theirs is 64 packs, 128 images in packs of two; here it is of so many images, packed or not, so that rows of ' +
    'the same batch have seen equally many.',
  'Their code makes ten runs of each PacDCGAN; each of ours is one run.',
];
