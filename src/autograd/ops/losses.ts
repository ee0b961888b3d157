/**
 * @file Computes losses of logits, each in a fused kernel with a VJP in differentiable operations.
 */
import * as kernels from '../../kernels/softmax.js';
import { taped } from '../tape.js';
import type { Tensor } from '../tensor.js';
import { sigmoid, softmax } from './activations.js';
import { neg, scale } from './affine.js';
import { mul, sub } from './elementwise.js';

function checkEqual(op: string, a: Tensor, b: Tensor, names: string): void {
  if (a.shape.join() !== b.shape.join()) {
    throw new Error(`${op}: got [${a.shape.join(', ')}] and [${b.shape.join(', ')}]; it takes ${names} of one shape`);
  }
}

/** Mean binary cross-entropy of σ(logits) against targets in [0, 1], in a form that does not overflow. */
export function bceWithLogits(logits: Tensor, targets: Tensor): Tensor {
  checkEqual('bceWithLogits', logits, targets, 'logits and targets');
  const { engine, size } = logits;
  const loss = engine.wrap(kernels.bceWithLogits(engine.device, logits.buffer, targets.buffer, size), []);
  return taped(loss, 'bceWithLogits', [logits, targets], (g, [wantsLogits, wantsTargets]) => {
    if (!engine.isTaping && wantsTargets !== true) {
      const fused = kernels.bceWithLogitsGradient(engine.device, logits.buffer, targets.buffer, g.buffer, size);
      return [engine.wrap(fused, logits.shape)];
    }
    const share = scale(g, 1 / size);
    return [
      wantsLogits === true ? mul(sub(sigmoid(logits), targets), share) : undefined,
      wantsTargets === true ? mul(neg(logits), share) : undefined,
    ];
  });
}

/**
 * Mean over rows of −Σ oneHot · log softmax(logits).
 *
 * @param logits [N, classes]
 * @param oneHot [N, classes], rows that sum to 1; constants
 * @throws Error for other shapes; during the backward pass if a gradient by `oneHot` is needed
 */
export function softmaxCrossEntropy(logits: Tensor, oneHot: Tensor): Tensor {
  const op = 'softmaxCrossEntropy';
  checkEqual(op, logits, oneHot, 'logits and labels [N, classes]');
  const [rows, columns, ...rest] = logits.shape;
  if (rows === undefined || columns === undefined || rest.length > 0) {
    throw new Error(`${op}: got logits [${logits.shape.join(', ')}]; it takes [N, classes]`);
  }
  const { engine } = logits;
  const loss = kernels.softmaxCrossEntropy(engine.device, logits.buffer, oneHot.buffer, rows, columns);
  return taped(engine.wrap(loss, []), op, [logits, oneHot], (g, [wantsLogits, wantsLabels]) => {
    if (wantsLabels === true) throw new Error(`${op}: the labels are constants; detach them`);
    return [wantsLogits === true ? mul(sub(softmax(logits), oneHot), scale(g, 1 / rows)) : undefined];
  });
}
