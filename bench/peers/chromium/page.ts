/**
 * @file Runs a peer in a page of headless Chromium: takes requests from the server of link.ts and posts the answers.
 */
import { Engine } from '../../../src/autograd/engine.js';
import { openDevice } from '../../../src/host/browser/device.js';
import { prepareGan } from '../engine/gan.js';
import { NotRun, type Peer } from '../peer.js';
import { decode, encode } from '../process/frames.js';
import type { Request } from '../process/protocol.js';
import { serve } from '../process/serve.js';
import type { GanTask, Task } from '../tasks.js';
import { prepareTfjsGan } from '../tfjs/gan.js';
import type { Tfjs, TfjsWebGpu } from '../tfjs/types.js';
import { startWebGpu } from '../tfjs/webgpu.js';

/** The part of the page that is used, so that the DOM library is not needed. */
declare const location: { readonly search: string };
declare const navigator: { readonly gpu: GPU; readonly userAgent: string };
/** Of the script tags in the tfjs page. */
declare const tf: Tfjs & TfjsWebGpu;

const versions = { chromium: /Chrome\/([\d.]+)/.exec(navigator.userAgent)?.[1] ?? 'unknown' };

/** At full width a step takes seconds on SwiftShader, and in tfjs minutes. */
function measured(task: Task): GanTask {
  if (task.kind === 'gan' && task.width === 0.25) return task;
  throw new NotRun('only the training step of quarter width is measured in Chromium');
}

async function openOurs(): Promise<Peer> {
  const device = await openDevice();
  // Fixed tiles: to measure them on SwiftShader takes minutes.
  const engine = new Engine(device, { measure: false });
  return {
    device: device.adapter.name,
    versions,
    prepare: (task) => {
      return prepareGan(engine, measured(task));
    },
  };
}

async function openTfjs(): Promise<Peer> {
  const { device, synchronise } = await startWebGpu(tf, tf, navigator.gpu);
  return {
    device,
    versions,
    prepare: (task, reference) => {
      const gan = measured(task);
      if (reference === undefined) throw new NotRun('the engine gave no weights to start from');
      return Promise.resolve(prepareTfjsGan(tf, gan, reference, synchronise));
    },
  };
}

const answer = serve(location.search === '?tfjs-chromium' ? openTfjs() : openOurs());
for (;;) {
  const response = await fetch('/request');
  const request = decode(new Uint8Array(await response.arrayBuffer())) as Request;
  await fetch('/answer', { method: 'POST', body: encode(await answer(request)) });
}
