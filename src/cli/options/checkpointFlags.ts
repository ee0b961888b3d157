/**
 * @file The flags that choose a checkpoint of a run.
 */
import { type Command, Option } from 'commander';
import type { CheckpointChoice } from '../../training/checkpoint/trainedGenerator.js';
import { integer } from './arguments.js';

export interface CheckpointFlags {
  readonly iteration?: number;
  readonly checkpoint?: 'newest' | 'best';
}

/** Adds the flags. */
export function withCheckpointFlags(command: Command): Command {
  return command
    .addOption(
      new Option(
        '--checkpoint <which>',
        'newest, or best: by the metric of train --keep-best (default: newest)',
      ).choices(['newest', 'best']),
    )
    .addOption(
      new Option('--iteration <number>', "the run's checkpoint of this iteration")
        .argParser(integer(0))
        .conflicts('checkpoint'),
    );
}

/** The checkpoint that the flags choose. */
export function chosenCheckpoint({ iteration, checkpoint = 'newest' }: CheckpointFlags): CheckpointChoice {
  return iteration ?? checkpoint;
}
