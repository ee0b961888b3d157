/**
 * @file A GAN and its training step, in differentiable operations alone: the same function runs eagerly or is recorded.
 */
import type { Engine } from '../autograd/engine.js';
import { gradients } from '../autograd/grad.js';
import * as ops from '../autograd/ops/index.js';
import type { Tensor } from '../autograd/tensor.js';
import type { DeviceBuffer } from '../gpu/buffers.js';
import { gather } from '../gpu/together.js';
import { recordScalars, type RecordedScalar } from '../kernels/history.js';
import type { Architecture } from '../models/architectures.js';
import type { HostRandom } from '../models/initialisers.js';
import type { Pass, Sequential } from '../models/layers.js';
import { Adam } from '../models/optimisers.js';
import { adamState, counter, joinStates, networkState, type State } from './state.js';

export interface GanOptions {
  readonly architecture: Architecture;
  /** Dimension of z. */
  readonly zDim: number;
  /** Scales all channel counts. */
  readonly width: number;
  /** Images a batch; even under the schedule `halves`. */
  readonly batch: number;
  readonly imageHeight: number;
  readonly imageWidth: number;
  readonly channels: number;
  /** 32 bits, for z and dropout on the GPU. */
  readonly seed: number;
  /** For the initial parameters. */
  readonly random: HostRandom;
  /** Iterations of losses that the GPU holds before they must be read. */
  readonly historyCapacity: number;
}

/** What is recorded of an iteration, in this order. */
export const METRICS = [
  'generatorLoss',
  'discriminatorLoss',
  'realCalledReal',
  'fakeCalledFake',
  'fakeCalledReal',
] as const;

export type MetricName = (typeof METRICS)[number];

/** One iteration's values. The last three are shares of a batch, 0 … 1; the last is of the generator's own update. */
export type Metrics = Readonly<Record<MetricName, number>>;

/** Streams of random numbers that never meet. */
const STREAMS = {
  z: 1,
  zGenerator: 2,
  zSamples: 3,
  dropoutReal: 100,
  dropoutFake: 200,
  dropoutGenerator: 300,
  dropoutBoth: 400,
} as const;

/** Generator, discriminator, their optimisers, and the buffers that a step reads and writes. */
export class Gan {
  readonly generator: Sequential;
  readonly discriminator: Sequential;
  readonly generatorOptimiser: Adam;
  readonly discriminatorOptimiser: Adam;
  /** The real images of the next step, [batch, H, W, C] in [−1, 1]; half a batch under `halves`. */
  readonly realImages: Tensor;
  /** What the discriminator is to say of each image: 1 (real) or 0, and 1 for the generator's own update. */
  private readonly targets: Readonly<Record<'real' | 'fake' | 'both' | 'generator', Tensor>>;
  /** Scalars that a loss's gradients are multiplied by. */
  private readonly factors: Readonly<Record<'once' | 'twice', Tensor>>;
  /** One u32 on the GPU: iterations done. */
  readonly iteration: DeviceBuffer;
  /** The iteration and both optimisers' counts of updates, which a step moves on all at once. */
  private readonly counters: DeviceBuffer;
  /** [historyCapacity, METRICS.length] */
  readonly history: DeviceBuffer;

  constructor(
    readonly engine: Engine,
    readonly options: GanOptions,
  ) {
    const { architecture, zDim, width, channels, batch, imageHeight, imageWidth, historyCapacity, random } = options;
    const builder = { engine, random };
    const size = { zDim, width, channels };
    this.generator = architecture.generator(builder, size);
    this.discriminator = architecture.discriminator(builder, size);
    this.generatorOptimiser = new Adam(engine, this.generator.parameters, architecture.generatorAdam);
    this.discriminatorOptimiser = new Adam(engine, this.discriminator.parameters, architecture.discriminatorAdam);
    const realCount = architecture.schedule === 'halves' ? batch / 2 : batch;
    if (!Number.isInteger(realCount)) throw new Error(`a batch of two halves must be even; got ${batch}`);
    const imageShape = [realCount, imageHeight, imageWidth, channels];
    const imageSize = realCount * imageHeight * imageWidth * channels;
    this.realImages = engine.tensor(new Float32Array(imageSize), imageShape, { name: 'real images' });
    const targets = (ones: number, zeros: number): Tensor => {
      const labels = new Float32Array(ones + zeros).fill(1, 0, ones);
      return engine.tensor(labels, [labels.length, 1], { name: 'targets' });
    };
    this.targets = {
      real: targets(realCount, 0),
      fake: targets(0, realCount),
      both: targets(realCount, realCount),
      generator: targets(batch, 0),
    };
    this.factors = { once: engine.tensor([1], [], { name: 'once' }), twice: engine.tensor([2], [], { name: 'twice' }) };
    this.iteration = engine.device.allocatePersistent(4, 'iteration');
    engine.device.write(this.iteration, new Uint32Array(1));
    const { generatorOptimiser, discriminatorOptimiser } = this;
    const all = [this.iteration, generatorOptimiser.stepCounter, discriminatorOptimiser.stepCounter];
    const counters = gather(engine.device, all);
    if (counters === undefined) throw new Error('a GAN cannot be made within a recording');
    this.counters = counters;
    this.history = engine.device.allocatePersistent(historyCapacity * METRICS.length * 4, 'history');
  }

  /** One iteration: both updates, the metrics, and the counter. */
  step(): void {
    const { engine } = this;
    const joint = this.options.architecture.schedule === 'joint';
    const metrics = joint ? this.jointUpdates() : this.halvedUpdates();
    const scalars = METRICS.map((name) => metrics[name]);
    const advance = [1, 1, joint ? 1 : 2];
    recordScalars(engine.device, this.history, this.counters, this.options.historyCapacity, scalars, advance);
  }

  /**
   * Images of the generator in inference mode, [count, H, W, C] in [−1, 1].
   *
   * @param z [count, zDim]
   */
  sample(z: Tensor): Tensor {
    return this.engine.noGrad(() => this.generator.forward(z, this.pass(false, 0)));
  }

  /**
   * All that the coming iterations depend on, besides the seed and the real images: weights, batch-norm statistics,
   * Adam's moments and counters, and the iteration, which is the counter of the random numbers.
   */
  get state(): State {
    return joinStates(
      networkState(this.generator),
      networkState(this.discriminator),
      adamState('generator', this.generatorOptimiser),
      adamState('discriminator', this.discriminatorOptimiser),
      new Map([['iteration', counter(this.iteration)]]),
    );
  }

  /** z ~ N(0, 1) for samples, a function of seed and iteration alone. */
  freshZ(count: number): Tensor {
    return this.drawZ(count, STREAMS.zSamples);
  }

  dispose(): void {
    this.generator.dispose();
    this.discriminator.dispose();
    this.generatorOptimiser.dispose();
    this.discriminatorOptimiser.dispose();
    for (const tensor of [this.realImages, ...Object.values(this.targets), ...Object.values(this.factors)])
      tensor.free();
    this.engine.device.free(this.iteration);
    this.engine.device.free(this.history);
  }

  private jointUpdates(): Record<MetricName, RecordedScalar> {
    const { targets, factors } = this;
    const { batch } = this.options;
    const fakes = this.generator.forward(this.drawZ(batch, STREAMS.z), this.pass(true, 0));
    const images = ops.concat(this.realImages, fakes.detach());
    const onBoth = this.judge(images, targets.both, STREAMS.dropoutBoth, 2);
    // The mean over both halves is half of the sum of their losses, and it is their sum that is learned from.
    this.updateDiscriminator(onBoth.loss, 1, factors.twice);

    const onGenerator = this.judge(fakes, targets.generator, STREAMS.dropoutGenerator);
    this.updateGenerator(onGenerator.loss);
    return {
      generatorLoss: onGenerator.loss,
      discriminatorLoss: onBoth.loss,
      realCalledReal: { buffer: onBoth.logits.buffer, count: batch, of: 'isPositive' },
      fakeCalledFake: { buffer: onBoth.logits.buffer, first: batch, count: batch, of: 'isNotPositive' },
      fakeCalledReal: { buffer: onGenerator.logits.buffer, count: batch, of: 'isPositive' },
    };
  }

  private halvedUpdates(): Record<MetricName, RecordedScalar> {
    const { targets } = this;
    const { batch } = this.options;
    const onReal = this.judge(this.realImages, targets.real, STREAMS.dropoutReal);
    this.updateDiscriminator(onReal.loss);
    const predicted = this.sample(this.drawZ(batch / 2, STREAMS.z));
    const onFake = this.judge(predicted, targets.fake, STREAMS.dropoutFake);
    this.updateDiscriminator(onFake.loss, 2);

    const fakes = this.generator.forward(this.drawZ(batch, STREAMS.zGenerator), this.pass(true, 0));
    const onGenerator = this.judge(fakes, targets.generator, STREAMS.dropoutGenerator);
    this.updateGenerator(onGenerator.loss);
    return {
      generatorLoss: onGenerator.loss,
      discriminatorLoss: ops.scale(ops.add(onReal.loss, onFake.loss), 0.5),
      realCalledReal: { buffer: onReal.logits.buffer, count: batch / 2, of: 'isPositive' },
      fakeCalledFake: { buffer: onFake.logits.buffer, count: batch / 2, of: 'isNotPositive' },
      fakeCalledReal: { buffer: onGenerator.logits.buffer, count: batch, of: 'isPositive' },
    };
  }

  /** The discriminator's logits, and their cross-entropy with the targets. See `Pass` for the groups. */
  private judge(images: Tensor, targets: Tensor, stream: number, groups = 1): { logits: Tensor; loss: Tensor } {
    const logits = this.discriminator.forward(images, this.pass(true, stream, groups));
    return { logits, loss: ops.bceWithLogits(logits, targets) };
  }

  /** @param nth which update of the discriminator in this step. */
  private updateDiscriminator(loss: Tensor, nth = 1, factor = this.factors.once): void {
    const found = gradients(loss, this.discriminator.parameters, { upstream: factor });
    this.discriminatorOptimiser.updateUncounted(found, nth);
  }

  private updateGenerator(loss: Tensor): void {
    const { once } = this.factors;
    this.generatorOptimiser.updateUncounted(gradients(loss, this.generator.parameters, { upstream: once }));
  }

  private drawZ(count: number, stream: number): Tensor {
    const { engine, iteration } = this;
    const { seed, zDim } = this.options;
    return ops.randomNormal(engine, [count, zDim], { seed, stream, counter: iteration });
  }

  private pass(training: boolean, stream: number, groups = 1): Pass {
    return { training, groups, random: { seed: this.options.seed, stream, counter: this.iteration } };
  }
}
