/**
 * @file Optimisers over a model's parameters. Their state lives on the GPU, the count of updates included, so a
 * recorded step carries it on by itself.
 */
import type { Engine } from '../../autograd/engine.js';
import type { Tensor } from '../../autograd/tensor.js';
import * as kernels from '../../kernels/optimisers.js';
import type { DeviceBuffer } from '../../gpu/memory/buffers.js';
import type { Device } from '../../gpu/device.js';
import { reserveFlatBuffer, packIntoFlatBuffer, sameLayout } from '../../gpu/memory/flatBuffers.js';

/** Changes parameters in place, given their gradients. */
export interface Optimiser {
  /** @param gradients one for each parameter, in the same order. */
  step(gradients: readonly Tensor[]): void;
  /** Tensors that a checkpoint must hold besides the parameters. */
  readonly state: readonly Tensor[];
  dispose(): void;
}

/** Share of the squared gradients' mean that stays at each update where nothing else is set: the paper's. */
export const BETA2 = 0.999;

export interface AdamSettings {
  readonly learningRate: number;
  /** Factors on it, one for each update, see schedules.ts; the last serves ever after. None where absent. */
  readonly schedule?: Float32Array | undefined;
  readonly beta1?: number;
  /** {@link BETA2} where absent. */
  readonly beta2?: number;
  /** Added to the root of the corrected second moment. */
  readonly epsilon?: number;
  /** Decoupled (AdamW). */
  readonly weightDecay?: number;
}

/** What one dispatch updates: buffers of the gradient, the parameter, and what is kept for it, in this order. */
interface Update {
  readonly buffers: readonly DeviceBuffer[];
  readonly count: number;
}

/**
 * A network's parameters and what an optimiser keeps for each, every kind moved into one memory, so that a recorded step
 * updates the network in one dispatch.
 */
class Columns {
  private readonly wholes: readonly (DeviceBuffer | undefined)[];

  /** @param columns kinds of tensors, the parameters first; tensor i of each kind belongs to parameter i. */
  constructor(
    private readonly device: Device,
    private readonly columns: readonly (readonly Tensor[])[],
  ) {
    this.wholes = columns.map((tensors) => packIntoFlatBuffer(device, buffersOf(tensors)));
  }

  /**
   * One update of all where the gradients can be had side by side as well, otherwise one of each tensor, with the same
   * bits: eagerly, when the gradients of two parameters are the same tensor, when a parameter is another optimiser's too.
   */
  updates(gradients: readonly Tensor[]): Update[] {
    const parameters = this.columns[0] ?? [];
    if (parameters.length !== gradients.length) {
      throw new Error(`optimiser: got ${gradients.length} gradients for ${parameters.length} parameters`);
    }
    const wholes = this.wholes.filter((whole) => whole !== undefined);
    const whole = wholes.length < this.wholes.length ? undefined : reserveFlatBuffer(this.device, buffersOf(gradients));
    if (whole !== undefined && wholes.every((other) => sameLayout(other, whole))) {
      return [{ buffers: [whole, ...wholes], count: whole.size / 4 }];
    }
    const columns = [gradients, ...this.columns];
    return parameters.map(({ size }, index) => ({
      buffers: buffersOf(columns.flatMap((tensors) => tensors[index] ?? [])),
      count: size,
    }));
  }
}

function buffersOf(tensors: readonly Tensor[]): DeviceBuffer[] {
  return tensors.map(({ buffer }) => buffer);
}

/** For each parameter a tensor of zeros, named after it. */
function zerosLike(engine: Engine, parameters: readonly Tensor[], kind: string): Tensor[] {
  return parameters.map(({ shape, size, name }) => {
    return engine.tensor(new Float32Array(size), shape, { name: `${name ?? 'parameter'}/${kind}` });
  });
}

/** Adam (Kingma and Ba 2015, https://arxiv.org/abs/1412.6980). */
export class Adam implements Optimiser {
  readonly state: readonly Tensor[];
  /** Running means of the squared gradients, one tensor for each parameter; not corrected for their start at 0. */
  readonly secondMoments: readonly Tensor[];
  /** Two u32 on the GPU: the updates done so far, which each step advances, and a word that its kernel needs. */
  readonly stepCounter: DeviceBuffer;
  private readonly columns: Columns;
  private readonly schedule: kernels.RateSchedule | undefined;

  /** @throws Error for a schedule of no factors, or with one that is below 0 or no finite number */
  constructor(
    readonly engine: Engine,
    parameters: readonly Tensor[],
    readonly settings: AdamSettings,
  ) {
    const { schedule } = settings;
    this.schedule = schedule === undefined ? undefined : scheduleOf(engine.device, schedule);
    const first = zerosLike(engine, parameters, 'adam_first_moment');
    const second = zerosLike(engine, parameters, 'adam_second_moment');
    this.state = [...first, ...second];
    this.secondMoments = second;
    this.columns = new Columns(engine.device, [parameters, first, second]);
    this.stepCounter = engine.device.allocatePersistent(8, 'adam step');
    engine.device.write(this.stepCounter, new Uint32Array(2));
  }

  step(gradients: readonly Tensor[]): void {
    const { learningRate, beta1 = 0.9, beta2 = BETA2, epsilon = 1e-8, weightDecay = 0 } = this.settings;
    const updates = this.columns.updates(gradients);
    for (const [index, { buffers, count }] of updates.entries()) {
      const [gradient, parameter, firstMoment, secondMoment] = buffers;
      if (!gradient || !parameter || !firstMoment || !secondMoment) continue;
      kernels.adam(this.engine.device, {
        parameter,
        gradient,
        firstMoment,
        secondMoment,
        step: this.stepCounter,
        ahead: 1,
        // All dispatches of a step read the same count, so only the last one raises it.
        advances: index === updates.length - 1,
        count,
        learningRate,
        schedule: this.schedule,
        beta1,
        beta2,
        epsilon,
        weightDecay,
      });
    }
  }

  dispose(): void {
    for (const tensor of this.state) tensor.free();
    this.engine.device.free(this.stepCounter);
    if (this.schedule !== undefined) this.engine.device.free(this.schedule.factors);
  }
}

function scheduleOf(device: Device, values: Float32Array): kernels.RateSchedule {
  const bad = values.findIndex((factor) => !(factor >= 0 && Number.isFinite(factor)));
  if (bad >= 0 || values.length === 0) {
    const got = values.length === 0 ? 'a schedule of no factors' : `factor ${values[bad]!} for update ${bad + 1}`;
    throw new Error(`Adam: got ${got}; it takes one factor or more, each at least 0`);
  }
  const factors = device.allocatePersistent(values.length * 4, 'schedule');
  device.write(factors, values);
  return { factors, count: values.length };
}

export interface SgdSettings {
  readonly learningRate: number;
  readonly momentum?: number;
  readonly weightDecay?: number;
}

/** Stochastic gradient descent with momentum (v ← μv + g, θ ← θ − lr·v). */
export class Sgd implements Optimiser {
  readonly state: readonly Tensor[];
  private readonly columns: Columns;

  constructor(
    private readonly engine: Engine,
    parameters: readonly Tensor[],
    private readonly settings: SgdSettings,
  ) {
    const { momentum = 0 } = settings;
    this.state = momentum === 0 ? [] : zerosLike(engine, parameters, 'velocity');
    this.columns = new Columns(engine.device, momentum === 0 ? [parameters] : [parameters, this.state]);
  }

  step(gradients: readonly Tensor[]): void {
    for (const { buffers, count } of this.columns.updates(gradients)) {
      const [gradient, parameter, velocity] = buffers;
      if (!gradient || !parameter) continue;
      kernels.sgd(this.engine.device, { ...this.settings, parameter, gradient, velocity, count });
    }
  }

  dispose(): void {
    for (const tensor of this.state) tensor.free();
  }
}
