/**
 * @file A GAN and its training step, in differentiable operations alone: the same function runs eagerly or is recorded.
 */
import type { Engine } from '../autograd/engine.js';
import { gradients } from '../autograd/grad.js';
import * as ops from '../autograd/ops/index.js';
import type { Tensor } from '../autograd/tensor.js';
import type { DeviceBuffer } from '../gpu/memory/buffers.js';
import { gather } from '../gpu/memory/flatBuffers.js';
import { recordScalars } from '../kernels/scalarRing.js';
import type { Sequential, Substitutes } from '../models/layers/layers.js';
import { WeightAverage } from '../models/optim/averaging.js';
import { WeightClipping } from '../models/optim/clipping.js';
import { imagesOf, withPlanesOf } from '../models/layers/conditioning.js';
import { Adam } from '../models/optim/optimisers.js';
import { Conditioning, generated } from './conditioning.js';
import { augmentInputs } from './discriminatorInput.js';
import { type GanOptions, networkSizes } from './ganOptions.js';
import { historyColumns, METRICS } from './ganMetrics.js';
import { interpolatesPenalty, realPenalty } from './gradientPenalty.js';
import type { Judged, Learner, StepMetrics } from './discriminatorOutput.js';
import { labelTensors, type LabelTensors } from './losses.js';
import { objectiveOf, type Objective } from './objective.js';
import { adamState, averageState, counter, joinStates, networkState, type State } from '../data/weights/state.js';
import { NEXT_UPDATE, StepRandom, STREAMS } from './streams.js';
import { unrolled } from './unrolled.js';

/** Generator, discriminator, their optimisers, and the buffers that a step reads and writes. */
export class Gan {
  readonly objective: Objective;
  readonly generator: Sequential;
  readonly discriminator: Sequential;
  readonly generatorOptimiser: Adam;
  readonly discriminatorOptimiser: Adam;
  /**
   * The real images of the next step, [batch, H, W, C] in [−1, 1]; half a batch under `halves`, and a batch for each update
   * of the discriminator one after the other where there are several.
   */
  readonly realImages: Tensor;
  /** Absent where the networks are told no classes. Those of {@link realImages} are written to it. */
  readonly conditioning: Conditioning | undefined;
  private readonly labels: LabelTensors;
  /** Scalars that a loss's gradients are multiplied by. */
  private readonly factors: Readonly<Record<'once' | 'twice', Tensor>>;
  /** One u32 on the GPU: iterations done. */
  readonly iteration: DeviceBuffer;
  /** The iteration and both optimisers' counts of updates, which a step moves on all at once. */
  private readonly counters: DeviceBuffer;
  private readonly random: StepRandom;
  private readonly clipping: WeightClipping | undefined;
  private readonly average: WeightAverage | undefined;
  /** [historyCapacity, historyColumns(loss)] */
  readonly history: DeviceBuffer;

  constructor(
    readonly engine: Engine,
    readonly options: GanOptions,
  ) {
    const { architecture, channels, batch, imageHeight, imageWidth, historyCapacity, random } = options;
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
      // Drawn without the run's random numbers, of which the networks then have the same: it is overwritten at once.
      const copy = architecture.generator({ engine, random: () => 0.5 }, ofGenerator);
      this.average = new WeightAverage(engine.device, this.generator, copy, averageDecay);
    }
    const realCount = schedule === 'halves' ? batch / 2 : batch;
    if (!Number.isInteger(realCount)) throw new Error(`a batch of two halves must be even; got ${batch}`);
    const imageShape = [criticSteps * realCount, imageHeight, imageWidth, channels];
    const imageSize = criticSteps * realCount * imageHeight * imageWidth * channels;
    this.realImages = engine.tensor(new Float32Array(imageSize), imageShape, { name: 'real images' });
    if (conditional) this.conditioning = new Conditioning(engine, criticSteps * realCount, loss, options.classShares);
    this.labels = labelTensors(engine, loss, { realCount: realCount / pack, batch: batch / pack, smoothing });
    this.factors = { once: engine.tensor([1], [], { name: 'once' }), twice: engine.tensor([2], [], { name: 'twice' }) };
    this.iteration = engine.device.allocatePersistent(4, 'iteration');
    engine.device.write(this.iteration, new Uint32Array(1));
    this.random = new StepRandom(engine, options, this.iteration);
    const optimisers = [this.generatorOptimiser, this.discriminatorOptimiser];
    const counters = gather(engine.device, [this.iteration, ...optimisers.map(({ stepCounter }) => stepCounter)]);
    if (counters === undefined) throw new Error('a GAN cannot be made within a recording');
    this.counters = counters;
    this.history = engine.device.allocatePersistent(historyCapacity * historyColumns(loss) * 4, 'history');
  }

  /** One iteration: all updates, the metrics, and the counter. */
  step(): void {
    const { engine } = this;
    const { schedule, criticSteps } = this.objective;
    const isJoint = schedule === 'joint';
    const { gradientPenalty, ...metrics } = isJoint ? this.jointUpdates() : this.halvedUpdates();
    this.average?.apply();
    const scalars = METRICS.map((name) => metrics[name]);
    if (gradientPenalty !== undefined) scalars.push({ buffer: gradientPenalty.buffer });
    const advance = [1, 1, isJoint ? criticSteps : 2];
    const { boundary } = this.objective.loss;
    recordScalars(engine.device, this.history, this.counters, this.options.historyCapacity, scalars, advance, boundary);
  }

  /** The generator that images are drawn by: the trained one, or that of its averaged weights. */
  get shown(): Sequential {
    return this.average?.network ?? this.generator;
  }

  /**
   * Images of {@link shown} in inference mode, [count, H, W, C] in [−1, 1].
   *
   * @param z [count, zDim]; of a conditional GAN each with its class behind it, see `conditionedZ`
   */
  sample(z: Tensor): Tensor {
    return this.inferred(this.shown, z);
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
      this.average === undefined ? new Map() : averageState(this.average.network),
      new Map([['iteration', counter(this.iteration)]]),
    );
  }

  /** z ~ N(0, 1) for samples, a function of seed and iteration alone. */
  freshZ(count: number): Tensor {
    return this.random.z(count, STREAMS.zSamples);
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
    this.engine.device.free(this.history);
  }

  private jointUpdates(): StepMetrics {
    const { engine, labels } = this;
    const judged = labels.generator.size;
    const last = this.objective.criticSteps - 1;
    for (let nth = 0; nth < last; nth++) {
      const constant = engine.noGrad(() => this.drawFakes(nth));
      this.updateByBoth(constant, nth);
    }
    // The generator learns from the images of the discriminator's last update.
    const fakes = this.drawFakes(last);
    const { onBoth, gradientPenalty } = this.updateByBoth(fakes.detach(), last);

    const ahead = this.unrolledBy(fakes);
    const onGenerator = this.judge(fakes, 'generator', labels.generator, STREAMS.dropoutGenerator, 1, ahead);
    this.updateGenerator(onGenerator.loss);
    return {
      generatorLoss: onGenerator.loss,
      discriminatorLoss: onBoth.loss,
      realAccuracy: { buffer: onBoth.logits.buffer, count: judged, of: 'isAbove' },
      fakeAccuracy: { buffer: onBoth.logits.buffer, first: judged, count: judged, of: 'isNotAbove' },
      foolingRate: { buffer: onGenerator.logits.buffer, count: judged, of: 'isAbove' },
      gradientPenalty,
    };
  }

  /** An update of the discriminator by real and generated images, which pass it together. */
  private updateByBoth(fakes: Tensor, nth: number): { onBoth: Judged; gradientPenalty: Tensor | undefined } {
    const { labels, factors } = this;
    const { batch } = this.options;
    const { penaltyWeight = 0 } = this.objective;
    const real = this.realOf(nth);
    const images = ops.concat(real, fakes);
    const onBoth = this.judge(images, 'discriminator', labels.both, STREAMS.dropoutBoth + nth * NEXT_UPDATE, 2);
    const { seen } = onBoth;
    const halves = (): [Tensor, Tensor] => [ops.slice(seen, 0, batch), ops.slice(seen, batch, batch)];
    const gradientPenalty = this.penaltyOf(seen === images ? () => [real, fakes] : halves, nth);
    // The mean over both halves is half of the sum of their losses, and it is their sum that is learned from.
    if (gradientPenalty === undefined) {
      this.updateDiscriminator(onBoth.loss, nth + 1, factors.twice);
    } else {
      const loss = ops.add(ops.scale(onBoth.loss, 2), ops.scale(gradientPenalty, penaltyWeight));
      this.updateDiscriminator(loss, nth + 1);
    }
    this.clipping?.apply();
    return { onBoth, gradientPenalty };
  }

  /** The discriminator's weights that the generator learns from, where they are not those it has. */
  private unrolledBy(fakes: Tensor): Substitutes | undefined {
    const { discriminator: network, discriminatorOptimiser: optimiser } = this;
    const { criticSteps, unroll: steps } = this.objective;
    if (steps === 0) return undefined;
    const images = ops.concat(this.realOf(criticSteps - 1), fakes);
    const loss = (ahead: Substitutes, nth: number): Tensor => {
      const stream = STREAMS.dropoutUnrolled + nth * NEXT_UPDATE;
      return ops.scale(this.judge(images, 'discriminator', this.labels.both, stream, 2, ahead).loss, 2);
    };
    return unrolled({ network, optimiser, steps, uncounted: criticSteps, loss });
  }

  /** Real images of the discriminator's nth update, counted from 0, as it takes them. */
  private realOf(nth: number): Tensor {
    const { batch } = this.options;
    const images = this.objective.criticSteps === 1 ? this.realImages : ops.slice(this.realImages, nth * batch, batch);
    return this.conditioning?.withReal(images, nth * batch) ?? images;
  }

  /** @param given real and generated images as the discriminator is given them, where its gradient is to be held down */
  private penaltyOf(given: () => readonly [real: Tensor, fakes: Tensor], nth: number): Tensor | undefined {
    const { pack, loss } = this.objective;
    if (loss.penalty === undefined) return undefined;
    const { batch, channels } = this.options;
    const [real, fakes] = given();
    const offset = nth * NEXT_UPDATE;
    const pass = this.random.pass(true, STREAMS.dropoutPenalty + offset);
    const judge = (images: Tensor): Tensor => this.discriminator.forward(withPlanesOf(real, images), pass);
    const own = imagesOf(real, channels);
    if (loss.penalty === 'real') return realPenalty(judge, own, pack);
    const source = this.random.source(STREAMS.interpolation + offset);
    const shares = ops.randomUniform(this.engine, [batch / pack, 1, 1, 1], source);
    return interpolatesPenalty(judge, own, imagesOf(fakes, channels), shares, pack);
  }

  /** Generated images of the discriminator's nth update, counted from 0, as it takes them. */
  private drawFakes(nth: number): Tensor {
    const { batch } = this.options;
    const z = this.random.z(batch, STREAMS.z + nth * NEXT_UPDATE);
    const source = this.random.source(STREAMS.classes + nth * NEXT_UPDATE);
    const classes = this.conditioning?.ofUpdate(batch, nth * batch, source);
    return generated(z, classes, (input) => this.generator.forward(input, this.random.pass(true, 0)));
  }

  private halvedUpdates(): StepMetrics {
    const { labels, conditioning } = this;
    const { batch } = this.options;
    const onReal = this.judge(this.realOf(0), 'discriminator', labels.real, STREAMS.dropoutReal);
    this.updateDiscriminator(onReal.loss);
    const half = conditioning?.drawn(batch / 2, this.random.source(STREAMS.classes));
    const predicted = generated(this.random.z(batch / 2, STREAMS.z), half, (input) =>
      this.inferred(this.generator, input),
    );
    const onFake = this.judge(predicted, 'discriminator', labels.fake, STREAMS.dropoutFake);
    this.updateDiscriminator(onFake.loss, 2);

    const classes = conditioning?.drawn(batch, this.random.source(STREAMS.classesGenerator));
    const z = this.random.z(batch, STREAMS.zGenerator);
    const fakes = generated(z, classes, (input) => this.generator.forward(input, this.random.pass(true, 0)));
    const onGenerator = this.judge(fakes, 'generator', labels.generator, STREAMS.dropoutGenerator);
    this.updateGenerator(onGenerator.loss);
    return {
      generatorLoss: onGenerator.loss,
      discriminatorLoss: ops.scale(ops.add(onReal.loss, onFake.loss), 0.5),
      realAccuracy: { buffer: onReal.logits.buffer, count: labels.real.size, of: 'isAbove' },
      fakeAccuracy: { buffer: onFake.logits.buffer, count: labels.fake.size, of: 'isNotAbove' },
      foolingRate: { buffer: onGenerator.logits.buffer, count: labels.generator.size, of: 'isAbove' },
    };
  }

  private inferred(network: Sequential, z: Tensor): Tensor {
    return this.engine.noGrad(() => network.forward(z, this.random.pass(false, 0)));
  }

  /** The discriminator's logits, and what a network's loss makes of them. See `Pass` for the groups. */
  private judge(images: Tensor, by: Learner, labels: Tensor, stream: number, groups = 1, ahead?: Substitutes): Judged {
    const pass = this.random.pass(true, stream, groups);
    const own = imagesOf(images, this.options.channels);
    const changed = augmentInputs(own, this.objective, pass.random);
    const seen = changed === own ? images : withPlanesOf(images, changed);
    const logits = this.discriminator.forward(seen, { ...pass, substitutes: ahead });
    return { seen, logits, loss: this.objective.loss[by](logits, labels) };
  }

  /** @param nth which update of the discriminator in this step, counted from 1. */
  private updateDiscriminator(loss: Tensor, nth = 1, factor = this.factors.once): void {
    const found = gradients(loss, this.discriminator.parameters, { upstream: factor });
    this.discriminatorOptimiser.updateUncounted(found, nth);
  }

  private updateGenerator(loss: Tensor): void {
    const found = gradients(loss, this.generator.parameters, { upstream: this.factors.once });
    this.generatorOptimiser.updateUncounted(found);
  }
}
