/**
 * @file Computes a critic's estimate of the Wasserstein distance, from training images and from held-out images. A critic that
 * overfits has a smaller estimate from held-out images.
 */
import type { Engine } from '../../autograd/engine.js';
import type { Tensor } from '../../autograd/tensor.js';
import type { ImageDataset } from '../../data/dataset.js';
import type { Plan } from '../../gpu/plan/plan.js';
import { chooseImages } from '../inputs/chosenImages.js';
import type { PartProgress } from '../progress.js';

/** Batch size; divisible by 2 and 3, for critics that score several images together. */
const BATCH = 96;

/** The critic's mean score of real images less that of generated ones. */
export interface WassersteinEstimate {
  /** From training images. */
  readonly training: number;
  /** From held-out images; null if there are none. */
  readonly heldOut: number | null;
}

export interface CriticSubject {
  /** The critic in inference mode, in operations to record: [N, H, W, C] to its scores. */
  readonly score: (images: Tensor) => Tensor;
  /** That it learns from. */
  readonly dataset: ImageDataset;
  /** Of the same kind, that it does not learn from. */
  readonly heldOut?: ImageDataset | undefined;
  /** Real images of each that are scored, where there are as many. */
  readonly samples: number;
}

/** Evaluates one critic repeatedly, always with the same real images. */
export class CriticEstimate {
  private constructor(
    private readonly engine: Engine,
    private readonly images: Tensor,
    private readonly plan: Plan<{ readonly scores: Tensor }>,
    private readonly training: Float32Array,
    private readonly heldOut: Float32Array | undefined,
  ) {}

  static async prepare(engine: Engine, { score, dataset, heldOut, samples }: CriticSubject): Promise<CriticEstimate> {
    const { height, width, channels } = dataset;
    const shape = [BATCH, height, width, channels];
    const size = BATCH * height * width * channels;
    const images = engine.tensor(new Float32Array(size), shape, { name: 'images' });
    try {
      const plan = await engine.recordUntuned(() => engine.noGrad(() => ({ scores: score(images) })));
      const training = chooseImages(dataset, samples).values;
      return new CriticEstimate(engine, images, plan, training, heldOut && chooseImages(heldOut, samples).values);
    } catch (error) {
      images.free();
      throw error;
    }
  }

  /**
   * Computes the estimates with the critic's current weights.
   *
   * @param generated [N, H, W, C]
   * @throws Error where a mean is not finite; the device's errors
   */
  async of(generated: Float32Array, progress?: PartProgress): Promise<WassersteinEstimate> {
    const { training: images, heldOut: others } = this;
    const total = generated.length + images.length + (others?.length ?? 0);
    const from = (before: number) => (values: number) => progress?.(before + values, total);
    const fake = await this.mean('generated', generated, from(0));
    const training = (await this.mean('training', images, from(generated.length))) - fake;
    const before = generated.length + images.length;
    const heldOut = others === undefined ? null : (await this.mean('held-out', others, from(before))) - fake;
    return { training, heldOut };
  }

  dispose(): void {
    this.plan.dispose();
    this.images.free();
  }

  private async mean(which: string, values: Float32Array, done: (values: number) => void): Promise<number> {
    const { engine, images, plan } = this;
    const { scores } = plan.results;
    const size = images.size / BATCH;
    const count = values.length / size;
    const batch = new Float32Array(images.size);
    let [total, counted] = [0, 0];
    for (let first = 0; first < count; first += BATCH) {
      const rows = Math.min(BATCH, count - first);
      // A partial last batch is filled from the front: a critic may score an image by its neighbours in the batch.
      for (let row = 0; row < BATCH; row++) {
        const from = ((first + row) % count) * size;
        batch.set(values.subarray(from, from + size), row * size);
      }
      images.write(batch);
      plan.replay();
      const [bytes] = await engine.device.read(scores.buffer);
      const all = new Float32Array(bytes ?? new ArrayBuffer(0), 0, scores.size);
      const own = all.subarray(0, Math.ceil((rows * scores.size) / BATCH));
      total = own.reduce((sum, score) => sum + score, total);
      counted += own.length;
      done((first + rows) * size);
    }
    const mean = total / counted;
    if (Number.isFinite(mean)) return mean;
    throw new Error(`CriticEstimate: the mean score of the ${which} images is ${mean}`);
  }
}
