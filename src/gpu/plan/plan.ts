/**
 * @file Replays a recorded step as one command buffer; pipelines, bind groups and memory are assigned once.
 */
import type { Dispatch } from '../commands.js';
import type { Device } from '../device.js';
import { GpuError, ValidationError } from '../errors.js';
import type { PassTimer } from './profiler.js';
import { checkParts } from '../memory/flatBuffers.js';

/** A dispatch with its pipeline and bind group. */
export interface PlannedDispatch {
  readonly name: string;
  readonly pipeline: GPUComputePipeline;
  readonly bindGroup: GPUBindGroup;
  readonly workgroups: readonly [number, number, number];
}

/** The memory of a plan's temporaries. */
export interface PlanMemory {
  /** Bytes that the plan allocated for the step's temporaries and results. */
  readonly allocatedBytes: number;
  /** The largest number of bytes in use at one command: a lower bound for any assignment. */
  readonly liveBytes: number;
  /** Bytes if nothing were shared. */
  readonly unsharedBytes: number;
}

/** A step that can be replayed. `results` is what the recorded function returned; its buffers hold the last replay's values. */
export class Plan<T> {
  private disposed = false;

  constructor(
    private readonly device: Device,
    private readonly steps: readonly PlannedDispatch[],
    readonly commands: readonly Dispatch[],
    readonly results: T,
    readonly memory: PlanMemory,
    private readonly release: () => void,
  ) {}

  /** Encodes the step into `encoder`; with a timer, each dispatch in a pass of its own. */
  encode(encoder: GPUCommandEncoder, timer?: PassTimer): void {
    if (this.disposed) throw new GpuError('this plan was disposed');
    if (timer !== undefined) {
      for (const step of this.steps) encodePass(encoder, [step], timer.next(step.name));
      return;
    }
    encodePass(encoder, this.steps);
  }

  /**
   * Submits the step, after all commands given before. Nothing is created but the command buffer, nothing is mapped,
   * nothing is awaited.
   *
   * @throws what the device reported so far: a loss ends a training loop here, not at its next read-back.
   */
  replay(): void {
    if (this.device.isRecording) throw new GpuError('a plan cannot be replayed within a recording');
    this.device.check();
    this.device.flush();
    const encoder = this.device.handle.createCommandEncoder();
    this.encode(encoder);
    this.device.handle.queue.submit([encoder.finish()]);
  }

  /** Frees the plan's memory, its results included. */
  dispose(): void {
    if (this.disposed) return;
    this.disposed = true;
    this.release();
  }
}

/** Makes a dispatch's bind group; the second value resolves to the device's refusal, if any. */
export function planDispatch(
  { handle, pipelines, uniforms }: Device,
  command: Dispatch,
  pipeline: GPUComputePipeline,
): readonly [PlannedDispatch, Promise<ValidationError | undefined>] {
  const { kernel, buffers, params, workgroups } = command;
  const { name } = kernel;
  checkParts(command, pipelines);
  const entries: GPUBindGroupEntry[] = buffers.map((buffer, binding) => ({ binding, resource: buffer.resource }));
  const words = pipelines.packParams(kernel, params);
  if (words !== undefined) {
    entries.push({ binding: buffers.length, resource: { buffer: uniforms.get(words) } });
  }
  handle.pushErrorScope('validation');
  const layout = pipeline.getBindGroupLayout(0);
  const bindGroup = handle.createBindGroup({ label: name, layout, entries });
  const refused = handle.popErrorScope().then((error) => {
    return error === null ? undefined : new ValidationError(name, error.message);
  });
  return [{ name, pipeline, bindGroup, workgroups }, refused];
}

/** Encodes dispatches, in order, as one pass. */
function encodePass(
  encoder: GPUCommandEncoder,
  steps: readonly PlannedDispatch[],
  timestampWrites?: GPUComputePassTimestampWrites,
): void {
  const pass = encoder.beginComputePass(timestampWrites === undefined ? {} : { timestampWrites });
  let current: GPUComputePipeline | undefined;
  for (const step of steps) {
    if (step.pipeline !== current) {
      pass.setPipeline(step.pipeline);
      current = step.pipeline;
    }
    pass.setBindGroup(0, step.bindGroup);
    pass.dispatchWorkgroups(step.workgroups[0], step.workgroups[1], step.workgroups[2]);
  }
  pass.end();
}

/**
 * Encodes dispatches without running them, to find what the device refuses: WebGPU reports a faulty dispatch
 * only when its whole pass ends. A refused pass is encoded again, dispatch by dispatch, to name the kernel.
 */
export async function encodingError(
  device: GPUDevice,
  steps: readonly PlannedDispatch[],
): Promise<ValidationError | undefined> {
  const refusals = (parts: readonly (readonly PlannedDispatch[])[]): Promise<(GPUError | null)[]> => {
    const scopes = parts.map((part) => {
      device.pushErrorScope('validation');
      const encoder = device.createCommandEncoder();
      encodePass(encoder, part);
      encoder.finish();
      return device.popErrorScope();
    });
    return Promise.all(scopes);
  };
  const [whole] = await refusals([steps]);
  if (whole === undefined || whole === null) return undefined;
  const single = await refusals(steps.map((step) => [step]));
  const faulty = single.findIndex((error) => error !== null);
  return new ValidationError(steps[faulty]?.name ?? 'a command', single[faulty]?.message ?? whole.message);
}
