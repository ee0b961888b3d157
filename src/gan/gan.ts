/**
 * @file Defines a GAN and its training step in differentiable operations: the same function runs eagerly or is recorded.
 */
import type { Engine } from '../autograd/engine.js';
import { gradients } from '../autograd/grad.js';
import * as ops from '../autograd/ops/index.js';
import type { Tensor } from '../autograd/tensor.js';
import type { DeviceBuffer } from '../gpu/memory/buffers.js';
import { type RecordedScalar, recordScalars } from '../kernels/scalarRing.js';
import type { HostRandom } from '../models/layers/initialisers.js';
import type { Sequential, Substitutes } from '../models/layers/index.js';
import type { Architecture } from '../models/networks/architectures.js';
import { WeightAverage } from '../models/optim/averaging.js';
import { WeightClipping } from '../models/optim/clipping.js';
import { imagesOf, withPlanesOf } from '../models/layers/conditioning.js';
import { Adam } from '../models/optim/adam.js';
import { Conditioning, generated, networkSizes } from './conditioning.js';
import { augmentInputs } from './discriminatorInput.js';
import { ringColumns, type MetricName, METRICS } from './ganMetrics.js';
import { interpolatesPenalty, realPenalty } from './gradientPenalty.js';
import { labelTensors, type LabelTensors } from './losses.js';
import { objectiveOf, type Objective } from './objective.js';
import type { ObjectiveOptions } from './settings.js';
import { adamState, averageState, counter, joinStates, networkState, type State } from '../data/weights/state.js';
import { NEXT_UPDATE, StepRandom, STREAMS } from './streams.js';
import { unrolled } from './unrolled.js';

/** Options of a {@link Gan}. */
export interface GanOptions {
  readonly architecture: Architecture;
  /** Default: `bce` with the architecture's settings. */
  readonly objective?: ObjectiveOptions | undefined;
  /** Dimension of z. */
  readonly zDim: number;
  /** Scales all channel counts. */
  readonly width: number;
  /** Images a batch; even for the schedule `splitBatch`. */
  readonly batch: number;
  readonly imageHeight: number;
  readonly imageWidth: number;
  readonly channels: number;
  /** Relative frequencies of the classes of a conditional generator's images. Default: uniform. */
  readonly classShares?: readonly number[] | undefined;
  /** 32 bits, for the random numbers on the GPU. */
  readonly seed: number;
  /** For the initial parameters. */
  readonly random: HostRandom;
  /** Iterations of metrics that the GPU keeps until they are read. */
  readonly ringCapacity: number;
}

/** The network that learns from a loss. */
type Learner = 'discriminator' | 'generator';

/** Result of one discriminator pass. */
interface DiscriminatorOutput {
  /** What the discriminator gets: the images, or their augmented versions. */
  readonly input: Tensor;
  readonly logits: Tensor;
  readonly loss: Tensor;
}

/** Options of a discriminator pass. */
interface DiscriminatorPass {
  readonly labels: Tensor;
  /** Of its random numbers. */
  readonly stream: number;
  /** Parts of the batch that are normalised separately. Default: 1. */
  readonly groups?: number;
  /** Weights of the unrolled discriminator. */
  readonly substitutes?: Substitutes | undefined;
}

type StepMetrics = Readonly<Record<MetricName, RecordedScalar>> & {
  readonly gradientPenalty?: Tensor | undefined;
};

/** Generator, discriminator, their optimisers, and the buffers of a step. */
export class Gan {
  readonly objective: Objective;
  readonly generator: Sequential;
  readonly discriminator: Sequential;
  readonly generatorOptimiser: Adam;
  readonly discriminatorOptimiser: Adam;
  /**
   * Real images of the next step, [batch, H, W, C] in [−1, 1]: half a batch for the schedule `splitBatch`; with several critic
   * steps a batch for each, one after the other.
   */
  readonly realImages: Tensor;
  /** The classes of {@link realImages} are written to it; absent for an unconditional GAN. */
  readonly conditioning: Conditioning | undefined;
  private readonly labels: LabelTensors;
  /** Factors on the gradients of a loss. */
  private readonly factors: Readonly<Record<'once' | 'twice', Tensor>>;
  /** Iterations done, one u32 on the GPU. */
  readonly iteration: DeviceBuffer;
  private readonly random: StepRandom;
  private readonly clipping: WeightClipping | undefined;
  private readonly average: WeightAverage | undefined;
  /** [ringCapacity, ringColumns(loss)] */
  readonly scalarRing: DeviceBuffer;

  constructor(
    readonly engine: Engine,
    readonly options: GanOptions,
  ) {
    const { architecture, channels, batch, imageHeight, imageWidth, ringCapacity, random } = options;
    const objective = objectiveOf(architecture, options.objective ?? {}, batch);
    const { loss, schedule, criticSteps, clip, labelSmoothing: smoothing, averageDecay, pack, conditional } = objective;
    this.objective = objective;
    const builder = { engine, random };
    const { ofGenerator, ofDiscriminator } = networkSizes(objective, options);
    this.generator = architecture.generator(builder, ofGenerator);
    this.discriminator = architecture.discriminator(builder, ofDiscriminator);
    this.generatorOptimiser = new Adam(engine, this.generator.parameters, objective.generatorAdam);
    this.discriminatorOptimiser = new Adam(engine, this.discriminator.parameters, objective.discriminatorAdam);
    if (clip !== undefined) this.clipping = new WeightClipping(engine.device, this.discriminator.parameters, clip);
    if (averageDecay !== undefined) {
      // A constant in place of the run's random numbers, so that both networks draw the same with and without an average.
      // It is overwritten at once.
      const copy = architecture.generator({ engine, random: () => 0.5 }, ofGenerator);
      this.average = new WeightAverage(engine.device, this.generator, copy, averageDecay);
    }
    const realCount = schedule === 'splitBatch' ? batch / 2 : batch;
    if (!Number.isInteger(realCount)) throw new Error(`the schedule splitBatch takes an even batch, got ${batch}`);
    const imageShape = [criticSteps * realCount, imageHeight, imageWidth, channels];
    const imageSize = criticSteps * realCount * imageHeight * imageWidth * channels;
    this.realImages = engine.tensor(new Float32Array(imageSize), imageShape, { name: 'real images' });
    if (conditional) this.conditioning = new Conditioning(engine, criticSteps * realCount, loss, options.classShares);
    this.labels = labelTensors(engine, loss, { realCount: realCount / pack, batch: batch / pack, smoothing });
    this.factors = { once: engine.tensor([1], [], { name: 'once' }), twice: engine.tensor([2], [], { name: 'twice' }) };
    this.iteration = engine.device.allocatePersistent(4, 'iteration');
    engine.device.write(this.iteration, new Uint32Array(1));
    this.random = new StepRandom(engine, options, this.iteration);
    this.scalarRing = engine.device.allocatePersistent(ringCapacity * ringColumns(loss) * 4, 'scalar ring');
  }

  /** One iteration: the updates of both networks, the average of the generator's weights, the metrics and the counters. */
  step(): void {
    const { engine } = this;
    const { schedule, loss } = this.objective;
    const { gradientPenalty, ...metrics } = schedule === 'joint' ? this.jointUpdates() : this.halvedUpdates();
    this.average?.apply();
    const scalars = METRICS.map((name) => metrics[name]);
    if (gradientPenalty !== undefined) scalars.push({ buffer: gradientPenalty.buffer });
    recordScalars(engine.device, {
      ring: this.scalarRing,
      capacity: this.options.ringCapacity,
      counters: this.iteration,
      scalars,
      advance: [1],
      boundary: loss.boundary,
    });
  }

  /**
   * Updates the discriminator on real and generated images that pass it together, `criticSteps` times; then the generator,
   * on the generated images of the last of these updates.
   */
  private jointUpdates(): StepMetrics {
    const { engine, labels } = this;
    const last = this.objective.criticSteps - 1;
    for (let update = 0; update < last; update++) {
      this.updateOnBoth(
        engine.noGrad(() => this.generate(update)),
        update,
      );
    }
    const fakes = this.generate(last);
    const { output, gradientPenalty } = this.updateOnBoth(fakes.detach(), last);

    const substitutes = this.unrolledDiscriminator(fakes);
    const pass = { labels: labels.generator, stream: STREAMS.dropoutGenerator, substitutes };
    const onFakes = this.discriminate(fakes, 'generator', pass);
    this.updateGenerator(onFakes.loss);

    const count = labels.generator.size;
    return {
      generatorLoss: onFakes.loss,
      discriminatorLoss: output.loss,
      realAccuracy: { buffer: output.logits.buffer, count, of: 'isAbove' },
      fakeAccuracy: { buffer: output.logits.buffer, first: count, count, of: 'isNotAbove' },
      foolingRate: { buffer: onFakes.logits.buffer, count, of: 'isAbove' },
      gradientPenalty,
    };
  }

  /** Updates the discriminator on half a batch of real images, then of generated ones; then the generator on a batch. */
  private halvedUpdates(): StepMetrics {
    const { labels, conditioning } = this;
    const { batch } = this.options;
    const real = { labels: labels.real, stream: STREAMS.dropoutReal };
    const onReal = this.discriminate(this.realImagesOf(0), 'discriminator', real);
    this.updateDiscriminator(onReal.loss);

    const halfClasses = conditioning?.drawn(batch / 2, this.random.source(STREAMS.classes));
    const halfZ = this.random.z(batch / 2, STREAMS.z);
    const predicted = generated(halfZ, halfClasses, (input) => this.inferred(this.generator, input));
    const fake = { labels: labels.fake, stream: STREAMS.dropoutFake };
    const onFake = this.discriminate(predicted, 'discriminator', fake);
    this.updateDiscriminator(onFake.loss);

    const classes = conditioning?.drawn(batch, this.random.source(STREAMS.classesGenerator));
    const z = this.random.z(batch, STREAMS.zGenerator);
    const fakes = generated(z, classes, (input) => this.generator.forward(input, this.random.pass(true, 0)));
    const pass = { labels: labels.generator, stream: STREAMS.dropoutGenerator };
    const onFakes = this.discriminate(fakes, 'generator', pass);
    this.updateGenerator(onFakes.loss);

    return {
      generatorLoss: onFakes.loss,
      discriminatorLoss: ops.scale(ops.add(onReal.loss, onFake.loss), 0.5),
      realAccuracy: { buffer: onReal.logits.buffer, count: labels.real.size, of: 'isAbove' },
      fakeAccuracy: { buffer: onFake.logits.buffer, count: labels.fake.size, of: 'isNotAbove' },
      foolingRate: { buffer: onFakes.logits.buffer, count: labels.generator.size, of: 'isAbove' },
    };
  }

  /** One update of the discriminator on real and generated images. @param update counted from 0 */
  private updateOnBoth(
    fakes: Tensor,
    update: number,
  ): { readonly output: DiscriminatorOutput; readonly gradientPenalty: Tensor | undefined } {
    const { labels, factors } = this;
    const { batch } = this.options;
    const { penaltyWeight = 0 } = this.objective;
    const real = this.realImagesOf(update);
    const images = ops.concat(real, fakes);
    const pass = { labels: labels.both, stream: STREAMS.dropoutBoth + update * NEXT_UPDATE, groups: 2 };
    const output = this.discriminate(images, 'discriminator', pass);
    const { input } = output;
    const splitBatch = (): [Tensor, Tensor] => [ops.slice(input, 0, batch), ops.slice(input, batch, batch)];
    const gradientPenalty = this.penaltyOf(input === images ? () => [real, fakes] : splitBatch, update);
    // The loss is the mean over both halves, which is half of the sum of their losses; the step learns from the sum.
    if (gradientPenalty === undefined) {
      this.updateDiscriminator(output.loss, factors.twice);
    } else {
      const loss = ops.add(ops.scale(output.loss, 2), ops.scale(gradientPenalty, penaltyWeight));
      this.updateDiscriminator(loss);
    }
    this.clipping?.apply();
    return { output, gradientPenalty };
  }

  /** The unrolled discriminator's weights for the generator's update; undefined without unrolling. */
  private unrolledDiscriminator(fakes: Tensor): Substitutes | undefined {
    const { discriminator: network, discriminatorOptimiser: optimiser, labels } = this;
    const { criticSteps, unroll: steps } = this.objective;
    if (steps === 0) return undefined;
    const images = ops.concat(this.realImagesOf(criticSteps - 1), fakes);
    const loss = (substitutes: Substitutes, nth: number): Tensor => {
      const pass = { labels: labels.both, stream: STREAMS.dropoutUnrolled + nth * NEXT_UPDATE, groups: 2, substitutes };
      return ops.scale(this.discriminate(images, 'discriminator', pass).loss, 2);
    };
    return unrolled({ network, optimiser, steps, loss });
  }

  /** The real images of an update as the discriminator takes them. @param update counted from 0 */
  private realImagesOf(update: number): Tensor {
    const { batch } = this.options;
    const { realImages, conditioning } = this;
    const images = this.objective.criticSteps === 1 ? realImages : ops.slice(realImages, update * batch, batch);
    return conditioning?.withReal(images, update * batch) ?? images;
  }

  /** Generated images for an update, as the discriminator takes them. @param update counted from 0 */
  private generate(update: number): Tensor {
    const { batch } = this.options;
    const offset = update * NEXT_UPDATE;
    const z = this.random.z(batch, STREAMS.z + offset);
    const source = this.random.source(STREAMS.classes + offset);
    const classes = this.conditioning?.ofUpdate(batch, update * batch, source);
    return generated(z, classes, (input) => this.generator.forward(input, this.random.pass(true, 0)));
  }

  /** The discriminator's logits of images, and a network's loss of them. */
  private discriminate(images: Tensor, learner: Learner, options: DiscriminatorPass): DiscriminatorOutput {
    const { labels, stream, groups = 1, substitutes } = options;
    const pass = this.random.pass(true, stream, groups);
    const own = imagesOf(images, this.options.channels);
    const augmented = augmentInputs(own, this.objective, pass.random);
    const input = augmented === own ? images : withPlanesOf(images, augmented);
    const logits = this.discriminator.forward(input, { ...pass, substitutes });
    return { input, logits, loss: this.objective.loss[learner](logits, labels) };
  }

  /** The gradient penalty of an update; undefined if the loss has none. @param inputs of the discriminator */
  private penaltyOf(inputs: () => readonly [real: Tensor, fakes: Tensor], update: number): Tensor | undefined {
    const { pack, loss } = this.objective;
    if (loss.penalty === undefined) return undefined;
    const { batch, channels } = this.options;
    const [real, fakes] = inputs();
    const offset = update * NEXT_UPDATE;
    const pass = this.random.pass(true, STREAMS.dropoutPenalty + offset);
    const logits = (images: Tensor): Tensor => this.discriminator.forward(withPlanesOf(real, images), pass);
    const own = imagesOf(real, channels);
    if (loss.penalty === 'real') return realPenalty(logits, own, pack);
    const source = this.random.source(STREAMS.interpolation + offset);
    const shares = ops.randomUniform(this.engine, [batch / pack, 1, 1, 1], source);
    return interpolatesPenalty(logits, own, imagesOf(fakes, channels), shares, pack);
  }

  /** @param factor on the gradients */
  private updateDiscriminator(loss: Tensor, factor = this.factors.once): void {
    const found = gradients(loss, this.discriminator.parameters, { upstream: factor });
    this.discriminatorOptimiser.step(found);
  }

  private updateGenerator(loss: Tensor): void {
    const found = gradients(loss, this.generator.parameters, { upstream: this.factors.once });
    this.generatorOptimiser.step(found);
  }

  /** The generator for images: the trained one, or its moving average. */
  get samplingGenerator(): Sequential {
    return this.average?.network ?? this.generator;
  }

  /**
   * Images of {@link samplingGenerator} in inference mode, [count, H, W, C] in [−1, 1].
   *
   * @param z [count, zDim]; for a conditional GAN each with its class, see `conditionedZ`
   */
  sample(z: Tensor): Tensor {
    return this.inferred(this.samplingGenerator, z);
  }

  private inferred(network: Sequential, z: Tensor): Tensor {
    return this.engine.noGrad(() => network.forward(z, this.random.pass(false, 0)));
  }

  /** z ~ N(0, 1) for samples, a function of seed and iteration alone. */
  freshZ(count: number): Tensor {
    return this.random.z(count, STREAMS.zSamples);
  }

  /**
   * The state of training, besides the seed and the real images: weights, batch-norm statistics, Adam's moments and
   * counters, and the iteration, which is the counter of the random numbers.
   */
  get state(): State {
    return joinStates(
      networkState(this.generator),
      networkState(this.discriminator),
      adamState('generator', this.generatorOptimiser),
      adamState('discriminator', this.discriminatorOptimiser),
      this.average === undefined ? new Map() : averageState(this.average.network),
      new Map([['iteration', counter(this.iteration)]]),
    );
  }

  dispose(): void {
    this.generator.dispose();
    this.discriminator.dispose();
    this.average?.network.dispose();
    this.generatorOptimiser.dispose();
    this.discriminatorOptimiser.dispose();
    for (const tensor of [this.realImages, ...Object.values(this.labels), ...Object.values(this.factors)])
      tensor.free();
    this.conditioning?.dispose();
    this.engine.device.free(this.iteration);
    this.engine.device.free(this.scalarRing);
  }
}
