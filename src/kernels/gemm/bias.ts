/**
 * @file The backward pass of a product's epilogue, y = activation(product + bias): by the product, and by the bias.
 */
import type { DeviceBuffer } from '../../gpu/memory/buffers.js';
import { LINEAR_WORKGROUP, linearWorkgroups } from '../../gpu/commands.js';
import type { Device } from '../../gpu/device.js';
import { ACTIVATION_GRADIENT_FILES, activationCode, slopeFromOutput } from '../activation.js';
import type { FusedActivation } from '../options.js';
import { checkOperand, wordPeriod } from '../shape/strides.js';

export interface BiasGradientOptions {
  /** [rows, columns], as is y. */
  readonly dy: DeviceBuffer;
  /** The activation's value: its derivative is taken from it. */
  readonly y: DeviceBuffer;
  readonly rows: number;
  readonly columns: number;
  readonly activation: FusedActivation;
}

export interface BiasGradients {
  /** dy · activation′, [rows, columns]. */
  readonly dx: DeviceBuffer;
  /** The sum of dx over the rows, [columns]. */
  readonly dBias: DeviceBuffer;
}

/**
 * dx and dBias, in two dispatches. The order of summation depends on the shape and on whether the device is a GPU: an
 * invocation adds up at most 64 words, and a lane of the second stage every 64th of a column's partial sums.
 */
export function biasGradient(device: Device, options: BiasGradientOptions): BiasGradients {
  const op = 'biasGradient';
  const { dy, y, rows, columns, activation } = options;
  for (const [name, buffer] of Object.entries({ dy, y })) checkOperand(op, name, buffer, [rows, columns]);
  const slope = slopeFromOutput(op, activation);
  const count = rows * columns;
  const step = stepOf(Math.ceil(count / 4), columns, device.invocationsToFill);
  return device.scope(
    () => {
      const dx = device.allocate(count * 4, `${op} dx`);
      const parts = device.allocate(step * 16, `${op} parts`);
      device.dispatch({
        kernel: {
          name: op,
          files: ['common/linear.wgsl', ...ACTIVATION_GRADIENT_FILES, 'bias/gradientPartial.wgsl'],
          constants: { ACTIVATION: activationCode(activation) },
        },
        buffers: [dy, y, dx, parts],
        params: { values: count, count: step, slope },
        workgroups: device.linearWorkgroups(step),
      });
      const dBias = device.allocate(columns * 4, `${op} dBias`);
      device.dispatch({
        kernel: {
          name: `${op} merge`,
          files: ['common/workgroups.wgsl', 'common/workgroupSum.wgsl', 'bias/gradientMerge.wgsl'],
          constants: { LANES: LINEAR_WORKGROUP },
        },
        buffers: [parts, dBias],
        params: { rows: (4 * step) / columns, count: columns },
        workgroups: linearWorkgroups(columns * LINEAR_WORKGROUP),
      });
      return { dx, dBias };
    },
    ({ dx, dBias }) => [dx, dBias],
  );
}

/** Least words an invocation takes, so that the second stage adds up few sums, unless processors would be idle ... */
const LEAST_WORDS = 8;
/** ... or a column would have too many partial sums for the 64 lanes of the second stage. */
const MOST_SUMS = 8192;
/** Most words an invocation takes: bounds the length of a sum. */
const MOST_WORDS = 64;

/** Invocations of the first stage: a multiple of the words in which the columns repeat. */
function stepOf(words: number, columns: number, toFill: number): number {
  const period = wordPeriod(columns);
  const enough = Math.min(toFill, (MOST_SUMS * columns) / 4);
  const wanted = Math.max(Math.min(Math.ceil(words / LEAST_WORDS), enough), Math.ceil(words / MOST_WORDS));
  return Math.ceil(wanted / period) * period;
}
