/**
 * @file Runs one peer in its process: serves the requests of index.ts, one at a time.
 */
import { deviceError } from '../dawn.js';
import { NotRun, type PeerOptions, type Work } from '../peer.js';
import { OURS, PEERS } from '../peers.js';
import type { Answer, Request } from './protocol.js';

const [name = OURS, settings = '{}'] = process.argv.slice(2);
const options = JSON.parse(settings) as PeerOptions;
const opening = PEERS[name]?.open(options) ?? Promise.reject(new Error(`there is no peer ${name}`));
// Awaited by each request, which reports it.
opening.catch(() => undefined);

let work: Work | undefined;

async function answer(request: Request): Promise<Answer> {
  const peer = await opening;
  switch (request.kind) {
    case 'open':
      return { kind: 'opened', device: peer.device, environment: peer.environment };
    case 'prepare': {
      work = await peer.prepare(request.task, request.reference);
      await work.run(1);
      return { kind: 'prepared', outputs: await work.outputs(), reference: work.reference };
    }
    case 'time': {
      const start = performance.now();
      await work?.run(request.times);
      return { kind: 'timed', milliseconds: performance.now() - start };
    }
    case 'finish': {
      const outputs = (await work?.outputs()) ?? [];
      await work?.dispose();
      work = undefined;
      return { kind: 'finished', outputs };
    }
  }
}

let queue: Promise<void> = Promise.resolve();
process.on('message', (message) => {
  queue = queue.then(async () => {
    const reply = await answer(message as Request).catch((error: unknown): Answer => {
      const text = error instanceof Error ? error.message : String(error);
      return { kind: 'refused', reason: text, broken: !(error instanceof NotRun) };
    });
    const heard = deviceError();
    process.send?.(heard === undefined ? reply : { kind: 'refused', reason: `WebGPU: ${heard}`, broken: true });
  });
});
// The parent's end, however it comes about, is this process's too; a library that is at work would not let it exit.
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));
