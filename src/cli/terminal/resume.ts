/**
 * @file Prints what matters when a training is resumed: skipped checkpoints, a changed device, and the command to resume.
 */
import type { Engine } from '../../autograd/engine.js';
import { commandLine } from '../../host/node/commandLine.js';
import type { RunSession } from '../../training/run/runDescription.js';
import type { Output } from './output.js';

/** A run that was resumed. */
interface Resumed {
  readonly skipped: readonly { readonly message: string }[];
  readonly lastSession: RunSession | undefined;
}

/** What it is resumed with. */
interface Context {
  readonly engine: Engine;
  readonly versions: Readonly<Record<string, string>>;
}

/** Prints skipped checkpoints, and whether the bits may differ: they depend on device, driver and versions. */
export function printResumed({ skipped, lastSession }: Resumed, { engine, versions }: Context, output: Output): void {
  for (const { message } of skipped) output.notice(`skipped: ${message}`);
  if (lastSession === undefined) return;
  const { name, driver } = engine.device.adapter;
  const before = JSON.stringify([lastSession.adapter, lastSession.versions]);
  if (before === JSON.stringify([{ name, driver }, versions])) return;
  output.notice('the last session had another device, driver or version: the bits may differ from here on');
}

/**
 * The command that resumes the training in a folder, for a shell.
 *
 * @param moved the folder that holds the images now, unless the folder's description names it
 */
export function resumeLine(command: keyof typeof RESUME_FLAGS, path: string, moved: string | undefined): string {
  const images = moved === undefined ? [] : [{ flag: '--data-dir', path: moved }];
  return commandLine([...command.split(' '), { flag: RESUME_FLAGS[command], path }, ...images]);
}

/** The flag of each command that names the folder to resume. */
const RESUME_FLAGS = { train: '--resume', 'classify train': '--resume', study: '--out', compare: '--out' } as const;
