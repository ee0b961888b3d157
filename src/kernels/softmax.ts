/**
 * @file Softmax over rows, and the two losses of classification, each a mean over the batch.
 */
import type { DeviceBuffer } from '../gpu/memory/buffers.js';
import { LINEAR_WORKGROUP, linearWorkgroups } from '../gpu/commands.js';
import type { Device } from '../gpu/device.js';
import { compute } from './compute.js';
import { sum } from './reduce.js';
import { checkOperand } from './shape/strides.js';

/** Rows of 64 words, 4096 logits in all, that one workgroup of the binary cross-entropy adds up by itself. */
const ROWS_AT_ONCE = 16;
/** Rows a workgroup where there are more than those: a GPU wants many workgroups. */
const ROWS_EACH = 4;

/** eˣ / Σ eˣ over each row of x [rows, columns]. */
export function softmax(device: Device, x: DeviceBuffer, rows: number, columns: number): DeviceBuffer {
  checkOperand('softmax', 'x', x, [rows, columns]);
  return compute(device, {
    kernel: { name: 'softmax', files: ['common/linear.wgsl', 'softmax/row.wgsl', 'softmax/softmax.wgsl'] },
    inputs: [x],
    values: rows * columns,
    params: { count: rows, columns },
    workgroups: device.linearWorkgroups(rows),
  });
}

/** The mean over rows of −Σ oneHot · log softmax(logits): one value. */
export function softmaxCrossEntropy(
  device: Device,
  logits: DeviceBuffer,
  oneHot: DeviceBuffer,
  rows: number,
  columns: number,
): DeviceBuffer {
  const op = 'softmaxCrossEntropy';
  checkOperand(op, 'logits', logits, [rows, columns]);
  checkOperand(op, 'oneHot', oneHot, [rows, columns]);
  const lossOfRows = (): DeviceBuffer => {
    return compute(device, {
      kernel: {
        name: op,
        files: ['common/linear.wgsl', 'common/nan.wgsl', 'softmax/row.wgsl', 'softmax/crossEntropy.wgsl'],
      },
      inputs: [logits, oneHot],
      values: rows,
      params: { count: rows, columns },
      workgroups: device.linearWorkgroups(rows),
    });
  };
  return device.scope(
    () => sum(device, lossOfRows(), [rows], [0], 1 / rows),
    (loss) => [loss],
  );
}

/** The mean of the binary cross-entropy of sigmoid(logits) with targets in [0, 1]: one value. */
export function bceWithLogits(
  device: Device,
  logits: DeviceBuffer,
  targets: DeviceBuffer,
  count: number,
): DeviceBuffer {
  const op = 'bceWithLogits';
  checkOperand(op, 'logits', logits, [count]);
  checkOperand(op, 'targets', targets, [count]);
  const rows = Math.ceil(count / 4 / LINEAR_WORKGROUP);
  const owners = rows <= ROWS_AT_ONCE ? 1 : Math.ceil(rows / ROWS_EACH);
  const sums = (): DeviceBuffer => {
    return compute(device, {
      kernel: {
        name: op,
        files: [
          'common/nan.wgsl',
          'common/smooth.wgsl',
          'common/workgroups.wgsl',
          'common/workgroupSum.wgsl',
          'softmax/bce.wgsl',
        ],
        constants: { LANES: LINEAR_WORKGROUP },
      },
      inputs: [logits, targets],
      values: owners,
      params: { values: count, count: owners, factor: owners === 1 ? 1 / count : 1 },
      workgroups: linearWorkgroups(owners * LINEAR_WORKGROUP),
    });
  };
  return device.scope(
    () => (owners === 1 ? sums() : sum(device, sums(), [owners], [0], 1 / count)),
    (loss) => [loss],
  );
}

/** The gradient of {@link bceWithLogits} by its logits; `gradient` is that of the loss itself, one value. */
export function bceWithLogitsGradient(
  device: Device,
  logits: DeviceBuffer,
  targets: DeviceBuffer,
  gradient: DeviceBuffer,
  count: number,
): DeviceBuffer {
  const op = 'bceWithLogitsGradient';
  checkOperand(op, 'logits', logits, [count]);
  checkOperand(op, 'targets', targets, [count]);
  checkOperand(op, 'gradient', gradient, []);
  const words = Math.ceil(count / 4);
  return compute(device, {
    kernel: { name: op, files: ['common/linear.wgsl', 'common/smooth.wgsl', 'softmax/bceGradient.wgsl'] },
    inputs: [logits, targets, gradient],
    values: count,
    params: { count: words, share: 1 / count },
    workgroups: device.linearWorkgroups(words),
  });
}
