/**
 * @file Classifies images: the features, the probabilities and the predicted class of each.
 */
import type { Engine } from '../../autograd/engine.js';
import { softmax, sum } from '../../autograd/ops/index.js';
import type { Tensor } from '../../autograd/tensor.js';
import type { Plan } from '../../gpu/plan/plan.js';
import { sizeOf } from '../../kernels/shape/strides.js';
import { CLASSES, CLASSIFIER_SIDE, FEATURES, type Classifier } from '../../models/networks/classifier.js';
import type { Pass } from '../../models/layers/index.js';
import { checkImages } from './images.js';
import type { PartProgress } from '../progress.js';

/** Batch size. */
const BATCH = 128;

/** A classifier's output for some images. */
export interface ClassifierOutput {
  readonly count: number;
  /** [count, FEATURES], ≥ 0: the layer before the logits. */
  readonly features: Float32Array;
  /** [count, CLASSES]; each row sums to 1. */
  readonly probabilities: Float32Array;
  /** The class of the largest probability; the first of equal ones. */
  readonly labels: Uint8Array;
}

/**
 * Classifies images in inference mode.
 *
 * @param images [count, 28, 28, 1] in [−1, 1]
 * @throws Error for images of another size, none, or one that holds NaN or ±∞, which it names; the device's errors
 */
export async function readImages(
  engine: Engine,
  model: Classifier,
  images: Float32Array,
  progress?: PartProgress,
): Promise<ClassifierOutput> {
  const count = checkImages('readImages', images, 1);
  const shape = [Math.min(BATCH, count), CLASSIFIER_SIDE, CLASSIFIER_SIDE, 1];
  const input = engine.tensor(new Float32Array(sizeOf(shape)), shape, { name: 'images' });
  try {
    const plan = await engine.recordUntuned(() => engine.noGrad(() => read(engine, model, input)));
    try {
      return await readRows(engine, { input, plan }, images, undefined, progress);
    } finally {
      plan.dispose();
    }
  } finally {
    input.free();
  }
}

/** A recorded pass from rows (images, or a generator's input) to the classifier's output. */
export interface RecordedClassifier {
  /** [rows, …] */
  readonly input: Tensor;
  readonly plan: Plan<Seen>;
}

/**
 * Runs the recorded pass over all rows, batch by batch.
 *
 * @param values of all rows
 * @param check called with the sum of each batch's pixels and the index of its first row
 */
export async function readRows(
  engine: Engine,
  { input, plan }: RecordedClassifier,
  values: Float32Array,
  check: (total: number, first: number) => void = () => undefined,
  progress?: PartProgress,
): Promise<ClassifierOutput> {
  const [most = 1] = input.shape;
  const size = input.size / most;
  const count = values.length / size;
  const features = new Float32Array(count * FEATURES);
  const probabilities = new Float32Array(count * CLASSES);
  const batch = new Float32Array(input.size);
  const { features: seen, probabilities: named, total } = plan.results;
  for (let first = 0; first < count; first += most) {
    const rows = Math.min(most, count - first);
    // A partial last batch keeps old rows behind its own; rows do not affect each other.
    batch.set(values.subarray(first * size, (first + rows) * size));
    input.write(batch);
    plan.replay();
    const bytes = await engine.device.read(seen.buffer, named.buffer, total.buffer);
    const [seenRows, namedRows, sums] = bytes.map((each) => new Float32Array(each));
    check(sums?.[0] ?? NaN, first);
    if (seenRows !== undefined) features.set(seenRows.subarray(0, rows * FEATURES), first * FEATURES);
    if (namedRows !== undefined) probabilities.set(namedRows.subarray(0, rows * CLASSES), first * CLASSES);
    progress?.(first + rows, count);
  }
  return { count, features, probabilities, labels: largest(probabilities) };
}

/** The pass of inference: running averages, no dropout. */
export function inferencePass(engine: Engine): Pass {
  // Inference draws no random number, so the counter is never read and takes no memory in a recording.
  return { training: false, random: { seed: 0, stream: 0, counter: engine.device.allocate(4, 'no counter') } };
}

/**
 * Results of a pass on the device: [N, FEATURES], [N, CLASSES], and the sum of all pixels, which is NaN if a pixel is, even if
 * the classifier's ReLUs hide it.
 */
export type Seen = Readonly<Record<'features' | 'probabilities' | 'total', Tensor>>;

/** The operations that {@link readRows} replays. @param images [N, 28, 28, 1] */
export function read(engine: Engine, model: Classifier, images: Tensor): Seen {
  const pass = inferencePass(engine);
  const features = model.body.forward(images, pass);
  return { features, probabilities: softmax(model.head.forward(features, pass)), total: sum(images) };
}

/** The index of the largest value in each row of [count, CLASSES]; the first of equal ones. */
export function largest(rows: Float32Array): Uint8Array {
  return Uint8Array.from({ length: rows.length / CLASSES }, (_, row) => {
    const values = rows.subarray(row * CLASSES, (row + 1) * CLASSES);
    return values.reduce((best, value, index) => (value > values[best]! ? index : best), 0);
  });
}
