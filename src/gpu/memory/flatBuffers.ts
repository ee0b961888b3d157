/**
 * @file Packs buffers into one flat buffer, so that a kernel that treats all of them alike takes one dispatch. Parts of
 * equal sizes have equal offsets in every flat buffer. The gaps between parts are never read.
 *
 * One rule of WebGPU holds for the flat buffer as a whole: no dispatch may write one part and read another.
 */
import { DeviceBuffer } from './buffers.js';
import type { Dispatch } from '../commands.js';
import type { Device } from '../device.js';
import { ValidationError } from '../errors.js';
import type { PipelineCache } from '../pipelines.js';
import type { DeviceMemory } from './textures.js';

/** Alignment of a binding's offset in bytes: WebGPU's default. */
export const PART_ALIGNMENT = 256;

/**
 * Makes one memory of buffers that have memory of their own, by moving them: the handles stay valid, here and on tapes.
 *
 * @returns the whole, which is given back to the pool with its last part; undefined, and nothing is changed, where they
 * cannot be brought together: within a recording, when one is a part already, is named twice or is bound by a plan, and
 * when the whole would exceed what a buffer holds.
 */
export function packIntoFlatBuffer(device: Device, buffers: readonly DeviceBuffer[]): DeviceBuffer | undefined {
  if (buffers.some((buffer) => buffer.physical === undefined)) return undefined;
  const known = wholeOf(buffers);
  if (known !== undefined) return known;
  const bound = buffers.some((buffer) => [...device.arenas].some((arena) => arena.binds(buffer)));
  const whole = device.isRecording || bound ? undefined : unite(device, buffers);
  if (whole === undefined) return undefined;
  device.flush();
  const memory = device.pool.acquire(whole.size, whole.label);
  const encoder = device.handle.createCommandEncoder();
  encoder.clearBuffer(memory);
  for (const part of buffers) encoder.copyBufferToBuffer(part.memory, 0, memory, part.offset, part.size);
  device.handle.queue.submit([encoder.finish()]);
  // Not released: the sizes of parameters are seldom asked for again, and what is free counts as held.
  for (const part of buffers) device.pool.destroy(part.memory);
  whole.place(memory);
  return whole;
}

/**
 * While a step is recorded: has its buffers lie side by side once memory is assigned. They live as long as the whole.
 *
 * @returns the whole; undefined, and nothing is changed, where they cannot be brought together: outside of a recording,
 * when one has memory, is a part already or is named twice, when a command recorded before writes one and reads another,
 * and when the whole would exceed what a buffer holds. Such a command recorded later is refused when the step is compiled.
 */
export function reserveFlatBuffer(device: Device, buffers: readonly DeviceBuffer[]): DeviceBuffer | undefined {
  const { recorded } = device;
  if (recorded === undefined || buffers.some((buffer) => buffer.physical !== undefined)) return undefined;
  const known = wholeOf(buffers);
  if (known !== undefined) return known;
  const all = new Set<DeviceMemory>(buffers);
  const mixed = recorded.some((command) => mixesParts(command, device.pipelines, (buffer) => all.has(buffer)));
  return mixed ? undefined : unite(device, buffers);
}

/** Whether the parts of two wholes lie at the same places. */
export function sameLayout(a: DeviceBuffer, b: DeviceBuffer): boolean {
  const placesOf = ({ parts }: DeviceBuffer): string => parts.map(({ offset, size }) => `${offset}:${size}`).join();
  return placesOf(a) === placesOf(b);
}

/** @throws ValidationError for a dispatch that writes one part of a whole and reads another. */
export function checkParts(command: Dispatch, pipelines: PipelineCache): void {
  for (const { whole } of command.buffers) {
    if (whole !== undefined && mixesParts(command, pipelines, (buffer) => (buffer.whole ?? buffer) === whole)) {
      const { name } = command.kernel;
      throw new ValidationError(name, `it writes one part of ${whole.label} and reads another, which share memory`);
    }
  }
}

/** Whether a dispatch both writes and only reads what `among` picks. */
function mixesParts(command: Dispatch, pipelines: PipelineCache, among: (buffer: DeviceMemory) => boolean): boolean {
  const bindings = command.buffers.flatMap((buffer, binding) => (among(buffer) ? [binding] : []));
  if (bindings.length < 2) return false;
  const written = pipelines.writes(command.kernel);
  const writes = bindings.filter((binding) => written.has(binding)).length;
  return writes > 0 && writes < bindings.length;
}

/** The whole that consists of just these parts, in this order. */
function wholeOf(buffers: readonly DeviceBuffer[]): DeviceBuffer | undefined {
  const whole = buffers[0]?.whole;
  const same = whole?.parts.length === buffers.length && whole.parts.every((part, index) => part === buffers[index]);
  return same ? whole : undefined;
}

/** Makes a whole of the buffers, still without memory. */
function unite(device: Device, buffers: readonly DeviceBuffer[]): DeviceBuffer | undefined {
  const first = buffers[0];
  const free = buffers.every((buffer) => buffer.whole === undefined && buffer.parts.length === 0);
  if (first === undefined || !free || new Set(buffers).size < buffers.length) return undefined;
  const align = (bytes: number): number => Math.ceil(bytes / PART_ALIGNMENT) * PART_ALIGNMENT;
  const total = buffers.reduce((bytes, { size }) => bytes + align(size), 0);
  if (total > device.pool.limit) return undefined;
  const whole = new DeviceBuffer(total, `${first.label} and what lies with it`);
  let offset = 0;
  for (const part of buffers) {
    part.whole = whole;
    part.offset = offset;
    offset += align(part.size);
  }
  whole.parts = [...buffers];
  return whole;
}
