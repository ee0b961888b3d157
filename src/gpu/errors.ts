/**
 * @file Errors of the GPU layer. Each message names the thing that failed.
 */

/** Any failure of the device or of the code that drives it. */
export class GpuError extends Error {
  override name = 'GpuError';
}

/** WGSL that does not compile, with the compiler's messages. */
export class ShaderError extends GpuError {
  override name = 'ShaderError';
  constructor(
    readonly kernel: string,
    detail: string,
  ) {
    super(`the shader of kernel ${kernel} does not compile:\n${detail}`);
  }
}

/** A call that the device refused: a wrong binding, a limit exceeded, a buffer used in two ways at once. */
export class ValidationError extends GpuError {
  override name = 'ValidationError';
  constructor(
    readonly kernel: string,
    detail: string,
  ) {
    super(`the device refused ${kernel}: ${detail}`);
  }
}

/** The device is gone: a driver reset, an unplugged card, or `destroy()`. Nothing on it can be read any more. */
export class DeviceLostError extends GpuError {
  override name = 'DeviceLostError';
  constructor(
    readonly reason: string,
    detail: string,
  ) {
    super(`the GPU device was lost (${reason})${detail === '' ? '' : `: ${detail}`}`);
  }
}

/** An allocation that the device cannot serve. */
export class OutOfMemoryError extends GpuError {
  override name = 'OutOfMemoryError';
  constructor(label: string, bytes: number, detail: string) {
    super(`no GPU memory for ${label} (${formatBytes(bytes)}): ${detail}`);
  }
}

/** No WebGPU adapter, or none that matches the options. */
export class NoAdapterError extends GpuError {
  override name = 'NoAdapterError';
}

/** 1536 → `1.5 KiB`. */
export function formatBytes(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB'];
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${unit === 0 ? value.toString() : value.toFixed(1)} ${units[unit] ?? 'B'}`;
}
