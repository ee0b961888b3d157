/**
 * @file What a classifier reads in images: the features that distances are taken between, and the class it names.
 */
import type { Engine } from '../autograd/engine.js';
import { softmax } from '../autograd/ops/index.js';
import type { Tensor } from '../autograd/tensor.js';
import { CLASSES, CLASSIFIER_SIDE, FEATURES, type Classifier } from '../models/classifier.js';
import type { Pass } from '../models/layers.js';
import { checkImages, IMAGE_SIZE } from './images.js';

/** Images that pass the classifier at once. */
const BATCH = 128;

/** A classifier's view of some images. */
export interface Reading {
  readonly count: number;
  /** [count, FEATURES], ≥ 0: the layer before the logits. */
  readonly features: Float32Array;
  /** [count, CLASSES]; each row sums to 1. */
  readonly probabilities: Float32Array;
  /** The class of the largest probability; among equals the first. */
  readonly labels: Uint8Array;
}

/**
 * Reads images by a classifier in inference mode.
 *
 * @param images [count, 28, 28, 1] in [−1, 1]
 * @throws Error for images of another size, none, or one that holds NaN or ±∞, which it names; the device's errors
 */
export async function readImages(engine: Engine, model: Classifier, images: Float32Array): Promise<Reading> {
  const count = checkImages('readImages', images, 1);
  const batch = new Float32Array(Math.min(BATCH, count) * IMAGE_SIZE);
  const shape = [batch.length / IMAGE_SIZE, CLASSIFIER_SIDE, CLASSIFIER_SIDE, 1];
  const input = engine.tensor(batch, shape, { name: 'images' });
  try {
    const plan = await engine.record(() => engine.noGrad(() => read(engine, model, input)));
    const features = new Float32Array(count * FEATURES);
    const probabilities = new Float32Array(count * CLASSES);
    try {
      for (let first = 0; first < count; first += BATCH) {
        const part = images.subarray(first * IMAGE_SIZE, (first + BATCH) * IMAGE_SIZE);
        // Behind a last batch that is not full lie images of the one before: each image is read by itself.
        batch.set(part);
        input.write(batch);
        plan.replay();
        const { features: seen, probabilities: named } = plan.results;
        const [seenBytes, namedBytes] = await engine.device.read(seen.buffer, named.buffer);
        const rows = part.length / IMAGE_SIZE;
        features.set(new Float32Array(seenBytes ?? new ArrayBuffer(0), 0, rows * FEATURES), first * FEATURES);
        probabilities.set(new Float32Array(namedBytes ?? new ArrayBuffer(0), 0, rows * CLASSES), first * CLASSES);
      }
    } finally {
      plan.dispose();
    }
    return { count, features, probabilities, labels: largest(probabilities) };
  } finally {
    input.free();
  }
}

/** The pass of a network that is only used: running averages, no dropout. */
export function inferencePass(engine: Engine): Pass {
  // Inference draws no random number, so the counter is never read and takes no memory in a recording.
  return { training: false, random: { seed: 0, stream: 0, counter: engine.device.allocate(4, 'no counter') } };
}

/** What {@link readImages} reads, in operations to record: images [N, 28, 28, 1] → [N, FEATURES] and [N, CLASSES]. */
export function read(engine: Engine, model: Classifier, images: Tensor): { features: Tensor; probabilities: Tensor } {
  const pass = inferencePass(engine);
  const features = model.body.forward(images, pass);
  return { features, probabilities: softmax(model.head.forward(features, pass)) };
}

/** The place of the largest value in each row of [count, CLASSES]; among equals the first. */
export function largest(rows: Float32Array): Uint8Array {
  return Uint8Array.from({ length: rows.length / CLASSES }, (_, row) => {
    const values = rows.subarray(row * CLASSES, (row + 1) * CLASSES);
    return values.reduce((best, value, index) => (value > values[best]! ? index : best), 0);
  });
}
