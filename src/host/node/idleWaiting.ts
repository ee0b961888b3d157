/**
 * @file Pauses the main thread's polling while it waits for the GPU.
 *
 * Dawn's binding polls for results by `setImmediate`, again and again without a pause. On a software device that takes a
 * core from the threads that compute: a training step on two cores takes twice as long.
 */
import { globals } from 'webgpu';

/** Milliseconds of a rest: a result is seen at most this much later. */
const REST_MS = 0.25;

/** Milliseconds of polling before the first rest: a GPU answers sooner, and is not kept waiting. */
const EAGER_MS = 0.5;

/** The methods whose promises Dawn polls for. */
const POLLED = {
  GPUBuffer: ['mapAsync'],
  GPUDevice: ['createComputePipelineAsync', 'popErrorScope'],
  GPUQueue: ['onSubmittedWorkDone'],
} as const;

const cell = new Int32Array(new SharedArrayBuffer(4));
let pending = 0;
let since = 0;
let isTurning = false;

/** Comes once in each turn of the event loop while something is pending, beside Dawn's own poll. */
function turn(): void {
  isTurning = pending > 0;
  if (!isTurning) return;
  if (performance.now() - since > EAGER_MS) Atomics.wait(cell, 0, 0, REST_MS);
  setImmediate(turn);
}

function settled(): void {
  pending--;
  since = performance.now();
}

function restWhile(promise: Promise<unknown>): void {
  since = performance.now();
  pending++;
  promise.then(settled, settled);
  if (isTurning) return;
  isTurning = true;
  setImmediate(turn);
}

let isInstalled = false;

/** Makes all waiting for Dawn's devices in this process rest between polls. */
export function restBetweenPolls(): void {
  if (isInstalled) return;
  isInstalled = true;
  for (const [name, methods] of Object.entries(POLLED)) {
    const owner: unknown = Reflect.get(globals, name);
    if (typeof owner !== 'function') continue;
    const prototype: unknown = owner.prototype;
    if (typeof prototype !== 'object' || prototype === null) continue;
    for (const method of methods) {
      const polled: unknown = Reflect.get(prototype, method);
      if (typeof polled !== 'function') continue;
      Reflect.set(prototype, method, function (this: unknown, ...args: unknown[]): unknown {
        const promise: unknown = Reflect.apply(polled, this, args);
        if (promise instanceof Promise) restWhile(promise);
        return promise;
      });
    }
  }
}
