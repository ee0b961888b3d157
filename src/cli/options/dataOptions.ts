/**
 * @file Opens the images that a command's flags name, and prints what happens on the way.
 */
import { Option } from 'commander';
import {
  DATASET_KINDS,
  type DatasetCallbacks,
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
import { isTerminal } from '../terminal/print.js';
import { UsageError } from './usageError.js';

export { DATASET_KINDS as DATA_KINDS, type DatasetKind as DataKind, GREY_KINDS };

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
  checkData(options.kind, options.folder);
  try {
    return await openDataset(options, datasetCallbacks(output, say));
  } catch (error) {
    if (error instanceof DatasetRequestError) throw new UsageError(error.message, { cause: error });
    throw error;
  }
}

/** @throws UsageError for flags that contradict each other */
export function checkData(kind: DatasetKind | undefined, folder: string | undefined): void {
  if (kind !== 'digits' || folder === undefined) return;
  throw new UsageError('--data digits draws its images and takes no --data-dir');
}

/** Displays and prints how a dataset is opened. */
export function datasetCallbacks(output: Output | undefined, say?: DataRequest['say']): DatasetCallbacks {
  const print = say ?? output?.say ?? ((): void => undefined);
  let report: DownloadReport | undefined;
  return {
    phase: (phase, done, total) => output?.phase(phase, done, total),
    downloading: (title, folder) => {
      output?.endPhases();
      print(`${title} is not on this machine: downloading it to ${folder} ...`);
      report = new DownloadReport(print, isTerminal(), output?.progress);
    },
    downloadProgress: (progress) => report?.update(progress),
    downloadEnded: () => report?.stop(),
    warning: (warning) => printWarning(warning, print),
  };
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
