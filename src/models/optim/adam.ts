/**
 * @file Implements the optimiser Adam.
 */
import type { Engine } from '../../autograd/engine.js';
import type { Tensor } from '../../autograd/tensor.js';
import * as kernels from '../../kernels/optimisers.js';
import type { DeviceBuffer } from '../../gpu/memory/buffers.js';
import type { Device } from '../../gpu/device.js';
import { Columns, type Optimiser, zerosLike } from './optimiser.js';

/** Default share of the mean of squared gradients that an update keeps; the paper's. */
export const BETA2 = 0.999;

/** Settings of {@link Adam}. */
export interface AdamSettings {
  readonly learningRate: number;
  /** Factors on the learning rate, one for each update, see schedules.ts; the last applies to all later updates. None if absent. */
  readonly schedule?: Float32Array | undefined;
  /** 0.9 if absent. */
  readonly beta1?: number;
  /** {@link BETA2} if absent. */
  readonly beta2?: number;
  /** Added to the root of the corrected second moment; 1e-8 if absent. */
  readonly epsilon?: number;
  /** Decoupled (AdamW); 0 if absent. */
  readonly weightDecay?: number;
}

/** Adam (Kingma and Ba 2015, https://arxiv.org/abs/1412.6980). */
export class Adam implements Optimiser {
  readonly state: readonly Tensor[];
  /** Running means of the squared gradients, one tensor for each parameter; not corrected for their start at 0. */
  readonly secondMoments: readonly Tensor[];
  /** Two u32 on the GPU: the number of updates, which each step increments, and a word that its kernel needs. */
  readonly stepCounter: DeviceBuffer;
  private readonly columns: Columns;
  private readonly schedule: kernels.RateSchedule | undefined;

  /** @throws Error for a schedule without factors, or with one that is negative or not finite */
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
        // All dispatches of a step read the same count, so only the last one increments it.
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
    const got = values.length === 0 ? 'a schedule without factors' : `factor ${values[bad]!} for update ${bad + 1}`;
    throw new Error(`Adam: got ${got}; it takes one factor or more, each at least 0`);
  }
  const factors = device.allocatePersistent(values.length * 4, 'schedule');
  device.write(factors, values);
  return { factors, count: values.length };
}
