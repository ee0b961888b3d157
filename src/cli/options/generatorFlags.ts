/**
 * @file What the commands share that draw from a trained generator: their flags, and z as the user gives it.
 */
import { type Command, InvalidArgumentError } from 'commander';
import { decimal } from '../../gan/bounds.js';
import { CLASSES } from '../../models/networks/classifier.js';
import { integer } from './arguments.js';
import { type DeviceFlags, withDeviceFlags } from './deviceOptions.js';
import { UsageError } from './usageError.js';

export interface GeneratorFlags extends DeviceFlags {
  readonly label?: number;
  readonly iteration?: number;
  readonly out: string;
  readonly scale: number;
  readonly caption: boolean;
  readonly json?: boolean;
}

/** Adds the flags that such commands share. */
export function withGeneratorFlags(command: Command, out: string): Command {
  return withDeviceFlags(command)
    .argument('<run>', "a run's folder, or a checkpoint")
    .option(
      '--label <digit>',
      'of a conditional run: this label alone (default: a row for each)',
      integer(0, CLASSES - 1),
    )
    .option('--iteration <number>', "which of the run's checkpoints (default: the newest)", integer(0))
    .option('--out <file>', 'the picture, a PNG', out)
    .option('--scale <pixels>', 'side of a pixel in the picture', integer(1, 64), 4)
    .option('--no-caption', 'leave out the line under the picture')
    .option('--json', 'tell the result as JSON on stdout');
}

/** @throws UsageError for a label where none is told to the generator */
export function checkLabel(label: number | undefined, isConditional: boolean): void {
  if (label === undefined || isConditional) return;
  throw new UsageError(`--label ${label}: this generator is not conditional; train --conditional makes one that is`);
}

/** Numbers between commas or spaces: a point z. */
export function parsePoint(text: string): number[] {
  const parts = text.split(/[\s,]+/).filter((part) => part !== '');
  const numbers = parts.flatMap((part) => decimal(part) ?? []);
  if (numbers.length === 0 || numbers.length < parts.length) {
    throw new InvalidArgumentError('It takes numbers between commas, such as 0.5,-1.2.');
  }
  const large = parts.find((_, index) => !Number.isFinite(Math.fround(numbers[index]!)));
  if (large !== undefined)
    throw new InvalidArgumentError(`It takes numbers that float32 holds; ${large} is infinite there.`);
  return numbers;
}

/** For a flag that is given several times: one point more. */
export function addPoint(text: string, before: readonly number[][] | undefined): number[][] {
  return [...(before ?? []), parsePoint(text)];
}

/** @throws UsageError where a point has not as many numbers as z */
export function checkPoint(flag: string, point: readonly number[], zDim: number): Float32Array {
  if (point.length === zDim) return Float32Array.from(point);
  throw new UsageError(`${flag}: this generator's z has ${zDim} numbers, got ${point.length}`);
}
