/**
 * @file Kernels as shader files and constants, and the cache of their compiled pipelines.
 */
import { GpuError, ShaderError } from './errors.js';
import { ParamsLayout, refuseParams, type Params } from './params.js';

/** Shader texts by path. */
export type ShaderTexts = Readonly<Record<string, string>>;

/** One specialisation of a shader: its files in order, behind a prelude of constants. */
export interface Kernel {
  /** Names the kernel in errors and profiles. */
  readonly name: string;
  /** Files below `shaders/`, joined in this order. */
  readonly files: readonly string[];
  /** The prelude: numbers become `u32` constants, booleans `bool`. */
  readonly constants?: Readonly<Record<string, number | boolean>>;
  /** Needs the `subgroups` extension. */
  readonly subgroups?: boolean;
}

/** @returns the WGSL text of a kernel: directives, the prelude of constants, then the files as they are. */
function assemble(kernel: Kernel, shaders: ShaderTexts): string {
  const prelude = Object.entries(kernel.constants ?? {}).map(([name, value]) => {
    return typeof value === 'boolean' ? `const ${name} = ${String(value)};` : `const ${name} = ${value.toString()}u;`;
  });
  const directives = kernel.subgroups === true ? ['enable subgroups;'] : [];
  return [...directives, ...prelude, ...filesOf(kernel, shaders)].join('\n');
}

/** @throws GpuError for a file that has no text */
function filesOf({ name, files }: Kernel, shaders: ShaderTexts): string[] {
  return files.map((path) => {
    const text = shaders[path];
    if (text === undefined) throw new GpuError(`kernel ${name}: there is no shader file ${path}`);
    return text;
  });
}

function cacheKey(kernel: Kernel): string {
  return JSON.stringify([kernel.files, kernel.constants ?? {}, kernel.subgroups ?? false]);
}

const WRITTEN = /@binding\((\d+)\)\s*var<storage,\s*read_write>/g;

/** What a kernel's files declare. */
interface Declarations {
  /** Bindings that may be written. */
  readonly writes: ReadonlySet<number>;
  readonly params: ParamsLayout | undefined;
}

/** Pipelines by specialisation. Compilation errors surface as {@link ShaderError} naming the kernel. */
export class PipelineCache {
  private readonly ready = new Map<string, GPUComputePipeline>();
  private readonly pending = new Map<string, Promise<void>>();
  private readonly declarations = new Map<string, Declarations>();

  constructor(
    private readonly device: GPUDevice,
    private readonly shaders: ShaderTexts,
    private readonly report: (error: Promise<Error | undefined>) => void,
  ) {}

  /** Pipelines compiled so far. */
  get count(): number {
    return this.ready.size;
  }

  /** The bindings that a kernel may write, as its WGSL declares them. */
  writes(kernel: Kernel): ReadonlySet<number> {
    return this.declarationsOf(kernel).writes;
  }

  /**
   * The words of a dispatch's uniform.
   *
   * @returns undefined for a kernel without one
   * @throws ValidationError for fields that are not those of the shader's `struct Params`
   */
  packParams(kernel: Kernel, params: Params | undefined): Uint32Array | undefined {
    const layout = this.declarationsOf(kernel).params;
    if (params === undefined && layout === undefined) return undefined;
    if (params === undefined || layout === undefined) throw refuseParams(kernel.name, params, layout);
    return layout.pack(kernel.name, params);
  }

  private declarationsOf(kernel: Kernel): Declarations {
    const key = kernel.files.join();
    let found = this.declarations.get(key);
    if (found === undefined) {
      const text = filesOf(kernel, this.shaders).join('\n');
      const writes = new Set([...text.matchAll(WRITTEN)].map((match) => Number(match[1])));
      found = { writes, params: ParamsLayout.parse(kernel.name, text) };
      this.declarations.set(key, found);
    }
    return found;
  }

  /** Compiles what is not compiled yet, side by side. */
  async prepare(kernels: Iterable<Kernel>): Promise<void> {
    const work: Promise<void>[] = [];
    for (const kernel of kernels) {
      const key = cacheKey(kernel);
      if (this.ready.has(key)) continue;
      let compiling = this.pending.get(key);
      if (compiling === undefined) {
        compiling = this.compile(kernel, key).finally(() => this.pending.delete(key));
        this.pending.set(key, compiling);
      }
      work.push(compiling);
    }
    await Promise.all(work);
  }

  /** Whether a kernel is compiled. */
  isReady(kernel: Kernel): boolean {
    return this.ready.has(cacheKey(kernel));
  }

  /** @throws GpuError when the kernel was not prepared. */
  get(kernel: Kernel): GPUComputePipeline {
    const pipeline = this.ready.get(cacheKey(kernel));
    if (pipeline === undefined) throw new GpuError(`kernel ${kernel.name} was dispatched before it was compiled`);
    return pipeline;
  }

  /** Compiles at once if need be; a {@link ShaderError} is reported later, and the pipeline then forgotten. For eager mode. */
  getNow(kernel: Kernel): GPUComputePipeline {
    const key = cacheKey(kernel);
    const known = this.ready.get(key);
    if (known !== undefined) return known;
    const code = assemble(kernel, this.shaders);
    this.device.pushErrorScope('validation');
    const module = this.device.createShaderModule({ label: kernel.name, code });
    const pipeline = this.device.createComputePipeline({ label: kernel.name, layout: 'auto', compute: { module } });
    this.ready.set(key, pipeline);
    this.report(
      this.device.popErrorScope().then((error) => {
        if (error === null) return undefined;
        if (this.ready.get(key) === pipeline) this.ready.delete(key);
        return new ShaderError(kernel.name, error.message);
      }),
    );
    return pipeline;
  }

  private async compile(kernel: Kernel, key: string): Promise<void> {
    const { device } = this;
    const code = assemble(kernel, this.shaders);
    device.pushErrorScope('validation');
    const module = device.createShaderModule({ label: kernel.name, code });
    const refused = device.popErrorScope();
    const pipeline = device.createComputePipelineAsync({ label: kernel.name, layout: 'auto', compute: { module } });
    const outcome = pipeline.then(
      (value) => ({ value, error: undefined }),
      (error: unknown) => ({ value: undefined, error }),
    );
    const shaderError = await refused;
    const { value, error } = await outcome;
    if (shaderError !== null) throw new ShaderError(kernel.name, shaderError.message);
    if (value === undefined) {
      throw new ShaderError(kernel.name, error instanceof Error ? error.message : String(error));
    }
    this.ready.set(key, value);
  }
}
