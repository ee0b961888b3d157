/**
 * @file Opens the images that a command's flags name, and prints what happens on the way.
 */
import { Option } from 'commander';
import {
  DATASET_KINDS,
  DatasetRequestError,
  type DatasetKind,
  type DatasetWarning,
  GREY_KINDS,
  openDataset,
  type OpenDatasetOptions,
  type OpenedDataset,
} from '../../datasets/open.js';
import { DownloadReport } from '../terminal/downloadProgress.js';
import type { Output } from '../terminal/output.js';
import { UsageError } from './usageError.js';
import { isTerminal } from '../terminal/print.js';

export { DATASET_KINDS as DATA_KINDS, type DatasetKind as DataKind, GREY_KINDS, type OpenedDataset as ChosenDataset };

export interface DataRequest extends OpenDatasetOptions {
  readonly kind: DatasetKind;
  readonly seed: string;
  /** Prints a line; `important` highlights it. */
  readonly say: (line: string, important?: boolean) => void;
  /** Displays progress; not displayed if absent. */
  readonly output?: Output | undefined;
}

/** The option `--data`. */
export function dataOption(kinds: readonly DatasetKind[] = GREY_KINDS): Option {
  const stacked = kinds.includes('stacked') ? ', stacked MNIST (three digits an image, one a colour)' : '';
  return new Option(
    '--data <kind>',
    `MNIST, the built-in digits, Fashion-MNIST${stacked}; auto is MNIST if it can be opened within seconds, else the digits`,
  )
    .choices(kinds)
    .default('auto');
}

/**
 * Opens the requested images.
 *
 * @throws MnistError as {@link openDataset}; UsageError for flags that contradict each other or what a folder holds
 */
export async function chooseDataset({ say, output, ...options }: DataRequest): Promise<OpenedDataset> {
  if (options.kind === 'digits' && options.folder !== undefined) {
    throw new UsageError('--data digits draws its images and takes no --data-dir');
  }
  let report: DownloadReport | undefined;
  try {
    return await openDataset(options, {
      phase: (phase, done, total) => output?.phase(phase, done, total),
      downloading: (title, folder) => {
        output?.endPhases();
        say(`${title} is not on this machine: downloading it to ${folder} ...`);
        report = new DownloadReport(say, isTerminal(), output?.progress);
      },
      downloadProgress: (progress) => report?.update(progress),
      downloadEnded: () => report?.stop(),
      warning: (warning) => printWarning(warning, say),
    });
  } catch (error) {
    if (error instanceof DatasetRequestError) throw new UsageError(error.message, { cause: error });
    throw error;
  }
}

/** Opens the test images of a classifier: built-in digits of another seed than the training images. */
export function testImages(data: DataRequest): Promise<OpenedDataset> {
  return chooseDataset({ ...data, seed: `${data.seed}/test`, split: 'test' });
}

function printWarning(warning: DatasetWarning, say: DataRequest['say']): void {
  switch (warning.type) {
    case 'unpublished':
      say(`The files in ${warning.folder} are not the published ${warning.title}; they are used as they are.`);
      break;
    case 'emptyVariable':
      say(`${warning.variable} is ${warning.folder}, which has no ${warning.title}; searching elsewhere.`);
      break;
    case 'mirror':
      say(`  skipped the mirror ${warning.complaint}`);
      break;
    case 'fallback':
      say(warning.reason);
      say(`${warning.title} is unavailable: using the BUILT-IN DIGITS instead, which are synthetic.`, true);
  }
}
