/**
 * @file Chooses a WebGPU adapter and describes it.
 */
import { NoAdapterError } from './errors.js';

/** Which adapter to use. Default: the first that WebGPU offers. */
export interface AdapterOptions {
  /** Part of the adapter's name; case and punctuation are ignored. */
  readonly name?: string;
  /** Take a software device (lavapipe, SwiftShader, WARP). */
  readonly software?: boolean;
}

/** Description of an adapter; `key` identifies adapter and driver in caches. */
export interface AdapterSummary {
  readonly name: string;
  readonly vendor: string;
  readonly architecture: string;
  readonly driver: string;
  readonly software: boolean;
  /** The driver compiles a kernel at its first dispatch, on one thread, and not with its pipeline. */
  readonly compilesLate: boolean;
  readonly subgroupMinSize: number;
  readonly subgroupMaxSize: number;
  readonly key: string;
}

const SOFTWARE = /llvmpipe|lavapipe|swiftshader|basic render|\bwarp\b|softpipe/i;

const COMPILES_LATE = /llvmpipe|lavapipe/i;

const UNKNOWN = 'unknown adapter';

/** Whether an adapter of this name computes on the CPU. */
export function namesSoftware(name: string): boolean {
  return SOFTWARE.test(name);
}

/** Reads an adapter's description. `isFallbackAdapter` is no guide on lavapipe, hence the names. */
export function summarise(info: GPUAdapterInfo): AdapterSummary {
  // A browser leaves device and description empty, and a careful one all four.
  const kind = [info.vendor, info.architecture].filter((word) => word !== '').join(' ');
  const name = [info.device, info.description, kind].find((word) => word !== '') ?? UNKNOWN;
  const words = [info.vendor, info.architecture, info.device, info.description].filter((word) => word !== '');
  return {
    name: name.replace(/-+$/, ''),
    vendor: info.vendor,
    architecture: info.architecture,
    driver: info.description,
    software: words.some(namesSoftware),
    compilesLate: words.some((word) => COMPILES_LATE.test(word)),
    subgroupMinSize: info.subgroupMinSize ?? 0,
    subgroupMaxSize: info.subgroupMaxSize ?? 0,
    key: words.length === 0 ? UNKNOWN : words.join(' / '),
  };
}

/** "GeForce RTX 3080" and "nvidia-geforce-rtx-3080": drivers and WebGPU spell a name in two ways. */
function plain(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]+/g, '-');
}

/** Whether an adapter of this name fits the options. */
export function fitsOptions(name: string, software: boolean, options: AdapterOptions): boolean {
  if (options.software === true && !software) return false;
  return options.name === undefined || plain(name).includes(plain(options.name));
}

/**
 * Requests an adapter that fits the options.
 *
 * @throws NoAdapterError naming the adapters that were offered
 */
export async function requestAdapter(gpu: GPU, options: AdapterOptions = {}): Promise<GPUAdapter> {
  const requests: GPURequestAdapterOptions[] = [
    {},
    { powerPreference: 'high-performance' },
    { powerPreference: 'low-power' },
    { forceFallbackAdapter: true },
  ];
  const offered = new Set<string>();
  for (const request of requests) {
    let adapter: GPUAdapter | null;
    try {
      adapter = await gpu.requestAdapter(request);
    } catch (error) {
      // Dawn on Node throws where a browser answers null.
      throw new NoAdapterError(`WebGPU offers no adapter: ${error instanceof Error ? error.message : String(error)}`);
    }
    if (adapter === null) continue;
    const summary = summarise(adapter.info);
    if (fitsOptions(summary.key, summary.software, options)) return adapter;
    offered.add(summary.key);
  }
  throw noAdapter(options, offered);
}

/** Creates the error for options that none of the offered adapters fits. */
export function noAdapter(options: AdapterOptions, offered: Iterable<string>): NoAdapterError {
  const others = [...offered];
  const wanted = options.software === true ? 'software adapter' : 'adapter';
  const named = options.name === undefined ? '' : ` whose name holds "${options.name}"`;
  return new NoAdapterError(
    others.length === 0
      ? `WebGPU finds no ${wanted}${named} on this machine; \`npm run doctor\` tells what is missing`
      : `WebGPU finds no ${wanted}${named}; it offers: ${others.join('; ')}`,
  );
}
