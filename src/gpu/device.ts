/**
 * @file Opens a device: allocation, eager and recorded dispatch, read-back, and errors that reach the caller.
 */
import { requestAdapter, summarise, type AdapterSummary, type AdapterOptions } from './adapter.js';
import { Arena, layOutMemory, type MemoryLayout } from './memory/arena.js';
import { BufferPool, DeviceBuffer, type FreeMemory } from './memory/buffers.js';
import { checkWorkgroups, LINEAR_WORKGROUP, linearWorkgroups, type Dispatch } from './commands.js';
import { DerivedCache } from './plan/derivedCache.js';
import { ErrorLatch } from './errorLatch.js';
import { DeviceLostError, GpuError, ValidationError } from './errors.js';
import { PipelineCache, type ShaderTexts } from './pipelines.js';
import { encodingError, Plan, planDispatch, type PlannedDispatch } from './plan/plan.js';
import { Readback } from './readback.js';
import { SHADER_TEXTS } from './shaderTexts.js';
import { runSynchronously } from './synchronous.js';
import { Twins } from './twins.js';
import { DeviceTexture, type DeviceMemory } from './memory/textures.js';
import { UniformCache } from './uniforms.js';

/** Optional features, used where they are present. */
const OPTIONAL_FEATURES: readonly GPUFeatureName[] = ['timestamp-query', 'subgroups'];

/** Eager dispatches are submitted in batches of this many. */
const EAGER_BATCH = 128;

/** Buffers alive outside of all scopes that are taken for a leak: parameters and inputs of a large model are a tenth. */
const UNSCOPED_BUFFERS = 2000;

/** How to open a device. */
export interface DeviceOptions {
  /** Which adapter to take. Default: the first that WebGPU offers. */
  readonly adapter?: AdapterOptions;
  /** Shader files in addition to the engine's own, or in place of those of the same path. */
  readonly shaders?: ShaderTexts;
  /** Bytes that the host can still give. A software device takes no more. */
  readonly hostMemory?: FreeMemory;
  /**
   * Number of further devices that compile kernels side by side, on an adapter that compiles at a kernel's first dispatch;
   * 0 if absent. They share the driver's cache on disk, which must be writable.
   */
  readonly compilers?: number;
  /** Receives warnings, each at most once for a device. The core itself prints nothing. */
  readonly onWarning?: (message: string) => void;
}

/** The dispatches of a function that {@link Device.trace} ran without touching the GPU. */
export interface Trace<T> {
  readonly commands: readonly Dispatch[];
  readonly results: T;
}

/**
 * A WebGPU device with its pool and caches. The device's errors are kept and thrown by the next {@link check}, {@link read}
 * or {@link synchronize}.
 */
export class Device {
  readonly pool: BufferPool;
  readonly pipelines: PipelineCache;
  readonly uniforms: UniformCache;
  private readonly readback: Readback;
  private readonly twins: Twins;
  private readonly compilers: number;
  private readonly scopes: DeviceMemory[][] = [];
  private recording: Dispatch[] | undefined;
  /** Data derived from buffers within the current recording. */
  readonly derivedTextures = new DerivedCache<DeviceTexture>(() => this.isRecording);
  readonly derivedBuffers = new DerivedCache<DeviceBuffer>(() => this.isRecording);
  /** Memory that {@link allocate} gave out outside of all scopes, or that left the outermost one, and that is not freed. */
  private readonly unscoped = new WeakSet<DeviceMemory>();
  private unscopedCount = 0;
  private isLeakReported = false;
  private readonly onWarning: ((message: string) => void) | undefined;
  private encoder: GPUCommandEncoder | undefined;
  private pass: GPUComputePassEncoder | undefined;
  private pending: PlannedDispatch[] = [];
  private readonly errors = new ErrorLatch();
  /** Memory of the plans that are not disposed of. */
  readonly arenas = new Set<Arena>();

  private constructor(
    readonly handle: GPUDevice,
    readonly adapter: AdapterSummary,
    /** Whether kernels can read storage textures, which WebGPU counts as part of the language. */
    readonly readsTextures: boolean,
    { shaders = {}, hostMemory, compilers = 0, onWarning }: DeviceOptions,
    openTwin: () => Promise<GPUDevice>,
  ) {
    const latch = (error: Promise<Error | undefined>): void => this.errors.watch(error);
    this.pool = new BufferPool(handle, latch, adapter.software ? hostMemory : undefined);
    const texts = { ...SHADER_TEXTS, ...shaders };
    this.pipelines = new PipelineCache(handle, texts, latch);
    this.twins = new Twins(this.pipelines, texts, openTwin);
    this.compilers = adapter.compilesLate ? compilers : 0;
    this.uniforms = new UniformCache(handle);
    this.readback = new Readback(handle);
    this.onWarning = onWarning;
    void handle.lost.then((info) => {
      this.errors.fail(new DeviceLostError(info.reason, info.message));
    });
    handle.addEventListener('uncapturederror', (event) => {
      event.preventDefault(); // Dawn would print it, but it is thrown.
      this.errors.failStray(new ValidationError('a command', event.error.message));
    });
  }

  /**
   * Opens a device.
   *
   * @param gpu `navigator.gpu`, or the host's instance of Dawn
   * @throws NoAdapterError if no adapter matches `options.adapter`
   */
  static async create(gpu: GPU, options: DeviceOptions = {}): Promise<Device> {
    const adapter = await requestAdapter(gpu, options.adapter ?? {});
    const handle = await requestDevice(adapter);
    const readsTextures = gpu.wgslLanguageFeatures.has('readonly_and_readwrite_storage_textures');
    // An adapter gives one device only.
    const openTwin = async (): Promise<GPUDevice> => requestDevice(await requestAdapter(gpu, options.adapter ?? {}));
    return new Device(handle, summarise(adapter.info), readsTextures, options, openTwin);
  }

  /** Lanes of a subgroup where their number is certain; undefined without subgroups, or where it varies. */
  get subgroupSize(): number | undefined {
    const { subgroupMinSize, subgroupMaxSize } = this.adapter;
    const certain = subgroupMinSize === subgroupMaxSize && subgroupMinSize >= 4;
    return this.handle.features.has('subgroups') && certain ? subgroupMinSize : undefined;
  }

  /** Workgroups that keep all processors busy: few on a CPU, several for each processor of a large GPU. */
  get workgroupsToFill(): number {
    return this.adapter.software ? 8 : 256;
  }

  /** Invocations that keep all processors busy, of a kernel that gives each several elements. */
  get invocationsToFill(): number {
    return 32 * this.workgroupsToFill;
  }

  /**
   * Workgroups of a kernel that loops over `count` indices (`shaders/common/linear.wgsl`). A software device gets few, whose
   * invocations loop: lavapipe copies 200,000 numbers in 0.23 ms by 64 workgroups, in 0.47 ms by one invocation a vec4.
   */
  linearWorkgroups(count: number): readonly [number, number, number] {
    return linearWorkgroups(this.adapter.software ? Math.min(count, 64 * LINEAR_WORKGROUP) : count);
  }

  /**
   * Allocates from the innermost scope, or from the recording. Outside of both the caller owns the buffer and gives
   * it back with {@link free}. The content is undefined.
   *
   * @throws OutOfMemoryError for more than one binding holds, in a recording too.
   */
  allocate(bytes: number, label: string): DeviceBuffer {
    const buffer = new DeviceBuffer(bytes, label);
    this.pool.check(buffer);
    if (this.recording !== undefined) return buffer;
    buffer.physical = this.pool.acquire(buffer.size, label);
    this.own(buffer, this.scopes.at(-1));
    return buffer;
  }

  /** Allocates outside of scopes and recordings: for parameters, state and inputs, which outlive steps. */
  allocatePersistent(bytes: number, label: string): DeviceBuffer {
    const buffer = new DeviceBuffer(bytes, label);
    buffer.physical = this.pool.acquire(buffer.size, label);
    return buffer;
  }

  /** Allocates texels as {@link allocate} does a buffer. */
  allocateTexture(texels: number, label: string): DeviceTexture {
    const memory = new DeviceTexture(texels, label);
    this.pool.check(memory);
    if (this.recording !== undefined) return memory;
    memory.physical = this.pool.acquireTexture(memory.rows, label);
    this.own(memory, this.scopes.at(-1));
    return memory;
  }

  /** Gives memory to a scope; without one it is the caller's to free. */
  private own(memory: DeviceMemory, scope: DeviceMemory[] | undefined): void {
    if (scope !== undefined) {
      scope.push(memory);
      return;
    }
    this.unscoped.add(memory);
    this.unscopedCount += 1;
    if (this.unscopedCount !== UNSCOPED_BUFFERS || this.isLeakReported) return;
    this.isLeakReported = true;
    this.onWarning?.(
      `${UNSCOPED_BUFFERS} buffers were allocated outside of scopes and not freed, the last one for ${memory.label}: ` +
        'GPU memory grows with every step; run each step in scope(), or free what it returns',
    );
  }

  /** Whether {@link trace} is collecting dispatches now. */
  get isRecording(): boolean {
    return this.recording !== undefined;
  }

  /** What {@link trace} has collected so far. */
  get recorded(): readonly Dispatch[] | undefined {
    return this.recording;
  }

  /** Gives a buffer back to the pool. @throws GpuError when its memory is a plan's, or a recording may use it. */
  free(buffer: DeviceMemory): void {
    if (buffer.physical === undefined) return;
    if ([...this.arenas].some((arena) => arena.owns(buffer)))
      throw new GpuError(`buffer ${buffer.label} is a plan's: dispose of the plan instead`);
    if (this.recording !== undefined) throw new GpuError(`buffer ${buffer.label} cannot be freed within a recording`);
    if (this.unscoped.delete(buffer)) this.unscopedCount -= 1;
    if (buffer instanceof DeviceTexture) {
      this.pool.releaseTexture(buffer.memory);
      buffer.place(undefined);
    } else {
      const memory = buffer.vacate();
      if (memory !== undefined) this.pool.release(memory);
    }
  }

  /**
   * Runs `body`; what it allocated is freed at the end, but for the buffers that `keep` names in its result.
   *
   * @throws GpuError for an async body: its buffers would be freed while it waits
   */
  scope<T>(body: () => T, keep: (result: T) => Iterable<DeviceMemory> = () => []): T {
    if (this.recording !== undefined) return runSynchronously('scope', body);
    const owned: DeviceMemory[] = [];
    this.scopes.push(owned);
    try {
      const result = runSynchronously('scope', body);
      const kept = new Set(keep(result));
      const outer = this.scopes.at(-2);
      for (const buffer of owned.splice(0)) {
        if (kept.has(buffer)) this.own(buffer, outer);
        else this.free(buffer);
      }
      return result;
    } finally {
      this.scopes.pop();
      for (const buffer of owned) this.free(buffer);
    }
  }

  /** Adds a dispatch to the recording, or to the commands submitted next. */
  dispatch(command: Dispatch): void {
    if (this.recording !== undefined) {
      // A buffer without memory gets it with the plan; the content of a freed one is undefined.
      for (const buffer of command.buffers) if (buffer instanceof DeviceBuffer) buffer.refuseFreed();
      this.recording.push(command);
      return;
    }
    this.check();
    checkWorkgroups(command, this.handle.limits);
    const { kernel } = command;
    const [planned, refused] = planDispatch(this, command, this.pipelines.getNow(kernel));
    this.errors.watch(refused);
    this.encoder ??= this.handle.createCommandEncoder();
    this.pass ??= this.encoder.beginComputePass();
    this.pass.setPipeline(planned.pipeline);
    this.pass.setBindGroup(0, planned.bindGroup);
    this.pass.dispatchWorkgroups(...planned.workgroups);
    this.pending.push(planned);
    if (this.pending.length >= EAGER_BATCH) this.flush();
  }

  /** Submits the eager commands that are waiting. */
  flush(): void {
    if (this.encoder === undefined) return;
    const { encoder, pass, pending } = this;
    this.encoder = undefined;
    this.pass = undefined;
    this.pending = [];
    this.handle.pushErrorScope('validation');
    pass?.end();
    this.handle.queue.submit([encoder.finish()]);
    this.errors.watch(
      this.handle.popErrorScope().then(async (error) => {
        if (error === null) return undefined;
        return (await encodingError(this.handle, pending)) ?? new ValidationError('a command', error.message);
      }),
    );
  }

  /**
   * Runs `body` without touching the GPU, collecting its dispatches. Buffers that it allocates stay virtual.
   *
   * @throws GpuError for an async body, and within another recording
   */
  trace<T>(body: () => T): Trace<T> {
    if (this.recording !== undefined) throw new GpuError('a recording is already under way');
    const commands: Dispatch[] = [];
    this.recording = commands;
    try {
      return { results: runSynchronously('a recording', body), commands };
    } finally {
      this.recording = undefined;
      this.derivedTextures.clear();
      this.derivedBuffers.clear();
    }
  }

  /**
   * Checks, without touching the GPU, that there is memory for a trace. Only a software device's memory is known.
   *
   * @param keep the buffers that hold results
   * @param unshared as an eager step runs, which frees all at its end
   * @throws OutOfMemoryError with what it takes and what there is
   */
  checkRoom({ commands }: Trace<unknown>, keep: Iterable<DeviceBuffer>, unshared = false): void {
    const layout = layOutMemory(commands, new Set(keep));
    if (unshared) this.pool.checkRoom(layout.memory.unsharedBytes, 'the step');
    else this.checkLayout(layout);
  }

  private checkLayout({ slots }: MemoryLayout): void {
    const needed = slots.map(({ size, buffers }) => {
      const rows = buffers.flatMap((buffer) => (buffer instanceof DeviceTexture ? [buffer.rows] : []));
      return { size, rows: rows.length === 0 ? undefined : Math.max(...rows) };
    });
    this.pool.checkRoom(this.pool.missingBytes(needed), 'the step');
  }

  /** Compiles the kernels of dispatches, side by side where the driver allows it. @throws ShaderError naming the kernel */
  async prepare(commands: readonly Dispatch[]): Promise<void> {
    await this.pipelines.prepare(new Set(commands.map((command) => command.kernel)));
    if (this.compilers === 0) return;
    // A device with plans may be running them: that takes the other cores.
    await this.twins.compile(commands, this.arenas.size === 0 ? this.compilers : 1);
  }

  /**
   * Makes a plan of a trace: compiles its kernels, assigns memory by lifetimes, builds bind groups.
   *
   * @param keep the buffers that hold results, readable after each replay.
   * @throws ShaderError or ValidationError naming the kernel, OutOfMemoryError before anything is allocated; the device
   *   stays usable. OutOfMemoryError, too, when the device has no memory for it.
   */
  async compile<T>(trace: Trace<T>, keep: Iterable<DeviceBuffer> = []): Promise<Plan<T>> {
    const { commands, results } = trace;
    for (const command of commands) checkWorkgroups(command, this.handle.limits);
    const layout = layOutMemory(commands, new Set(keep));
    this.checkLayout(layout);
    await this.prepare(commands);
    const arena = new Arena(this.pool, commands, layout);
    this.arenas.add(arena);
    const release = (): void => {
      this.arenas.delete(arena);
      arena.release();
    };
    const steps: PlannedDispatch[] = [];
    try {
      const refused: Promise<Error | undefined>[] = [];
      for (const command of commands) {
        const [step, problem] = planDispatch(this, command, this.pipelines.get(command.kernel));
        steps.push(step);
        refused.push(problem);
      }
      const problem = (await Promise.all(refused)).find((error) => error !== undefined);
      // Out of memory comes first: bind groups of failed buffers are refused as well.
      await this.errors.settle();
      const error = problem ?? (await encodingError(this.handle, steps));
      if (error !== undefined) throw error;
      await this.errors.settle();
    } catch (error) {
      release();
      throw error;
    }
    return new Plan(this, steps, commands, results, arena.memory, release);
  }

  /** Writes host data into a buffer, after all commands given before. */
  write(buffer: DeviceBuffer, data: Float32Array | Uint32Array, offset = 0): void {
    if (this.recording !== undefined) throw new GpuError(`buffer ${buffer.label} cannot be written within a recording`);
    if (offset + data.byteLength > buffer.size) {
      throw new GpuError(`${data.byteLength.toString()} bytes do not fit into buffer ${buffer.label}`);
    }
    this.flush();
    const start = buffer.offset + offset;
    this.handle.queue.writeBuffer(buffer.memory, start, data.buffer, data.byteOffset, data.byteLength);
  }

  /** Reads buffers back, in one copy. @throws the device's error, if it had one. */
  async read(...buffers: readonly DeviceBuffer[]): Promise<ArrayBuffer[]> {
    if (this.recording !== undefined) throw new GpuError('nothing can be read within a recording');
    this.check();
    this.flush();
    try {
      return await this.readback.read(buffers);
    } finally {
      await this.errors.settle();
    }
  }

  /** Waits for all work given so far. @throws the device's error, if it had one. */
  async synchronize(): Promise<void> {
    this.check();
    this.flush();
    await this.handle.queue.onSubmittedWorkDone();
    await this.errors.settle();
  }

  /** @throws the first error that the device reported, a loss included. */
  check(): void {
    this.errors.check();
  }

  /** Destroys the device and its memory. Later calls throw {@link DeviceLostError}. */
  destroy(): void {
    this.errors.close(new DeviceLostError('destroyed', 'destroy() was called'));
    this.encoder = undefined;
    this.pass = undefined;
    this.pending = [];
    this.twins.stop();
    this.handle.destroy();
  }
}

function requestDevice(adapter: GPUAdapter): Promise<GPUDevice> {
  return adapter.requestDevice({
    requiredFeatures: OPTIONAL_FEATURES.filter((feature) => adapter.features.has(feature)),
  });
}
