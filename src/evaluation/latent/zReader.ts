/**
 * @file Classifies a generator's images of given z, with one recorded pass for all evaluations.
 */
import type { Engine } from '../../autograd/engine.js';
import type { Tensor } from '../../autograd/tensor.js';
import type { Plan } from '../../gpu/plan/plan.js';
import { CLASSIFIER_SIDE, type Classifier } from '../../models/networks/classifier.js';
import type { Sequential } from '../../models/layers/index.js';
import type { PartProgress } from '../progress.js';
import { inferencePass, read, readRows, type ClassifierOutput, type Seen } from '../inputs/classifierOutput.js';

/** Batch size. */
const ROWS = 128;

/** Classifies images of z; the networks' weights may change between calls. */
export class ZReader {
  private constructor(
    private readonly engine: Engine,
    private readonly zDim: number,
    private readonly input: Tensor,
    private readonly plan: Plan<Seen>,
  ) {}

  /**
   * Records both networks in inference mode.
   *
   * @param generator [N, zDim] → [N, 28, 28, 1] in [−1, 1]
   * @throws Error for images of another size; the device's errors
   */
  static async prepare(engine: Engine, generator: Sequential, classifier: Classifier, zDim: number): Promise<ZReader> {
    const input = engine.tensor(new Float32Array(ROWS * zDim), [ROWS, zDim], { name: 'z' });
    const imageShape = [ROWS, CLASSIFIER_SIDE, CLASSIFIER_SIDE, 1].join(', ');
    try {
      const plan = await engine.recordUntuned(() =>
        engine.noGrad(() => {
          const images = generator.forward(input, inferencePass(engine));
          const made = images.shape.join(', ');
          if (made !== imageShape) throw new Error(`ZReader: the generator makes [${made}]; it takes [${imageShape}]`);
          return read(engine, classifier, images);
        }),
      );
      return new ZReader(engine, zDim, input, plan);
    } catch (error) {
      input.free();
      throw error;
    }
  }

  /**
   * @param z [count, zDim]
   * @throws Error if z is not a whole number of points, or images are not finite; the device's errors
   */
  async read(z: Float32Array, progress?: PartProgress): Promise<ClassifierOutput> {
    const { engine, zDim, input, plan } = this;
    const count = z.length / zDim;
    if (!Number.isInteger(count) || count === 0) {
      throw new Error(`ZReader: got ${z.length} numbers; it takes points of ${zDim}, one at least`);
    }
    const check = (total: number, first: number): void => {
      if (Number.isFinite(total)) return;
      throw new Error(`ZReader: the images of z ${first} … are not finite: the generator diverged`);
    };
    return readRows(engine, { input, plan }, z, check, progress);
  }

  /** Frees the plan and its input; the networks stay. */
  dispose(): void {
    this.plan.dispose();
    this.input.free();
  }
}
