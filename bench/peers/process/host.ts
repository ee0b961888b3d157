/**
 * @file Runs one peer in a process of Node: serves the requests of index.ts over Node's IPC.
 */
import { deviceError } from '../dawn.js';
import type { PeerOptions } from '../peer.js';
import { OURS, PEERS } from '../peers.js';
import type { Request } from './protocol.js';
import { serve } from './serve.js';

const [name = OURS, settings = '{}'] = process.argv.slice(2);
const options = JSON.parse(settings) as PeerOptions;
const answer = serve(PEERS[name]?.open?.(options) ?? Promise.reject(new Error(`there is no peer ${name} in Node`)));

let queue: Promise<void> = Promise.resolve();
process.on('message', (message) => {
  queue = queue.then(async () => {
    const reply = await answer(message as Request);
    const heard = deviceError();
    process.send?.(heard === undefined ? reply : { kind: 'refused', reason: `WebGPU: ${heard}`, broken: true });
  });
});
// The parent's end, however it comes about, is this process's too; a library that is at work would not let it exit.
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));
