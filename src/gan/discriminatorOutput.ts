/**
 * @file What comes of the discriminator's judging images in a step.
 */
import type { Tensor } from '../autograd/tensor.js';
import type { RecordedScalar } from '../kernels/scalarRing.js';
import type { MetricName } from './ganMetrics.js';

/** Whose loss is made of the logits. */
export type Learner = 'discriminator' | 'generator';

export interface Judged {
  /** What the discriminator was given of the images, which may be they themselves. */
  readonly seen: Tensor;
  readonly logits: Tensor;
  readonly loss: Tensor;
}

export type StepMetrics = Readonly<Record<MetricName, RecordedScalar>> & {
  readonly gradientPenalty?: Tensor | undefined;
};
