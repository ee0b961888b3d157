/**
 * @file Defines how requests reach a peer's process and answers come back, and the link to a process of Node.
 */
import { fork, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { PeerOptions } from '../peer.js';
import type { Answer, Request } from './protocol.js';

/** A peer's process, started. */
export interface Link {
  readonly child: ChildProcess;
  send(request: Request): void;
}

/** Starts the process of a peer. @param onAnswer is called for each answer */
export type StartLink = (name: string, options: PeerOptions, onAnswer: (answer: Answer) => void) => Promise<Link>;

export const startNode: StartLink = (name, options, onAnswer) => {
  const path = fileURLToPath(new URL('host.ts', import.meta.url));
  const child = fork(path, [name, JSON.stringify(options)], {
    serialization: 'advanced', // Float32Array as it is
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  child.on('message', (message) => onAnswer(message as Answer));
  return Promise.resolve({ child, send: (request) => void child.send(request) });
};
