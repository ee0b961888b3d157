/**
 * @file What the commands share that go on with a training: its images found again, what changed since, and what to type.
 */
import { existsSync } from 'node:fs';
import type { Engine } from '../../autograd/engine.js';
import { commandLine } from '../../host/node/commandLine.js';
import type { RunDescription, RunSession } from '../../training/run/runDescription.js';
import { DATA_KINDS, type DataRequest } from '../options/dataOptions.js';
import type { Output } from '../terminal/output.js';

/**
 * Where the images of a training are looked for again.
 *
 * @param file that describes the training, for the message
 * @param dataDir a folder that the user names instead
 * @throws Error for a kind that this program does not know, or a folder that is gone
 */
export function sameImages(
  file: string,
  { kind: told, name, folder }: RunDescription['dataset'],
  dataDir: string | undefined,
): Pick<DataRequest, 'kind' | 'folder'> {
  const kind = DATA_KINDS.find((known) => known === told);
  if (kind === undefined) throw new Error(`${file}: ${told} is no data of this program`);
  if (dataDir === undefined && folder !== undefined && !existsSync(folder)) {
    throw new Error(`${name} was read from ${folder}, which is gone; --data-dir names another folder`);
  }
  return { kind, folder: dataDir ?? folder };
}

/**
 * The same seed gives the same bits on the same device, driver and program alone.
 *
 * @param what was on another: `the run was last`
 */
export function warnOfChanges(
  what: string,
  lastSession: RunSession | undefined,
  { engine, versions }: { readonly engine: Engine; readonly versions: Readonly<Record<string, string>> },
  output: Output,
): void {
  if (lastSession === undefined) return;
  const { name, driver } = engine.device.adapter;
  const before = JSON.stringify([lastSession.adapter, lastSession.versions]);
  if (before === JSON.stringify([{ name, driver }, versions])) return;
  output.say(`${what} on another device, driver or version: its bits may differ from here on`, true);
}

/**
 * The command that resumes what is in a folder, to be pasted into a shell.
 *
 * @param moved where the images are now, if the folder's description does not say so
 */
export function resumeLine(command: keyof typeof RESUME_FLAGS, path: string, moved: string | undefined): string {
  const images = moved === undefined ? [] : [{ flag: '--data-dir', path: moved }];
  return commandLine([...command.split(' '), { flag: RESUME_FLAGS[command], path }, ...images]);
}

/** The flag of each command that names the folder to resume. */
const RESUME_FLAGS = { train: '--resume', 'classify train': '--resume', study: '--out', compare: '--out' } as const;
