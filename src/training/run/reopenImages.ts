/**
 * @file Finds the images of an earlier training again.
 */
import { existsSync } from 'node:fs';
import { DATASET_KINDS, type OpenDatasetOptions } from '../../datasets/open.js';
import type { RunDescription } from './runDescription.js';

/**
 * The options by which `openDataset` opens the images of a training again.
 *
 * @param file describes the training; for the message
 * @param moved the folder that holds the images now, if it changed
 * @throws Error for an unknown kind of dataset, or a folder that no longer exists
 */
export function reopenOptions(
  file: string,
  { kind: stored, name, folder }: Pick<RunDescription['dataset'], 'kind' | 'name' | 'folder'>,
  moved: string | undefined,
): Required<Pick<OpenDatasetOptions, 'kind' | 'folder'>> & { readonly kind: (typeof DATASET_KINDS)[number] } {
  const kind = DATASET_KINDS.find((known) => known === stored);
  if (kind === undefined) throw new Error(`${file}: unknown kind of dataset "${stored}"`);
  if (moved === undefined && folder !== undefined && !existsSync(folder)) {
    throw new Error(`${name} was read from ${folder}, which no longer exists; --data-dir names another folder`);
  }
  return { kind, folder: moved ?? folder };
}
