/**
 * @file What others have reported on Stacked MNIST, and how: PacGAN's comparison (Lin et al. 2018,
 * https://arxiv.org/abs/1712.04086) and its published code (https://github.com/fjxmlzn/PacGAN).
 */

/** A method's figures. */
export interface Published {
  readonly method: string;
  /** Of 1,000. */
  readonly modes: number;
  /** In nats. */
  readonly divergence: number;
  /** Whether PacGAN's published code trains it, so that {@link PROTOCOL} is known to be how. */
  readonly isTheirs: boolean;
}

export const PUBLISHED: readonly Published[] = [
  { method: 'DCGAN', modes: 99, divergence: 3.4, isTheirs: true },
  { method: 'Unrolled GAN', modes: 48.7, divergence: 4.32, isTheirs: false },
  { method: 'VEEGAN', modes: 150, divergence: 2.95, isTheirs: false },
  { method: 'PacDCGAN2', modes: 1000, divergence: 0.06, isTheirs: true },
];

/** Images that one of their runs sees: 100,000 iterations of 64. */
export const PUBLISHED_IMAGES = 6_400_000;

/** How their code trains, in the order in which the page tells how ours were. */
export const PROTOCOL = {
  iterations: '100,000 (50 epochs of 128,000 images)',
  batch: '64',
  adam: '2e-4 for both networks, β₁ 0.5',
  judge: 'Keras’s mnist_cnn',
} as const;

/** What differs from it here whatever the flags. */
export const DIFFERENCES: readonly string[] = [
  'Theirs are deeper networks: four strided convolutions of 64 to 512 channels in the discriminator, four transposed ones ' +
    'in the generator; `dcgan` has two, of 64 and 128 at width 1.',
  'Their code updates the generator twice an iteration, z is uniform in [−1, 1], and digits are drawn from all 70,000 of ' +
    'MNIST; here the generator is updated once, z is normal, and digits are from the 60,000 training images.',
  'Their code makes ten runs of DCGAN and of each PacDCGAN; each of ours is one run.',
];
