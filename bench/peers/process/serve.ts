/**
 * @file Answers requests with a peer, one at a time. Runs in a process of Node and in a page.
 */
import { NotRun, type Peer, type Work } from '../peer.js';
import type { Answer, Request } from './protocol.js';

/** @returns a function that answers a request; it never rejects. The peer may still be opening. */
export function serve(opening: Promise<Peer>): (request: Request) => Promise<Answer> {
  // Awaited by each request, which reports it.
  opening.catch(() => undefined);
  let work: Work | undefined;

  const answer = async (request: Request): Promise<Answer> => {
    const peer = await opening;
    switch (request.kind) {
      case 'open':
        return { kind: 'opened', device: peer.device, versions: peer.versions, environment: peer.environment };
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
  };
  return (request) => {
    return answer(request).catch((error: unknown): Answer => {
      const reason = error instanceof Error ? error.message : String(error);
      return { kind: 'refused', reason, broken: !(error instanceof NotRun) };
    });
  };
}
