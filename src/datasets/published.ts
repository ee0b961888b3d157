/**
 * @file Lists the published datasets in MNIST's format: mirrors, hashes and class names.
 *
 * They share their file names, so only the bytes identify the dataset in a folder.
 */

/** Base names of the two files of a split, the same for all. */
export const MNIST_FILES = {
  train: { images: 'train-images-idx3-ubyte', labels: 'train-labels-idx1-ubyte' },
  test: { images: 't10k-images-idx3-ubyte', labels: 't10k-labels-idx1-ubyte' },
} as const;

export type MnistSplit = keyof typeof MNIST_FILES;

/** Four files that anyone can download and verify. */
export interface PublishedDataset {
  /** The first part of its splits' names: `mnist` in `mnist/train`. Also the name of its folder in the cache. */
  readonly name: string;
  /** Name in messages. */
  readonly title: string;
  /** Base URLs, to which `FILE.gz` is appended, in order of preference. */
  readonly mirrors: readonly string[];
  /** Hex SHA-256 of each file's unpacked bytes: the gzip wrapper differs from mirror to mirror. */
  readonly sha256: Readonly<Record<string, string>>;
  /** Names of the labels 0 … 9. */
  readonly classes: readonly string[];
}

const DIGITS = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'];

/** LeCun, Cortes and Burges. */
export const MNIST: PublishedDataset = {
  name: 'mnist',
  title: 'MNIST',
  mirrors: ['https://ossci-datasets.s3.amazonaws.com/mnist/', 'https://storage.googleapis.com/cvdf-datasets/mnist/'],
  sha256: {
    'train-images-idx3-ubyte': 'ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db',
    'train-labels-idx1-ubyte': '65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5',
    't10k-images-idx3-ubyte': '0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7',
    't10k-labels-idx1-ubyte': 'ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2',
  },
  classes: DIGITS,
};

/**
 * Xiao, Rasul and Vollgraf (Zalando Research); https://github.com/zalandoresearch/fashion-mnist
 *
 * Its README publishes MD5 of its own .gz files only, which a repacked copy does not have. These are of the unpacked
 * bytes, taken from Debian's repacked copy (package dataset-fashion-mnist), whose unpacked bytes have the MD5 that is
 * widely recorded for the unpacked originals: f4a8712d…, 9018921c…, 8181f547…, 15d48437….
 */
export const FASHION_MNIST: PublishedDataset = {
  name: 'fashion-mnist',
  title: 'Fashion-MNIST',
  mirrors: [
    'https://fashion-mnist.s3.eu-central-1.amazonaws.com/',
    'https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/',
  ],
  sha256: {
    'train-images-idx3-ubyte': 'c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888',
    'train-labels-idx1-ubyte': 'bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9',
    't10k-images-idx3-ubyte': '5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b',
    't10k-labels-idx1-ubyte': '0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34',
  },
  classes: ['T-shirt/top', 'Trouser', 'Pullover', 'Dress', 'Coat', 'Sandal', 'Shirt', 'Sneaker', 'Bag', 'Ankle boot'],
};

export const PUBLISHED: readonly PublishedDataset[] = [MNIST, FASHION_MNIST];

/**
 * Identifies the published dataset of a split's files.
 *
 * @param sha256 of the unpacked bytes, by base name
 * @param among candidates
 * @returns undefined unless all files belong to one dataset
 */
export function identify(
  sha256: Readonly<Record<string, string>>,
  among: readonly PublishedDataset[] = PUBLISHED,
): PublishedDataset | undefined {
  return among.find((candidate) => {
    return Object.entries(sha256).every(([file, hash]) => candidate.sha256[file] === hash);
  });
}

/** A sentence that says how to get a dataset manually. */
export function whereToGet({ title, mirrors }: PublishedDataset): string {
  return `${title} is at ${mirrors.join(' and ')}; put its four .gz files, packed or unpacked, into one folder.`;
}
