/**
 * @file Holds what tensors and their operations share: the device, the tuner, the random stream and the state of the tape.
 */
import type { DeviceBuffer } from '../gpu/memory/buffers.js';
import type { Device, Trace } from '../gpu/device.js';
import type { Plan } from '../gpu/plan/plan.js';
import { refuseAsync, refusePromise, runSynchronously } from '../gpu/synchronous.js';
import { Tuner, type TunerOptions, type TuningProgress } from '../kernels/gemm/tuner.js';
import { sizeOf } from '../kernels/shape/strides.js';
import { installMethods } from './ops/methods.js';
import { EngineRandom } from './randomStream.js';
import { checkShape, Tensor, type TensorOptions } from './tensor.js';

installMethods();

/** A tensor, or an array or record of such. */
export type TensorTree = Tensor | undefined | readonly TensorTree[] | { readonly [name: string]: TensorTree };

/** All tensors of a tree. @throws GpuError for a promise among them */
function leaves(tree: TensorTree): Tensor[] {
  if (tree === undefined) return [];
  if (tree instanceof Tensor) return [tree];
  refusePromise('the result of a scope or a recording', tree);
  return Object.values(tree).flatMap(leaves);
}

/** Computes with tensors on one device. */
export class Engine {
  readonly tuner: Tuner;
  /** The stream of draws that name no source of their own; see {@link Engine.seed}. */
  readonly random: EngineRandom;
  private taping = true;

  constructor(
    readonly device: Device,
    tuning: TunerOptions = {},
  ) {
    this.tuner = new Tuner(device, tuning);
    this.random = new EngineRandom(device);
  }

  /** Whether operations are recorded on the tape now. */
  get isTaping(): boolean {
    return this.taping;
  }

  /**
   * Restarts the engine's random stream, from which draws without a source of their own come; it starts with seed 0. The same
   * program then draws the same numbers again. A recorded step keeps the seed of its recording and draws new numbers at each
   * replay; reseeding, by whatever value, restarts its replays from the first. To draw by a new seed, record the step again.
   * Draws with a source of their own, such as all of a GAN's training, do not depend on it.
   *
   * @throws Error for a seed that is not an integer of 32 bits
   */
  seed(value: number): void {
    this.random.seed(value);
  }

  /** Runs `body` with the tape on or off. @throws GpuError for an async body, which would outlast the change */
  withTape<T>(on: boolean, body: () => T): T {
    const before = this.taping;
    this.taping = on;
    try {
      return runSynchronously(on ? 'the tape switched on' : 'noGrad', body);
    } finally {
      this.taping = before;
    }
  }

  /** Runs `body` with the tape off: its results are constants to any gradient. @throws GpuError for an async body */
  noGrad<T>(body: () => T): T {
    return this.withTape(false, body);
  }

  /**
   * A tensor of the given values that lives until {@link Tensor.free}, outside of scopes and recordings.
   *
   * @throws Error for a length that is not an integer of at least 1, or if the number of values is not the shape's
   */
  tensor(values: ArrayLike<number>, shape: readonly number[], options: TensorOptions = {}): Tensor {
    checkShape(shape);
    const count = sizeOf(shape);
    if (values.length !== count) {
      const tensor = options.name === undefined ? 'tensor' : `tensor ${options.name}`;
      throw new Error(`${tensor}: got ${values.length} values for shape [${shape.join(', ')}]; it takes ${count}`);
    }
    const buffer = this.device.allocatePersistent(count * 4, options.name ?? 'tensor');
    this.device.write(buffer, Float32Array.from(values));
    return new Tensor(this, shape, buffer, options);
  }

  /** A tensor on a buffer that an operation allocated. */
  wrap(buffer: DeviceBuffer, shape: readonly number[], options: TensorOptions = {}): Tensor {
    return new Tensor(this, shape, buffer, options);
  }

  /** Runs `body` and frees what it allocated, except for the tensors in its result. @throws GpuError for an async body */
  scope<T extends TensorTree>(body: () => T): T {
    return this.device.scope(body, (result) => leaves(result).map((tensor) => tensor.buffer));
  }

  /**
   * Measures tiles for the products of a step that were not measured yet, and compiles its kernels, without running
   * it: afterwards eager and recorded steps take the same kernels.
   */
  async prepare(step: () => TensorTree, progress?: TuningProgress): Promise<void> {
    refuseAsync('a recording', step);
    const trace = await this.traced(() => this.random.rehearsed(step), progress);
    this.device.checkRoom(trace, resultBuffers(trace), true);
    await this.device.prepare(trace.commands);
  }

  /**
   * Records a step as a plan. `step` runs without touching the GPU, and more than once if tiles must be measured first: it
   * must read nothing back and keep nothing but what it returns.
   */
  async record<T extends TensorTree>(step: () => T, progress?: TuningProgress): Promise<Plan<T>> {
    refuseAsync('a recording', step);
    const trace = await this.traced(() => this.random.recorded(step), progress);
    return this.device.compile(trace, resultBuffers(trace));
  }

  /** Records a step that runs too seldom to be worth measuring tiles: it takes tiles that compile fast. See {@link record}. */
  async recordUntuned<T extends TensorTree>(step: () => T): Promise<Plan<T>> {
    refuseAsync('a recording', step);
    const trace = this.tuner.seldom(() => this.trace(() => this.random.recorded(step)));
    return this.device.compile(trace, resultBuffers(trace));
  }

  private async traced<T extends TensorTree>(step: () => T, progress?: TuningProgress): Promise<Trace<T>> {
    const position = this.random.position;
    const first = this.trace(step);
    if (this.tuner.pending === 0) return first;
    this.random.rewind(position);
    // Before the minutes that tuning may take.
    this.device.checkRoom(first, resultBuffers(first));
    await this.tuner.tune(progress);
    return this.trace(step);
  }

  private trace<T extends TensorTree>(step: () => T): Trace<T> {
    const { position } = this.random;
    try {
      return this.device.trace(step);
    } catch (error) {
      this.random.rewind(position);
      throw error;
    } finally {
      this.random.clearNewCounter();
    }
  }
}

function resultBuffers({ results }: Trace<TensorTree>): DeviceBuffer[] {
  return leaves(results).map((tensor) => tensor.buffer);
}
