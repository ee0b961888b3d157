/**
 * @file The flags that `sample` and `interpolate` share, and the parsing of z.
 */
import { type Command, InvalidArgumentError } from 'commander';
import { decimal } from '../../gan/bounds.js';
import { CLASSES } from '../../models/networks/classifier.js';
import { integer } from './arguments.js';
import { type CheckpointFlags, withCheckpointFlags } from './checkpointFlags.js';
import { type DeviceFlags, withDeviceFlags } from './deviceOptions.js';
import { UsageError } from './usageError.js';

export interface GeneratorFlags extends DeviceFlags, CheckpointFlags {
  readonly label?: number;
  readonly out: string;
  readonly scale: number;
  readonly caption: boolean;
  readonly json?: boolean;
}

/** Adds the flags. */
export function withGeneratorFlags(command: Command, out: string): Command {
  return withCheckpointFlags(withDeviceFlags(command))
    .argument('<run>', "a run's folder, or a checkpoint")
    .option(
      '--label <digit>',
      'of a conditional run: draw only this label (default: a row per label)',
      integer(0, CLASSES - 1),
    )
    .option('--out <file>', 'the picture, a PNG', out)
    .option('--scale <pixels>', 'size of each pixel in the picture', integer(1, 64), 4)
    .option('--no-caption', 'draw no caption under the picture')
    .option('--json', 'print the result as JSON on stdout');
}

/** @throws UsageError for a label of a generator that takes none */
export function checkLabel(label: number | undefined, isConditional: boolean): void {
  if (label === undefined || isConditional) return;
  throw new UsageError(
    `--label ${label}: this generator is not conditional; train --conditional makes a conditional one`,
  );
}

/** Parses a point z: numbers separated by commas or spaces. */
export function parsePoint(text: string): number[] {
  const parts = text.split(/[\s,]+/).filter((part) => part !== '');
  const numbers = parts.flatMap((part) => decimal(part) ?? []);
  if (numbers.length === 0 || numbers.length < parts.length) {
    throw new InvalidArgumentError('It takes numbers separated by commas, such as 0.5,-1.2.');
  }
  const large = parts.find((_, index) => !Number.isFinite(Math.fround(numbers[index]!)));
  if (large !== undefined) throw new InvalidArgumentError(`It takes float32 numbers; ${large} is infinite in float32.`);
  return numbers;
}

/** Adds a point, for a flag that may be given several times. */
export function addPoint(text: string, before: readonly number[][] | undefined): number[][] {
  return [...(before ?? []), parsePoint(text)];
}

/** @throws UsageError for a point of another dimension than z */
export function checkPoint(flag: string, point: readonly number[], zDim: number): Float32Array {
  if (point.length === zDim) return Float32Array.from(point);
  throw new UsageError(`${flag}: this generator's z has ${zDim} numbers, got ${point.length}`);
}
