/**
 * @file Compiles kernels side by side on a driver that compiles each of them at its first dispatch.
 *
 * Mesa's llvmpipe does: the one thread of a device's queue turns kernel after kernel into machine code, 0.1 to 1.5 s each, while
 * the other cores wait. It keeps the code in a cache on disk that all devices share. So twins of the device, as many as there are
 * cores, dispatch the kernels first, on empty inputs; the device then finds all of them in the cache. Work that the device does
 * meanwhile, such as training, goes on.
 */
import type { Dispatch } from './commands.js';
import { DeviceTexture, textureDescriptor } from './memory/textures.js';
import { PipelineCache, type ShaderTexts } from './pipelines.js';

/** A first dispatch shorter than this found its machine code in the driver's cache. */
const CACHED_MS = 20;

/** After this many cached kernels in a row, all are taken for cached. */
const PROBES = 4;

/** Bytes of each buffer that a twin binds. Kernels test indices against it, and uniforms of zeros leave them nothing to do. */
const SCRATCH_BYTES = 1 << 16;

/** Compiles kernels on twins of a device. */
export class Twins {
  /** Pipelines of the device itself whose kernels are compiled. */
  private readonly compiled = new WeakSet<GPUComputePipeline>();

  private isStopped = false;

  /** @param open opens one more device on the same adapter */
  constructor(
    private readonly pipelines: PipelineCache,
    private readonly shaders: ShaderTexts,
    private readonly open: () => Promise<GPUDevice>,
  ) {}

  /**
   * Compiles the kernels of dispatches that are not compiled yet, in their order. Failures are left to the device, which
   * compiles what is missing and names the kernel in its errors.
   *
   * @param count number of twins
   */
  async compile(commands: readonly Dispatch[], count: number): Promise<void> {
    const queue = commands.filter(({ kernel }) => {
      const pipeline = this.pipelines.get(kernel);
      const isNew = !this.compiled.has(pipeline);
      this.compiled.add(pipeline);
      return isNew;
    });
    let cached = 0;
    const isDone = (): boolean => this.isStopped || cached >= PROBES;
    const work = async (): Promise<void> => {
      const twin = new Twin(await this.open(), this.shaders);
      try {
        for (let next = queue.shift(); next !== undefined; next = isDone() ? undefined : queue.shift()) {
          cached = (await twin.dispatch(next)) < CACHED_MS ? cached + 1 : 0;
        }
      } finally {
        twin.destroy();
      }
    };
    await Promise.all(Array.from({ length: Math.min(count, queue.length) }, () => work().catch(() => undefined)));
  }

  /** Ends the compilation after the current kernels. */
  stop(): void {
    this.isStopped = true;
  }
}

/** A device that runs each kernel once, on empty inputs. */
class Twin {
  private readonly pipelines: PipelineCache;
  private readonly buffers: GPUBuffer[] = [];
  private readonly textures: GPUTexture[] = [];

  constructor(
    private readonly handle: GPUDevice,
    shaders: ShaderTexts,
  ) {
    this.pipelines = new PipelineCache(handle, shaders, () => undefined);
    handle.addEventListener('uncapturederror', (event) => event.preventDefault());
  }

  /** Runs one workgroup of the kernel. @returns milliseconds */
  async dispatch({ kernel, buffers, params }: Dispatch): Promise<number> {
    const { handle } = this;
    await this.pipelines.prepare([kernel]);
    const pipeline = this.pipelines.get(kernel);
    const resources = buffers.map((memory, binding) => {
      return memory instanceof DeviceTexture ? this.texture(binding).createView() : { buffer: this.buffer(binding) };
    });
    const words = this.pipelines.packParams(kernel, params);
    const uniform =
      words && handle.createBuffer({ label: 'zeros', size: words.byteLength, usage: GPUBufferUsage.UNIFORM });
    if (uniform !== undefined) resources.push({ buffer: uniform });
    const entries = resources.map((resource, binding) => ({ binding, resource }));
    const bindGroup = handle.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries });
    const start = performance.now();
    const encoder = handle.createCommandEncoder();
    const pass = encoder.beginComputePass();
    pass.setPipeline(pipeline);
    pass.setBindGroup(0, bindGroup);
    pass.dispatchWorkgroups(1);
    pass.end();
    handle.queue.submit([encoder.finish()]);
    await handle.queue.onSubmittedWorkDone();
    uniform?.destroy();
    return performance.now() - start;
  }

  /** A buffer of its own for each binding: none may be both read and written. */
  private buffer(binding: number): GPUBuffer {
    return (this.buffers[binding] ??= this.handle.createBuffer({
      label: 'scratch',
      size: SCRATCH_BYTES,
      usage: GPUBufferUsage.STORAGE,
    }));
  }

  private texture(binding: number): GPUTexture {
    return (this.textures[binding] ??= this.handle.createTexture(textureDescriptor(1, 'scratch')));
  }

  destroy(): void {
    this.handle.destroy();
  }
}
