/**
 * @file Builds classifiers of 28 × 28 digits, by name: the CNN that labels the samples in triwave33's DCGAN article (2018) and
 * Keras's example `mnist_cnn` (https://github.com/keras-team/keras/blob/2.1.3/examples/mnist_cnn.py), which differ in
 * the filters of one layer. Both return logits, because the loss includes the softmax.
 */
import { maxPool2d } from '../../autograd/ops/index.js';
import { glorotUniform } from '../layers/initialisers.js';
import { conv2d, dense, dropout, flatten, Sequential, lambda, type Builder, type Layer } from '../layers/index.js';

/** The ten digits. */
export const CLASSES = 10;

/** Side of the classifiers' input images; two convolutions and the pooling reduce it to 12. */
export const CLASSIFIER_SIDE = 28;

/** Number of features of an image, the input of the last layer. */
export const FEATURES = 128;

const POOLED_SIDE = 12;
const CONV = { size: 3, stride: 1, padding: 'valid', kernel: glorotUniform, activation: 'relu' } as const;

/** A classifier in two parts: features of an image, and logits of the features. */
export class Classifier extends Sequential {
  /** @param body [N, 28, 28, 1] in [−1, 1] → [N, FEATURES], ≥ 0. @param head [N, FEATURES] → [N, CLASSES] logits. */
  constructor(
    readonly body: Layer,
    readonly head: Layer,
  ) {
    super('classifier', [body, head]);
  }
}

/** `filters` of the two convolutions. */
function convolutional(builder: Builder, [shallow, deep]: readonly [number, number]): Classifier {
  const flat = POOLED_SIDE * POOLED_SIDE * deep;
  const body = new Sequential('body', [
    conv2d(builder, 'classifier/conv1', 1, shallow, CONV),
    conv2d(builder, 'classifier/conv2', shallow, deep, CONV),
    lambda((x) => maxPool2d(x, { size: 2 })),
    dropout(0.25, 1),
    flatten(),
    dense(builder, 'classifier/dense1', flat, FEATURES, { kernel: glorotUniform, activation: 'relu' }),
    dropout(0.5, 2),
  ]);
  return new Classifier(body, dense(builder, 'classifier/dense2', FEATURES, CLASSES, { kernel: glorotUniform }));
}

/** Each takes [N, 28, 28, 1] in [−1, 1] to [N, 10] logits. */
export const CLASSIFIERS = {
  /** The article's: 600,810 parameters. */
  article: (builder: Builder) => convolutional(builder, [32, 32]),
  /** Keras's `mnist_cnn`: 1,199,882 parameters. */
  keras: (builder: Builder) => convolutional(builder, [32, 64]),
} as const satisfies Record<string, (builder: Builder) => Classifier>;

/** Name of an entry of {@link CLASSIFIERS}. */
export type ClassifierName = keyof typeof CLASSIFIERS;
